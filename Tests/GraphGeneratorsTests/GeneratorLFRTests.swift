import GraphGenerators
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct GeneratorLFRTests {
  @Test("Sizes, degrees and the share of edges outside are those of the laws", arguments: [0.0, 0.1, 0.3, 0.6, 1])
  func laws(mixing: Double) throws {
    let options = LFROptions(nodeCount: 5000, mixing: mixing, seed: 7)
    let sample = try generateLFR(options)
    let graph = sample.graph
    #expect(graph.structuralFaults() == [] && !graph.hasLoops && !graph.isMultigraph && graph.nodeCount == 5000)
    var sizes = [Int](repeating: 0, count: sample.communityCount)
    for community in sample.communities { sizes[Int(community)] += 1 }
    #expect(sizes.allSatisfy { (10...50).contains($0) } && sizes == sizes.sorted(by: >))
    let degrees = graph.nodes.map { graph.degree(of: $0) }
    #expect(degrees.allSatisfy { $0 <= 51 } && abs(Double(degrees.reduce(0, +)) / 5000 - 20) < 0.6)
    #expect(sample.droppedEdges < graph.edgeCount / 200 && abs(sample.mixing - mixing) < 0.03)
    let outside = graph.edges.count { sample.communities[$0.source] != sample.communities[$0.target] }
    #expect(sample.mixing == Double(outside) / Double(graph.edgeCount))
    // Every node by itself, not only all together.
    let shares = graph.nodes.map { node in
      Double(graph.neighbors(of: node).count { sample.communities[$0] != sample.communities[node] })
        / Double(max(1, degrees[node]))
    }
    let near = shares.count { abs($0 - mixing) < 0.12 }
    #expect(near > 4000)
  }

  @Test("Degrees fall as the power law says") func degreeLaw() throws {
    let sample = try generateLFR(
      .init(
        nodeCount: 20_000, meanDegree: 10, maximumDegree: 200, degreeExponent: 2.5, minimumCommunity: 20,
        maximumCommunity: 400, communityExponent: 1.5, mixing: 0.3, seed: 1))
    let law = try PowerLaw(exponent: 2.5, mean: 10, maximum: 200)
    let degrees = sample.graph.nodes.map { sample.graph.degree(of: $0) }
    for k in [8, 16, 32, 64] {
      let expected = law.degrees(count: 20_000, seed: 99).count { $0 >= k }
      #expect(abs(Double(degrees.count { $0 >= k }) / Double(expected) - 1) < 0.15, "\(k)")
    }
  }

  @Test("The same graph for 1, 2, 4 threads, another for another seed") func threads() throws {
    let one = try generateLFR(.init(nodeCount: 3000), context: RunContext(threads: 1))
    for threads in [2, 4] {
      let other = try generateLFR(.init(nodeCount: 3000), context: RunContext(threads: threads))
      #expect(other.graph == one.graph && other.communities == one.communities && other.mixing == one.mixing)
    }
    #expect(try generateLFR(.init(nodeCount: 3000, seed: 1)).graph != one.graph)
  }

  @Test("Small and tight cases come out", arguments: 0..<20 as Range<UInt64>)
  func small(seed: UInt64) throws {
    let tight = try generateLFR(
      .init(
        nodeCount: 60, meanDegree: 9, maximumDegree: 25, minimumCommunity: 5, maximumCommunity: 10, mixing: 0.1,
        seed: seed))
    #expect(tight.graph.structuralFaults() == [] && tight.graph.nodeCount == 60)
    let one = try generateLFR(
      .init(
        nodeCount: 5, meanDegree: 2, maximumDegree: 4, minimumCommunity: 5, maximumCommunity: 5, mixing: 0, seed: seed))
    #expect(one.communityCount == 1 && one.mixing == 0 && one.graph.structuralFaults() == [])
  }

  @Test func refusals() throws {
    for bad in [
      LFROptions(nodeCount: 0), .init(mixing: 1.5), .init(mixing: .nan), .init(maximumDegree: 1000),
      .init(meanDegree: 60), .init(meanDegree: 0.5), .init(minimumCommunity: 0), .init(minimumCommunity: 60),
      .init(nodeCount: 101, minimumCommunity: 51, maximumCommunity: 60), .init(degreeExponent: -1),
      .init(communityExponent: .nan),
    ] {
      #expect((#expect(throws: MillError.self) { try generateLFR(bad) })?.kind == .badOption)
    }
  }
}
