import GraphStore
public import MillRuntime

/// The three files of a summary in text: edges of the forest, p-edges, n-edges.
public struct SummaryTextPaths: Sendable, Equatable {
  /// `child TAB parent` a line.
  public var hierarchy: String
  /// `X TAB Y` a line.
  public var positive: String
  /// `X TAB Y` a line.
  public var negative: String

  /// Three paths.
  public init(hierarchy: String, positive: String, negative: String) {
    self.hierarchy = hierarchy
    self.positive = positive
    self.negative = negative
  }

  /// `PREFIX.hierarchy.tsv`, `PREFIX.positive.tsv`, `PREFIX.negative.tsv`.
  public init(prefix: String) {
    self.init(
      hierarchy: prefix + ".hierarchy.tsv", positive: prefix + ".positive.tsv", negative: prefix + ".negative.tsv")
  }
}

/// Writes a summary as three text files.
///
/// A node is its number in the input, an inner supernode `n` and its number. `#` lines at the top of the first file give
/// the counts, and the isolated nodes, which occur nowhere else. The same summary gives the same bytes.
///
/// - Returns: The bytes of the three files together.
/// - Throws: `MillError`: `unsupported` for nodes with labels (numbers and labels could not be told apart),
///   `cannot-create`, `input-output`.
@discardableResult
public func writeSummaryText(
  _ summary: GraphSummary, to paths: SummaryTextPaths, replaces: Bool = false
) throws(MillError) -> Int {
  if case .labels = summary.names {
    throw MillError(.unsupported, "text summaries hold numbers, these nodes have labels", hint: "write a .gms file")
  }
  let names = summary.names
  func name(_ x: Int) -> String { x < summary.nodeCount ? names.text(of: x) : "n\(x)" }
  let hierarchy = try OutputFile(paths.hierarchy, replaces: replaces)
  let positive = try OutputFile(paths.positive, replaces: replaces)
  let negative = try OutputFile(paths.negative, replaces: replaces)
  try hierarchy.write(
    "# graphmill summary: nodes \(summary.nodeCount) edges \(summary.edgeCount) cost \(summary.cost)\n")
  for v in 0..<summary.nodeCount where unsafe summary.parents.base[v] == GraphSummary.noParent {
    if unsafe summary.incidenceOffsets.base[v] == summary.incidenceOffsets.base[v + 1] {
      try hierarchy.write("# isolated \(name(v))\n")
    }
  }
  for x in 0..<summary.supernodeCount where unsafe summary.parents.base[x] != GraphSummary.noParent {
    try hierarchy.write(unsafe "\(name(x))\t\(name(Int(summary.parents.base[x])))\n")
  }
  for i in 0..<summary.positiveEdgeCount + summary.negativeEdgeCount {
    let edge = unsafe summary.signedEdges.base[i]
    try (edge.isNegative ? negative : positive).write("\(name(Int(edge.x)))\t\(name(Int(edge.y)))\n")
  }
  withExtendedLifetime(summary) {}
  let files = [hierarchy, positive, negative]
  for file in files { try file.commit() }
  return files.reduce(0) { $0 + $1.bytesWritten }
}

/// Reads a summary from three text files, also those of the authors' program: fields are separated by a tab or
/// blanks, lines that begin with `#` or `%` are skipped (ours are understood).
///
/// Nodes are numbered by ascending name; isolated nodes are known only from our own header. The number of edges is
/// counted from the summary.
///
/// - Throws: `MillError` with file and line: `malformed` for what is not a pair of names, for a supernode with two
///   parents, a circle, a supernode without nodes, or a summary that is not sound.
public func readSummaryText(_ paths: SummaryTextPaths, context: RunContext = .init()) throws(MillError) -> GraphSummary
{
  var reader = SummaryTextReader()
  let hierarchy = try reader.readPairs(paths.hierarchy)
  let positive = try reader.readPairs(paths.positive)
  let negative = try reader.readPairs(paths.negative)
  return try reader.assemble(hierarchy, positive, negative, paths)
}

private struct SummaryTextReader {
  /// Isolated nodes.
  private var isolated: [UInt64] = []

  /// Two names on a line.
  struct PairRow {
    let first: TextName
    let second: TextName
    let line: Int
  }
  /// A node or an inner supernode of the text.
  struct TextName: Hashable, Comparable {
    let isInner: Bool
    let number: UInt64
    static func < (a: TextName, b: TextName) -> Bool {
      a.isInner != b.isInner ? !a.isInner : a.number < b.number
    }
  }

  mutating func readPairs(_ path: String) throws(MillError) -> [PairRow] {
    let file = try MappedFile(path: path, mapped: false)
    defer { withExtendedLifetime(file) {} }
    let bytes = unsafe file.bytes
    var rows: [PairRow] = []
    var at = 0
    var line = 0
    while at < bytes.count {
      line += 1
      var end = at
      while end < bytes.count, unsafe bytes[end] != 10 { end += 1 }
      let text = unsafe UnsafeRawBufferPointer(rebasing: bytes[at..<end])
      let fields = unsafe Self.fields(text)
      at = end + 1
      if let first = fields.first,
        unsafe text[first.lowerBound] == UInt8(ascii: "#") || text[first.lowerBound] == UInt8(ascii: "%")
      {
        if fields.count == 3, unsafe String(decoding: text[fields[1]], as: UTF8.self) == "isolated",
          let name = unsafe Self.name(UnsafeRawBufferPointer(rebasing: text[fields[2]])), !name.isInner
        {
          isolated.append(name.number)
        }
        continue
      }
      if fields.isEmpty { continue }
      guard fields.count == 2, let first = unsafe Self.name(UnsafeRawBufferPointer(rebasing: text[fields[0]])),
        let second = unsafe Self.name(UnsafeRawBufferPointer(rebasing: text[fields[1]]))
      else {
        throw unsafe MillError(
          .malformed, "expected two supernodes", file: path, line: line,
          field: String(decoding: text.prefix(40), as: UTF8.self),
          hint: "a node is a number, a supernode n and a number")
      }
      rows.append(PairRow(first: first, second: second, line: line))
    }
    return rows
  }

  private static func fields(_ text: UnsafeRawBufferPointer) -> [Range<Int>] {
    var fields: [Range<Int>] = []
    var start: Int?
    for i in 0...text.count {
      let isBlank = unsafe i == text.count || text[i] == 9 || text[i] == 32 || text[i] == 13
      if isBlank, let from = start {
        fields.append(from..<i)
        start = nil
      } else if !isBlank, start == nil {
        start = i
      }
    }
    return fields
  }

  private static func name(_ field: UnsafeRawBufferPointer) -> TextName? {
    let isInner = unsafe field.first == UInt8(ascii: "n")
    let digits = unsafe isInner ? field.dropFirst() : field[...]
    guard unsafe !digits.isEmpty else { return nil }
    var number: UInt64 = 0
    for i in unsafe digits.indices {
      let byte = unsafe digits[i]
      guard byte >= 48, byte <= 57 else { return nil }
      let (product, overflow) = number.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(byte - 48))
      guard !overflow, !carry else { return nil }
      number = sum
    }
    return TextName(isInner: isInner, number: number)
  }

  func assemble(
    _ hierarchy: [PairRow], _ positive: [PairRow], _ negative: [PairRow], _ paths: SummaryTextPaths
  ) throws(MillError) -> GraphSummary {
    var names = Set<TextName>(isolated.map { TextName(isInner: false, number: $0) })
    for row in [hierarchy, positive, negative].joined() {
      names.insert(row.first)
      names.insert(row.second)
    }
    let sorted = names.sorted()
    guard sorted.count < 1 << 30 else { throw MillError(.unsupported, "\(sorted.count) supernodes are too many") }
    var index: [TextName: Int] = [:]
    for (i, name) in sorted.enumerated() { index[name] = i }
    let n = sorted.count { !$0.isInner }
    var up = [Int](repeating: -1, count: sorted.count)
    for row in hierarchy {
      guard let child = index[row.first], let parent = index[row.second] else { continue }
      guard parent >= n, up[child] < 0 else {
        throw MillError(
          .malformed, parent < n ? "a node cannot be a parent" : "a supernode has two parents", file: paths.hierarchy,
          line: row.line)
      }
      up[child] = parent
    }
    let number = try order(up, n, paths)
    var parent = [UInt32](repeating: SummaryDraft.none, count: sorted.count)
    for x in 0..<sorted.count where up[x] >= 0 { parent[Int(number[x])] = number[up[x]] }
    let edges = EdgeList(capacity: positive.count + negative.count)
    for (rows, isNegative) in [(positive, false), (negative, true)] {
      for row in rows {
        guard let x = index[row.first], let y = index[row.second] else { continue }
        edges.append(SignedEdge(x: number[x], y: number[y], isNegative: isNegative))
      }
    }
    let draft = SummaryDraft(leafCount: n, count: sorted.count, parent: parent, edges: edges)
    let ids = try FlatBuffer<UInt64>(uninitializedCount: n)
    for i in 0..<n { unsafe ids.base[i] = sorted[i].number }
    let isDense = (0..<n).allSatisfy { sorted[$0].number == UInt64($0) }
    let summary = try GraphSummary(
      draft, edgeCount: draft.coverage(), names: isDense ? .dense : .ids(SharedArray(ids)))
    try summary.validate()
    return summary
  }

  /// Numbers of supernodes so that parents come after their children.
  private func order(_ up: [Int], _ n: Int, _ paths: SummaryTextPaths) throws(MillError) -> [UInt32] {
    var open = [Int](repeating: 0, count: up.count)
    for parent in up where parent >= 0 { open[parent] += 1 }
    var number = [UInt32](repeating: 0, count: up.count)
    guard (n..<up.count).allSatisfy({ open[$0] > 0 }) else {
      throw MillError(.malformed, "a supernode has no children", file: paths.hierarchy)
    }
    var next = n
    for v in 0..<n {
      number[v] = UInt32(v)
      var x = up[v]
      while x >= 0 {
        open[x] -= 1
        if open[x] > 0 { break }
        number[x] = UInt32(next)
        next += 1
        x = up[x]
      }
    }
    guard next == up.count else { throw MillError(.malformed, "supernodes form a circle", file: paths.hierarchy) }
    return number
  }
}
