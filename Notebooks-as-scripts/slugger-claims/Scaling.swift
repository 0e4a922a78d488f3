import ExperimentSupport
import Glibc
import GraphGenerators
import GraphStore
import GraphSummarization
import MillRuntime

/// The straight line through logarithms: `seconds = factor * edges^exponent`.
struct PowerFit {
  let exponent: Double
  let factor: Double
  /// Share of the variance of the logarithms that the line explains.
  let determination: Double

  init(_ points: [(edges: Double, seconds: Double)]) {
    let x = points.map { log($0.edges) }
    let y = points.map { log(max($0.seconds, 1e-9)) }
    let n = Double(max(1, points.count))
    let (meanX, meanY) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
    let sxx = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    let syy = y.reduce(0) { $0 + ($1 - meanY) * ($1 - meanY) }
    let sxy = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    exponent = sxx > 0 ? sxy / sxx : 0
    factor = exp(meanY - exponent * meanX)
    determination = sxx > 0 && syy > 0 ? sxy * sxy / (sxx * syy) : 1
  }
}

/// A random part of the edges of one R-MAT graph, without the nodes that it leaves alone.
///
/// Edge i of the generator depends on its seed and i alone, so the first k drawn are a sample of all.
func scalingGraph(drawing edges: Int, of total: Int, context: RunContext) throws -> CSRGraph {
  var options = RMATOptions()
  options.nodeCount = max(16, total / 10)
  options.edgeCount = edges
  let graph = try generateRMATGraph(options, context: context)
  let simple = try graph.simplified(context: context).withoutWeights()
  let nodes = (0..<simple.nodeCount).filter { simple.degree(of: $0) > 0 }
  return try simple.inducedSubgraph(nodes: nodes, context: context)
}

/// Time and memory by the number of edges, with the fitted power.
func scalingTable(_ settings: ExperimentSettings, _ context: RunContext) throws -> (String, String) {
  var csv = "nodes,edges,relative_size,exact,seconds,peak_bytes\n"
  var text = "## Time by size, samples of one R-MAT graph, \(settings.iterations[0]) rounds\n\n"
  var table = MarkdownTable([
    "nodes", "edges", "relative size", "CPU seconds", "µs an edge", "peak MiB", "bytes an edge", "restored",
  ])
  var points: [(edges: Double, seconds: Double)] = []
  for share in [100.0, 31.6, 10, 3.16, 1] {
    let drawn = Int(Double(settings.scalingEdges) / share)
    let graph = try scalingGraph(drawing: drawn, of: settings.scalingEdges, context: context)
    var options = SummarizeOptions()
    options.iterations = settings.iterations[0]
    options.seed = settings.seed
    var best = Double.infinity
    var size = 1.0
    var peak = 0
    var exact = true
    // Small runs are repeated: what is wanted is the time without the neighbors' noise.
    for _ in 0..<(drawn >= 3_000_000 ? 1 : 3) {
      PeakMemory.reset()
      let (result, seconds) = try timed { try summarize(of: graph, options: options, context: context) }
      peak = max(peak, PeakMemory.bytes)
      best = min(best, seconds)
      size = result.summary.relativeSize ?? 1
      exact = try isExact(result.summary, graph, context)
    }
    let m = graph.edgeCount
    points.append((Double(m), best))
    table.add([
      "\(graph.nodeCount)", "\(m)", plainDecimal(size, 4), plainDecimal(best, 2),
      plainDecimal(best * 1e6 / Double(max(1, m)), 2),
      "\(peak >> 20)", "\(peak / max(1, m))", exact ? "exactly" : "NO",
    ])
    csv += "\(graph.nodeCount),\(m),\(plainDecimal(size, 5)),\(exact),\(plainDecimal(best, 3)),\(peak)\n"
  }
  let fit = PowerFit(points)
  text +=
    table.text
    + "\nFit: seconds = \(plainDecimal(fit.factor * 1e6, 3))e-6 * edges^\(plainDecimal(max(0, fit.exponent), 3)), "
  text += "R² \(plainDecimal(fit.determination, 4)).\n"
  return (text, csv)
}
