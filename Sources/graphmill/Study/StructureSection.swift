import GraphKernels
import GraphStore
import MillRuntime
import Reporting

/// What kernels say: degrees, components, cores, triangles, distances, and the nodes that stand out.
struct StructureSection: StudySection {
  let key = "structure"
  let title = "Structure"
  let explanation =
    "Without directions, weights and loops, except for PageRank, which follows directions. Clustering is the chance that two "
    + "neighbors of a node are neighbors, too. Distances are estimated by counters a node (HyperBall), with an error of a "
    + "few percent."

  /// Nodes in the table.
  private static let leaders = 10

  func make(_ bench: Workbench) throws -> StudyPart? {
    let graph = try bench.simple()
    guard graph.edgeCount > 0 else { return .leftOut("the graph has no edges") }
    let context = bench.context
    let run = bench.run
    let degrees = try run.stage("degrees") { try degreeStatistics(of: graph, context: context) }
    let parts = try run.stage("components") { try connectedComponents(of: graph, context: context) }
    let cores = try run.stage("cores") { try coreNumbers(of: graph, context: context) }
    let clustering = try run.stage("triangles") { try clusteringCoefficients(of: graph, context: context) }
    let mixing = try run.stage("mixing") { try degreeAssortativity(of: graph, context: context) }
    let balls = try run.stage("distances") {
      try hyperBall(of: graph, options: HyperBallOptions(seed: bench.seed), context: context)
    }
    let ranks = try run.stage("pagerank") { try pageRank(of: bench.subject.graph.withoutWeights(), context: context) }
    let largest = parts.largest.map { parts.sizes[$0] } ?? 0
    let hub = try highestDegreeNode(of: graph, context)
    let search = try run.stage("bfs") { try breadthFirstSearch(of: graph, from: hub, context: context) }
    let share = NumberText.percent(Double(largest) / Double(max(1, graph.nodeCount)), decimals: 1)
    let figures = degrees.degrees

    var part = StudyPart(
      finding: (parts.count == 1
        ? "All nodes hang together"
        : "The largest of \(NumberText.grouped(parts.count)) components holds \(share) of the nodes")
        + "; a typical node has \(figures.percentile(50)) "
        + "\(figures.percentile(50) == 1 ? "neighbor" : "neighbors"), the best connected one "
        + "(\(bench.subject.nodeTitle(hub))) \(NumberText.grouped(figures.maximum)), and two nodes are "
        + "\(NumberText.fixed(balls.averageDistance, decimals: 1)) steps apart on average.")
    part.blocks.append(
      .keyNumbers([
        KeyNumber(NumberText.fixed(figures.mean, decimals: 2), "neighbors on average"),
        KeyNumber(cores.degeneracy, "the innermost core's number"),
        KeyNumber(clustering.triangleCount, "triangles"),
        KeyNumber(NumberText.fixed(clustering.meanCoefficient, decimals: 3), "mean clustering"),
        KeyNumber(mixing.map { NumberText.fixed($0, decimals: 3) } ?? "none", "correlation of neighbors' degrees"),
        KeyNumber(NumberText.fixed(balls.effectiveDiameter(), decimals: 1), "steps between 90 % of the pairs"),
      ]))
    part.blocks.append(.table(leaders(bench, graph, ranks, cores)))
    part.blocks.append(
      .figure(
        ReportFigure(
          Chart.degreeDistributions("How many neighbors nodes have", [DegreeCurve("all nodes", figures)]),
          caption: "The share of nodes with at least so many neighbors; a straight line is a power law.")))
    part.blocks.append(.figure(distanceFigure(balls)))
    part.json = [
      "nodes": .integer(graph.nodeCount), "edges": .integer(graph.edgeCount),
      "min_degree": .integer(figures.minimum), "max_degree": .integer(figures.maximum),
      "mean_degree": .number(figures.mean), "median_degree": .integer(figures.percentile(50)),
      "isolated": .integer(degrees.isolated), "components": .integer(parts.count),
      "largest_component": .integer(largest), "degeneracy": .integer(cores.degeneracy),
      "triangles": .integer(clustering.triangleCount), "mean_clustering": .number(clustering.meanCoefficient),
      "transitivity": .number(clustering.transitivity),
      "assortativity": mixing.map(JSONValue.number) ?? .null, "average_distance": .number(balls.averageDistance),
      "effective_diameter": .number(balls.effectiveDiameter()),
      "bfs": [
        "source": .string(bench.subject.nodeTitle(hub)), "reached": .integer(search.reached),
        "eccentricity": .integer(search.eccentricity), "arcs_examined": .integer(search.arcsExamined),
      ],
    ]
    return part
  }

  private func leaders(
    _ bench: Workbench, _ graph: CSRGraph, _ ranks: PageRankResult, _ cores: CoreNumbersResult
  ) -> Table {
    var table = Table(
      "Nodes of the highest PageRank",
      columns: [.text("node"), .init("PageRank", format: .percent(3)), .init("neighbors"), .init("core")])
    // Scores that differ in their last digits alone are told apart by node.
    let scores = ranks.scores.map { ($0 * 1e9).rounded() }
    let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
    for node in order.prefix(Self.leaders) {
      table.append([
        .text(bench.subject.nodeTitle(node)), .number(ranks.scores[node]), .integer(graph.degree(of: node)),
        .integer(Int(cores.cores[node])),
      ])
    }
    return table
  }

  /// Bars: the share of the pairs at each distance.
  private func distanceFigure(_ balls: HyperBallResult) -> ReportFigure {
    let pairs = balls.neighborhoodFunction
    let all = (pairs.last ?? 0) - (pairs.first ?? 0)
    var shares = pairs.indices.dropFirst().map { (pairs[$0] - pairs[$0 - 1]) / max(1, all) }
    // The far end, where almost nobody is, would make bars too thin to see.
    while shares.count > 12, (shares.last ?? 1) < 0.001 { shares.removeLast() }
    let chart = Chart(
      "How far nodes are apart", x: .init("steps"), y: .init("pairs with a path, %", minimum: 0),
      series: [
        Chart.Series("pairs", .bars, points: shares.enumerated().map { Chart.Point(Double($0 + 1), 100 * $1) })
      ])
    return ReportFigure(chart, caption: "Of all pairs of nodes with a path between them.")
  }
}

extension DegreeCurve {
  /// The curve of a distribution of degrees.
  init(_ name: String, _ degrees: DegreeDistribution) {
    var counts = [Int](repeating: 0, count: degrees.maximum + 1)
    for bin in degrees.histogram { counts[bin.degree] = bin.nodes }
    self.init(name, counts: counts)
  }
}
