import GraphKernels
import GraphStore
import HierarchicalCommunities
import MillRuntime
import Reporting

/// Engines on each other's results: what the summary, the sparse graph and the graph of nearest neighbors say in turn.
struct FlowSection: StudySection {
  let key = "flow"
  let title = "Engines on each other's results"
  let explanation =
    "Communities are Leiden's throughout, of the largest component; TEDDY takes 30 % of the edges away. AMI compares groups "
    + "of the same nodes with those that stand further up: 1 for the same, 0 for chance."

  /// A graph with what engines say of it.
  private struct Branch {
    let graph: CSRGraph
    let found: CommunityResult
    let relativeSize: Double?
    let sparse: CSRGraph
    let sparseFound: CommunityResult
    let isolatedBefore: Int
    let isolatedAfter: Int
    /// How alike the groups of the sparse graph are to those of the whole one.
    let groupsKept: Double?

    init(_ graph: CSRGraph, _ name: String, found: CommunityResult?, size: Double?, _ bench: Workbench) throws {
      self.graph = graph
      self.found = try found ?? bench.groups(of: graph, name)
      relativeSize = try size ?? bench.summary(of: graph, .hierarchical, name).summary.relativeSize
      sparse = try bench.sparsified(graph)
      sparseFound = try bench.groups(of: sparse, "\(name), sparse")
      isolatedBefore = try degreeStatistics(of: graph, context: bench.context).isolated
      isolatedAfter = try degreeStatistics(of: sparse, context: bench.context).isolated
      groupsKept = try self.found.ami(sparseFound.labels)
    }

    var json: JSONValue {
      [
        "nodes": .integer(graph.nodeCount), "edges": .integer(graph.edgeCount), "groups": .integer(found.groupCount),
        "modularity": .number(found.modularity(found.usualCut)),
        "relative_size": relativeSize.map(JSONValue.number) ?? .null, "sparse_edges": .integer(sparse.edgeCount),
        "sparse_isolated": .integer(isolatedAfter), "sparse_groups": .integer(sparseFound.groupCount),
        "sparse_groups_ami": groupsKept.map(JSONValue.number) ?? .null,
      ]
    }
  }

  func make(_ bench: Workbench) throws -> StudyPart? {
    let (core, nodes) = try bench.core()
    if let reason = StudyPart.withoutCommunities(core) { return reason }
    let near = try bench.neighborhood()
    guard near.graph.edgeCount > 0 else { return .leftOut("no two objects are near each other") }
    let own = try Branch(
      core, "the graph", found: bench.communities(.leiden), size: bench.summary().summary.relativeSize, bench)
    let other = try Branch(near.graph, "the 10-NN graph", found: nil, size: nil, bench)

    // Groups of the graph at the objects of the graph of neighbors.
    var places = [Int32](repeating: -1, count: bench.subject.graph.nodeCount)
    for (node, group) in zip(nodes, own.found.labels) { places[node] = group }
    let carried = near.nodes.map { $0.map { places[$0] } ?? -1 }
    let across = try other.found.ami(carried)
    let common = carried.count { $0 >= 0 }
    let ownLabels = try bench.coreClasses().flatMap { try own.found.ami($0.numbers) }
    let otherLabels = try bench.subject.classes.flatMap { classes in
      try other.found.ami(near.nodes.map { $0.map { classes.numbers[$0] } ?? -1 })
    }

    var part = StudyPart(finding: finding(own, other, across, near))
    part.blocks.append(.figure(figure(own, other, across, near, bench)))
    part.blocks.append(.table(table(own, other, across, ownLabels, otherLabels)))
    part.json = [
      "graph": own.json, "neighbors": other.json, "across_ami": across.map(JSONValue.number) ?? .null,
      "common_nodes": .integer(common), "graph_labels_ami": ownLabels.map(JSONValue.number) ?? .null,
      "neighbors_labels_ami": otherLabels.map(JSONValue.number) ?? .null,
    ]
    return part
  }

  private static func text(_ value: Double?, _ decimals: Int = 2) -> String {
    value.map { NumberText.fixed($0, decimals: decimals) } ?? "none"
  }

  private func finding(_ own: Branch, _ other: Branch, _ across: Double?, _ near: Neighborhood) -> String {
    let alike: String
    switch across {
    case nil: alike = "share no node with the graph"
    case .some(let ami) where ami >= 0.6: alike = "fall into much the same communities as the graph"
    case .some(let ami) where ami >= 0.2: alike = "fall into communities that are partly those of the graph"
    default: alike = "fall into other communities than the graph's"
    }
    return
      "The nearest neighbors \(alike) (AMI \(Self.text(across))); without \(NumberText.percent(Workbench.removedShare, decimals: 0)) of "
      + "its edges the graph keeps its communities by AMI \(Self.text(own.groupsKept)), the graph of neighbors by "
      + "\(Self.text(other.groupsKept))."
  }

  private func figure(
    _ own: Branch, _ other: Branch, _ across: Double?, _ near: Neighborhood, _ bench: Workbench
  ) -> ReportFigure {
    var steps: [FlowDiagram.Step] = []
    func size(_ graph: CSRGraph) -> String {
      "\(NumberText.grouped(graph.nodeCount)) nodes, \(NumberText.grouped(graph.edgeCount)) edges"
    }
    func groups(_ found: CommunityResult) -> String {
      "\(NumberText.grouped(found.groupCount)) groups, modularity \(Self.text(found.modularity(found.usualCut)))"
    }
    func add(_ branch: Branch, _ root: Int, _ figure: String) {
      steps.append(.init("Communities", detail: groups(branch.found), figure: figure, after: root))
      steps.append(
        .init(
          "Summary", detail: "edges that stand for all of them",
          figure: branch.relativeSize.map { NumberText.percent($0, decimals: 1) } ?? "", after: root))
      let sparse = steps.count
      steps.append(
        .init(
          "Sparse graph",
          detail: "\(NumberText.grouped(branch.sparse.edgeCount)) edges, "
            + "\(NumberText.grouped(branch.isolatedAfter - branch.isolatedBefore)) nodes more without one", after: root)
      )
      steps.append(
        .init(
          "Its communities", detail: groups(branch.sparseFound), figure: "AMI \(Self.text(branch.groupsKept))",
          after: sparse))
    }
    steps.append(.init("The graph", detail: size(own.graph)))
    add(own, 0, "")
    let root = steps.count
    let name = bench.subject.vectors == nil ? "Graph of nearest neighbors" : "Graph of the nearest vectors"
    steps.append(.init(name, detail: size(near.graph), after: bench.subject.vectors == nil ? 0 : nil))
    add(other, root, across.map { "AMI \(Self.text($0))" } ?? "")
    let flow = FlowDiagram(title: "From engine to engine", steps: steps)
    return ReportFigure(
      flow.title,
      caption:
        "Each box takes the one that it hangs from. The AMI of communities is with those of the box above: of the "
        + "sparse graph with the whole one, of the graph of neighbors with the graph.", svg: flow.svg, isWide: true)
  }

  private func table(
    _ own: Branch, _ other: Branch, _ across: Double?, _ ownLabels: Double?, _ otherLabels: Double?
  ) -> Table {
    var table = Table(
      "The graph and its graph of nearest neighbors",
      columns: [.text(""), .init("graph", .right), .init("10-NN graph", .right)])
    func row(_ name: String, _ value: (Branch) -> String) {
      table.append([.text(name), .text(value(own)), .text(value(other))])
    }
    row("nodes") { NumberText.grouped($0.graph.nodeCount) }
    row("edges") { NumberText.grouped($0.graph.edgeCount) }
    row("communities") { NumberText.grouped($0.found.groupCount) }
    row("modularity") { Self.text($0.found.modularity($0.found.usualCut), 3) }
    row("size of the summary") { $0.relativeSize.map { NumberText.percent($0, decimals: 1) } ?? "none" }
    row("more nodes without an edge, sparse") { NumberText.grouped($0.isolatedAfter - $0.isolatedBefore) }
    row("communities kept, sparse (AMI)") { Self.text($0.groupsKept, 3) }
    table.append([.text("communities of the graph (AMI)"), .text("1"), .text(Self.text(across, 3))])
    if ownLabels != nil || otherLabels != nil {
      table.append([.text("labels (AMI)"), .text(Self.text(ownLabels, 3)), .text(Self.text(otherLabels, 3))])
    }
    return table
  }
}

extension CommunityResult {
  /// Groups of the usual cut, small components not counted.
  var groupCount: Int { usualCut.count - usualCut.asideCount }
}
