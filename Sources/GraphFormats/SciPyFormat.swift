import GraphStore
import MillRuntime

extension GraphFormat {
  /// A sparse matrix of SciPy as `save_npz` writes it.
  public static let npz = GraphFormat(
    "npz", "SciPy sparse matrix", endings: ["npz"],
    holds: [.directed, .undirected, .weights, .isolatedNodes, .loops], numbering: 0,
    recognizes: { head in
      // The name of the first member of the archive.
      head.isZip && head.bytes.count > 34
        && String(decoding: head.bytes.dropFirst(30).prefix(24), as: UTF8.self).contains(".npy")
    },
    reader: { input throws(MillError) in try readSciPy(input) },
    writer: { output throws(MillError) in try writeSciPy(output) })
}

/// Reads a square CSR, CSC or COO matrix: entry (i, j) is the arc i → j; a matrix of truth values has no weights.
///
/// The graph is directed, unless our own writer says otherwise in a member `directed`.
///
/// - Source: scipy.sparse.save_npz.
private func readSciPy(_ input: GraphInput) throws(MillError) -> GraphReading {
  let matrix = try SciPyMatrix(try input.stream.readToEnd())
  guard matrix.rows == matrix.columns, matrix.rows < UInt64(UInt32.max) else {
    throw MillError(.malformed, "\(matrix.rows) rows and \(matrix.columns) columns: not the matrix of a graph")
  }
  let directed = matrix.isDirected
  var sums = (forward: UInt64(0), backward: UInt64(0))
  var found = FoundGraph(.numbered(count: Int(matrix.rows), first: 0), isDirected: directed)
  try matrix.forEachEntry { u, v, weight, entry throws(MillError) in
    if let weight, !weight.isFinite || weight < 0 && input.options.refusesNegativeWeights {
      throw MillError(.badWeight, "the value of entry \(entry) is not finite, or negative", field: "\(weight)")
    }
    let bits = (weight ?? 0).bitPattern
    if u < v { sums.forward &+= CounterRandom.mix(CounterRandom.mix(u << 32 | v) &+ bits) }
    if u > v { sums.backward &+= CounterRandom.mix(CounterRandom.mix(v << 32 | u) &+ bits) }
    if directed || u <= v { try found.edges.add(UInt32(u), UInt32(v), weight) }
  }
  guard directed || sums.forward == sums.backward else {
    throw MillError(.malformed, "the matrix says that it has no directions, yet it is not symmetric")
  }
  let report = GraphReadReport()
  return try input.finish(found, report)
}

/// A CSR, CSC or COO matrix of SciPy in memory, its arrays checked against each other.
struct SciPyMatrix {
  let rows: UInt64
  let columns: UInt64
  /// Whether entry (i, j) says nothing of (j, i): false where a member of our own writer says so.
  let isDirected: Bool
  private let format: String
  private let data: NumpyMember
  private let lists: (rows: NumpyMember, columns: NumpyMember)

  /// - Throws: `MillError`: `corrupt-stream`, `unsupported-content`, `malformed`, `count-mismatch`, `over-budget`.
  init(_ bytes: FlatBuffer<UInt8>) throws(MillError) {
    let archive = try ZipArchive(bytes)
    func member(_ name: String) throws(MillError) -> NumpyMember {
      guard let bytes = try archive.member(name + ".npy") else {
        throw MillError(
          .unsupportedContent, "the archive has no member \(name): it is no sparse matrix of SciPy",
          hint: "scipy.sparse.save_npz writes one")
      }
      do throws(MillError) {
        return unsafe NumpyMember(array: try NumpyArray(UnsafeRawBufferPointer(bytes.elements)), owner: bytes)
      } catch {
        throw MillError(error.kind, "member \(name): \(error.message)", byte: error.byte, field: error.field)
      }
    }
    format = try member("format").text
    guard ["csr", "csc", "coo"].contains(format) else {
      throw MillError(
        .unsupportedContent, "a sparse matrix of this kind is not read", field: format,
        hint: "tocsr() makes one that is")
    }
    let shape = try member("shape")
    guard shape.array.count == 2, shape.array.isInteger, let rows = shape.unsigned(0), let columns = shape.unsigned(1)
    else {
      throw MillError(.malformed, "the shape is not two counts")
    }
    self.rows = rows
    self.columns = columns
    data = try member("data")
    guard data.array.shape.count == 1, data.array.kind != UInt8(ascii: "S"), data.array.kind != UInt8(ascii: "U") else {
      throw MillError(.malformed, "the values are no list of numbers")
    }
    let isCOO = format == "coo"
    lists =
      isCOO
      ? (rows: try member("row"), columns: try member("col"))
      : (rows: try member("indptr"), columns: try member("indices"))
    let count = data.array.count
    let lines = format == "csc" ? columns : rows
    guard lists.rows.array.isInteger, lists.columns.array.isInteger, lists.columns.array.count == count,
      isCOO ? lists.rows.array.count == count : UInt64(lists.rows.array.count) == lines &+ 1
    else { throw MillError(.countMismatch, "the lists of the matrix do not fit each other") }
    if let bytes = try archive.member("directed.npy") {
      let flag = unsafe NumpyMember(array: try NumpyArray(UnsafeRawBufferPointer(bytes.elements)), owner: bytes)
      isDirected = flag.array.count != 1 || flag.array.double(0) != 0
    } else {
      isDirected = true
    }
  }

  /// Hands out row, column, value (nil in a matrix of truth values) and number of each entry, in the order of the file.
  ///
  /// - Throws: `MillError`: `id-out-of-range`, `malformed`, what `body` throws.
  func forEachEntry(
    _ body: (_ row: UInt64, _ column: UInt64, _ value: Double?, _ entry: Int) throws(MillError) -> Void
  ) throws(MillError) {
    func visit(_ row: UInt64, _ column: UInt64, _ entry: Int) throws(MillError) {
      guard row < rows, column < columns else {
        throw MillError(.idOutOfRange, "entry \(entry) lies outside the matrix", field: "\(row), \(column)")
      }
      try body(row, column, data.array.isBool ? nil : data.array.double(entry), entry)
    }
    let count = data.array.count
    if format == "coo" {
      for entry in 0..<count {
        try visit(lists.rows.unsigned(entry) ?? .max, lists.columns.unsigned(entry) ?? .max, entry)
      }
      return
    }
    let lines = lists.rows.array.count - 1
    guard lists.rows.unsigned(0) == 0, lists.rows.unsigned(lines) == UInt64(count) else {
      throw MillError(.malformed, "the offsets do not run from 0 to the number of entries")
    }
    var entry = 0
    for line in 0..<lines {
      guard let end = lists.rows.unsigned(line + 1), end >= UInt64(entry), end <= UInt64(count) else {
        throw MillError(.malformed, "the offsets do not ascend", field: "row \(line)")
      }
      while entry < Int(end) {
        let other = lists.columns.unsigned(entry) ?? .max
        if format == "csc" { try visit(other, UInt64(line), entry) } else { try visit(UInt64(line), other, entry) }
        entry += 1
      }
    }
  }
}

/// An array with what keeps it alive.
private struct NumpyMember {
  let array: NumpyArray
  let owner: FlatBuffer<UInt8>
  func unsigned(_ index: Int) -> UInt64? { withExtendedLifetime(owner) { array.unsigned(index) } }
  var text: String { withExtendedLifetime(owner) { array.text } }
}

/// Writes a CSR matrix whose values are doubles, or truth values for a graph without weights, and a member `directed`
/// that SciPy passes over.
private func writeSciPy(_ output: GraphOutput) throws(MillError) {
  let graph = output.graph
  let arcs = graph.arcCount
  func list(_ type: String, _ shape: [Int], _ bytes: Int, _ fill: (inout [UInt8]) -> Void) -> [UInt8] {
    var array = NumpyArray.header(type, shape: shape)
    array.reserveCapacity(array.count + bytes)
    fill(&array)
    return array
  }
  func append<Value: FixedWidthInteger>(_ value: Value, _ array: inout [UInt8]) {
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe array.append(contentsOf: $0) }
  }
  let members: [(String, [UInt8])] = [
    ("indices.npy", list("<i8", [arcs], 8 * arcs) { for arc in 0..<arcs { append(Int64(graph.targets[arc]), &$0) } }),
    (
      "indptr.npy",
      list("<i8", [graph.nodeCount + 1], 8 * graph.nodeCount + 8) { for o in graph.offsets { append(o, &$0) } }
    ),
    ("format.npy", list("|S3", [], 3) { $0 += Array("csr".utf8) }),
    ("shape.npy", list("<i8", [2], 16) { for _ in 0..<2 { append(Int64(graph.nodeCount), &$0) } }),
    (
      "data.npy",
      graph.weights.map { weights in list("<f8", [arcs], 8 * arcs) { for w in weights { append(w.bitPattern, &$0) } } }
        ?? list("|b1", [arcs], arcs) { $0 += [UInt8](repeating: 1, count: arcs) }
    ),
    ("directed.npy", list("|b1", [], 1) { $0.append(graph.isDirected ? 1 : 0) }),
  ]
  var sink = BinarySink(try makeSink(for: output.file))
  try sink.put(try ZipArchive.bytes(of: members))
  try sink.finish()
}
