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

  /// Arcs a chunk holds at least (fewer at the end): bounds the text in memory.
  private static let chunkArcs = 1 << 16

  /// Renders everything into `sink`.
  ///
  /// - Throws: ``MillError`` of kind `label-not-writable` before anything is emitted, and what `sink` throws.
  func write(to sink: (UnsafeRawBufferPointer) throws(MillError) -> Void) throws(MillError) {
    func emit(_ text: [UInt8]) throws(MillError) {
      try unsafe text.withUnsafeBufferPointer { bytes throws(MillError) in
        try unsafe sink(UnsafeRawBufferPointer(bytes))
      }
    }
    try checkLabels()
    let header = Array(headerText().utf8)
    try emit(header)
    let cuts = chunkCuts()
    let batch = 4 * context.threads
    context.progress?.begin("write", total: graph.arcCount, unit: .items)
    defer { context.progress?.end() }
    for first in stride(from: 0, to: cuts.count - 1, by: batch) {
      let count = min(batch, cuts.count - 1 - first)
      var texts = [[UInt8]](repeating: [], count: count)
      unsafe texts.withUnsafeMutableBufferPointer { texts in
        let slots = unsafe Slots(texts)
        Parallel.forEach(count, threads: context.threads) { chunk, _ in
          unsafe slots.texts[chunk] = lines(of: cuts[first + chunk]..<cuts[first + chunk + 1])
        }
      }
      for text in texts { try emit(text) }
      context.progress?.advance(by: Int(graph.offsets[cuts[first + count]] - graph.offsets[cuts[first]]))
      try context.checkCancelled()
    }
  }

  /// What the format cannot hold of the graph, one sentence each.
  func losses() -> [String] {
    var warnings: [String] = []
    if format == .mtx {
      if case .dense = graph.names {} else { warnings.append("mtx has no names: nodes were numbered from 1") }
      return warnings
    }
    if format == .el, graph.isWeighted { warnings.append("el has no weights: they were not written (wel has)") }
    let isolated = format != .csv && firstNumber != nil ? 0 : graph.isolatedNodeCount
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

  @safe private struct Slots: @unchecked Sendable {
    let texts: UnsafeMutableBufferPointer<[UInt8]>
    init(_ texts: UnsafeMutableBufferPointer<[UInt8]>) { unsafe self.texts = unsafe texts }
  }

  var weights: SharedArray<Double>? { format == .el ? nil : graph.weights }
  private var separator: UInt8 {
    switch format {
    case .csv: 0x2c
    case .mtx: 0x20
    default: 0x09
    }
  }

  private func headerText() -> String {
    switch format {
    case .csv: return "source,target" + (weights == nil ? "" : ",weight") + (graph.isDirected ? ",type" : "") + "\n"
    case .mtx:
      let field = weights == nil ? "pattern" : "real"
      let entries = graph.isDirected ? graph.arcCount : graph.edgeCount
      return "%%MatrixMarket matrix coordinate \(field) \(graph.isDirected ? "general" : "symmetric")\n"
        + (graph.isNumbered(from: 0) ? MatrixMarketHeader.zeroBased + "\n" : "")
        + "\(graph.nodeCount) \(graph.nodeCount) \(entries)\n"
    default: return statement() + (hasHeader ? "# Nodes: \(graph.nodeCount) Edges: \(graph.edgeCount)\n" : "")
    }
  }

  /// Boundaries of node chunks of about equal arcs.
  private func chunkCuts() -> [Int] {
    var cuts = [0]
    let offsets = graph.offsets
    var next = UInt64(Self.chunkArcs)
    for node in 0..<graph.nodeCount where offsets[node + 1] >= next || node + 1 == graph.nodeCount {
      cuts.append(node + 1)
      next = offsets[node + 1] + UInt64(Self.chunkArcs)
    }
    return cuts
  }

  private func lines(of nodes: Range<Int>) -> [UInt8] {
    let offsets = graph.offsets
    let arcs = Int(offsets[nodes.lowerBound])..<Int(offsets[nodes.upperBound])
    // Symmetric matrices are written by their lower triangle: row v, column u ≤ v.
    let isLower = format == .mtx && !graph.isDirected
    let longest = longestName(arcs, nodes)
    // What csv says of every edge: Gephi's column, which spreadsheets and data frames read too.
    let ending: StaticString = format == .csv && graph.isDirected ? ",directed" : ""
    let longestLine = 2 * longest + 3 + (weights == nil ? 0 : 33) + ending.utf8CodeUnitCount
    var text = unsafe [UInt8](unsafeUninitializedCapacity: arcs.count * longestLine + 64) {
      buffer, used in
      let start = buffer.baseAddress!
      var end = unsafe start
      for u in nodes {
        for arc in graph.arcs(of: u) {
          let v = graph.targets[arc]
          if !graph.isDirected, isLower ? v > u : v < u { continue }
          unsafe end = name(u, to: end)
          unsafe end.pointee = separator
          unsafe end = name(v, to: end + 1)
          if let weights {
            unsafe end.pointee = separator
            unsafe end += 1
            for byte in Decimal.text(weights[arc]).utf8 {
              unsafe end.pointee = byte
              unsafe end += 1
            }
          }
          unsafe memcpy(end, ending.utf8Start, ending.utf8CodeUnitCount)
          unsafe end += ending.utf8CodeUnitCount
          unsafe end.pointee = 0x0a
          unsafe end += 1
        }
      }
      used = unsafe end - start
    }
    text.reserveCapacity(0)
    return text
  }

  /// An upper bound of the length of names that the arcs mention.
  private func longestName(_ arcs: Range<Int>, _ nodes: Range<Int>) -> Int {
    guard case .labels(let table) = graph.names, format != .mtx else { return 20 }
    var longest = 0
    for u in nodes { longest = unsafe max(longest, table.bareLabel(u).count) }
    for arc in arcs { longest = unsafe max(longest, table.bareLabel(graph.targets[arc]).count) }
    // Quotes around, and every byte doubled in the worst case.
    return 2 * longest + 2
  }

  private func name(_ node: Int, to end: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
    if format == .mtx { return unsafe Decimal.write(UInt64(node) + 1, to: end) }
    switch graph.names {
    case .dense: return unsafe Decimal.write(UInt64(node), to: end)
    case .ids(let ids): return unsafe Decimal.write(ids[node], to: end)
    case .labels(let table):
      let label = unsafe table.bareLabel(node)
      guard unsafe needsQuotes(label) else {
        unsafe memcpy(end, label.baseAddress!, label.count)
        return unsafe end + label.count
      }
      var place = unsafe end
      unsafe place.pointee = 0x22
      unsafe place += 1
      for i in label.indices {
        let byte = unsafe label[i]
        if byte == 0x22 {
          unsafe place.pointee = 0x22
          unsafe place += 1
        }
        unsafe place.pointee = byte
        unsafe place += 1
      }
      unsafe place.pointee = 0x22
      return unsafe place + 1
    }
  }

  /// Whether a reader would take the bare label apart, for something else, or for less than it is.
  private func needsQuotes(_ label: UnsafeBufferPointer<UInt8>) -> Bool {
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
