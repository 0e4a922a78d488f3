import ExperimentSupport
import MillRuntime
import ProximityGraphs
import Reporting
import VectorStore

/// What is varied in every experiment.
struct ClaimSettings: Sendable {
  /// Small inputs, to see whether all works.
  var isQuick = false
  /// Seeds of data and graphs; a figure is a mean over them, with the standard deviation in brackets.
  var seeds: [UInt64] = [1, 2, 3]
  /// Queries a seed.
  var queries = 200
  /// A folder with vector sets (`NAME.fvecs`, `NAME.queries.fvecs`) and words; generated data where it is absent.
  var data: String?
  var context = RunContext()

  /// `large`, or a small number in a quick run.
  func size(_ large: Int, quick: Int) -> Int { isQuick ? quick : large }
}

/// The answer to one question: a table, and a chart of it.
struct ClaimAnswer {
  let stem: String
  let title: String
  var columns: [String]
  var rows: [[String]] = []
  var chart: Chart

  /// Cells lose their commas.
  var csv: String {
    ([columns] + rows).map { row in row.map { $0.filter { $0 != "," } }.joined(separator: ",") + "\n" }.joined()
  }

  var markdown: String {
    var table = MarkdownTable(columns)
    for row in rows { table.add(row) }
    return "## \(title)\n\n\(table.text)\n"
  }
}

/// One experiment.
struct Claim: Sendable {
  let stem: String
  let run: @Sendable (ClaimSettings) throws -> ClaimAnswer

  static let all: [Claim] = [
    Claim(stem: "levels", run: levelScales), Claim(stem: "choice", run: neighborChoices),
    Claim(stem: "links", run: linkCounts), Claim(stem: "build", run: buildCost),
    Claim(stem: "curve", run: recallCurves), Claim(stem: "spaces", run: generalSpaces),
    Claim(stem: "threads", run: threadCounts),
  ]
}

/// What a search cost and found.
struct SearchCost {
  var beam = 0
  var recall = 0.0
  /// Distances a query.
  var distances = 0.0
}

func searchCost(
  _ index: HNSWIndex, _ queries: VectorTable, _ truth: NeighborRows, ef: Int, _ context: RunContext
) throws -> SearchCost {
  let options = SearchOptions(ef: ef, exact: .never)
  let found = try index.search(queries, k: truth.k, options: options, context: context)
  return SearchCost(
    beam: ef, recall: found.rows.recall(against: truth),
    distances: Double(found.counters.distances) / Double(max(1, queries.count)))
}

/// The narrowest beam that reaches a recall, by doubling and bisection; the widest tried where none does.
func cheapest(
  _ index: HNSWIndex, _ queries: VectorTable, _ truth: NeighborRows, recall: Double, widest: Int = 512,
  _ context: RunContext
) throws -> SearchCost {
  var low = truth.k - 1
  var high = truth.k
  var best = try searchCost(index, queries, truth, ef: high, context)
  while best.recall < recall, high < widest {
    low = high
    high = min(widest, 2 * high)
    best = try searchCost(index, queries, truth, ef: high, context)
  }
  while high - low > 1 {
    let middle = (low + high) / 2
    let found = try searchCost(index, queries, truth, ef: middle, context)
    if found.recall >= recall { (high, best) = (middle, found) } else { low = middle }
  }
  return best
}

/// Points around centers, cluster after cluster, each cluster `width` wide.
func clusteredPoints(
  _ count: Int, _ dimension: Int, clusters: Int, width: Float, seed: UInt64, isQuery: Bool = false
) throws -> VectorTable {
  let centers = try uniformPoints(clusters, dimension, seed: seed &+ 99)
  let table = try VectorTable(dimension: dimension)
  let stream =
    isQuery
    ? RandomStream(seed: seed, stage: "clustered queries") : RandomStream(seed: seed, stage: "clustered points")
  for i in 0..<count {
    var random = stream.item(UInt64(i))
    let center = centers.floats(i * clusters / count)
    var point = [Float](repeating: 0, count: dimension)
    for j in 0..<dimension {
      let offset = random.unit() + random.unit() + random.unit() - 1.5
      point[j] = center[j] + width * Float(offset)
    }
    try table.append(point)
  }
  return table
}
