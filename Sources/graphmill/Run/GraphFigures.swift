import GraphFormats
import GraphKernels
import GraphStore
import MillRuntime

extension CommandRun {
  /// Writes a command's graph and gives its figures, with those of the input that it came from.
  func writeGraph(
    _ graph: CSRGraph, to path: String, _ flags: WriteFlags, from report: GraphReadReport = .init()
  ) throws -> Outcome {
    let fingerprint = try stage("fingerprint") { graph.fingerprint(context: context) }
    let figures = try graphFigures(graph, report, fingerprint: fingerprint)
    try writeGraph(graph, to: path, flags.options, fingerprint: fingerprint)
    var outcome = figures
    if path != "-" { outcome.summary.append("wrote \(path)") }
    return outcome
  }

  /// The figures of a graph, and of the file that it was read from.
  func graphFigures(_ graph: some NeighborGraph, _ report: GraphReadReport, fingerprint: String) throws -> Outcome {
    let isolated = try degreeStatistics(of: graph, context: context).isolated
    let loops = report.edges.selfLoops
    let keys: [String: JSONValue] = [
      "nodes": .integer(graph.nodeCount),
      "edges": .integer(graph.edgeCount),
      "lines": .integer(report.edges.edges),
      "duplicates": .integer(report.edges.duplicates),
      "self_loops": .integer(loops),
      "simple_edges": .integer(graph.edgeCount - (try graph.loopCount(context: context))),
      "isolated": .integer(isolated),
      "directed": .bool(graph.isDirected),
      "weighted": .bool(graph.isWeighted),
      "fingerprint": .string(fingerprint),
    ]
    let kind = (graph.isDirected ? "directed" : "undirected") + (graph.isWeighted ? ", weighted" : "")
    var summary = ["\(graph.nodeCount) nodes, \(graph.edgeCount) edges (\(kind)), \(isolated) isolated"]
    if report.edges.edges > 0 {
      summary.append(
        "\(report.edges.edges) edges read, \(report.edges.duplicates) duplicates, \(loops) self-loops")
    }
    summary.append("fingerprint \(fingerprint)")
    return Outcome(keys: keys, summary: summary)
  }
}
