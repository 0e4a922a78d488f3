import GraphGenerators
import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct GeneratorBarabasiAlbertTests {
  private func options(_ n: Int, _ d: Int, seed: UInt64 = 42) -> BarabasiAlbertOptions {
    var options = BarabasiAlbertOptions()
    (options.nodeCount, options.edgesPerNode, options.seed) = (n, d, seed)
    return options
  }

  @Test("Each node but the first brings its edges, to earlier nodes", arguments: [(1, 3), (2, 3), (3, 1), (500, 4)])
  func shape(n: Int, d: Int) throws {
    let edges = try generateBarabasiAlbert(options(n, d))
    #expect(edges.edgeCount == (n - 1) * d)
    let pairs = edges.pairs
    for edge in 0..<edges.edgeCount {
      #expect(Int(pairs[2 * edge]) == edge / d + 1)
      #expect(pairs[2 * edge + 1] < pairs[2 * edge])
    }
    let graph = try edges.graph(loops: .error)
    #expect(graph.structuralFaults() == [])
    #expect(try connectedComponents(of: graph).count == 1)
  }

  @Test func withoutNodes() throws {
    #expect(try generateBarabasiAlbertGraph(options(0, 2)).nodeCount == 0)
    #expect(try generateBarabasiAlbertGraph(options(1, 2)).edgeCount == 0)
  }

  @Test("Edges are the same for every thread count")
  func deterministic() throws {
    let one = try generateBarabasiAlbert(options(100_000, 3), context: RunContext(threads: 1)).pairs
    for threads in [2, 4] {
      #expect(try generateBarabasiAlbert(options(100_000, 3), context: RunContext(threads: threads)).pairs == one)
    }
    #expect(try generateBarabasiAlbert(options(100_000, 3, seed: 43)).pairs != one)
    // A longer run grows out of a shorter one.
    let longer = try generateBarabasiAlbert(options(120_000, 3)).pairs
    #expect(Array(longer.prefix(one.count)) == one)
  }

  /// With one edge a node, node 2 chooses 0 or 1 evenly; then node 3 finds degrees 2, 1, 1 in some order: the node that
  /// was chosen is chosen again with 1/2, the new node with 1/4.
  @Test func preferenceByHand() throws {
    let trials = 8000
    var first = 0
    var again = 0
    var newest = 0
    for seed in 0..<UInt64(trials) {
      let pairs = try generateBarabasiAlbert(options(4, 1, seed: seed), context: RunContext(threads: 1)).pairs
      #expect(pairs[1] == 0)
      if pairs[3] == 0 { first += 1 }
      if pairs[5] == pairs[3] { again += 1 }
      if pairs[5] == 2 { newest += 1 }
    }
    for (count, chance) in [(first, 0.5), (again, 0.5), (newest, 0.25)] {
      let deviation = (Double(trials) * chance * (1 - chance)).squareRoot()
      #expect(abs(Double(count) - Double(trials) * chance) < 4.5 * deviation)
    }
  }

  /// In the limit P(degree = k) = 2 d (d + 1) / (k (k + 1) (k + 2)) for k ≥ d (Bollobás, Riordan, Spencer, Tusnády,
  /// 2001).
  @Test("Degrees follow the law of the model", arguments: [1, 2, 5])
  func degreeLaw(d: Int) throws {
    let n = 60_000
    var settings = options(n, d)
    settings.duplicates = .keep
    let degrees = try degreeStatistics(of: generateBarabasiAlbertGraph(settings)).degrees
    #expect(degrees.minimum == d)
    #expect(degrees.total == 2 * d * (n - 1))
    for k in d..<d + 6 {
      let chance = Double(2 * d * (d + 1)) / Double(k * (k + 1) * (k + 2))
      let nodes = degrees.histogram.first { $0.degree == k }?.nodes ?? 0
      #expect(abs(Double(nodes) / Double(n) - chance) < 5 * (chance / Double(n)).squareRoot() + 20 / Double(n))
    }
    // The tail P(degree ≥ k) = d (d + 1) / (k (k + 1)).
    let k = 20 * d
    let tail = degrees.histogram.reduce(0) { $0 + ($1.degree >= k ? $1.nodes : 0) }
    let chance = Double(d * (d + 1)) / Double(k * (k + 1))
    #expect(abs(Double(tail) / Double(n) - chance) < 5 * (chance / Double(n)).squareRoot() + 20 / Double(n))
  }

  @Test("Merging leaves few edges out")
  func duplicates() throws {
    let graph = try generateBarabasiAlbertGraph(options(20_000, 5))
    #expect(!graph.isMultigraph)
    #expect(graph.edgeCount < 5 * 19_999 && graph.edgeCount > 5 * 19_999 * 98 / 100)
  }

  @Test func refusals() throws {
    for (n, d) in [(-1, 1), (1 << 32, 1), (5, 0), (5, -3), (5, Int.max), (1 << 31, 1 << 20)] {
      let error = #expect(throws: MillError.self) { try generateBarabasiAlbert(options(n, d)) }
      #expect(error?.kind == .badOption)
    }
  }
}
