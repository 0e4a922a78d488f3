import GraphStore
import GraphSummarization
import MillRuntime
import Reporting
import TreeGeometry

/// SLUGGER: how much smaller the graph becomes, what its supernodes are.
struct SummarizationSection: StudySection {
  let key = "summarization"
  let title = "Summary"
  let explanation =
    "Nodes with the same neighbors are put into trees of supernodes. Positive and negative edges between supernodes, with "
    + "the edges of the trees, stand for exactly the edges of the graph; the relative size is their number over that of the "
    + "graph. The flat model has trees of one level."

  func make(_ bench: Workbench) throws -> StudyPart? {
    guard bench.subject.graph.edgeCount > 0 else { return .leftOut("the graph has no edges") }
    var table = Table(
      "Two models",
      columns: [
        .text("model"), .init("positive"), .init("negative"), .init("in trees"),
        .init("relative size", format: .decimals(4), winner: .lowest),
        .init("bits an edge", format: .decimals(2), winner: .lowest), .text("restored"),
      ])
    var part = StudyPart(finding: "")
    var sizes: [SummaryModel: Double] = [:]
    for model in SummaryModel.allCases {
      let summary = try bench.summary(model).summary
      let path = try bench.file("\(model.rawValue).gms")
      let report = try bench.run.stage("write \(path)") {
        try writeSummary(summary, to: path, options: SummaryFileOptions(replaces: true), context: bench.context)
      }
      let isRestored = try bench.run.stage("restore") {
        try summary.restore(context: bench.context).isIdentical(to: bench.subject.graph)
      }
      func number(_ value: Double?) -> Table.Cell { value.map(Table.Cell.number) ?? .missing }
      table.append([
        .text(model.rawValue), .integer(summary.positiveEdgeCount), .integer(summary.negativeEdgeCount),
        .integer(summary.hierarchyEdgeCount), number(summary.relativeSize), number(report.bitsPerEdge),
        .text(isRestored ? "exactly" : "NO"),
      ])
      sizes[model] = summary.relativeSize
      part.json[model.rawValue] = [
        "cost": .integer(summary.cost), "p_edges": .integer(summary.positiveEdgeCount),
        "n_edges": .integer(summary.negativeEdgeCount), "h_edges": .integer(summary.hierarchyEdgeCount),
        "relative_size": summary.relativeSize.map(JSONValue.number) ?? .null,
        "bits_per_edge": report.bitsPerEdge.map(JSONValue.number) ?? .null, "bytes": .integer(report.bytes),
        "restored": .bool(isRestored),
      ]
    }
    let result = try bench.summary()
    part.finding = finding(result.summary, flat: sizes[.flat])
    part.blocks.append(.table(table))
    part.blocks.append(.table(largest(result.summary, bench)))
    if let figure = try forest(result.summary, bench) { part.blocks.append(.figure(figure)) }
    part.blocks.append(.figure(rounds(result)))
    return part
  }

  private func finding(_ summary: GraphSummary, flat: Double?) -> String {
    let size = summary.relativeSize ?? 1
    func percent(_ share: Double) -> String { NumberText.percent(share, decimals: 1) }
    var text =
      "\(NumberText.grouped(summary.cost)) edges stand for all \(NumberText.grouped(summary.edgeCount)): the summary has "
      + "\(percent(size)) of the graph's size"
    if size > 0.9 {
      text += ", so few nodes have the same neighbors"
    } else if size < 0.5 {
      text += ", so many nodes have the same neighbors"
    }
    if let flat {
      text += flat > size ? "; without hierarchy it would be \(percent(flat))" : "; a hierarchy gains nothing"
    }
    return text + "."
  }

  private static func roots(_ summary: GraphSummary) -> [Int] {
    summary.roots.filter { summary.leafCount(of: $0) > 1 }
      .sorted { (summary.leafCount(of: $1), $0) < (summary.leafCount(of: $0), $1) }
  }

  /// The largest supernodes, named by their first members.
  private func largest(_ summary: GraphSummary, _ bench: Workbench) -> Table {
    var table = Table(
      "The largest supernodes", columns: [.text("first members"), .init("members"), .init("edges covered")])
    for root in Self.roots(summary).prefix(8) {
      let members = summary.leaves(of: root)
      let names = members.prefix(4).map { bench.subject.nodeTitle($0) }.joined(separator: "; ")
      table.append([
        .text(names + (members.count > 4 ? "; …" : "")), .integer(members.count),
        .integer(members.reduce(0) { $0 + summary.degree(of: $1) }),
      ])
    }
    return table
  }

  /// Nodes of the graph that are drawn as cells at most, and trees.
  private static let (drawnLeaves, drawnTrees) = (1200, 60)

  /// The largest trees of the forest as nested cells.
  private func forest(_ summary: GraphSummary, _ bench: Workbench) throws -> ReportFigure? {
    var roots: [Int] = []
    var leaves = 0
    for root in Self.roots(summary).prefix(Self.drawnTrees)
    where leaves + summary.leafCount(of: root) <= Self.drawnLeaves {
      roots.append(root)
      leaves += summary.leafCount(of: root)
    }
    guard !roots.isEmpty else { return nil }
    let (tree, nodes) = try summary.tree().below(roots)
    let partition = try bench.run.stage("cells") {
      try polygonPartition(
        of: tree, options: PartitionOptions(width: 1.5, height: 1), context: bench.context)
    }
    var map = PolygonMap(
      title: "Trees of supernodes", partition: partition, names: nodes.map { bench.subject.nodeTitle($0) })
    map.width = 560
    return ReportFigure(
      map.title,
      caption:
        "\(roots.count) of the largest trees, \(NumberText.grouped(leaves)) nodes: a cell is a node, wide lines part "
        + "trees, thinner ones the supernodes inside them.", svg: map.svg)
  }

  private func rounds(_ result: SummarizeResult) -> ReportFigure {
    let edges = Double(max(1, result.summary.edgeCount))
    let chart = Chart(
      "Size by round of merging", x: .init("round"), y: .init("per edge of the graph"),
      series: [
        Chart.Series(
          "all edges, before pruning", .linePoints,
          points: result.iterations.map { Chart.Point(Double($0.number), Double($0.cost) / edges) }),
        Chart.Series(
          "without those of trees", .linePoints,
          points: result.iterations.map { Chart.Point(Double($0.number), Double($0.edges) / edges) }),
      ])
    return ReportFigure(chart, caption: "Pruning and re-encoding come after the last round.")
  }
}

extension RootedTree {
  /// The trees below some nodes, under one root where they are several.
  ///
  /// - Returns: The tree, and the leaf of this one that each of its leaves is.
  func below(_ nodes: [Int]) throws(MillError) -> (tree: RootedTree, leaves: [Int]) {
    var kept: [Int] = []
    for node in nodes { kept += subtree(of: node) }
    kept.sort()
    var numbers: [Int: Int32] = [:]
    for (number, node) in kept.enumerated() { numbers[node] = Int32(number) }
    let tops = Set(nodes)
    let leaves = kept.prefix { $0 < leafCount }
    let tree = try RootedTree(
      leafCount: leaves.count,
      parents: kept.map { tops.contains($0) ? -1 : numbers[Int(parents[$0])] ?? -1 }, childOrder: childOrder)
    return (tree.underOneRoot(), Array(leaves))
  }
}
