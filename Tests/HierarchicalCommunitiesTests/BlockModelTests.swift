import GraphStore
import HierarchicalCommunities
import MillRuntime
import TestSupport
import Testing

@Suite struct BlockModelTests {
  @Test(
    "The divergences of balanced binary trees",
    arguments: [
      ([1.0, 9], [2.0]), ([1, 4, 16], [2.5, 1]), ([0.5, 2, 8, 32], [3.75, 2.5, 1]),
    ])
  func divergences(rates: [Double], expected: [Double]) throws {
    let found = RecoveryThresholds.balancedBinary(rates: rates)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-12) }
    #expect(found.count == expected.count)
    let scaled = RecoveryThresholds.balancedBinary(rates: rates.map { 3 * $0 })
    for (a, b) in zip(scaled, expected) { #expect(abs(a - 3 * b) < 1e-12) }
    for (a, b) in zip(found, found.dropFirst()) { #expect(a > b) }
  }

  /// The general divergence, found by search, equals the closed form; so do the eigenvalues.
  @Test("General thresholds agree with the closed forms", arguments: [[1.0, 9], [1, 4, 16], [0.5, 2, 8, 32]])
  func general(rates: [Double]) throws {
    let depth = rates.count - 1
    let size = 4000
    let n = Double(size << depth)
    let chances = rates.map { $0 * logarithm(n) / n }
    let model = try HierarchicalBlockModel(branching: 2, leafSize: size, chances: chances)
    let found = RecoveryThresholds(model)
    for (a, b) in zip(found.divergences, RecoveryThresholds.balancedBinary(rates: rates)) { #expect(abs(a - b) < 1e-6) }
    let values = RecoveryThresholds.balancedBinaryEigenvalues(chances: chances, leafSize: size)
    #expect(abs(values[0] - found.meanDegree) < 1e-9)
    var expected = [values[0]]
    for q in 1...depth { expected += [Double](repeating: values[q], count: 1 << (q - 1)) }
    for (a, b) in zip(found.eigenvalues, expected) { #expect(abs(a - b) < 1e-6 * values[0]) }
    #expect(found.detectableCount == 1 << depth)
  }

  private func logarithm(_ x: Double) -> Double {
    // Halved until the series of the inverse hyperbolic tangent is short.
    var sum = 0.0
    var (value, power) = (x, 0.0)
    while value > 1.5 {
      value /= 2
      power += 1
    }
    let s = (value - 1) / (value + 1)
    for k in stride(from: 41.0, through: 1, by: -2) { sum = sum * s * s + 1 / k }
    return 2 * s * sum + power * 0.693147180559945309417
  }

  @Test("Every thread count draws the same graph")
  func threads() throws {
    let model = try HierarchicalBlockModel(branching: 3, depth: 2, leafSize: 500, meanDegree: 12, ratio: 0.3)
    var options = BlockModelOptions()
    options.seed = 9
    let one = try generateBlockModel(model, options: options, context: RunContext(threads: 1))
    for threads in [2, 4] {
      let many = try generateBlockModel(model, options: options, context: RunContext(threads: threads))
      #expect(areEqual(one.graph, many.graph))
      #expect(one.leaves == many.leaves)
    }
    options.seed = 10
    #expect(!areEqual(one.graph, try generateBlockModel(model, options: options).graph))
  }

  @Test("Edges between leaves come as often as their chance says", arguments: [true, false])
  func counts(permutes: Bool) throws {
    let model = try HierarchicalBlockModel(branching: 2, leafSize: 150, chances: [0.01, 0.05, 0.4])
    var options = BlockModelOptions()
    options.permutesNodes = permutes
    var edges = [Double](repeating: 0, count: 16)
    let rounds = 20
    for seed in 0..<UInt64(rounds) {
      options.seed = seed
      let sample = try generateBlockModel(model, options: options)
      #expect(sample.graph.nodeCount == 600 && !sample.graph.hasLoops && !sample.graph.isMultigraph)
      for u in 0..<600 {
        for v in sample.graph.neighbors(of: u) where v > u {
          let (a, b) = (Int(sample.leaves[u]), Int(sample.leaves[v]))
          edges[min(a, b) * 4 + max(a, b)] += 1
        }
      }
      if !permutes { #expect(sample.leaves == model.labels) }
    }
    for a in 0..<4 {
      for b in a..<4 {
        let pairs = a == b ? 150.0 * 149 / 2 : 150.0 * 150
        let mean = Double(rounds) * pairs * model.chance(a, b)
        #expect(abs(edges[a * 4 + b] - mean) < 5 * mean.squareRoot(), "\(a) \(b)")
      }
    }
  }

  @Test func certainAndImpossibleEdges() throws {
    let sample = try generateBlockModel(HierarchicalBlockModel(branching: 2, leafSize: 7, chances: [0, 1]))
    #expect(sample.graph.edgeCount == 42)
    for u in 0..<14 {
      for v in sample.graph.neighbors(of: u) { #expect(sample.leaves[u] == sample.leaves[v]) }
    }
    let empty = try generateBlockModel(HierarchicalBlockModel(branching: 2, leafSize: 7, chances: [0, 0]))
    #expect(empty.graph.edgeCount == 0 && empty.graph.nodeCount == 14)
  }

  @Test("The mean degree is what was asked for", arguments: [(2, 3), (3, 2), (4, 1), (2, 0)])
  func meanDegree(branching: Int, depth: Int) throws {
    let model = try HierarchicalBlockModel(
      branching: branching, depth: depth, leafSize: 300, meanDegree: 14, ratio: 0.4)
    // Counted without the pairs of a node with itself, which the thresholds include.
    let own = model.tree.similarities[0]
    #expect(abs(RecoveryThresholds(model).meanDegree - own - 14) < 1e-9)
  }

  @Test func refusesWhatIsNoModel() {
    #expect(throws: MillError.self) { try HierarchicalBlockModel(branching: 2, leafSize: 5, chances: [0.5, 0.1]) }
    #expect(throws: MillError.self) { try HierarchicalBlockModel(branching: 2, leafSize: 5, chances: [0.5, 1.1]) }
    #expect(throws: MillError.self) { try HierarchicalBlockModel(branching: 2, leafSize: 0, chances: [0.1, 0.2]) }
    #expect(throws: MillError.self) {
      try HierarchicalBlockModel(branching: 2, depth: 3, leafSize: 4, meanDegree: 40, ratio: 0.1)
    }
    #expect(throws: MillError.self) {
      try HierarchicalBlockModel(branching: 2, depth: 60, leafSize: 4, meanDegree: 1, ratio: 0.1)
    }
  }
}
