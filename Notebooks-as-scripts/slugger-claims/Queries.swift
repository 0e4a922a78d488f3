import ExperimentSupport
import GraphStore
import GraphSummarization
import MillRuntime

/// The same questions to the graph itself, on its arrays.
private struct PlainGraph {
  let graph: CSRGraph
  let degrees: [Double]

  init(_ graph: CSRGraph) {
    self.graph = graph
    degrees = (0..<graph.nodeCount).map { Double(graph.degree(of: $0)) }
  }

  /// The product of the adjacency matrix with `x`.
  func product(_ x: [Double]) throws(MillError) -> [Double] {
    struct Product: RowsVisitor {
      let x: [Double]
      func visit<ID>(_ rows: GraphRows<ID>) -> [Double] {
        x.withUnsafeBufferPointer { x in
          (0..<rows.nodeCount).map { v in
            var sum = 0.0
            for arc in rows.arcs(v) { sum += x[rows.target(arc)] }
            return sum
          }
        }
      }
    }
    return try graph.withRows(Product(x: x))
  }

  func pageRank(rounds: Int) throws(MillError) -> [Double] {
    let n = graph.nodeCount
    var scores = [Double](repeating: 1 / Double(n), count: n)
    for _ in 0..<rounds {
      var stuck = 0.0
      for v in 0..<n where degrees[v] == 0 { stuck += scores[v] }
      let product = try product((0..<n).map { degrees[$0] == 0 ? 0 : scores[$0] / degrees[$0] })
      let floor = (1 - 0.85 + 0.85 * stuck) / Double(n)
      for v in 0..<n { scores[v] = floor + 0.85 * product[v] }
    }
    return scores
  }

  func levels(from source: Int) -> [Int] {
    var levels = [Int](repeating: -1, count: graph.nodeCount)
    levels[source] = 0
    var frontier = [source]
    while !frontier.isEmpty {
      var next: [Int] = []
      for u in frontier {
        for v in graph.neighbors(of: u) where levels[v] < 0 {
          levels[v] = levels[u] + 1
          next.append(v)
        }
      }
      frontier = next
    }
    return levels
  }

  /// Triangles by merging the lists of neighbors with higher rank.
  func triangles() -> Int {
    func isBelow(_ u: Int, _ v: Int) -> Bool { (degrees[u], u) < (degrees[v], v) }
    let above = (0..<graph.nodeCount).map { u in graph.neighbors(of: u).filter { isBelow(u, $0) } }
    var sum = 0
    for mine in above {
      for u in mine {
        let theirs = above[u]
        var (a, b) = (0, 0)
        while a < mine.count, b < theirs.count {
          if mine[a] == theirs[b] { sum += 1 }
          let (p, q) = (mine[a], theirs[b])
          a += p <= q ? 1 : 0
          b += q <= p ? 1 : 0
        }
      }
    }
    return sum
  }
}

/// Seconds of queries on the summary and on the graph, and whether the answers agree.
func queryTable(
  _ graphs: [ExperimentGraph], _ settings: ExperimentSettings, _ context: RunContext
) throws -> (String, String) {
  var csv = "graph,query,agrees,summary_seconds,graph_seconds\n"
  var text = "## Queries on the summary beside the graph, \(settings.iterations[0]) rounds, seed \(settings.seed)\n\n"
  text += "Processor seconds on the summary / on the graph, best of three.\n\n"
  var table = MarkdownTable([
    "graph", "all neighbors", "all degrees", "100,000 edges asked", "BFS", "triangles", "20 products",
    "PageRank, 20 rounds", "largest difference of ranks", "answers",
  ])
  for input in graphs where input.graph.edgeCount > 0 {
    let n = input.graph.nodeCount
    var options = SummarizeOptions()
    options.iterations = settings.iterations[0]
    options.seed = settings.seed
    let summary = try summarize(of: input.graph, options: options, context: context).summary
    let graph = try input.graph.symmetrized(context: context).simplified(context: context)
    let plain = PlainGraph(graph)
    let source = (0..<n).max { graph.degree(of: $0) < graph.degree(of: $1) } ?? 0
    let stream = RandomStream(seed: settings.seed, stage: "slugger-claims-pairs")
    let pairs = (0..<100_000).map { i in
      var random = stream.item(UInt64(i))
      let u = Int(random.next() % UInt64(n))
      let near = graph.neighbors(of: u)
      // Every other pair is an edge, where there is one.
      if i & 1 == 0, !near.isEmpty { return (u, near[near.startIndex + Int(random.next() % UInt64(near.count))]) }
      return (u, Int(random.next() % UInt64(n)))
    }
    var cells = [input.name]
    var agree = true
    func compare<T>(
      _ name: String, _ onSummary: () throws -> T, _ onGraph: () throws -> T, _ equal: (T, T) -> Bool
    ) throws {
      var (one, other) = (Double.infinity, Double.infinity)
      var same = true
      for _ in 0..<3 {
        let mine = try timed(onSummary)
        let theirs = try timed(onGraph)
        (one, other) = (min(one, mine.seconds), min(other, theirs.seconds))
        if !equal(mine.result, theirs.result) { same = false }
      }
      agree = agree && same
      cells.append("\(plainDecimal(one, 4)) / \(plainDecimal(other, 4))")
      csv += "\(input.name),\(name),\(same),\(plainDecimal(one, 5)),\(plainDecimal(other, 5))\n"
    }
    /// A checksum, so that neither side spends its time on keeping lists.
    func digest(_ lists: (Int) -> some Sequence<Int>) -> Int {
      (0..<n).reduce(0) { sum, v in lists(v).reduce(sum) { ($0 &* 31) &+ $1 } }
    }
    try compare("neighbors", { digest(summary.neighbors(of:)) }, { digest(graph.neighbors(of:)) }, ==)
    try compare("degree", { (0..<n).map(summary.degree(of:)) }, { (0..<n).map(graph.degree(of:)) }, ==)
    try compare(
      "hasedge", { pairs.map { summary.hasEdge($0.0, $0.1) } }, { pairs.map { graph.hasEdge($0.0, $0.1) } }, ==)
    try compare("bfs", { summary.breadthFirstLevels(from: source) }, { plain.levels(from: source) }, ==)
    try compare("triangles", { try summary.triangleCount() }, { plain.triangles() }, ==)
    let x = (0..<n).map { Double($0 % 1001) }
    // Sums of whole numbers are exact in any order.
    try compare(
      "product", { (0..<20).map { _ in summary.multiplyAdjacency(x) } },
      { try (0..<20).map { _ in try plain.product(x) } }, ==)
    var difference = 0.0
    try compare(
      "pagerank", { try summary.pageRank(tolerance: 1e-300, maximumRounds: 20).scores },
      { try plain.pageRank(rounds: 20) },
      { one, other in
        difference = zip(one, other).reduce(0) { max($0, abs($1.0 - $1.1)) }
        return difference < 1e-12
      })
    table.add(cells + ["\(difference)", agree ? "equal" : "NOT EQUAL"])
  }
  return (text + table.text, csv)
}
