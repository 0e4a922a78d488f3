import GraphStore
import MillRuntime

extension GraphFormat {
  /// An array of numpy with a row an edge.
  public static let npy = GraphFormat(
    "npy", "numpy array of edges", endings: ["npy"],
    holds: [.untoldDirection, .undirected, .weights, .names, .loops, .parallelEdges],
    recognizes: { $0.starts(FileKind.array.magic) },
    reader: { input throws(MillError) in try readNumpy(input) },
    writer: { output throws(MillError) in try writeNumpy(output) })
}

/// Reads an array of shape (m, 2), a row an edge, or (m, 3) with a weight; integers of any width and byte order, or
/// whole numbers as floats; also (2, m), a column an edge, as PyTorch Geometric has it. Ids that occur are nodes.
private func readNumpy(_ input: GraphInput) throws(MillError) -> GraphReading {
  let buffer = try input.stream.readToEnd()
  defer { withExtendedLifetime(buffer) {} }
  let array = try unsafe NumpyArray(UnsafeRawBufferPointer(buffer.elements))
  let isFloat = array.kind == UInt8(ascii: "f")
  let isWide = array.shape.count == 2 && array.shape[0] == 2 && array.shape[1] > 3
  guard array.shape.count == 2, array.isInteger || isFloat, isWide || (2...3).contains(array.shape[1]) else {
    throw MillError(
      .unsupportedContent, "an array of shape \(array.shape) holds no edges",
      hint: "edges are integers of shape (m, 2), or (m, 3) with weights")
  }
  let edges = isWide ? array.shape[1] : array.shape[0]
  let columns = isWide ? 2 : array.shape[1]
  let isByColumn = isWide != array.isColumnMajor
  func place(_ edge: Int, _ column: Int) -> Int { isByColumn ? column * edges + edge : edge * columns + column }
  let ids = try FlatBuffer<UInt64>(uninitializedCount: 2 * edges)
  let keepsWeights = columns == 3 && input.options.weights != .no
  let weights = keepsWeights ? try FlatBuffer<Double>(uninitializedCount: edges) : nil
  if columns == 2, input.options.weights == .yes, edges > 0 {
    throw MillError(.badOption, "weights were asked for, but the array has none")
  }
  for edge in 0..<edges {
    for column in 0..<2 {
      let index = place(edge, column)
      let id = isFloat ? UInt64(exactly: array.double(index)) : array.unsigned(index)
      guard let id else {
        throw MillError(
          .notAnInteger, "row \(edge) names a node that is no unsigned integer",
          field: Decimal.text(array.double(index)))
      }
      unsafe ids.base[2 * edge + column] = id
    }
    guard let weights else { continue }
    let weight = array.double(place(edge, 2))
    guard weight.isFinite, weight >= 0 || !input.options.refusesNegativeWeights else {
      throw MillError(.badWeight, "the weight of row \(edge) is not finite, or negative", field: "\(weight)")
    }
    unsafe weights.base[edge] = weight
  }
  var report = GraphReadReport()
  report.format = .npy
  report.ids = input.options.ids == .dense ? .dense : .compact
  var freezing = FreezeOptions()
  freezing.isDirected = input.options.isDirected ?? false
  report.direction = .init(
    isDirected: freezing.isDirected, source: input.options.isDirected == nil ? .convention : .option)
  freezing.duplicates = input.options.mergesDuplicates
  freezing.loops = input.options.loops
  freezing.forcesWideTargets = input.options.forcesWideTargets
  freezing.naming = .compact
  if input.options.ids == .dense {
    let largest = unsafe ids.elements.max().map { Int(clamping: $0) } ?? -1
    let count = input.options.nodes ?? largest + 1
    try guardNodeCount(count, edges: edges, given: input.options.nodes)
    freezing.naming = .dense(nodeCount: count)
  }
  if edges == 0 { report.warnings.append("the input has no edges") }
  let block = EdgeBlock(ids: .wide(ids), weights: weights, count: edges)
  let (graph, counts) = try freeze([block], options: freezing, context: input.context)
  report.edges = counts
  return GraphReading(graph: graph, report: report)
}

/// Writes 64-bit integers of shape (m, 2); a weighted graph as doubles of shape (m, 3).
private func writeNumpy(_ output: GraphOutput) throws(MillError) {
  let graph = output.graph
  func id(_ node: Int) -> UInt64 {
    if case .ids(let ids) = graph.names { ids[node] } else { UInt64(node) }
  }
  let largest = (0..<graph.nodeCount).reduce(UInt64(0)) { max($0, id($1)) }
  guard largest <= (graph.isWeighted ? 1 << 53 : UInt64(Int64.max)) else {
    throw MillError(.notWritable, "an id does not fit the array", field: String(largest))
  }
  var sink = BinarySink(try makeSink(for: output.file))
  try sink.put(
    NumpyArray.header(graph.isWeighted ? "<f8" : "<i8", shape: [graph.edgeCount, graph.isWeighted ? 3 : 2]))
  try graph.forEachEdge { source, target, weight throws(MillError) in
    if let weight {
      for value in [Double(id(source)), Double(id(target)), weight] { try sink.put(value.bitPattern) }
    } else {
      try sink.put(id(source))
      try sink.put(id(target))
    }
  }
  try sink.finish()
}
