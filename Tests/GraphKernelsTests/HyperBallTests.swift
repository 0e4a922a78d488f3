import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct HyperBallTests {
  /// Pairs within t steps, and one over distances, by searches from every node.
  private func exact(_ graph: CSRGraph) throws -> (function: [Double], harmonic: [Double]) {
    var counts: [Int: Int] = [:]
    var harmonic: [Double] = []
    for node in graph.nodes {
      let distances = try breadthFirstSearch(of: graph, from: node).distances.filter { $0 >= 0 }
      for distance in distances { counts[Int(distance), default: 0] += 1 }
      harmonic.append(
        distances.filter { $0 > 0 }.reduce(0) { $0 + 1 / Double($1) } / Double(max(1, graph.nodeCount - 1)))
    }
    var function: [Double] = []
    for t in 0...(counts.keys.max() ?? 0) { function.append((function.last ?? 0) + Double(counts[t] ?? 0)) }
    return (function, harmonic)
  }

  @Test func byHand() throws {
    // A path of three with fine counters: 3 pairs, then 7, then 9.
    let path = try hyperBall(of: TestGraph.path(3).frozen(), options: .init(registerBits: 12))
    #expect(path.isComplete && path.rounds == 2)
    for (estimate, pairs) in zip(path.neighborhoodFunction, [3.0, 7, 9]) { #expect(abs(estimate / pairs - 1) < 0.01) }
    #expect(abs(path.averageDistance - 4.0 / 3) < 0.02)
    // 90 % of 9 pairs are 8.1: over half of the way from 7 to 9.
    #expect(abs(path.effectiveDiameter() - 1.55) < 0.05 && abs(path.effectiveDiameter(share: 0.5) - 0.375) < 0.05)
    for (estimate, score) in zip(path.harmonic, [0.75, 1, 0.75]) { #expect(abs(estimate - score) < 0.02) }
    let arcs = try hyperBall(of: TestGraph.path(3).frozen(isDirected: true), options: .init(registerBits: 12))
    for (estimate, score) in zip(arcs.harmonic, [0.75, 0.5, 0]) { #expect(abs(estimate - score) < 0.02) }
    let none = try hyperBall(of: TestGraph.empty.frozen())
    #expect(none.neighborhoodFunction.isEmpty && none.isComplete && none.rounds == 0)
    #expect(none.averageDistance == 0 && none.effectiveDiameter() == 0)
    let alone = try hyperBall(of: TestGraph.isolated.frozen())
    #expect(alone.rounds == 0 && alone.averageDistance == 0 && alone.effectiveDiameter() == 0)
    #expect(alone.harmonic.array == [0, 0, 0, 0, 0])
  }

  @Test("Estimates are those of searches from every node, within the error of the counters", arguments: TestGraph.small)
  func againstSearches(input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      guard graph.nodeCount > 0 else { continue }
      let truth = try exact(graph)
      let found = try hyperBall(of: graph, options: .init(registerBits: 8, seed: 5))
      // Balls whose last nodes leave no trace in their counters come to rest before.
      #expect(found.isComplete && found.rounds < truth.function.count)
      for (t, pairs) in truth.function.enumerated() {
        let estimate = found.neighborhoodFunction[min(t, found.rounds)]
        #expect(abs(estimate / pairs - 1) < 4 * found.relativeError)
      }
      // In a small ball two nodes that share a register are a large error.
      let far = zip(found.harmonic, truth.harmonic).count { abs($0 - $1) > 5 * found.relativeError * $1 + 1e-12 }
      #expect(far <= graph.nodeCount / 10)
    }
  }

  @Test("Over seeds the estimates are around the truth") func unbiased() throws {
    let graph = try TestGraph.grid(20).frozen()
    let truth = try exact(graph).function
    let seeds = 40
    var sums = [Double](repeating: 0, count: truth.count)
    for seed in 0..<UInt64(seeds) {
      let found = try hyperBall(of: graph, options: .init(registerBits: 5, seed: seed)).neighborhoodFunction
      for t in sums.indices { sums[t] += (t < found.count ? found[t] : found[found.count - 1]) / Double(seeds) }
    }
    // The error of one is 0.18, of the mean 0.03.
    for (mean, pairs) in zip(sums, truth) { #expect(abs(mean / pairs - 1) < 0.1) }
  }

  @Test("The same bits for 1, 2, 4 threads and both widths") func threads() throws {
    let graph = try TestGraph.skewed(3000, edges: 9000, seed: 2).frozen(isDirected: true)
    let one = try hyperBall(of: graph, context: RunContext(threads: 1))
    for threads in [2, 4] { #expect(try hyperBall(of: graph, context: RunContext(threads: threads)) == one) }
    #expect(try hyperBall(of: graph.widened()) == one)
    #expect(try hyperBall(of: graph, options: .init(seed: 1)) != one)
  }

  @Test func rounds() throws {
    let path = try TestGraph.path(100).frozen()
    let cut = try hyperBall(of: path, options: .init(registerBits: 10, maximumRounds: 3))
    #expect(!cut.isComplete && cut.rounds == 3)
    let whole = try hyperBall(of: path, options: .init(registerBits: 10))
    #expect(Array(cut.neighborhoodFunction) == Array(whole.neighborhoodFunction.prefix(4)))
  }

  @Test func refusals() throws {
    for bad in [HyperBallOptions(registerBits: 3), .init(registerBits: 17), .init(maximumRounds: 0)] {
      let error = #expect(throws: MillError.self) { try hyperBall(of: TestGraph.path(3).frozen(), options: bad) }
      #expect(error?.kind == .badOption)
    }
  }
}
