import GraphFormats
import GraphLayout
import GraphStore
import Graphmill
import HierarchicalCommunities
import MillRuntime
import Reporting

// Graphs as nodes and edges.
extension Draw {
  /// Graphs of at most so many nodes get their names.
  private static let namedNodes = 80
  /// From so many edges on each of them is fainter.
  private static let plainEdges = 300

  func drawGraph(_ run: CommandRun) throws -> Outcome {
    let graph = try run.readGraph(input, reading, refusesNegativeWeights: true).graph
    let layout = try run.stage("layout", of: input) {
      try graphLayout(of: graph, options: GraphLayoutOptions(seed: run.settings.seed), context: run.context)
    }
    let stress = try run.stage("stress") { try layoutStress(of: layout.points, in: graph, context: run.context) }
    let (groups, names) = try groups(of: graph, run)
    var ends: [Int32] = []
    for (u, v) in graph.edges { ends += [Int32(u), Int32(v)] }
    let count = graph.nodeCount
    var map = GroupMap(
      title: title ?? "\(NumberText.grouped(count)) nodes, \(NumberText.grouped(ends.count / 2)) edges",
      places: (0..<count).map { Chart.Point(layout.points[2 * $0], layout.points[2 * $0 + 1]) }, ends: ends,
      panels: [GroupMap.Panel(title: "", groups: groups, names: names)])
    map.columns = 1
    map.panelWidth = Double(width)
    map.edgeOpacity = min(0.6, (Double(Self.plainEdges) / Double(max(1, ends.count / 2))).squareRoot() / 2)
    map.marksEdgesBetween = false
    map.nodeSize = min(9, max(2, 70 / Double(max(1, count)).squareRoot()))
    if count <= Self.namedNodes {
      map.nodeNames = (0..<count).map { graph.name(of: $0) }
      if let labels {
        map.nodeNames = zip(try LabelFile(labels).labels(for: map.nodeNames), map.nodeNames).map { $0 ?? $1 }
      }
    }
    try write(run.stage("draw") { map.svg }, run)
    if let positions {
      try run.writeTable(to: positions, of: graph, columns: ["node", "x", "y"]) { row, node in
        row.append(column: layout.points[2 * node])
        row.append(column: layout.points[2 * node + 1])
      }
    }
    let groupCount = Int(groups.max() ?? -1) + 1
    return Outcome(
      keys: [
        "nodes": .integer(count), "edges": .integer(ends.count / 2), "components": .integer(layout.componentCount),
        "rounds": .integer(layout.rounds), "stress": stress.map(JSONValue.number) ?? .null,
        "groups": .integer(groupCount), "layout": .string(DrawLayout.force.rawValue),
      ],
      summary: [
        "\(count) nodes, \(ends.count / 2) edges, \(layout.componentCount) components, \(groupCount) groups",
        "stress \(stress.map { NumberText.significant($0, digits: 3) } ?? "none") after \(layout.rounds) rounds",
      ])
  }

  /// The group of each node: of --truth, else of Leiden's method; and their names where these are known.
  private func groups(of graph: CSRGraph, _ run: CommandRun) throws -> (numbers: [Int32], names: [String]) {
    guard let truth else {
      let found = try run.stage("communities", of: input) {
        try communities(
          of: graph, method: .leiden, options: CommunityOptions().seeded(run.settings.seed), context: run.context)
      }
      return (found.labels, [])
    }
    let file = try LabelFile(truth)
    let numbers = file.numbers(for: graph)
    if !numbers.contains(where: { $0 >= 0 }) { run.warn("the truth names no node of the graph") }
    return (numbers, file.groups)
  }
}
