import GraphGenerators
import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct GeneratorWattsStrogatzTests {
  private func graph(_ n: Int, _ k: Int, _ rewiring: Double, seed: UInt64 = 42) throws -> CSRGraph {
    try generateWattsStrogatzGraph(.init(nodeCount: n, neighborCount: k, rewiring: rewiring, seed: seed))
  }

  @Test func ring() throws {
    let ring = try graph(10, 4, 0)
    for node in ring.nodes {
      #expect(Array(ring.neighbors(of: node)) == [1, 2, 8, 9].map { (node + $0) % 10 }.sorted())
    }
    #expect(try graph(5, 4, 0).edgeCount == 10 && graph(3, 0, 1).edgeCount == 0 && graph(0, 0, 1).nodeCount == 0)
  }

  @Test("Edges stay n k / 2 and simple, and each keeps one end", arguments: [0.05, 0.5, 1])
  func rewired(rewiring: Double) throws {
    let options = WattsStrogatzOptions(nodeCount: 2000, neighborCount: 10, rewiring: rewiring, seed: 4)
    let edges = try generateWattsStrogatz(options)
    let pairs = edges.pairs
    var moved = 0
    for edge in 0..<edges.edgeCount {
      #expect(Int(pairs[2 * edge]) == edge / 5)
      if (edge / 5 + edge % 5 + 1) % 2000 != Int(pairs[2 * edge + 1]) { moved += 1 }
    }
    let mean = 10_000 * rewiring
    #expect(abs(Double(moved) - mean) < 5 * (mean * (1 - rewiring)).squareRoot() + 10)
    let made = try edges.graph(loops: .error, duplicates: .error)
    #expect(made.edgeCount == 10_000 && made.structuralFaults() == [])
  }

  @Test("Few moved edges make a small world: near as by chance, clustered as the ring") func smallWorld() throws {
    let (ring, small, random) = (try graph(2000, 10, 0), try graph(2000, 10, 0.05), try graph(2000, 10, 1))
    func clustering(_ graph: CSRGraph) throws -> Double { try clusteringCoefficients(of: graph).meanCoefficient }
    #expect(abs(try clustering(ring) - 2.0 / 3) < 1e-12)
    #expect(try clustering(small) > 0.5 && clustering(random) < 0.05)
    func reach(_ graph: CSRGraph) throws -> Int { try breadthFirstSearch(of: graph, from: 0).eccentricity }
    #expect(try reach(ring) == 200 && reach(small) < 25)
  }

  @Test("A node that is joined to all others keeps what it has") func crowded() throws {
    for seed in 0..<20 as Range<UInt64> {
      let made = try graph(7, 6, 0.5, seed: seed)
      #expect(made.edgeCount <= 21 && made.edgeCount >= 18 && made.structuralFaults() == [])
    }
  }

  @Test func threads() throws {
    let options = WattsStrogatzOptions(nodeCount: 100_000, neighborCount: 12, rewiring: 0.2)
    let one = try generateWattsStrogatz(options, context: RunContext(threads: 1)).pairs
    for threads in [2, 4] {
      #expect(try generateWattsStrogatz(options, context: RunContext(threads: threads)).pairs == one)
    }
  }

  @Test func refusals() throws {
    for (n, k, p) in [(10, 3, 0.1), (10, 10, 0.1), (10, -2, 0.1), (10, 4, 1.1), (10, 4, .nan), (-1, 0, 0), (0, 2, 0)] {
      #expect((#expect(throws: MillError.self) { try graph(n, k, p) })?.kind == .badOption)
    }
  }
}
