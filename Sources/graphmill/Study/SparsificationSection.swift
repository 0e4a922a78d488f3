import EdgeSparsification
import GraphKernels
import GraphStore
import HierarchicalCommunities
import MillRuntime
import Reporting

/// TEDDY against other ways to drop edges: what is left of the graph's shape.
struct SparsificationSection: StudySection {
  let key = "sparsification"
  let title = "Sparsification"
  let explanation =
    "Edges are dropped in one shot: TEDDY drops those between hubs, random any, local degree those that are weak at both "
    + "ends, reverse those that TEDDY keeps. The distance is the largest difference (Kolmogorov–Smirnov) between the degree "
    + "distributions before and after; the groups are Leiden's, compared by AMI: 1 for the same, 0 for chance."

  private static let methods: [EdgeScoreMethod] = [.teddy, .random, .localDegree, .reverse]
  private static let shares = [0.1, 0.3, 0.5]

  /// What is left of a graph.
  private struct Shape {
    let edges: Int
    let isolated: Int
    let components: Int
    let largest: Int
    let degrees: DegreeDistribution

    init(of graph: CSRGraph, _ context: RunContext) throws {
      let statistics = try degreeStatistics(of: graph, context: context)
      let parts = try connectedComponents(of: graph, context: context)
      edges = graph.edgeCount
      isolated = statistics.isolated
      components = parts.count
      largest = parts.largest.map { parts.sizes[$0] } ?? 0
      degrees = statistics.degrees
    }
  }

  /// One method at one share.
  private struct Outcome {
    let method: EdgeScoreMethod
    let share: Double
    let shape: Shape
    let newlyIsolated: Int
    let distance: Double
    let removed: Int
    /// How alike Leiden's groups are to those of the whole graph; nil where they were not sought.
    let groupsKept: Double?

    var row: [Table.Cell] {
      [
        .number(share), .text(method.rawValue), .integer(shape.isolated), .integer(shape.components),
        .integer(shape.largest), .number(distance), groupsKept.map(Table.Cell.number) ?? .missing,
      ]
    }

    var json: JSONValue {
      [
        "method": .string(method.rawValue), "share": .number(share), "removed": .integer(removed),
        "isolated": .integer(shape.isolated), "newly_isolated": .integer(newlyIsolated),
        "components": .integer(shape.components), "largest_component": .integer(shape.largest),
        "max_degree": .integer(shape.degrees.maximum), "degree_ks_distance": .number(distance),
        "groups_ami": groupsKept.map(JSONValue.number) ?? .null,
      ]
    }
  }

  func make(_ bench: Workbench) throws -> StudyPart? {
    let graph = try bench.simple()
    guard graph.edgeCount > 0 else { return .leftOut("the graph has no edges") }
    let before = try Shape(of: graph, bench.context)
    var outcomes: [Outcome] = []
    for share in Self.shares {
      for method in Self.methods { outcomes.append(try measure(method, share, graph, before, bench)) }
    }
    var part = StudyPart(finding: finding(outcomes))
    part.blocks = [
      .table(table(before, outcomes)), .figure(isolatedFigure(outcomes)), .figure(degreeFigure(before, outcomes)),
    ]
    part.json = [
      "edges": .integer(graph.edgeCount), "isolated": .integer(before.isolated),
      "components": .integer(before.components), "largest_component": .integer(before.largest),
      "results": .array(outcomes.map(\.json)),
    ]
    return part
  }

  private func measure(
    _ method: EdgeScoreMethod, _ share: Double, _ graph: CSRGraph, _ before: Shape, _ bench: Workbench
  ) throws -> Outcome {
    let sparse = try bench.sparsified(graph, method, share: share)
    let after = try Shape(of: sparse, bench.context)
    var kept: Double?
    if share == Workbench.removedShare {
      let nodes = try bench.core().nodes
      let groups = try bench.groups(of: sparse, "the sparse graph").labels
      kept = try bench.communities(.leiden).ami(nodes.map { groups[$0] })
    }
    return Outcome(
      method: method, share: share, shape: after, newlyIsolated: after.isolated - before.isolated,
      distance: before.degrees.kolmogorovSmirnovDistance(to: after.degrees), removed: before.edges - after.edges,
      groupsKept: kept)
  }

  // MARK: - Telling

  private func table(_ before: Shape, _ outcomes: [Outcome]) -> Table {
    var table = Table(
      "What is left of \(NumberText.grouped(before.edges)) edges",
      columns: [
        .init("removed", format: .percent(0)), .text("method"), .init("isolated", winner: .lowest),
        .init("components", winner: .lowest), .init("largest component", winner: .highest),
        .init("distance of degrees", format: .decimals(4), winner: .lowest),
        .init("groups kept, AMI", format: .decimals(3), winner: .highest),
      ])
    table.contest = 0
    table.append([
      .number(0), .text("whole graph"), .integer(before.isolated), .integer(before.components),
      .integer(before.largest), .number(0), .missing,
    ])
    for outcome in outcomes { table.append(outcome.row) }
    return table
  }

  /// Who wins at the middle share, whoever it is.
  private func finding(_ outcomes: [Outcome]) -> String {
    let at = outcomes.filter { $0.share == Workbench.removedShare }
    let share = NumberText.percent(Workbench.removedShare, decimals: 0)
    let fewest = at.map(\.newlyIsolated).min() ?? 0
    let gentle = at.filter { $0.newlyIsolated == fewest }.map(\.method.rawValue)
    let random = at.first { $0.method == .random }
    var text =
      gentle.count == at.count
      ? "With \(share) of the edges gone, all methods leave \(NumberText.grouped(fewest)) more nodes without an edge"
      : "With \(share) of the edges gone, \(gentle.joined(separator: " and ")) \(gentle.count == 1 ? "leaves" : "leave") the fewest nodes without an edge "
        + "(\(NumberText.grouped(fewest)) more; random \(NumberText.grouped(random?.newlyIsolated ?? 0)))"
    if let best = at.filter({ $0.groupsKept != nil }).max(by: { $0.groupsKept ?? 0 < $1.groupsKept ?? 0 }),
      let kept = best.groupsKept
    {
      text += ", and \(best.method.rawValue) keeps the communities best (AMI \(NumberText.fixed(kept, decimals: 2)))"
    }
    return text + "."
  }

  private func degreeFigure(_ before: Shape, _ outcomes: [Outcome]) -> ReportFigure {
    let after = outcomes.filter { $0.share == Workbench.removedShare }
    // Last, so that a method has the same color in both figures.
    let curves =
      after.map { DegreeCurve($0.method.rawValue, $0.shape.degrees) } + [DegreeCurve("whole graph", before.degrees)]
    let percent = NumberText.percent(Workbench.removedShare, decimals: 0)
    return ReportFigure(
      Chart.degreeDistributions("Degrees, \(percent) of the edges removed", curves),
      caption: "The share of nodes with at least so many neighbors, before and after.")
  }

  private func isolatedFigure(_ outcomes: [Outcome]) -> ReportFigure {
    let series = Self.methods.map { method in
      Chart.Series(
        method.rawValue, .linePoints,
        points: [Chart.Point(0, 0)]
          + outcomes.filter { $0.method == method }.map { Chart.Point($0.share * 100, Double($0.newlyIsolated)) })
    }
    return ReportFigure(
      Chart(
        "Nodes that lose their last edge", x: .init("edges removed, %"), y: .init("newly isolated nodes", minimum: 0),
        series: series),
      caption: "Fewer is better.")
  }
}
