import Glibc
import GraphStore
import MillRuntime

/// Renders a graph as text: lines ascending by (u, v), u ≤ v when undirected, in the graph's own node order.
///
/// Chunks of nodes are rendered in parallel and handed out in order, so the bytes do not depend on threads.
struct TextWriter {
  let graph: CSRGraph
  let format: GraphFormat
  let hasHeader: Bool
  let context: RunContext

  /// Nodes plus arcs of a chunk: bounds the text in memory.
  private static let chunkWork = 1 << 16

  /// Renders everything into `sink`.
  ///
  /// - Throws: ``MillError`` of kind `label-not-writable` before anything is emitted, and what `sink` throws.
  func write(to sink: (UnsafeRawBufferPointer) throws(MillError) -> Void) throws(MillError) {
    try checkLabels()
    let header = Array(try headerText().utf8)
    try unsafe header.withUnsafeBufferPointer { bytes throws(MillError) in
      try unsafe sink(UnsafeRawBufferPointer(bytes))
    }
    context.progress?.begin("write", total: graph.arcCount, unit: .items)
    defer { context.progress?.end() }
    try unsafe withoutActuallyEscaping(sink) { sink throws(MillError) in
      let lines = unsafe LineWriting(writer: self, sink: sink)
      try graph.withRows(chunkWork: Self.chunkWork, context: context, lines)
    }
  }

  /// What the format cannot hold of the graph, one sentence each.
  func losses() throws(MillError) -> [String] {
    var warnings: [String] = []
    if format == .el, graph.isWeighted { warnings.append("el has no weights: they were not written (wel has)") }
    let isolated = format != .csv && firstNumber != nil ? 0 : try graph.isolatedNodeCount()
    if isolated > 0 { warnings.append("\(isolated) isolated nodes are not in the edge list (gmg and mtx keep them)") }
    if format == .csv {
      if graph.isMultigraph {
        warnings.append("csv does not say that parallel edges are meant: keep duplicates when it is read")
      }
      if hasNumberLikeLabels {
        warnings.append("csv does not say that names are text even where they are digits: read its ids as strings")
      }
    }
    return warnings
  }

  var weights: SharedArray<Double>? { format == .el ? nil : graph.weights }
  var separator: UInt8 {
    switch format {
    case .csv: 0x2c
    case .mtx: 0x20
    default: 0x09
    }
  }

  private func headerText() throws(MillError) -> String {
    switch format {
    case .csv: return "source,target" + (weights == nil ? "" : ",weight") + (graph.isDirected ? ",type" : "") + "\n"
    case .mtx:
      let field = weights == nil ? "pattern" : "real"
      let entries = graph.isDirected ? graph.arcCount : graph.edgeCount
      return "%%MatrixMarket matrix coordinate \(field) \(graph.isDirected ? "general" : "symmetric")\n"
        + (graph.isNumbered(from: 0) ? MatrixMarketHeader.zeroBased + "\n" : "")
        + "\(graph.nodeCount) \(graph.nodeCount) \(entries)\n"
    default: return try statement() + (hasHeader ? "# Nodes: \(graph.nodeCount) Edges: \(graph.edgeCount)\n" : "")
    }
  }

  /// Whether a reader would take the bare label apart, for something else, or for less than it is.
  func needsQuotes(_ label: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = unsafe label.first, let last = unsafe label.last else { return true }
    // Marks of comments, a byte order mark.
    if first == 0x23 || first == 0x25 || first == 0xef || first <= 0x20 || last <= 0x20 { return true }
    return unsafe format == .csv
      ? label.contains { $0 == 0x22 || $0 == 0x2c || $0 == 0x3b }
      : unsafe first == 0x22 || label.contains { $0 == 0x09 || $0 == 0x7b }
  }

  /// Refuses labels that no line can hold, even in quotes.
  private func checkLabels() throws(MillError) {
    guard case .labels(let table) = graph.names, format != .mtx else { return }
    for node in 0..<graph.nodeCount {
      let label = unsafe table.bareLabel(node)
      guard !label.isEmpty, unsafe !label.contains(where: { $0 == 0x0a || $0 == 0x0d || $0 == 0 }) else {
        throw MillError(
          .labelNotWritable, "the label of node \(node) does not survive this format",
          field: unsafe fieldExcerpt(label),
          hint: "it is empty or has a line end in it: \(setting: "format", "gmg") keeps anything")
      }
    }
  }
}
