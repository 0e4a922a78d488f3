import ExperimentSupport
import MillRuntime
import ProximityGraphs
import VectorStore

/// What is varied.
struct ExperimentSettings {
  /// Numbers of points.
  var sizes = [1000, 2000, 4000, 8000, 16000, 32000]
  /// Dimension of the uniform points.
  var dimension = 8
  /// Seeds of data and graphs; a figure is a mean over them.
  var seeds: [UInt64] = [1, 2, 3]
  /// Queries a seed.
  var queries = 200
  /// Recall@1 that every graph must reach.
  var recall = 0.95
}

/// The files of a run, as text.
struct ExperimentResults {
  let csv: String
  let markdown: String
}

/// Distances a query of three graphs at equal recall, against n.
func runExperiment(_ settings: ExperimentSettings, context: RunContext) throws -> ExperimentResults {
  var csv = "n,graph,seed,beam,recall,distances\n"
  var table = MarkdownTable(["n", "HNSW", "flat (mL = 0)", "NSW, restarts"])
  for n in settings.sizes {
    var cells: [String] = []
    for graph in ["hnsw", "flat", "nsw"] {
      var costs = Spread()
      for seed in settings.seeds {
        let base = try uniformPoints(n, settings.dimension, seed: seed)
        let queries = try uniformPoints(settings.queries, settings.dimension, seed: seed &+ 1000)
        let truth = try exactNearest(in: base, queries: queries, metric: .l2, k: 1)
        let found = try cheapest(graph, base, queries, truth, seed, settings, context)
        csv += "\(n),\(graph),\(seed),\(found.beam),\(found.recall),\(found.distances)\n"
        costs.add(found.distances)
      }
      cells.append("\(Int(costs.mean.rounded())) (\(Int(costs.deviation.rounded())))")
    }
    table.add(["\(n)"] + cells)
  }
  return ExperimentResults(csv: csv, markdown: table.text)
}

/// What one graph needs for the recall.
struct SearchCost {
  var beam = 0
  var recall = 0.0
  var distances = 0.0
}

/// The narrowest beam (for NSW: the fewest restarts) that reaches the recall, and its distances a query.
private func cheapest(
  _ graph: String, _ base: VectorTable, _ queries: VectorTable, _ truth: NeighborRows, _ seed: UInt64,
  _ settings: ExperimentSettings, _ context: RunContext
) throws -> SearchCost {
  func cost(_ beam: Int, _ result: BatchSearchResult) -> SearchCost {
    SearchCost(
      beam: beam, recall: result.rows.recall(against: truth),
      distances: Double(result.counters.distances) / Double(truth.count))
  }
  var best = SearchCost()
  if graph == "nsw" {
    let options = NSWOptions(seed: seed)
    let index = try NSWIndex(building: base, metric: .l2, options: options, context: context)
    for restarts in 1...64 {
      let search = SearchOptions(restarts: restarts, exact: .never)
      best = cost(restarts, try index.search(queries, k: 1, options: search, context: context))
      if best.recall >= settings.recall { break }
    }
    return best
  }
  let options = HNSWOptions(m: 8, levelScale: graph == "flat" ? 0 : nil, seed: seed)
  let index = try HNSWIndex(building: base, metric: .l2, options: options, context: context)
  for ef in 1...200 {
    let search = SearchOptions(ef: ef, exact: .never)
    best = cost(ef, try index.search(queries, k: 1, options: search, context: context))
    if best.recall >= settings.recall { break }
  }
  return best
}
