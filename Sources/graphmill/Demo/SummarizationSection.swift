import GraphStore
import GraphSummarization
import MillRuntime
import Reporting

/// SLUGGER: how much smaller the graph becomes, what its supernodes are.
struct SummarizationSection: DemoSection {
  let key = "summarization"

  func make(_ demo: DemoRun) throws -> DemoPart {
    var section = ReportSection(
      id: key, title: "Summarization",
      summary: """
        The graph is replaced by a forest of supernodes with positive and negative edges between them, which stands for \
        exactly the same edges. The relative size is edges of all three kinds per edge of the graph.
        """)
    var table = Table(
      "Summaries",
      columns: [
        .text("data set"), .text("model"), .init("edges"), .init("positive"), .init("negative"), .init("hierarchy"),
        .init("relative size", format: .decimals(4)), .init("without memberships", format: .decimals(4)),
        .init("bits an edge", format: .decimals(2)), .init("ms", format: .significant(3)), .text("restored"),
      ])
    var json: [String: JSONValue] = [:]
    var lines: [String] = []
    var blocks: [ReportBlock] = []
    for dataset in demo.datasets {
      var models: [String: JSONValue] = [:]
      for model in SummaryModel.allCases {
        var options = SummarizeOptions()
        options.model = model
        options.seed = demo.run.settings.seed
        let (result, seconds) = try demo.run.timed("summarize \(model.rawValue)") {
          try summarize(of: dataset.graph, options: options, context: demo.run.context)
        }
        let summary = result.summary
        let path = demo.folder + "/datasets/\(dataset.name.rawValue)/\(model.rawValue).gms"
        var file = SummaryFileOptions()
        file.replaces = true
        let report = try writeSummary(summary, to: path, options: file, context: demo.run.context)
        let isRestored = try restores(path, dataset.graph, demo)
        table.append([
          .text(dataset.name.rawValue), .text(model.rawValue), .integer(summary.edgeCount),
          .integer(summary.positiveEdgeCount), .integer(summary.negativeEdgeCount),
          .integer(summary.hierarchyEdgeCount), number(summary.relativeSize),
          number(summary.relativeSizeWithoutMemberships), number(report.bitsPerEdge), .number(seconds * 1000),
          .text(isRestored ? "exactly" : "NO"),
        ])
        models[model.rawValue] = [
          "cost": .integer(summary.cost), "p_edges": .integer(summary.positiveEdgeCount),
          "n_edges": .integer(summary.negativeEdgeCount), "h_edges": .integer(summary.hierarchyEdgeCount),
          "relative_size": summary.relativeSize.map(JSONValue.number) ?? .null,
          "bits_per_edge": report.bitsPerEdge.map(JSONValue.number) ?? .null, "bytes": .integer(report.bytes),
          "restored": .bool(isRestored), "seconds": .number(seconds),
        ]
        guard model == .hierarchical else { continue }
        blocks.append(.heading(dataset.title))
        blocks.append(.table(largest(summary, dataset)))
        if let figure = try forest(summary, dataset, demo) { blocks.append(figure) }
        blocks.append(try rounds(result, dataset, demo))
        let size = summary.relativeSize.map { NumberText.fixed($0, decimals: 4) } ?? "n/a"
        lines.append(
          "\(dataset.name.rawValue): \(summary.edgeCount) edges summarized by \(summary.cost), relative size \(size), "
            + (isRestored ? "restored exactly" : "NOT restored"))
      }
      json[dataset.name.rawValue] = .object(models)
    }
    section.add(.table(table))
    for block in blocks { section.add(block) }
    return DemoPart(section: section, json: .object(json), summary: lines)
  }

  private func number(_ value: Double?) -> Table.Cell { value.map(Table.Cell.number) ?? .missing }

  /// Whether the file gives the graph back.
  private func restores(_ path: String, _ graph: CSRGraph, _ demo: DemoRun) throws -> Bool {
    let context = demo.run.context
    let restored = try readSummary(path, context: context).restore(context: context)
    return restored.isIdentical(to: graph)
  }

  /// The largest supernodes, named by their first members.
  private func largest(_ summary: GraphSummary, _ dataset: DemoDataset) -> Table {
    var table = Table(
      "The largest supernodes of \(dataset.name.rawValue)",
      columns: [.init("members"), .init("edges covered"), .text("first members")])
    let roots = summary.roots.filter { summary.leafCount(of: $0) > 1 }
      .sorted { (summary.leafCount(of: $1), $0) < (summary.leafCount(of: $0), $1) }
    for root in roots.prefix(10) {
      let members = summary.leaves(of: root)
      let names = members.prefix(4).map { dataset.label(of: $0) }.joined(separator: "; ")
      table.append([
        .integer(members.count), .integer(members.reduce(0) { $0 + summary.degree(of: $1) }),
        .text(names + (members.count > 4 ? "; …" : "")),
      ])
    }
    return table
  }

  /// The largest trees of the forest as one drawing: a line goes down and up again through each tree.
  private func forest(_ summary: GraphSummary, _ dataset: DemoDataset, _ demo: DemoRun) throws -> ReportBlock? {
    let roots = summary.roots.filter { (2...150).contains(summary.leafCount(of: $0)) }
      .sorted { (summary.leafCount(of: $1), $0) < (summary.leafCount(of: $0), $1) }.prefix(6)
    if roots.isEmpty { return nil }
    let tree = try summary.tree()
    var series: [Chart.Series] = []
    var place = 0.0
    for root in roots {
      let leaves = summary.leafCount(of: root)
      series.append(Chart.Series("\(leaves) nodes", .line, points: tree.outline(of: root, from: place)))
      place += Double(leaves) + 4
    }
    let chart = Chart(
      "Trees of supernodes in \(dataset.name.rawValue)", x: .init("nodes"), y: .init("depth (root 0)"), series: series)
    return try demo.figure(
      chart, "The largest trees of up to 150 nodes: the root on top, every end of a line is a node of the graph.",
      stem: "forest-\(dataset.name.rawValue)")
  }

  private func rounds(_ result: SummarizeResult, _ dataset: DemoDataset, _ demo: DemoRun) throws -> ReportBlock {
    let edges = Double(max(1, result.summary.edgeCount))
    let costs = result.iterations.map { Chart.Point(Double($0.number), Double($0.cost) / edges) }
    let plain = result.iterations.map { Chart.Point(Double($0.number), Double($0.edges) / edges) }
    let chart = Chart(
      "Cost of \(dataset.name.rawValue) by round", x: .init("round"), y: .init("per edge of the graph"),
      series: [
        Chart.Series("all edges, before pruning", .linePoints, points: costs),
        Chart.Series("without hierarchy", .linePoints, points: plain),
      ])
    return try demo.figure(
      chart, "What the summary costs after each round of merging; pruning and re-encoding come after the last one.",
      stem: "rounds-\(dataset.name.rawValue)")
  }
}
