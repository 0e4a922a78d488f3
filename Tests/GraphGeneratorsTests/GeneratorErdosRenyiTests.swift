import Glibc
import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import GraphGenerators

@Suite struct GeneratorErdosRenyiTests {
  private func options(
    _ n: Int, _ edges: ErdosRenyiOptions.Edges, isDirected: Bool = false, seed: UInt64 = 42
  ) -> ErdosRenyiOptions {
    var options = ErdosRenyiOptions()
    (options.nodeCount, options.edges, options.isDirected, options.seed) = (n, edges, isDirected, seed)
    return options
  }

  @Test("G(n, m) has exactly m distinct edges without loops", arguments: [2, 3, 4, 5, 17, 64, 101])
  func exactCount(n: Int) throws {
    for isDirected in [false, true] {
      let pairs = isDirected ? n * (n - 1) : n * (n - 1) / 2
      for m in Set([0, 1, pairs / 3, pairs - 1, pairs]) {
        let graph = try generateErdosRenyiGraph(options(n, .count(m), isDirected: isDirected))
        #expect(graph.edgeCount == m)
        #expect(graph.nodeCount == n)
        #expect(!graph.hasLoops)
        #expect(graph.structuralFaults() == [])
      }
    }
  }

  @Test("Every edge is as likely as any other", arguments: [4, 5, 7])
  func uniformEdges(n: Int) throws {
    let pairs = n * (n - 1) / 2
    let m = pairs / 3
    let trials = 4000
    var counts: [[Int]: Int] = [:]
    for seed in 0..<UInt64(trials) {
      let drawn = try generateErdosRenyi(options(n, .count(m), seed: seed), context: RunContext(threads: 1)).pairs
      for i in stride(from: 0, to: drawn.count, by: 2) {
        counts[[Int(min(drawn[i], drawn[i + 1])), Int(max(drawn[i], drawn[i + 1]))], default: 0] += 1
      }
    }
    #expect(counts.count == pairs)
    let chance = Double(m) / Double(pairs)
    let deviation = (Double(trials) * chance * (1 - chance)).squareRoot()
    for (pair, count) in counts { #expect(abs(Double(count) - Double(trials) * chance) < 5 * deviation, "\(pair)") }
  }

  /// 6 pairs taken 2 at a time: 15 sets, all alike.
  @Test func uniformSets() throws {
    let trials = 6000
    var counts: [Set<[UInt32]>: Int] = [:]
    for seed in 0..<UInt64(trials) {
      let drawn = try generateErdosRenyi(options(4, .count(2), seed: seed), context: RunContext(threads: 1)).pairs
      counts[Set([drawn[0...1].sorted(), drawn[2...3].sorted()]), default: 0] += 1
    }
    #expect(counts.count == 15)
    // 14 degrees of freedom: 36.1 is exceeded once in 1000.
    let mean = Double(trials) / 15
    let chiSquare = counts.values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) / mean }
    #expect(chiSquare < 36.1)
  }

  @Test("Edges are the same for every thread count")
  func deterministic() throws {
    for edges in [ErdosRenyiOptions.Edges.count(300_000), .probability(0.02)] {
      let one = try generateErdosRenyi(options(6000, edges), context: RunContext(threads: 1))
      #expect(one.edgeCount >= 300_000)
      for threads in [2, 4] {
        let many = try generateErdosRenyi(options(6000, edges), context: RunContext(threads: threads))
        #expect(many.pairs == one.pairs)
      }
      #expect(try generateErdosRenyi(options(6000, edges, seed: 1)).pairs != one.pairs)
    }
  }

  /// Binomial with 124,750 pairs: the mean of 40 counts within 4.5 standard errors, their variance within a factor.
  @Test("G(n, p) has a binomial number of edges", arguments: [0.001, 0.05, 0.4, 0.9])
  func binomial(chance: Double) throws {
    let counts = try (0..<40).map { seed in
      let graph = try generateErdosRenyi(
        options(500, .probability(chance), seed: UInt64(seed)), context: RunContext(threads: 2))
      return Double(graph.edgeCount)
    }
    let expected = 124_750 * chance
    let variance = expected * (1 - chance)
    let mean = counts.reduce(0, +) / 40
    #expect(abs(mean - expected) < 4.5 * (variance / 40).squareRoot())
    let observed = counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 39
    #expect(observed > variance / 2.5 && observed < variance * 2.5)
  }

  @Test("Each pair of G(n, p) has the same chance")
  func probabilityOfPairs() throws {
    var counts: [[Int]: Int] = [:]
    let trials = 3000
    for seed in 0..<UInt64(trials) {
      let graph = try generateErdosRenyiGraph(
        options(5, .probability(0.3), isDirected: true, seed: seed), context: RunContext(threads: 1))
      for arc in graph.arcList { counts[[arc.source, arc.target], default: 0] += 1 }
    }
    #expect(counts.count == 20)
    for (pair, count) in counts { #expect(abs(Double(count) - 900) < 5 * (630.0).squareRoot(), "\(pair)") }
  }

  @Test func extremeChances() throws {
    #expect(try generateErdosRenyiGraph(options(30, .probability(1))).edgeCount == 435)
    #expect(try generateErdosRenyiGraph(options(30, .probability(0))).edgeCount == 0)
    #expect(try generateErdosRenyiGraph(options(30, .probability(.leastNonzeroMagnitude))).edgeCount == 0)
    #expect(try generateErdosRenyiGraph(options(30, .probability(1 - 0x1p-53))).edgeCount == 435)
    for n in [0, 1] {
      #expect(try generateErdosRenyiGraph(options(n, .probability(1))).nodeCount == n)
      #expect(try generateErdosRenyiGraph(options(n, .count(0))).nodeCount == n)
    }
    // All pairs of 2^32 - 1 nodes, ordered, are just below 2^64.
    let huge = options(Int(UInt32.max), .probability(1e-19), isDirected: true)
    #expect(try generateErdosRenyi(huge).edgeCount < 100)
    #expect(try generateErdosRenyi(options(Int(UInt32.max), .count(1000), isDirected: true)).edgeCount == 1000)
  }

  @Test("The logarithm has the digits of the C library's")
  func logarithm() {
    var random = CounterRandom(seed: 1, stage: "test-log")
    for _ in 0..<2000 {
      let x = random.unit() * (random.below(2) == 0 ? 1 : 0x1p-40) + 0x1p-53
      #expect(abs(Logarithm.natural(x) - log(x)) <= 4e-16 * max(1e-3, abs(log(x))) + 1e-18)
    }
    #expect(Logarithm.natural(1) == 0)
    #expect(Logarithm.natural(0) == -.infinity)
  }

  @Test("The seeded permutation takes every value once", arguments: [1, 2, 3, 5, 1000, 65_536, 65_537, 100_000])
  func permutation(count: Int) {
    let order = SeededPermutation(count: UInt64(count), stream: RandomStream(seed: 3, stage: "test-order"))
    let values = (0..<count).map { order(UInt64($0)) }
    #expect(Set(values) == Set(0..<UInt64(count)))
    if count > 10 { #expect(values != values.sorted()) }
  }

  @Test func refusals() throws {
    for bad in [
      options(-1, .count(0)), options(1 << 32, .count(0)), options(4, .count(7)), options(4, .count(-1)),
      options(1, .count(1)), options(0, .count(1)), options(4, .probability(-0.1)), options(4, .probability(1.1)),
      options(4, .probability(.nan)), options(4, .count(13), isDirected: true),
      options(Int(UInt32.max), .probability(1), isDirected: true),
    ] {
      let error = #expect(throws: MillError.self) { try generateErdosRenyi(bad) }
      #expect(error?.kind == .badOption)
    }
  }
}
