import GraphGenerators
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct GeneratorConfigurationModelTests {
  @Test("Every node has its degree, a loop counting 2") func degrees() throws {
    let degrees = try PowerLaw(exponent: 2.2, range: 1...60).degrees(count: 3000, seed: 9) + [0, 0, 4]
    let options = ConfigurationModelOptions(degrees: degrees, loops: .keep, duplicates: .keep, seed: 3)
    let graph = try generateConfigurationModelGraph(options)
    #expect(graph.structuralFaults() == [])
    for node in graph.nodes {
      let neighbors = graph.neighbors(of: node)
      #expect(neighbors.count + neighbors.count { $0 == node } == degrees[node])
    }
    let erased = try generateConfigurationModelGraph(.init(degrees: degrees, seed: 3))
    #expect(!erased.hasLoops && !erased.isMultigraph)
    #expect(erased.nodes.allSatisfy { erased.degree(of: $0) <= degrees[$0] })
    #expect(Double(erased.edgeCount) > 0.97 * Double(graph.edgeCount))
  }

  @Test("All pairings are alike: three of four stubs, fifteen of six") func uniform() throws {
    for (degrees, pairings) in [([1, 1, 1, 1], 3), ([1, 1, 1, 1, 1, 1], 15)] {
      var counts: [Set<[UInt32]>: Int] = [:]
      let trials = 200 * pairings
      for seed in 0..<UInt64(trials) {
        let pairs = try generateConfigurationModel(.init(degrees: degrees, seed: seed)).pairs
        counts[Set(stride(from: 0, to: pairs.count, by: 2).map { [pairs[$0], pairs[$0 + 1]].sorted() }), default: 0] +=
          1
      }
      #expect(counts.count == pairings)
      for count in counts.values { #expect(abs(count - 200) < 70) }
    }
  }

  @Test func threads() throws {
    let degrees = [Int](repeating: 8, count: 100_000)
    let one = try generateConfigurationModel(.init(degrees: degrees), context: RunContext(threads: 1)).pairs
    for threads in [2, 4] {
      #expect(
        try generateConfigurationModel(.init(degrees: degrees), context: RunContext(threads: threads)).pairs == one)
    }
    #expect(try generateConfigurationModel(.init(degrees: degrees, seed: 1)).pairs != one)
  }

  @Test func refusals() throws {
    for bad in [[1], [2, -2], [Int.max, Int.max], [1 << 42, 0]] {
      let error = #expect(throws: MillError.self) { try generateConfigurationModel(.init(degrees: bad)) }
      #expect(error?.kind == .badOption)
    }
    #expect(try generateConfigurationModelGraph(.init(degrees: [])).nodeCount == 0)
  }
}
