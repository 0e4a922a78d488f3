import EdgeSparsification
import GraphStore
import MillRuntime
import TestSupport
import Testing

/// What is left of three citation graphs, against figures of an independent implementation.
@Suite(
  "Citation graphs",
  .needsSharedData("citations/cora/edges.tsv"), .needsSharedData("citations/citeseer/edges.tsv"),
  .needsSharedData("citations/pubmed/edges.tsv"))
struct CitationStructureTests {
  /// Components with isolated nodes, isolated nodes, the largest component, the largest degree.
  struct Shape: Equatable, Sendable, CustomStringConvertible {
    var components = 0
    var isolated = 0
    var largest = 0
    var degree = 0
    var description: String { "\(components) / \(isolated) / \(largest) / \(degree)" }

    init(_ components: Int, _ isolated: Int, _ largest: Int, _ degree: Int) {
      (self.components, self.isolated, self.largest, self.degree) = (components, isolated, largest, degree)
    }

    init(of graph: CSRGraph) {
      var sizes: [Int: Int] = [:]
      for label in EdgeSparsificationTests.components(of: graph) { sizes[label, default: 0] += 1 }
      let degrees = (0..<graph.nodeCount).map { graph.degree(of: $0) }
      self.init(sizes.count, degrees.filter { $0 == 0 }.count, sizes.values.max() ?? 0, degrees.max() ?? 0)
    }
  }

  struct Row: Sendable {
    let round: Int
    let removed: Int
    let teddy: Shape
    let reverse: Shape
  }

  struct Dataset: Sendable, CustomStringConvertible {
    let name: String
    let nodes: Int
    let edges: Int
    let components: Int
    let nodeSum: Double
    let edgeSum: Double
    let lowest: Double
    let highest: Double
    let perfect: Int
    let firstToGo: [(Int, Int)]
    let rows: [Row]
    var description: String { name }
  }

  static let datasets = [
    Dataset(
      name: "cora", nodes: 2708, edges: 5278, components: 78, nodeSum: 598.211745496, edgeSum: 147.611175912,
      lowest: 4.30628693922e-05, highest: 1, perfect: 57,
      firstToGo: [(1072, 1358), (1358, 1483), (1169, 1358), (109, 306), (687, 1358)],
      rows: [
        Row(round: 1, removed: 263, teddy: Shape(81, 3, 2482, 64), reverse: Shape(314, 303, 2333, 168)),
        Row(round: 5, removed: 1193, teddy: Shape(150, 54, 2372, 19), reverse: Shape(775, 768, 1896, 168)),
        Row(round: 9, removed: 1951, teddy: Shape(299, 159, 2102, 11), reverse: Shape(1078, 1072, 1616, 168)),
        Row(round: 14, removed: 2704, teddy: Shape(586, 358, 1393, 9), reverse: Shape(1354, 1350, 1335, 168)),
        Row(round: 20, removed: 3385, teddy: Shape(1037, 671, 303, 9), reverse: Shape(1614, 1610, 1083, 168)),
      ]),
    Dataset(
      name: "citeseer", nodes: 3327, edges: 4552, components: 438, nodeSum: 1330.73326736, edgeSum: 453.407113457,
      lowest: 6.05590505468e-05, highest: 1, perfect: 249,
      firstToGo: [(968, 1422), (1034, 1422), (453, 1422), (887, 1422), (1422, 2829)],
      rows: [
        Row(round: 5, removed: 1029, teddy: Shape(563, 135, 1863, 17), reverse: Shape(1390, 1349, 1750, 99)),
        Row(round: 9, removed: 1683, teddy: Shape(833, 304, 1086, 11), reverse: Shape(1845, 1819, 1363, 99)),
        Row(round: 20, removed: 2920, teddy: Shape(1774, 990, 17, 6), reverse: Shape(2581, 2578, 707, 99)),
      ]),
    Dataset(
      name: "pubmed", nodes: 19717, edges: 44324, components: 1, nodeSum: 3378.99986353, edgeSum: 288.303263549,
      lowest: 3.32866033814e-06, highest: 0.301776695297, perfect: 0,
      firstToGo: [(11450, 11894), (616, 11450), (5324, 11450), (11450, 12019), (11372, 11894)],
      rows: [
        Row(round: 1, removed: 2216, teddy: Shape(1, 0, 19717, 115), reverse: Shape(1972, 1969, 17741, 171)),
        Row(round: 5, removed: 10026, teddy: Shape(63, 58, 19649, 77), reverse: Shape(7550, 7549, 12168, 171)),
        Row(round: 9, removed: 16388, teddy: Shape(740, 675, 18828, 50), reverse: Shape(10731, 10729, 8986, 171)),
        Row(round: 20, removed: 28434, teddy: Shape(5284, 4625, 11796, 28), reverse: Shape(15313, 15312, 4405, 171)),
      ]),
  ]

  @Test("Scores and structure", arguments: datasets)
  func figures(_ data: Dataset) throws {
    let edges = try SharedData.graph("citations/\(data.name)/edges.tsv").pairs
    let graph = try CSRGraph(nodeCount: data.nodes, edges: edges)
    #expect(graph.edgeCount == data.edges)
    #expect(Shape(of: graph).components == data.components)
    let scores = try edgeScores(of: graph)
    #expect(isClose(try teddyNodeScores(of: graph).source.reduce(0, +), data.nodeSum, 1e-11))
    #expect(isClose(scores.reduce(0) { $0 + $1.score }, data.edgeSum, 1e-11))
    #expect(isClose(scores.map(\.score).min()!, data.lowest, 1e-11))
    #expect(isClose(scores.map(\.score).max()!, data.highest, 1e-11))
    #expect(scores.filter { $0.score == 1 }.count == data.perfect)
    let order = scores.sorted { ($0.score, $0.source, $0.target) < ($1.score, $1.source, $1.target) }
    #expect(order.prefix(5).map { Edge($0.source, $0.target) } == data.firstToGo.map { Edge($0.0, $0.1) })
    for row in data.rows {
      let share = 1 - (0..<row.round).reduce(1.0) { product, _ in product * 0.95 }
      for (method, expected) in [(EdgeScoreMethod.teddy, row.teddy), (.reverse, row.reverse)] {
        let result = try sparsify(graph, options: .init(.share(share), score: .init(method: method)))
        #expect(result.removed == row.removed)
        #expect(Shape(of: result.graph) == expected, "\(method) \(row.round)")
      }
    }
  }

  @Test("TEDDY isolates fewer nodes than random, reverse more", arguments: datasets)
  func order(_ data: Dataset) throws {
    let edges = try SharedData.graph("citations/\(data.name)/edges.tsv").pairs
    let graph = try CSRGraph(nodeCount: data.nodes, edges: edges)
    for share in [0.05, 0.2262, 0.3698, 0.6415] {
      func isolated(_ method: EdgeScoreMethod) throws -> Int {
        let result = try sparsify(graph, options: .init(.share(share), score: .init(method: method, seed: 1)))
        return Shape(of: result.graph).isolated
      }
      let (teddy, random, reverse) = (try isolated(.teddy), try isolated(.random), try isolated(.reverse))
      #expect(teddy < random)
      #expect(random < reverse)
    }
  }
}
