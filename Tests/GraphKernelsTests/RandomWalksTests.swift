import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct RandomWalksTests {
  @Test func byHand() throws {
    // One way only: the walks are known.
    let path = try TestGraph.path(4).frozen(isDirected: true)
    let result = try randomWalks(of: path, options: .init(walksPerNode: 2, length: 3))
    #expect(result.count == 8 && result.length == 3)
    #expect(Array(result.nodes) == [0, 1, 2, 1, 2, 3, 2, 3, -1, 3, -1, -1, 0, 1, 2, 1, 2, 3, 2, 3, -1, 3, -1, -1])
    #expect(result.walk(0) == [0, 1, 2] && result.walk(7) == [3])
    #expect(try randomWalks(of: path, options: .init(walksPerNode: 1, length: 1)).nodes.array == [0, 1, 2, 3])
    #expect(try randomWalks(of: TestGraph.empty.frozen()).count == 0)
    // Arcs of weight 0 are never taken, and where all are 0 a walk ends.
    let weighted = try CSRGraph(weightedEdges: [(0, 1, 0), (0, 2, 3), (2, 1, 0)], isDirected: true)
    #expect(try randomWalks(of: weighted, from: [0], options: .init(walksPerNode: 1, length: 4)).walk(0) == [0, 2])
  }

  @Test("Walks follow arcs; the same for every thread count and cut of the starts", arguments: TestGraph.small)
  func walks(input: TestGraph) throws {
    for (isDirected, p, q) in [(false, 1.0, 1.0), (true, 1, 1), (false, 0.25, 4), (true, 1e9, 1e-9)] {
      let graph = try input.frozen(isDirected: isDirected)
      let options = RandomWalksOptions(walksPerNode: 3, length: 9, returnParameter: p, inOutParameter: q, seed: 7)
      let result = try randomWalks(of: graph, options: options, context: RunContext(threads: 1))
      #expect(result.count == 3 * graph.nodeCount)
      for index in 0..<result.count {
        let walk = result.walk(index)
        #expect(walk[0] == index % graph.nodeCount)
        #expect(zip(walk, walk.dropFirst()).allSatisfy { graph.hasEdge($0, $1) })
        #expect(walk.count == 9 || graph.degree(of: walk[walk.count - 1]) == 0)
      }
      for threads in [2, 4] {
        #expect(try randomWalks(of: graph, options: options, context: RunContext(threads: threads)) == result)
      }
      #expect(try randomWalks(of: graph.widened(), options: options) == result)
      guard graph.nodeCount > 2 else { continue }
      let some = try randomWalks(of: graph, from: [2, 1], options: options)
      for round in 0..<3 {
        #expect(some.walk(2 * round) == result.walk(round * graph.nodeCount + 2))
        #expect(some.walk(2 * round + 1) == result.walk(round * graph.nodeCount + 1))
      }
    }
  }

  /// How often the second step of walks 1 → 2 → … goes where, beside the shares that node2vec prescribes: back to 1, to 0,
  /// which 1 has an arc to, and to 3 and 4, which it has none to.
  @Test("Steps have the chances that the bias prescribes", arguments: [(1.0, 1.0), (4, 0.5), (0.25, 2), (1e4, 1e-4)])
  func chances(p: Double, q: Double) throws {
    let edges = [(0, 1, 1.0), (1, 2, 1), (0, 2, 2), (2, 3, 1), (2, 4, 0.5)]
    let graph = try CSRGraph(weightedEdges: edges)
    let options = RandomWalksOptions(walksPerNode: 40_000, length: 3, returnParameter: p, inOutParameter: q, seed: 3)
    let result = try randomWalks(of: graph, from: [1], options: options)
    var counts = [Double](repeating: 0, count: 5)
    var total = 0.0
    for index in 0..<result.count where result.walk(index)[1] == 2 {
      counts[result.walk(index)[2]] += 1
      total += 1
    }
    let shares = [2, 1 / p, 0, 1 / q, 0.5 / q]
    let sum = shares.reduce(0, +)
    for node in 0..<5 {
      let expected = shares[node] / sum
      let error = (expected * (1 - expected) / total).squareRoot()
      #expect(abs(counts[node] / total - expected) <= 4.5 * error + 1e-12, "\(node)")
    }
  }

  @Test func refusals() throws {
    let graph = try CSRGraph(weightedEdges: [(0, 1, -1)])
    func kind(_ options: RandomWalksOptions, from starts: [Int]? = nil) -> MillError.Kind? {
      do throws(MillError) {
        _ = try randomWalks(of: graph, from: starts, options: options)
        return nil
      } catch { return error.kind }
    }
    #expect(kind(.init(walksPerNode: 0)) == .badOption)
    #expect(kind(.init(length: 0)) == .badOption)
    for bad in [0, -1, .nan, .infinity, .leastNonzeroMagnitude] {
      #expect(kind(.init(returnParameter: bad)) == .badOption)
      #expect(kind(.init(inOutParameter: bad)) == .badOption)
    }
    #expect(kind(.init(), from: [2]) == .nodeOutOfRange)
    #expect(kind(.init(walksPerNode: .max, usesWeights: false)) == .overBudget)
    #expect(kind(.init()) == .badWeight)
    #expect(kind(.init(usesWeights: false)) == nil)
  }
}
