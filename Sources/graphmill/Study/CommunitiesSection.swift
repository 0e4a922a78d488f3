import GraphFormats
import GraphKernels
import GraphLayout
import GraphStore
import HierarchicalCommunities
import MillRuntime
import Reporting
import TreeGeometry

/// Hierarchical communities: all methods compared, the tree of the bottom-up one, and how it fits what the nodes are.
struct CommunitiesSection: StudySection {
  let key = "communities"
  let title = "Communities"
  let explanation =
    "Of the largest component. Bottom-up finds groups that describe the graph best and links the densest pairs; top-down "
    + "splits in two; Paris merges nodes; Louvain and Leiden raise modularity. AMI compares two groupings: 1 for the same, 0 "
    + "for chance. Divergence is how much of the edges' information the tree holds."

  func make(_ bench: Workbench) throws -> StudyPart? {
    let (graph, nodes) = try bench.core()
    if let reason = StudyPart.withoutCommunities(graph) { return reason }
    let classes = try bench.coreClasses()
    var part = StudyPart(finding: "")
    var figures: [MethodFigures] = []
    for method in CommunityMethod.allCases {
      let found = try bench.communities(method)
      let own = try MethodFigures(found, classes)
      figures.append(own)
      part.json[method.rawValue] = own.json
    }
    let agreement = try agreement(bench)
    part.finding = finding(figures, classes)
    part.blocks.append(.table(MethodFigures.table(figures, hasClasses: classes != nil)))
    part.blocks.append(.table(agreement.table))
    part.json["agreement"] = agreement.json
    let best = try bench.communities(MethodFigures.best(figures).method)
    part.blocks.append(.table(largest(best, graph, nodes, classes, bench)))
    part.blocks += try pictures(best, graph, nodes, classes, bench)
    let path = try bench.file("communities.tsv")
    try bench.run.writeLabels(
      CommunityMethod.allCases.map { LabelColumn($0.rawValue, try bench.communities($0).labels) }, graph, to: path)
    return part
  }

  private func finding(_ figures: [MethodFigures], _ classes: NodeClasses?) -> String {
    guard figures.contains(where: { $0.groups > 1 }), let tree = figures.first(where: { $0.method == .bottomUp }) else {
      return "No method finds more than one group."
    }
    let best = MethodFigures.best(figures)
    func text(_ value: Double) -> String { NumberText.fixed(value, decimals: 3) }
    let name = best.method.rawValue.prefix(1).uppercased() + best.method.rawValue.dropFirst()
    var sentence =
      "\(name) has the highest modularity (\(text(best.modularity)), "
      + "\(NumberText.grouped(best.groups)) groups); the bottom-up tree has \(NumberText.grouped(tree.groups)) groups in "
      + "\(tree.levels) \(tree.levels == 1 ? "level" : "levels")"
      + (tree.inversions == 0 ? " without an inversion" : ", \(tree.inversions) inversions")
    if classes != nil, let near = figures.filter({ $0.ami != nil }).max(by: { $0.ami ?? 0 < $1.ami ?? 0 }),
      let ami = near.ami
    {
      sentence += "; nearest to the labels is \(near.method.rawValue) (AMI \(text(ami)))"
    }
    return sentence + "."
  }

  // MARK: - Tables

  /// What is measured of one method.
  private struct MethodFigures {
    let method: CommunityMethod
    let groups: Int
    let levels: Int
    let inversions: Int
    let modularity: Double
    let divergence: Double
    let ami: Double?
    let purity: Double?

    init(_ found: CommunityResult, _ classes: NodeClasses?) throws {
      let tree = found.hierarchy.tree
      method = found.method
      groups = found.groupCount
      levels = tree.height
      inversions = HierarchicalCommunities.inversions(of: tree).count
      modularity = found.modularity(found.usualCut)
      divergence = found.fit().samplingDivergence
      ami = try classes.flatMap { try found.ami($0.numbers) }
      // Memory is tree nodes times classes.
      let table = classes.map { $0.names.count * tree.nodeCount } ?? 0
      purity =
        try table <= 1 << 24 ? classes.flatMap { try dendrogramPurity(of: found.hierarchy, classes: $0.numbers) } : nil
    }

    /// That of the highest modularity, the first of several.
    static func best(_ figures: [MethodFigures]) -> MethodFigures {
      figures.reduce(figures[0]) { $1.modularity > $0.modularity ? $1 : $0 }
    }

    var json: JSONValue {
      [
        "groups": .integer(groups), "levels": .integer(levels), "inversions": .integer(inversions),
        "modularity": .number(modularity), "sampling_divergence": .number(divergence),
        "ami": ami.map(JSONValue.number) ?? .null, "purity": purity.map(JSONValue.number) ?? .null,
      ]
    }

    static func table(_ figures: [MethodFigures], hasClasses: Bool) -> Table {
      var table = Table(
        "Five methods",
        columns: [
          .text("method"), .init("groups"), .init("levels"),
          .init("modularity", format: .decimals(3), winner: .highest),
          .init("divergence", format: .decimals(3), winner: .highest),
        ]
          + (hasClasses
            ? [
              .init("AMI with the labels", format: .decimals(3), winner: .highest),
              .init("purity of the tree", format: .decimals(3), winner: .highest),
            ] : []))
      for own in figures {
        table.append(
          [
            .text(own.method.rawValue), .integer(own.groups), .integer(own.levels), .number(own.modularity),
            .number(own.divergence),
          ]
            + (hasClasses
              ? [own.ami, own.purity].map { $0.map(Table.Cell.number) ?? .missing } : []))
      }
      return table
    }
  }

  /// AMI between the groups of each two methods.
  private func agreement(_ bench: Workbench) throws -> (table: Table, json: JSONValue) {
    let methods = CommunityMethod.allCases
    var table = Table(
      "How far the methods agree, AMI",
      columns: [.text("")] + methods.map { .init($0.rawValue, format: .decimals(2)) })
    var pairs: [String: JSONValue] = [:]
    for (i, one) in methods.enumerated() {
      var row: [Table.Cell] = [.text(one.rawValue)]
      for (j, other) in methods.enumerated() {
        guard j <= i else {
          row.append(.text(""))
          continue
        }
        let ami = i == j ? 1 : try bench.communities(one).ami(bench.communities(other).labels)
        row.append(ami.map(Table.Cell.number) ?? .missing)
        if i != j { pairs["\(other.rawValue) \(one.rawValue)"] = ami.map(JSONValue.number) ?? .null }
      }
      table.append(row)
    }
    return (table, .object(pairs))
  }

  private func largest(
    _ found: CommunityResult, _ graph: CSRGraph, _ nodes: [Int], _ classes: NodeClasses?, _ bench: Workbench
  ) -> Table {
    var table = Table(
      "The largest groups of \(found.method.rawValue)",
      columns: [.init("group", format: .plain), .init("nodes"), .text("its best connected nodes")]
        + (classes == nil ? [] : [.text("most frequent label")]))
    let members = found.labels.members
    for group in members.indices.sorted(by: { (members[$1].count, $0) < (members[$0].count, $1) }).prefix(8) {
      let order = members[group].sorted { (graph.degree(of: $1), $0) < (graph.degree(of: $0), $1) }
      var row: [Table.Cell] = [
        .integer(group), .integer(order.count),
        .text(order.prefix(3).map { bench.subject.nodeTitle(nodes[$0]) }.joined(separator: "; ")),
      ]
      if let classes { row.append(.text(classes.mostFrequent(among: members[group]) ?? "none")) }
      table.append(row)
    }
    return table
  }

  // MARK: - Pictures

  /// Groups in a dendrogram, a map of cells, a matrix; nodes and edges in a map of the graph.
  private static let (drawnGroups, drawnNodes, drawnEdges) = (30, 9000, 9000)

  private func pictures(
    _ best: CommunityResult, _ graph: CSRGraph, _ nodes: [Int], _ classes: NodeClasses?, _ bench: Workbench
  ) throws -> [ReportBlock] {
    var blocks: [ReportBlock] = [.figure(try map(best, graph, nodes, classes, bench))]
    let found = try bench.communities(.bottomUp)
    guard found.hierarchy.tree.leafCount > 1, let allLinks = found.links else { return blocks }
    // More groups than this are no picture.
    let cut = found.hierarchy.tree.cutAtMost(Self.drawnGroups)
    let hierarchy = found.hierarchy.trimmed(to: cut)
    let (tree, links) = (hierarchy.tree, allLinks.merged(by: cut.groupOfLeaf, count: cut.count))
    let colored = classes?.largest ?? []
    let colorNames = colored.map { classes?.names[$0] ?? "" }
    let leafClasses = classes.map { classes in
      hierarchy.majorityClasses(of: classes.numbers).map { colored.firstIndex(of: $0) ?? -1 }
    }
    let names = hierarchy.leaves.members.enumerated().map { leaf, members in
      let leader = members.max { (graph.degree(of: $0), $1) < (graph.degree(of: $1), $0) }
      let name =
        classes.flatMap { $0.mostFrequent(among: members) } ?? leader.map { bench.subject.nodeTitle(nodes[$0]) }
        ?? "group \(leaf)"
      return "\(name.prefix(18)) (\(NumberText.grouped(tree.sizes[leaf])))"
    }
    var dendrogram = Dendrogram(
      title: "The bottom-up tree", tree: tree.rooted, leafNames: names, leafClasses: leafClasses)
    dendrogram.width = 330
    dendrogram.classNames = colorNames
    blocks.append(
      .figure(
        ReportFigure(
          dendrogram.title,
          caption: "Merges from the tightest at the right; a group is called by "
            + (classes == nil ? "its best connected node" : "its most frequent label") + ", with its number of nodes.",
          svg: dendrogram.svg)))
    let partition = try polygonPartition(
      of: tree.rooted, options: PartitionOptions(width: 1.5, height: 1), context: bench.context)
    var cells = PolygonMap(
      title: "Sizes of the groups", partition: partition, names: names, leafClasses: leafClasses,
      classNames: colorNames)
    cells.width = 528
    blocks.append(
      .figure(
        ReportFigure(
          cells.title,
          caption: "A cell is a group, as large as its number of nodes; wide lines part early branches."
            + (classes == nil ? "" : " Other labels are grey."),
          svg: cells.svg)))
    let order = tree.leafOrder
    let matrix = AdjacencyBlocks(
      title: "Edges between the groups", sizes: order.map { tree.sizes[$0] },
      densities: order.flatMap { a in order.map { links.density(a, $0) } })
    blocks.append(
      .figure(
        ReportFigure(
          matrix.title,
          caption: "The adjacency matrix in the order of the tree; the stronger a cell, the denser (logarithmic).",
          svg: matrix.svg)))
    return blocks
  }

  /// The graph with the largest groups in colors.
  private func map(
    _ found: CommunityResult, _ graph: CSRGraph, _ nodes: [Int], _ classes: NodeClasses?, _ bench: Workbench
  ) throws -> ReportFigure {
    let layout = try bench.run.stage("layout") {
      try graphLayout(of: graph, options: GraphLayoutOptions(seed: bench.seed), context: bench.context)
    }
    var kept: [Int32] = []
    let step = max(1, (graph.edgeCount + Self.drawnEdges - 1) / Self.drawnEdges)
    for (i, edge) in graph.edges.enumerated() where i.isMultiple(of: step) {
      kept += [Int32(edge.0), Int32(edge.1)]
    }
    let nodeStep = max(1, (graph.nodeCount + Self.drawnNodes - 1) / Self.drawnNodes)
    let drawn = Set(kept.map { Int($0) } + stride(from: 0, to: graph.nodeCount, by: nodeStep)).sorted()
    var places: [Int32: Int32] = [:]
    for (place, node) in drawn.enumerated() { places[Int32(node)] = Int32(place) }
    let labels = found.labels
    let names = (0..<found.usualCut.count).map { group in "group \(group)" }
    let shown = classes ?? NodeClasses(numbers: labels, names: names)
    let colored = shown.largest
    var map = GroupMap(
      title: classes == nil
        ? "The graph, its largest groups in colors" : "The graph, its most frequent labels in colors",
      places: drawn.map { Chart.Point(layout.points[2 * $0], layout.points[2 * $0 + 1]) },
      ends: kept.map { places[$0] ?? 0 },
      panels: [
        GroupMap.Panel(
          title: "",
          groups: drawn.map { node in
            colored.firstIndex(of: Int(shown.numbers[node])).map { Int32($0) } ?? -1
          })
      ])
    map.columns = 1
    map.panelWidth = 500
    map.edgeOpacity = min(0.5, max(0.04, 6 / Double(max(1, kept.count / 2)).squareRoot()))
    map.marksEdgesBetween = false
    map.nodeSize = min(8, max(2.2, 60 / Double(max(1, drawn.count)).squareRoot()))
    map.groupKey = colored.map { shown.names[$0] }
    let share =
      step > 1
      ? " \(NumberText.grouped(kept.count / 2)) of \(NumberText.grouped(graph.edgeCount)) edges are drawn." : ""
    return ReportFigure(
      map.title, caption: "Distances follow those in the graph; what has no color is grey.\(share)", svg: map.svg)
  }
}

extension [Int32] {
  /// The places of each number from 0 on; negative ones are nowhere.
  var members: [[Int]] {
    var members = [[Int]](repeating: [], count: Int(self.max() ?? -1) + 1)
    for (place, number) in enumerated() where number >= 0 { members[Int(number)].append(place) }
    return members
  }
}

extension NodeClasses {
  /// The class that most of some nodes have, the first of several; nil where none has one.
  func mostFrequent(among nodes: [Int]) -> String? {
    var counts: [Int32: Int] = [:]
    for node in nodes where numbers[node] >= 0 { counts[numbers[node], default: 0] += 1 }
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }.map { names[Int($0.key)] }
  }
}
