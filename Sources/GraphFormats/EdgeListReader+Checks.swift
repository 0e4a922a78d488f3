import GraphStore
import MillRuntime

// What only the whole file shows to be wrong.

extension EdgeListReader {
  /// Dense ids far above the number of lines are a trap, not a graph.
  func guardDenseIDs(_ chunks: [ParsedChunk], declared: Int?) throws(MillError) {
    let edges = chunks.reduce(0) { $0 + $1.edgeCount }
    if let declared { return try guardNodeCount(declared, edges: edges, given: options.nodes) }
    let largest = chunks.compactMap { $0.block?.largestID }.max() ?? 0
    if areMostlyIsolated(Int(clamping: largest), edges: edges) {
      throw MillError(
        .idOutOfRange, "dense ids up to \(largest) for \(edges) edges would make mostly isolated nodes", file: name,
        field: String(largest),
        hint: "\(setting: "ids", "compact") keeps only ids that occur; \(setting: "nodes", "N") insists")
    }
  }

  /// What the last comment that counts nodes or edges says, and its line in the file.
  func lastHint(in chunks: [ParsedChunk], linesBefore: Int) -> (counts: CountHint, line: Int)? {
    var lines = linesBefore
    var last: (counts: CountHint, line: Int)?
    for chunk in chunks {
      if let hint = chunk.hint { last = (hint.counts, lines + hint.line + 1) }
      lines += chunk.lines
    }
    return last
  }

  /// Compares with what the file says of itself.
  func checkHint(_ said: (counts: CountHint, line: Int)?, _ graph: CSRGraph) throws(MillError) {
    guard let (hint, line) = said else { return }
    var complaints: [String] = []
    if let nodes = hint.nodes, nodes != graph.nodeCount {
      complaints.append("the file says \(nodes) nodes, it has \(graph.nodeCount)")
    }
    if let edges = hint.edges, edges != report.edges.edges, edges != graph.edgeCount {
      complaints.append("the file says \(edges) edges, it has \(report.edges.edges)")
    }
    try complain(complaints, line: line)
  }

  /// A first line `n m` that counts the rest of the file is most likely no edge.
  func checkBareHeader(_ header: BareHeader, _ graph: CSRGraph, line: Int?) throws(MillError) {
    // Nodes that other lines mention: all of them, less the header's numbers where nothing else names them.
    let mentioned = report.ids == .dense ? graph.nodeCount - report.edges.isolated : graph.nodeCount
    let others = mentioned - header.numbersOfItsOwn
    guard header.nodes == UInt64(others) || header.nodes == header.largestOther.addingReportingOverflow(1).partialValue
    else { return }
    let complaint =
      "the first line '\(header.nodes) \(header.edges)' looks like a header of counts; it was read as an edge"
    try complain([complaint], line: line, hint: "\(setting: "skipLines", "1") drops it")
  }

  private func complain(_ complaints: [String], line: Int?, hint: Hint? = nil) throws(MillError) {
    if options.isStrict, let first = complaints.first {
      throw MillError(.countMismatch, first, file: name, line: line, hint: hint)
    }
    if let hint { report.hints.append(hint) }
    report.warnings += complaints
  }
}

extension EdgeBlock {
  func edge(_ i: Int) -> (UInt64, UInt64) {
    switch ids {
    case .narrow(let ids): unsafe (UInt64(ids.base[2 * i]), UInt64(ids.base[2 * i + 1]))
    case .wide(let ids): unsafe (ids.base[2 * i], ids.base[2 * i + 1])
    }
  }
  var largestID: UInt64 {
    switch ids {
    case .narrow(let ids): unsafe UInt64(ids.elements.prefix(2 * count).max() ?? 0)
    case .wide(let ids): unsafe ids.elements.prefix(2 * count).max() ?? 0
    }
  }
}

/// A first line of two integers whose second one is the number of the other lines, and what those lines mention.
struct BareHeader {
  let nodes: UInt64
  let edges: UInt64
  /// How many of the two numbers no other line mentions.
  let numbersOfItsOwn: Int
  /// The largest id of the other lines.
  let largestOther: UInt64

  /// Nil unless the numbers fit; O(1) then, else one look at every id.
  ///
  /// - Parameter base: What was subtracted from the ids.
  init?(_ chunks: [ParsedChunk], base: UInt64) {
    let count = chunks.reduce(0) { $0 + $1.edgeCount }
    guard let first = chunks.first(where: { $0.edgeCount > 0 })?.block?.edge(0), count > 1,
      first.1 == UInt64(count - 1) &- base
    else { return nil }
    var seen = (false, false)
    var largest: UInt64 = 0
    var isFirst = true
    for chunk in chunks {
      guard let block = chunk.block else { continue }
      for i in 0..<block.count {
        if isFirst {
          isFirst = false
          continue
        }
        let (u, v) = block.edge(i)
        if u == first.0 || v == first.0 { seen.0 = true }
        if u == first.1 || v == first.1 { seen.1 = true }
        largest = max(largest, u, v)
      }
    }
    nodes = first.0 &+ base
    edges = first.1 &+ base
    numbersOfItsOwn = (seen.0 ? 0 : 1) + (seen.1 || first.0 == first.1 ? 0 : 1)
    largestOther = largest &+ base
  }
}
