import GraphGenerators
import MillRuntime
import Testing

@testable import GraphLearning

@Suite("Synthetic attributed graphs")
struct SyntheticGraphTests {
  @Test("Classes are as large as they should be, edges stay near, degrees are skewed, for any threads")
  func graph() throws {
    let options = SyntheticGraphOptions(graph: .init(nodeCount: 3001, edgeCount: 12000, depth: 2, skew: 0.7))
    let data = try syntheticAttributedGraph(options, context: .init(threads: 1))
    let again = try syntheticAttributedGraph(options, context: .init(threads: 2))
    #expect(data.graph == again.graph && data.features == again.features && data.split == again.split)
    #expect(data.nodeCount == 3001 && data.classCount == 4 && data.features.columnCount == 1000)
    #expect((0..<4).allSatisfy { own in abs(data.labels.count { $0 == own } - 750) <= 1 })
    let inside = data.graph.edges.count { data.labels[$0] == data.labels[$1] }
    // One in (1 - .3) stays at once, and some come back.
    #expect(Double(inside) / Double(data.graph.edgeCount) > 0.68)
    let degrees = data.graph.nodes.map { data.graph.degree(of: $0) }
    #expect(degrees.max()! > 8 * degrees.reduce(0, +) / degrees.count)
    #expect(data.split.train.count == 80 && data.split.validation.count == 500 && data.split.test.count == 1000)
    #expect((0..<4).allSatisfy { own in data.split.train.count { data.labels[Int($0)] == own } == 20 })
  }

  @Test("Other seeds give other graphs; numbers in place of words")
  func seeds() throws {
    var options = SyntheticGraphOptions(
      graph: .init(nodeCount: 200, edgeCount: 600, depth: 1), features: .numbers(count: 16, noise: 1),
      trainPerClass: 5, validation: 20, test: 50)
    let data = try syntheticAttributedGraph(options)
    options.graph.seed += 1
    let other = try syntheticAttributedGraph(options)
    #expect(data.graph != other.graph && data.features != other.features)
    #expect(data.features.entryCount == 3200)
    let result = try trainNetwork(on: data, options: TrainingOptions(hidden: 8, epochs: 40, scaling: .none))
    #expect(result.best.test > 0.8, "\(result.best)")
  }

  @Test("What cannot be drawn is refused")
  func badOptions() {
    let changes: [(inout SyntheticGraphOptions) -> Void] = [
      { $0.graph.nodeCount = 0 }, { $0.graph.edgeCount = -1 }, { $0.graph.depth = 0 }, { $0.graph.mixing = 2 },
      { $0.graph.skew = -1 }, { $0.trainPerClass = 0 }, { $0.trainPerClass = 5000 }, { $0.test = 4000 },
      { $0.validation = 0 }, { $0.features = .words(vocabulary: 4, each: 1, ownChance: 0.5) },
      { $0.features = .words(vocabulary: 100, each: 51, ownChance: 0.5) },
      { $0.features = .words(vocabulary: 100, each: 5, ownChance: -1) },
      { $0.features = .numbers(count: 0, noise: 1) }, { $0.features = .numbers(count: 3, noise: -1) },
    ]
    for change in changes {
      var options = SyntheticGraphOptions()
      change(&options)
      let error = #expect(throws: MillError.self) { try syntheticAttributedGraph(options) }
      #expect(error?.kind == .badOption)
    }
  }
}
