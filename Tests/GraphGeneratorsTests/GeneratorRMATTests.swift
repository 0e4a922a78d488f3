import GraphGenerators
import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct GeneratorRMATTests {
  @Test("Edges are the same for every thread count, and another seed gives others")
  func deterministic() throws {
    // More edges than one block, and not a multiple of it.
    var options = try RMATOptions(scale: 12, edgeCount: 300_001, seed: 7)
    options.scramblesNodes = true
    let one = try generateRMAT(options, context: RunContext(threads: 1))
    #expect(one.edgeCount == 300_001)
    #expect(one.blocks.reduce(0) { $0 + $1.count } == 300_001)
    for threads in [2, 4] {
      #expect(try generateRMAT(options, context: RunContext(threads: threads)).pairs == one.pairs)
    }
    options.seed = 8
    #expect(try generateRMAT(options).pairs != one.pairs)
  }

  @Test("The first edges do not depend on how many follow")
  func prefix() throws {
    let few = try generateRMAT(RMATOptions(scale: 10, edgeCount: 100)).pairs
    let many = try generateRMAT(RMATOptions(scale: 10, edgeCount: 1000)).pairs
    #expect(Array(many.prefix(few.count)) == few)
  }

  /// At each level independently, quadrant q has its chance: so each pair of bits of (row, column) must show the four
  /// chances. 200,000 edges: standard deviation at most 0.0011; the bound is 4.5 of them.
  @Test("Every level shows the chances of the quadrants", arguments: [UInt64(1), 2, 3])
  func marginals(seed: UInt64) throws {
    let options = try RMATOptions(scale: 9, edgeCount: 200_000, seed: seed)
    let pairs = try generateRMAT(options).pairs
    for level in 0..<9 {
      var counts = [0, 0, 0, 0]
      for i in stride(from: 0, to: pairs.count, by: 2) {
        counts[Int(pairs[i] >> level & 1) * 2 + Int(pairs[i + 1] >> level & 1)] += 1
      }
      for (count, chance) in zip(counts, [0.57, 0.19, 0.19, 0.05]) {
        #expect(abs(Double(count) / 200_000 - chance) < 0.005, "level \(level)")
      }
    }
  }

  /// The out-degree of a node with k ones among its L bits is binomial with mean m (a + b)^(L - k) (c + d)^k.
  @Test("Nodes have their expected out-degrees")
  func expectedDegrees() throws {
    var options = try RMATOptions(scale: 6, edgeCount: 400_000)
    options.isDirected = true
    (options.duplicates, options.loops) = (.keep, .keep)
    let graph = try generateRMATGraph(options)
    #expect(graph.arcCount == 400_000)
    for v in 0..<64 {
      let ones = v.nonzeroBitCount
      var chance = 1.0
      for level in 0..<6 { chance *= level < ones ? 0.24 : 0.76 }
      let mean = 400_000 * chance
      #expect(abs(Double(graph.degree(of: v)) - mean) < 5 * mean.squareRoot() + 1, "node \(v)")
    }
  }

  @Test("Any number of nodes", arguments: [1, 2, 3, 1000, 1025])
  func nodeCounts(n: Int) throws {
    for scrambles in [false, true] {
      var options = RMATOptions()
      (options.nodeCount, options.edgeCount, options.scramblesNodes) = (n, 5000, scrambles)
      let pairs = try generateRMAT(options).pairs
      #expect(pairs.allSatisfy { $0 < n })
      // The last node is drawn sooner or later where there are few.
      if n <= 3 { #expect(Set(pairs).count == n) }
    }
  }

  @Test("Scrambling renames nodes and changes nothing else")
  func scrambled() throws {
    var options = RMATOptions()
    (options.nodeCount, options.edgeCount) = (700, 20_000)
    let plain = try generateRMAT(options).pairs
    options.scramblesNodes = true
    let scrambled = try generateRMAT(options).pairs
    var renamed: [UInt32: UInt32] = [:]
    for (a, b) in zip(plain, scrambled) { #expect(renamed.updateValue(b, forKey: a) ?? b == b) }
    #expect(Set(renamed.values).count == renamed.count)
    #expect(renamed.contains { $0 != $1 })
    let degrees = try [false, true].map {
      options.scramblesNodes = $0
      return try degreeStatistics(of: generateRMATGraph(options))
    }
    #expect(degrees[0] == degrees[1])
  }

  @Test func graphIsSimpleByDefault() throws {
    let graph = try generateRMATGraph(RMATOptions(scale: 8, edgeCount: 5000))
    #expect(graph.structuralFaults() == [])
    #expect(!graph.isDirected && !graph.hasLoops && !graph.isMultigraph)
    #expect(graph.edgeCount < 5000 && graph.edgeCount > 1000)
  }

  @Test func noEdges() throws {
    var options = RMATOptions()
    (options.nodeCount, options.edgeCount) = (0, 0)
    #expect(try generateRMATGraph(options).nodeCount == 0)
    options.nodeCount = 4
    #expect(try generateRMATGraph(options).nodeCount == 4)
  }

  @Test func refusals() throws {
    func refused(_ change: (inout RMATOptions) -> Void) {
      var options = RMATOptions()
      (options.nodeCount, options.edgeCount) = (10, 10)
      change(&options)
      let error = #expect(throws: MillError.self) { try generateRMAT(options) }
      #expect(error?.kind == .badOption)
    }
    refused { $0.nodeCount = -1 }
    refused { $0.nodeCount = 1 << 32 }
    refused { $0.nodeCount = 0 }
    refused { $0.edgeCount = -1 }
    refused { $0.edgeCount = Int.max }
    refused { $0.a = -0.1 }
    refused { $0.b = .nan }
    refused { $0.c = 1.5 }
    refused { $0.a = 0.9 }
    refused { ($0.a, $0.b, $0.c) = (0, 0, 0) }
    for scale in [-1, 32] {
      #expect(throws: MillError.self) { try RMATOptions(scale: scale, edgeCount: 1) }
    }
  }
}

extension GeneratedEdges {
  /// All ids, interleaved.
  var pairs: [UInt32] {
    blocks.flatMap { block -> [UInt32] in
      guard case .narrow(let ids) = block.ids else { return [] }
      return Array(ids.array.prefix(2 * block.count))
    }
  }
}
