import GraphKernels
import GraphStore
import HierarchicalCommunities
import MillRuntime
import Reporting

/// Hierarchical communities: five methods, the tree of the bottom-up one, and how it fits what the nodes are.
struct CommunitiesSection: DemoSection {
  let key = "communities"

  func make(_ demo: DemoRun) throws -> DemoPart {
    var section = ReportSection(
      id: key, title: "Communities",
      summary: """
        Bottom-up finds small communities by the spectrum of the Bethe-Hessian or among Leiden's groups, whichever \
        describes the graph best, and links the densest pairs, so the tree has no inversions; top-down splits groups in two. AMI compares with the groups of the label file: 1 for the same \
        partition, 0 for chance. The report shows what was measured, also where another method is ahead.
        """)
    var table = Table(
      "Hierarchies",
      columns: [
        .text("data set"), .text("method"), .init("groups"), .init("levels"), .init("inversions"),
        .init("modularity", format: .decimals(3)), .init("sampling divergence", format: .decimals(3)),
        .init("AMI", format: .decimals(3)), .init("purity", format: .decimals(3)), .init("ms", format: .significant(3)),
      ])
    var json: [String: JSONValue] = [:]
    var lines: [String] = []
    var blocks: [ReportBlock] = []
    for dataset in demo.datasets {
      let graph = try dataset.graph.largestComponent(context: demo.run.context).graph
      let truth = groups(dataset, graph)
      var methods: [String: JSONValue] = [:]
      for method in CommunityMethod.allCases {
        let (found, seconds) = try demo.run.timed("communities \(method.rawValue)") { try find(method, graph, demo) }
        let (row, figures) = try measure(method, found, truth, dataset, seconds, demo)
        table.append(row)
        methods[method.rawValue] = figures
        guard method == .bottomUp else { continue }
        blocks.append(.heading(dataset.title))
        blocks += try pictures(found, truth, dataset, demo)
        lines.append(
          "\(dataset.name.rawValue): \(found.hierarchy.tree.leafCount) communities in "
            + "\(found.hierarchy.tree.height) levels, \(inversions(of: found.hierarchy.tree).count) inversions")
      }
      json[dataset.name.rawValue] = .object(methods)
    }
    section.add(.table(table))
    for block in blocks { section.add(block) }
    return DemoPart(section: section, json: .object(json), summary: lines)
  }

  /// The label file's groups of a subgraph's nodes, numbered, with their names; nil without labels.
  private func groups(_ dataset: DemoDataset, _ graph: CSRGraph) -> (numbers: [Int32], names: [String])? {
    var numbers: [String: Int32] = [:]
    var names: [String] = []
    let result = (0..<graph.nodeCount).map { node -> Int32 in
      guard let whole = dataset.graph.node(named: graph.name(of: node)), let group = dataset.group(of: whole) else {
        return -1
      }
      if numbers[group] == nil {
        numbers[group] = Int32(names.count)
        names.append(group)
      }
      return numbers[group]!
    }
    return names.isEmpty || names.count > 500 ? nil : (result, names)
  }

  private func find(_ method: CommunityMethod, _ graph: CSRGraph, _ demo: DemoRun) throws -> CommunityResult {
    var options = CommunityOptions().seeded(demo.run.settings.seed)
    options.topDown.minimumSize = max(25, graph.nodeCount / 400)
    return try communities(of: graph, method: method, options: options, context: demo.run.context)
  }

  private func measure(
    _ method: CommunityMethod, _ found: CommunityResult, _ truth: (numbers: [Int32], names: [String])?,
    _ dataset: DemoDataset, _ seconds: Double,
    _ demo: DemoRun
  ) throws -> ([Table.Cell], JSONValue) {
    let tree = found.hierarchy.tree
    let inverted = inversions(of: tree).count
    let fit = found.fit()
    let quality = found.modularity(found.usualCut)
    let ami = try truth.flatMap { try partitionScores(found.labels, $0.numbers).ami }
    let purity = try truth.flatMap { try dendrogramPurity(of: found.hierarchy, classes: $0.numbers) }
    let count = found.usualCut.count
    let row: [Table.Cell] = [
      .text(dataset.name.rawValue), .text(method.rawValue), .integer(count), .integer(tree.height), .integer(inverted),
      .number(quality), .number(fit.samplingDivergence), ami.map(Table.Cell.number) ?? .missing,
      purity.map(Table.Cell.number) ?? .missing, .number(seconds * 1000),
    ]
    return (
      row,
      [
        "groups": .integer(count), "levels": .integer(tree.height), "inversions": .integer(inverted),
        "modularity": .number(quality), "sampling_divergence": .number(fit.samplingDivergence),
        "ami": ami.map(JSONValue.number) ?? .null, "purity": purity.map(JSONValue.number) ?? .null,
        "seconds": .number(seconds),
      ]
    )
  }

  private static let drawnGroups = 60

  /// Dendrogram, treemap and blocks of the upper part of the bottom-up tree, leaves named by what most of their nodes are.
  private func pictures(
    _ found: CommunityResult, _ truth: (numbers: [Int32], names: [String])?, _ dataset: DemoDataset, _ demo: DemoRun
  ) throws -> [ReportBlock] {
    guard found.hierarchy.tree.leafCount > 1, let allLinks = found.links else {
      return [.note("One group describes the graph best: there is no tree to draw.")]
    }
    // More groups than this are no picture.
    let cut = found.hierarchy.tree.cutAtMost(Self.drawnGroups)
    let hierarchy = found.hierarchy.trimmed(to: cut)
    let (tree, links) = (hierarchy.tree, allLinks.merged(by: cut.groupOfLeaf, count: cut.count))
    let classes = truth.map { hierarchy.majorityClasses(of: $0.numbers) }
    let names = (0..<tree.leafCount).map { leaf in
      let name = classes.flatMap { $0[leaf] >= 0 ? truth!.names[$0[leaf]] : nil } ?? "group \(leaf)"
      return "\(name) (\(tree.sizes[leaf]))"
    }
    let dendrogram = Dendrogram(
      title: "Communities of \(dataset.name.rawValue)", tree: tree.rooted, leafNames: names, leafClasses: classes)
    let treemap = Treemap(
      title: "Sizes of the communities of \(dataset.name.rawValue)", tree: tree.rooted, leafNames: names,
      leafClasses: classes)
    let order = tree.leafOrder
    let blocks = AdjacencyBlocks(
      title: "Densities between the communities of \(dataset.name.rawValue)", sizes: order.map { tree.sizes[$0] },
      densities: order.flatMap { a in order.map { links.density(a, $0) } })
    return [
      try picture(
        dendrogram.svg, dendrogram.title, "dendrogram-\(dataset.name.rawValue)",
        "Merges from the tightest at the right; the scale is logarithmic in the density of edges.", demo),
      try picture(
        treemap.svg, treemap.title, "treemap-\(dataset.name.rawValue)",
        "Every rectangle is a community, as large as its number of nodes; neighbours merge first.", demo),
      try picture(
        blocks.svg, blocks.title, "blocks-\(dataset.name.rawValue)",
        "The adjacency matrix in the order of the tree; darker cells hold denser edges (logarithmic).", demo),
    ]
  }

  private func picture(
    _ svg: String, _ title: String, _ stem: String, _ caption: String, _ demo: DemoRun
  ) throws -> ReportBlock {
    .figure(
      ReportFigure(
        caption, chart: try DrawnChart(svg: svg, title: title, into: demo.folder + "/figures", stem: stem),
        folder: "figures"))
  }
}
