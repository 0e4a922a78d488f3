import GraphFormats
import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import HierarchicalCommunities

/// Modularity of arcs, and of graphs of two sides.
@Suite struct DirectedModularityTests {
  /// Weights of arcs as a table, and the sum over pairs of nodes that defines modularity.
  private struct Table {
    var weights: [[Double]]
    var resolution = 1.0

    init(_ graph: CSRGraph) {
      weights = [[Double]](repeating: [Double](repeating: 0, count: graph.nodeCount), count: graph.nodeCount)
      for u in graph.nodes {
        for arc in graph.arcs(of: u) { weights[u][Int(graph.targets[arc])] += graph.weights?[arc] ?? 1 }
      }
    }

    /// The same links, counted as arcs from one side to the other.
    func oriented(_ isFirst: [Bool]) -> Table {
      var copy = self
      for u in isFirst.indices where !isFirst[u] { copy.weights[u] = weights[u].map { _ in 0 } }
      return copy
    }

    func modularity(_ labels: [Int32]) -> Double {
      let leaving = weights.map { $0.reduce(0, +) }
      let entering = weights.indices.map { v in weights.reduce(0) { $0 + $1[v] } }
      let total = leaving.reduce(0, +)
      var sum = 0.0
      for u in weights.indices {
        for v in weights.indices where labels[u] == labels[v] {
          sum += weights[u][v] - resolution * leaving[u] * entering[v] / total
        }
      }
      return sum / total
    }

    /// The best of all partitions.
    func best() -> Double { bestOfAllPartitions(of: weights.count, modularity) }
  }

  private func arcs(_ n: Int, _ count: Int, seed: UInt64, isWeighted: Bool = false) throws -> CSRGraph {
    var random = CounterRandom(seed: seed, stage: "test-arcs")
    var pairs = Set((0..<n).map { [$0, ($0 + 1) % n] })
    while pairs.count < count {
      let (u, v) = (Int(random.below(UInt64(n))), Int(random.below(UInt64(n))))
      if u != v { pairs.insert([u, v]) }
    }
    let sorted = pairs.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
    guard isWeighted else {
      return try CSRGraph(nodeCount: n, edges: sorted.map { ($0[0], $0[1]) }, isDirected: true)
    }
    return try CSRGraph(
      nodeCount: n, weightedEdges: sorted.map { ($0[0], $0[1], Double(1 + random.below(5)) / 2) }, isDirected: true)
  }

  private func twoSides(_ first: Int, _ second: Int, _ count: Int, seed: UInt64) throws -> CSRGraph {
    var random = CounterRandom(seed: seed, stage: "test-sides")
    var pairs: Set<[Int]> = []
    for v in 0..<second { pairs.insert([v % first, first + v]) }
    for u in 0..<first { pairs.insert([u, first + u % second]) }
    while pairs.count < count {
      pairs.insert([Int(random.below(UInt64(first))), first + Int(random.below(UInt64(second)))])
    }
    let sorted = pairs.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
    return try CSRGraph(nodeCount: first + second, edges: sorted.map { ($0[0], $0[1]) })
  }

  @Test("Two triangles and an arc between them, by hand")
  func byHand() throws {
    let graph = try CSRGraph(
      nodeCount: 6, edges: [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (2, 3)], isDirected: true)
    // 6 of 7 arcs inside; out 4 and 3, in 3 and 4.
    let (inside, product) = (6.0 / 7, 24.0 / 49)
    let expected = inside - product
    let found = try leidenCommunities(of: graph, options: LeidenOptions(quality: .directedModularity))
    #expect(found.labels == [0, 0, 0, 1, 1, 1])
    #expect(abs(found.modularity - expected) < 1e-12 && abs(found.quality - expected) < 1e-12)
    #expect(found.notes.contains { $0.contains("directed") })
  }

  @Test("What is maximized is what a recount says, no node gains by a move, it is mostly the best of all partitions")
  func bruteForce() throws {
    var hits = 0
    let seeds = 20
    for seed in 0..<UInt64(seeds) {
      let graph = try arcs(8, 14 + Int(seed % 8), seed: seed, isWeighted: seed % 2 == 1)
      for resolution in [1.0, 0.6, 1.7] {
        var table = Table(graph)
        table.resolution = resolution
        let options = LeidenOptions(
          quality: .directedModularity, resolution: resolution, iterations: 10, seed: seed)
        let found = try leidenCommunities(of: graph, options: options)
        let known = table.modularity(found.labels)
        #expect(abs(found.quality - known) < 1e-12)
        #expect(
          abs(try modularity(of: found.labels, in: graph, resolution: resolution, isDirected: true) - known) < 1e-12)
        let plain = try modularity(of: found.labels, in: graph, isDirected: true)
        #expect(abs(found.modularity - plain) < 1e-12)
        if found.isStable {
          for node in graph.nodes {
            for group in 0...(found.labels.max()! + 1) {
              var moved = found.labels
              moved[node] = group
              #expect(table.modularity(moved) <= known + 1e-9)
            }
          }
        }
        let louvain = try louvainCommunities(
          of: graph, options: LouvainOptions(quality: .directedModularity, resolution: resolution, seed: seed))
        #expect(abs(louvain.modularity - table.modularity(louvain.labels)) < 1e-12)
        if resolution == 1 {
          let optimum = table.best()
          #expect(known <= optimum + 1e-9)
          if known > optimum - 1e-9 { hits += 1 }
        }
      }
    }
    #expect(hits * 10 >= seeds * 7)
  }

  @Test("Direction matters: two nodes that only send expect no arc between them")
  func direction() throws {
    // Two sources feed two sinks: without directions a cycle, whose opposite nodes expect a link.
    let graph = try CSRGraph(nodeCount: 4, edges: [(0, 2), (0, 3), (1, 2), (1, 3)], isDirected: true)
    let apart: [Int32] = [0, 0, 1, 1]
    #expect(abs(try modularity(of: apart, in: graph, isDirected: true)) < 1e-12)
    #expect(abs(try modularity(of: apart, in: graph) + 0.5) < 1e-12)
  }

  @Test("Arcs both ways are an undirected graph: the same groups and the same modularity", arguments: 0..<4)
  func symmetric(seed: UInt64) throws {
    let one = try twoSides(40, 60, 300, seed: seed)
    let both = try CSRGraph(
      nodeCount: one.nodeCount, edges: one.nodes.flatMap { u in one.neighbors(of: u).map { (u, Int($0)) } },
      isDirected: true)
    let usual = try leidenCommunities(of: one, options: LeidenOptions(seed: seed))
    for graph in [one, both] {
      let found = try leidenCommunities(of: graph, options: LeidenOptions(quality: .directedModularity, seed: seed))
      #expect(found.labels == usual.labels && abs(found.modularity - usual.modularity) < 1e-12)
    }
  }

  @Test("Two sides: Barber's modularity, pair by pair", arguments: 0..<10)
  func bipartite(seed: UInt64) throws {
    let graph = try twoSides(4, 5, 10 + Int(seed) % 4, seed: seed)
    let sides = try #require(try bipartition(of: graph).sides)
    let table = Table(graph).oriented(sides.map { $0 == 0 })
    let options = LeidenOptions(quality: .bipartiteModularity, iterations: 10, seed: seed)
    let found = try leidenCommunities(of: graph, options: options)
    let known = table.modularity(found.labels)
    #expect(abs(found.quality - known) < 1e-12 && abs(found.modularity - known) < 1e-12)
    #expect(known <= table.best() + 1e-9 && known >= table.best() - 0.1)
    #expect(found.notes.contains { $0.contains("bipartite") })
  }

  @Test("Blocks of two sides are found together; an odd cycle is refused")
  func blocks() throws {
    var pairs: [(Int, Int)] = []
    // Three blocks of 4 and 6 nodes, all joined inside; one link from each block to the next.
    for block in 0..<3 {
      for u in 0..<4 { for v in 0..<6 { pairs.append((4 * block + u, 12 + 6 * block + v)) } }
      pairs.append((4 * block, 12 + 6 * ((block + 1) % 3)))
    }
    let graph = try CSRGraph(nodeCount: 30, edges: pairs)
    let truth: [Int32] = (0..<12).map { Int32($0 / 4) } + (0..<18).map { Int32($0 / 6) }
    for threads in [1, 2, 4] {
      for method in [CommunityMethod.leiden, .louvain] {
        var options = CommunityOptions()
        options.leiden.quality = .bipartiteModularity
        options.louvain.quality = .bipartiteModularity
        let found = try communities(of: graph, method: method, options: options, context: RunContext(threads: threads))
        #expect(found.labels == truth)
        #expect(found.notes.contains { $0.contains("12 and 18 nodes") })
      }
    }
    let tree = try bottomUpCommunities(of: graph)
    #expect(tree.labels == truth && tree.notes.contains { $0.hasPrefix("bipartite") })
    #expect(try !bottomUpCommunities(of: TestGraph.clique(9).frozen()).notes.contains { $0.contains("bipartite") })
    // All of one block: nothing is unexpected.
    let whole = try CSRGraph(nodeCount: 9, edges: (0..<4).flatMap { u in (4..<9).map { (u, $0) } })
    let found = try leidenCommunities(of: whole, options: LeidenOptions(quality: .bipartiteModularity))
    #expect(abs(found.modularity) < 1e-12)
    let odd = try TestGraph.cycle(5).frozen()
    let error = #expect(throws: MillError.self) {
      try leidenCommunities(of: odd, options: LeidenOptions(quality: .bipartiteModularity))
    }
    #expect(error?.kind == .notBipartite)
  }

  @Test("Women of Natchez and their events: the best modularity that is known")
  func women() throws {
    let graph = try readGraph(SharedData.committed("southern-women/edges.tsv")).graph
    let values = try (1...10).map { (seed: UInt64) in
      let options = LeidenOptions(quality: .bipartiteModularity, iterations: 10, seed: seed)
      return try leidenCommunities(of: graph, options: options).modularity
    }
    // Liu, Murata, 2010: .34554, which a search from hundreds of random partitions finds, too.
    #expect(abs(values.max()! - 0.345537) < 1e-5 && values.min()! > 0.33)
  }

  @Test("Every thread count gives the same result; lone nodes, loops and weights of 0 are set aside")
  func shapes() throws {
    for seed in 0..<UInt64(3) {
      let graph = try arcs(300, 1500, seed: seed, isWeighted: seed == 1)
      let options = LeidenOptions(quality: .directedModularity, seed: seed)
      let one = try leidenCommunities(of: graph, options: options, context: RunContext(threads: 1))
      for threads in [2, 4] {
        #expect(try leidenCommunities(of: graph, options: options, context: RunContext(threads: threads)) == one)
      }
    }
    let untidy = try CSRGraph(
      nodeCount: 6, weightedEdges: [(1, 2, 1), (2, 1, 1), (2, 2, 9), (4, 5, 2), (1, 4, 0)], isDirected: true)
    let found = try leidenCommunities(of: untidy, options: LeidenOptions(quality: .directedModularity))
    #expect(found.labels == [-1, 0, 0, -1, 1, 1])
    #expect(found.notes.contains("2 isolated nodes set aside") && found.notes.contains("1 self-loops dropped"))
    let error = #expect(throws: MillError.self) {
      try louvainCommunities(of: untidy, options: LouvainOptions(quality: .cpm))
    }
    #expect(error?.kind == .badOption)
  }
}
