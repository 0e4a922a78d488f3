import EdgeSparsification
import GraphKernels
import GraphStore
import MillRuntime
import Reporting

/// TEDDY against other ways to drop edges: what is left of the graph's shape.
struct SparsificationSection: DemoSection {
  let key = "sparsification"

  private static let methods: [EdgeScoreMethod] = [.teddy, .random, .localDegree, .reverse]
  private static let shares = [0.1, 0.3, 0.5]

  /// One method at one share.
  private struct Outcome {
    let method: EdgeScoreMethod
    let share: Double
    let removed: Int
    let isolated: Int
    let newlyIsolated: Int
    let components: Int
    let largest: Int
    let degrees: DegreeDistribution
    /// Kolmogorov–Smirnov distance of the degree distribution from that of the whole graph.
    let distance: Double
    let seconds: Double

    var row: [Table.Cell] {
      [
        .number(share), .text(method.rawValue), .integer(isolated), .integer(components),
        .integer(largest), .integer(degrees.maximum), .number(distance), .number(seconds * 1000),
      ]
    }

    var json: JSONValue {
      [
        "method": .string(method.rawValue), "share": .number(share), "removed": .integer(removed),
        "isolated": .integer(isolated), "newly_isolated": .integer(newlyIsolated), "components": .integer(components),
        "largest_component": .integer(largest), "max_degree": .integer(degrees.maximum),
        "degree_ks_distance": .number(distance), "seconds": .number(seconds),
      ]
    }
  }

  func make(_ demo: DemoRun) throws -> DemoPart {
    var section = ReportSection(
      id: key, title: "Sparsification",
      summary: """
        Edges are dropped in one shot: TEDDY drops those between hubs, random any, local degree those that are weak at \
        both ends, reverse those that TEDDY keeps. The distance is the largest difference (Kolmogorov–Smirnov) between \
        the degree distributions before and after.
        """)
    var json: [String: JSONValue] = [:]
    var summary: [String] = []
    for dataset in demo.datasets {
      let graph = try dataset.graph.simplified(context: demo.run.context)
      let before = try shape(of: graph, demo)
      var outcomes: [Outcome] = []
      for share in Self.shares {
        for method in Self.methods { outcomes.append(try measure(method, share, graph, before, demo)) }
      }
      section.add(.heading(dataset.title))
      section.add(.table(table(dataset, before, outcomes)))
      let findings = findings(dataset, outcomes)
      section.add(.paragraph(findings))
      section.add(try degreeFigure(dataset, before, outcomes, demo))
      section.add(try isolatedFigure(dataset, outcomes, demo))
      json[dataset.name.rawValue] = [
        "edges": .integer(graph.edgeCount), "isolated": .integer(before.isolated),
        "components": .integer(before.components), "largest_component": .integer(before.largest),
        "results": .array(outcomes.map(\.json)),
      ]
      summary.append(findings)
    }
    return DemoPart(section: section, json: .object(json), summary: summary)
  }

  // MARK: - Measuring

  private struct Shape {
    let nodes: Int
    let edges: Int
    let isolated: Int
    let components: Int
    let largest: Int
    let degrees: DegreeDistribution
  }

  private func shape(of graph: CSRGraph, _ demo: DemoRun) throws -> Shape {
    let degrees = try degreeStatistics(of: graph, context: demo.run.context)
    let components = try connectedComponents(of: graph, context: demo.run.context)
    return Shape(
      nodes: graph.nodeCount, edges: graph.edgeCount, isolated: degrees.isolated, components: components.count,
      largest: components.largest.map { components.sizes[$0] } ?? 0, degrees: degrees.degrees)
  }

  private func measure(
    _ method: EdgeScoreMethod, _ share: Double, _ graph: CSRGraph, _ before: Shape, _ demo: DemoRun
  ) throws -> Outcome {
    let options = SparsifyOptions(
      .share(share), score: EdgeScoreOptions(method: method, seed: demo.run.settings.seed))
    let (result, seconds) = try demo.run.timed("sparsify \(method.rawValue) \(share)") {
      try sparsify(graph, options: options, context: demo.run.context)
    }
    let after = try shape(of: result.graph, demo)
    return Outcome(
      method: method, share: share, removed: result.removed, isolated: after.isolated,
      newlyIsolated: after.isolated - before.isolated, components: after.components, largest: after.largest,
      degrees: after.degrees, distance: before.degrees.kolmogorovSmirnovDistance(to: after.degrees), seconds: seconds)
  }

  // MARK: - Telling

  private func table(_ dataset: DemoDataset, _ before: Shape, _ outcomes: [Outcome]) -> Table {
    var table = Table(
      "What is left of \(dataset.name.rawValue): \(NumberText.grouped(before.edges)) edges",
      columns: [
        .init("removed", format: .percent(0)), .text("method"), .init("isolated"),
        .init("components"), .init("largest component"), .init("max degree"),
        .init("distance", format: .decimals(4)), .init("ms", format: .significant(3)),
      ])
    table.append([
      .number(0), .text("whole graph"), .integer(before.isolated), .integer(before.components),
      .integer(before.largest), .integer(before.degrees.maximum), .number(0), .missing,
    ])
    for outcome in outcomes { table.append(outcome.row) }
    return table
  }

  /// The comparison at the middle share, in words, whatever it says.
  private func findings(_ dataset: DemoDataset, _ outcomes: [Outcome]) -> String {
    let share = Self.shares[1]
    let at = outcomes.filter { $0.share == share }
    func list(_ value: (Outcome) -> String) -> String {
      at.map { "\($0.method.rawValue) \(value($0))" }.joined(separator: ", ")
    }
    return
      "\(dataset.name.rawValue), \(NumberText.percent(share, decimals: 0)) of the edges removed: newly isolated nodes "
      + list { NumberText.grouped($0.newlyIsolated) } + "; largest component " + list { NumberText.grouped($0.largest) }
      + "."
  }

  private func degreeFigure(
    _ dataset: DemoDataset, _ before: Shape, _ outcomes: [Outcome], _ demo: DemoRun
  ) throws -> ReportBlock {
    let share = Self.shares[1]
    let after = outcomes.filter { $0.share == share }
    // Last, so that a method has the same colour in both figures.
    let curves = after.map { curve($0.method.rawValue, $0.degrees) } + [curve("whole graph", before.degrees)]
    let percent = NumberText.percent(share, decimals: 0)
    let chart = Chart.degreeDistributions(
      "Degrees of \(dataset.name.rawValue), \(percent) of the edges removed", curves)
    return try demo.figure(
      chart, "Share of nodes with at least the given degree, before and after \(percent) of the edges went.",
      stem: "degrees-\(dataset.name.rawValue)")
  }

  private func curve(_ name: String, _ degrees: DegreeDistribution) -> DegreeCurve {
    var counts = [Int](repeating: 0, count: degrees.maximum + 1)
    for bin in degrees.histogram { counts[bin.degree] = bin.nodes }
    return DegreeCurve(name, counts: counts)
  }

  private func isolatedFigure(_ dataset: DemoDataset, _ outcomes: [Outcome], _ demo: DemoRun) throws -> ReportBlock {
    let series = Self.methods.map { method in
      Chart.Series(
        method.rawValue, .linePoints,
        points: [Chart.Point(0, 0)]
          + outcomes.filter { $0.method == method }.map { Chart.Point($0.share * 100, Double($0.newlyIsolated)) })
    }
    let chart = Chart(
      "Nodes of \(dataset.name.rawValue) that lose their last edge",
      x: .init("edges removed, %"), y: .init("newly isolated nodes"), series: series)
    return try demo.figure(
      chart, "Nodes that lose their last edge: fewer is better.", stem: "isolated-\(dataset.name.rawValue)")
  }
}
