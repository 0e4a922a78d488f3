import GraphStore
import MillRuntime

extension GraphFormat {
  /// DIMACS: shortest-path problems (`p sp`, arcs `a`) and, for reading, edges (`p edge`, `e`).
  public static let gr = GraphFormat(
    "gr", "DIMACS graph", endings: ["gr", "dimacs", "col"],
    holds: [.directed, .wholeWeights, .alwaysWeighted, .isolatedNodes, .loops, .parallelEdges], numbering: 1,
    recognizes: { head in
      for line in head.text.split(separator: "\n") {
        if line == "c" || line.hasPrefix("c ") || line.allSatisfy(\.isWhitespace) { continue }
        return ["p sp ", "p edge ", "p col ", "p aux ", "p max ", "p min "].contains { line.hasPrefix($0) }
      }
      return false
    },
    reader: { input throws(MillError) in try readDimacs(input) },
    writer: { output throws(MillError) in try writeDimacs(output) })
}

/// Reads a DIMACS graph: comments `c`, one line `p sp n m` and m arcs `a u v w`, or `p edge n m` and m edges `e u v`
/// (also called `p col`). Nodes are called 1…n.
///
/// - Source: 9th DIMACS implementation challenge, file formats; DIMACS challenge 2, `ccformat`.
private func readDimacs(_ input: GraphInput) throws(MillError) -> GraphReading {
  var cursor = try TextCursor(input.stream, input.context)
  var report = GraphReadReport()
  report.separator = .space
  var firstName: UInt64 = 1
  var problem: (nodes: Int, edges: Int, isDirected: Bool)?
  var found = FoundGraph(.numbered(count: 0, first: 0), isDirected: true)
  while let kind = try cursor.peek() {
    if try cursor.isAtLineEnd() {
      try cursor.endLine()
      report.blanks += 1
      continue
    }
    let isBare = try unsafe cursor.word().count == 1
    switch kind {
    case UInt8(ascii: "c") where isBare:
      report.comments += 1
      if try unsafe cursor.restOfLine().elementsEqual(" \(idsFromZero)".utf8) { firstName = 0 }
    case UInt8(ascii: "p") where isBare && problem == nil:
      let what = try unsafe cursor.word().text
      guard ["sp", "edge", "col"].contains(what) else {
        throw MillError(
          .unsupportedContent, "a DIMACS problem of this kind is not read", line: cursor.line, field: what,
          hint: "'p sp' with arcs and 'p edge' with edges are read")
      }
      guard let n = try cursor.unsigned(), let m = try cursor.unsigned(), n < UInt64(UInt32.max), m < 1 << 60 else {
        throw cursor.failure(.malformed, "the problem line is not 'p \(what) nodes edges'")
      }
      problem = (Int(n), Int(m), what == "sp")
      found.isDirected = what == "sp"
      try cursor.endLine()
    case UInt8(ascii: "a") where isBare, UInt8(ascii: "e") where isBare:
      guard let problem, problem.isDirected == (kind == UInt8(ascii: "a")) else {
        throw cursor.failure(.malformed, "an edge line that does not follow from a problem line")
      }
      guard let u = try cursor.unsigned(), let v = try cursor.unsigned() else {
        throw unsafe cursor.failure(.notAnInteger, "a node that is no number", field: try cursor.word().text)
      }
      guard u >= 1, v >= 1, u <= UInt64(problem.nodes), v <= UInt64(problem.nodes) else {
        throw cursor.failure(.idOutOfRange, "a node outside 1...\(problem.nodes)", field: "\(u) \(v)")
      }
      let weight = problem.isDirected ? try cursor.weight(input.options) : nil
      try found.edges.add(UInt32(u - 1), UInt32(v - 1), weight)
      try cursor.endLine()
    case UInt8(ascii: "n") where isBare && problem?.isDirected == false:
      try cursor.skipLine()
    default:
      throw cursor.failure(.malformed, "a line of no kind that this format has")
    }
  }
  report.lines = cursor.line - 1
  guard let problem else { throw cursor.failure(.malformed, "there is no problem line 'p sp nodes arcs'") }
  guard found.edges.count == problem.edges || !problem.isDirected && found.edges.count == 2 * problem.edges else {
    throw cursor.failure(
      .countMismatch, "the header promises \(problem.edges) edges, the file has \(found.edges.count)")
  }
  found.nodes = .numbered(count: problem.nodes, first: firstName)
  return try input.finish(found, report)
}

/// Writes `p sp`; unweighted arcs get the weight 1 that the format asks for.
private func writeDimacs(_ output: GraphOutput) throws(MillError) {
  let graph = output.graph
  var sink = try TextSink(output.file)
  if graph.isNumbered(from: 0) { try sink.put("c \(idsFromZero)\n") }
  try sink.put("p sp \(graph.nodeCount) \(graph.arcCount)\n")
  for node in 0..<graph.nodeCount {
    for arc in graph.arcs(of: node) {
      try sink.put("a ")
      try sink.put(node + 1)
      try sink.put(" ")
      try sink.put(graph.targets[arc] + 1)
      try sink.put(" ")
      try sink.put(graph.weights.map { Int($0[arc]) } ?? 1)
      try sink.put("\n")
    }
  }
  try sink.finish()
}
