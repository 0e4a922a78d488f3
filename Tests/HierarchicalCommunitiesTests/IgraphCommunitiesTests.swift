import GraphStore
import IgraphValidation
import MillRuntime
import Testing

@testable import HierarchicalCommunities

@Suite(.serialized, .enabled(if: Igraph.isAvailable, "igraph is not linked; run with --traits Validation"))
struct IgraphCommunitiesTests {
  private func drawn(_ ratio: Double, seed: UInt64) throws -> BlockModelSample {
    var options = BlockModelOptions()
    options.seed = seed
    return try generateBlockModel(
      HierarchicalBlockModel(branching: 2, depth: 3, leafSize: 60, meanDegree: 12, ratio: ratio), options: options)
  }

  @Test("Modularity is igraph's", arguments: [0.1, 0.4, 0.9])
  func modularity(ratio: Double) throws {
    let sample = try drawn(ratio, seed: 1)
    let random = (0..<sample.graph.nodeCount).map { Int32($0 % 7) }
    for labels in [sample.leaves, random] {
      let ours = try HierarchicalCommunities.modularity(of: labels, in: sample.graph)
      #expect(abs(try Igraph.modularity(of: labels, in: sample.graph) - ours) < 1e-12)
    }
  }

  @Test("Modularity of arcs is igraph's, and Leiden's groups by it have no less than those that ignore directions")
  func directedModularity() throws {
    for seed in 0..<UInt64(4) {
      let sample = try drawn(0.3, seed: seed)
      var random = CounterRandom(seed: seed, stage: "test-arcs")
      // One arc of each edge, mostly upwards in the number of the group.
      let arcs = sample.graph.nodes.flatMap { u in
        sample.graph.neighbors(of: u).filter { $0 > u }.map { v -> (Int, Int) in
          random.unit() < 0.8 ? (u, Int(v)) : (Int(v), u)
        }
      }
      let graph = try CSRGraph(nodeCount: sample.graph.nodeCount, edges: arcs, isDirected: true)
      let options = LeidenOptions(quality: .directedModularity, seed: seed)
      let found = try leidenCommunities(of: graph, options: options)
      #expect(abs(try Igraph.modularity(of: found.labels, in: graph) - found.modularity) < 1e-12)
      let usual = try leidenCommunities(of: graph, options: LeidenOptions(seed: seed)).labels
      #expect(found.modularity > (try Igraph.modularity(of: usual, in: graph)) - 0.005)
    }
  }

  @Test(
    "Our Louvain is as good as igraph's, and its modularity is what it says", arguments: 1...3 as ClosedRange<UInt64>)
  func louvain(seed: UInt64) throws {
    let graph = try drawn(0.3, seed: seed).graph
    var options = LouvainOptions()
    options.seed = seed
    let ours = try louvainCommunities(of: graph, options: options)
    #expect(abs(try Igraph.modularity(of: ours.labels, in: graph) - ours.modularity) < 1e-12)
    let theirs = try (0..<3).map { try Igraph.louvain(of: graph, seed: seed + UInt64($0)).map(Int32.init) }
      .map { try Igraph.modularity(of: $0, in: graph) }
    #expect(ours.modularity > theirs.reduce(0, +) / 3 - 0.02)
    let leiden = try leidenCommunities(of: graph, options: LeidenOptions(seed: seed))
    #expect(abs(try Igraph.modularity(of: leiden.labels, in: graph) - leiden.modularity) < 1e-12)
    #expect(leiden.modularity > theirs.reduce(0, +) / 3 - 0.01)
  }

  @Test("NMI and adjusted Rand index are igraph's", arguments: 1...4 as ClosedRange<UInt64>)
  func comparison(seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "compare")
    let first = (0..<500).map { _ in Int32(random.below(6)) }
    for noise in [0.0, 0.3, 1.0] as [Double] {
      let second = first.map { random.unit() < noise ? Int32(random.below(9)) : ($0 + 1) % 6 }
      let ours = try partitionScores(first, second)
      let theirs = try Igraph.compare(first, second)
      #expect(abs((ours.nmi ?? .nan) - theirs.nmi) < 1e-12)
      #expect(abs((ours.ari ?? .nan) - theirs.ari) < 1e-12)
    }
  }
}
