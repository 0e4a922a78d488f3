import Foundation
import GraphGenerators
import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import HierarchicalCommunities

@Suite struct LeidenTests {
  /// What a graph of any shape has.
  private static let qualities = PartitionQuality.allCases.filter { $0 != .bipartiteModularity }

  /// A graph by its table of weights, and what the qualities make of it.
  private struct Reference {
    let n: Int
    var weights: [[Double]]
    let masses: [Double]
    /// The expected weight of a pair over the product of masses, times the resolution.
    let scale: Double

    init(_ graph: CSRGraph, _ quality: PartitionQuality, resolution: Double) {
      n = graph.nodeCount
      weights = [[Double]](repeating: [Double](repeating: 0, count: graph.nodeCount), count: graph.nodeCount)
      for u in 0..<n {
        for arc in graph.arcs(of: u) { weights[u][Int(graph.targets[arc])] = graph.weights?[arc] ?? 1 }
      }
      let degrees = weights.map { $0.reduce(0, +) }
      let total = degrees.reduce(0, +)
      masses = quality == .modularity ? degrees : degrees.map { _ in 1 }
      scale =
        switch quality {
        case .modularity, .directedModularity, .bipartiteModularity: resolution / total
        case .cpm: resolution
        case .rb: resolution * total / Double(n * (n - 1))
        }
    }

    /// Weight inside groups less what is expected, pair by pair.
    func quality(_ labels: [Int32]) -> Double {
      var sum = 0.0
      for u in 0..<n {
        for v in 0..<u where labels[u] == labels[v] { sum += weights[u][v] - scale * masses[u] * masses[v] }
      }
      return sum
    }

    func links(_ a: [Int], _ b: [Int]) -> Double {
      a.reduce(0) { sum, u in b.reduce(sum) { $0 + weights[u][$1] } }
    }

    func mass(_ nodes: [Int]) -> Double { nodes.reduce(0) { $0 + masses[$1] } }

    /// Whether a set of nodes can be built by joining parts that have at least the links that are expected between them:
    /// every subset is asked, from the smallest on.
    func isWellConnected(_ nodes: [Int]) -> Bool {
      let count = 1 << nodes.count
      var isBuilt = [Bool](repeating: false, count: count)
      var (inside, mass) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
      for set in 1..<count {
        let members = nodes.indices.filter { set >> $0 & 1 == 1 }.map { nodes[$0] }
        inside[set] = links(members, members) / 2
        mass[set] = self.mass(members)
        isBuilt[set] = members.count == 1
        var part = (set - 1) & set
        while part > 0, !isBuilt[set] {
          let rest = set ^ part
          if part > rest, isBuilt[part], isBuilt[rest] {
            isBuilt[set] = inside[set] - inside[part] - inside[rest] >= scale * mass[part] * mass[rest] - 1e-9
          }
          part = (part - 1) & set
        }
      }
      return isBuilt[count - 1]
    }
  }

  private func random(_ n: Int, edges: Int, seed: UInt64, isWeighted: Bool = false) throws -> CSRGraph {
    var random = CounterRandom(seed: seed, stage: "test-leiden")
    var pairs: Set<[Int]> = []
    // A path, so that no node is alone.
    for u in 1..<n { pairs.insert([u - 1, u]) }
    while pairs.count < edges {
      let (u, v) = (Int(random.below(UInt64(n))), Int(random.below(UInt64(n))))
      if u != v { pairs.insert([min(u, v), max(u, v)]) }
    }
    let sorted = pairs.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
    guard isWeighted else { return try CSRGraph(nodeCount: n, edges: sorted.map { ($0[0], $0[1]) }) }
    return try CSRGraph(nodeCount: n, weightedEdges: sorted.map { ($0[0], $0[1], Double(1 + random.below(5))) })
  }

  private func groups(_ labels: [Int32]) -> [[Int]] {
    (0..<Int((labels.max() ?? -1) + 1)).map { group in labels.indices.filter { labels[$0] == Int32(group) } }
  }

  @Test("Groups are well connected, none gain by merging, and quality is what a recount says, over seeds")
  func guarantees() throws {
    for seed in 0..<UInt64(8) {
      let graph = try random(9, edges: 12 + Int(seed) * 2, seed: seed, isWeighted: seed % 2 == 1)
      for (quality, resolutions) in [
        (PartitionQuality.modularity, [0.5, 1, 2]), (.cpm, [0.2, 0.5, 1]), (.rb, [0.5, 1, 1.5]),
      ] {
        for resolution in resolutions {
          let reference = Reference(graph, quality, resolution: resolution)
          var last = -Double.infinity
          for iterations in [1, 2, 10] {
            let options = LeidenOptions(
              quality: quality, resolution: resolution, iterations: iterations, seed: seed)
            let found = try leidenCommunities(of: graph, options: options)
            let sets = groups(found.labels)
            for (a, set) in sets.enumerated() {
              #expect(reference.isWellConnected(set))
              for other in sets[..<a] {
                #expect(
                  reference.links(set, other) <= reference.scale * reference.mass(set) * reference.mass(other) + 1e-9)
              }
            }
            let sum = reference.quality(found.labels)
            if quality == .modularity {
              let expected = try modularity(of: found.labels, in: graph, resolution: resolution)
              #expect(abs(found.quality - expected) < 1e-12)
              #expect(abs(found.modularity - (try modularity(of: found.labels, in: graph))) < 1e-12)
            } else {
              #expect(abs(found.quality - sum) < 1e-9)
            }
            // An iteration never loses.
            #expect(sum >= last - 1e-9)
            last = sum
            if found.isStable { expectLocalOptimum(found.labels, reference) }
          }
        }
      }
    }
  }

  /// No node gains by moving to another group or to one of its own.
  private func expectLocalOptimum(_ labels: [Int32], _ reference: Reference) {
    let known = reference.quality(labels)
    for node in labels.indices {
      for group in 0...(labels.max()! + 1) {
        var moved = labels
        moved[node] = group
        #expect(reference.quality(moved) <= known + 1e-9)
      }
    }
  }

  @Test("On graphs of eight nodes it mostly finds the best of all partitions, and never claims more")
  func bruteForce() throws {
    var hits = 0
    let seeds = 20
    for seed in 0..<UInt64(seeds) {
      let graph = try random(8, edges: 10 + Int(seed % 8), seed: 100 + seed)
      let reference = Reference(graph, .modularity, resolution: 1)
      let optimum = bestOfAllPartitions(of: reference.n, reference.quality)
      let options = LeidenOptions(iterations: 10, seed: seed)
      let found = reference.quality(try leidenCommunities(of: graph, options: options).labels)
      #expect(found <= optimum + 1e-9 && found >= optimum - 1)
      if found > optimum - 1e-9 { hits += 1 }
    }
    #expect(hits * 10 >= seeds * 7)
  }

  @Test("Cliques in a ring: modularity joins neighbors in a long ring, the constant Potts model never does")
  func resolutionLimit() throws {
    for cliques in [8, 40] {
      let graph = try TestGraph.ringOfCliques(cliques, 5).frozen()
      let truth = (0..<5 * cliques).map { Int32($0 / 5) }
      let potts = try leidenCommunities(of: graph, options: LeidenOptions(quality: .cpm, resolution: 0.3))
      #expect(potts.labels == truth)
      let usual = try leidenCommunities(of: graph)
      #expect((usual.labels == truth) == (cliques == 8))
      #expect(try leidenCommunities(of: graph, options: LeidenOptions(resolution: 4)).labels == truth)
    }
  }

  @Test("Karate's best modularity, levels that nest, weights, seeds, threads")
  func known() throws {
    let karate = try HierarchyTests.karate.frozen()
    let found = try leidenCommunities(of: karate, options: LeidenOptions(iterations: 10))
    #expect(found.modularity > 0.4197 && found.modularity < 0.4198 + 1e-4 && found.isStable)
    #expect("\(found)".contains("4 groups"))
    for seed in 0..<UInt64(5) {
      let graph = try random(300, edges: 900, seed: seed)
      let options = LeidenOptions(seed: seed)
      let one = try leidenCommunities(of: graph, options: options, context: RunContext(threads: 1))
      for threads in [2, 4] {
        #expect(try leidenCommunities(of: graph, options: options, context: RunContext(threads: threads)) == one)
      }
      var parent: [Int32: Int32] = [:]
      for (leaf, label) in zip(one.hierarchy.leaves, one.labels) {
        #expect(parent[leaf] == nil || parent[leaf] == label)
        parent[leaf] = label
      }
      let triple = try CSRGraph(
        nodeCount: 300,
        weightedEdges: (0..<300).flatMap { u in graph.neighbors(of: u).filter { $0 > u }.map { (u, Int($0), 3.0) } })
      #expect(try leidenCommunities(of: triple, options: options).labels == one.labels)
      #expect(one.modularity > (try louvainCommunities(of: graph).modularity) - 0.02)
    }
  }

  @Test("The constant Potts model takes the resolution in the weights' unit", arguments: [0x1p-1000, 0.1, 1e300])
  func scale(factor: Double) throws {
    let ring = TestGraph.ringOfCliques(6, 5)
    let graph = try CSRGraph(
      nodeCount: 30, weightedEdges: ring.edges.enumerated().map { ($1.source, $1.target, factor * Double(1 + $0 % 2)) })
    for quality in Self.qualities {
      let options = LeidenOptions(quality: quality, resolution: quality == .cpm ? 0.3 * factor : 1)
      let found = try leidenCommunities(of: graph, options: options)
      #expect(found.labels == (0..<30).map { Int32($0 / 5) })
      #expect(found.quality.isFinite)
    }
    for resolution in [.leastNonzeroMagnitude, .greatestFiniteMagnitude] as [Double] {
      for quality in Self.qualities {
        let options = LeidenOptions(quality: quality, resolution: resolution)
        let found = try leidenCommunities(of: graph, options: options)
        #expect(Set(found.labels).count == (resolution < 1 ? 1 : 30))
      }
    }
  }

  @Test("Graphs of any shape: labels of all nodes, groups within components", arguments: TestGraph.small)
  func shapes(input: TestGraph) throws {
    let graph = try input.frozen()
    for quality in Self.qualities {
      let found = try leidenCommunities(of: graph, options: LeidenOptions(quality: quality, resolution: 0.7))
      #expect(found.labels.count == input.nodeCount && found.hierarchy.leaves.count == input.nodeCount)
      for set in groups(found.labels) where set.count > 1 {
        // Connected: a search inside the group reaches all of it.
        var seen: Set<Int> = [set[0]]
        var open = [set[0]]
        while let u = open.popLast() {
          for v in graph.neighbors(of: u).map({ Int($0) })
          where found.labels[v] == found.labels[u] && seen.insert(v).inserted { open.append(v) }
        }
        #expect(seen.count == set.count)
      }
    }
  }

  @Test("Bad options and weights are refused; options survive JSON")
  func refusals() throws {
    let graph = try TestGraph.clique(6).frozen()
    for options in [
      LeidenOptions(resolution: 0), LeidenOptions(resolution: -1), LeidenOptions(resolution: .nan),
      LeidenOptions(resolution: .infinity), LeidenOptions(iterations: 0),
    ] {
      let error = #expect(throws: MillError.self) { try leidenCommunities(of: graph, options: options) }
      #expect(error?.kind == .badOption)
    }
    let negative = try CSRGraph(nodeCount: 3, weightedEdges: [(0, 1, 1), (1, 2, -2)])
    #expect(throws: MillError.self) { try leidenCommunities(of: negative) }
    let options = LeidenOptions(quality: .rb, resolution: 0.25, iterations: 3, direction: .mutual, seed: 5)
    #expect(try JSONDecoder().decode(LeidenOptions.self, from: JSONEncoder().encode(options)) == options)
  }
}
