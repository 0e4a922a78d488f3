import EdgeSparsification
import Glibc
import GraphStore
import MillRuntime
import TestSupport

typealias Edge = TestGraph.Edge

let karateEdges: [(Int, Int)] = TestGraph.karate.pairs

func karate() throws -> CSRGraph { try TestGraph.karate.frozen() }

/// A simple undirected graph.
func randomGraph(nodeCount: Int, pairs: Int, seed: UInt64) throws -> CSRGraph {
  let all = TestGraph.uneven(nodeCount, pairs: pairs, seed: seed)
  return try CSRGraph(nodeCount: nodeCount, edges: all.pairs.filter { $0.0 != $0.1 })
}

/// Sizes that make even tiny graphs run through many chunks, refinements of the histogram and full buckets.
let tinyTuning: SparsifyTuning = {
  var tuning = SparsifyTuning()
  tuning.chunkWork = 7
  tuning.bucketBits = 2
  tuning.minimumCapacity = 2
  tuning.nodesPerEntry = 1 << 30
  tuning.edgesPerEntry = 1 << 30
  return tuning
}()

extension CSRGraph {
  /// Everything that a fingerprint is made of.
  var content: String {
    var text = "\(nodeCount) \(edgeCount) \(isDirected) \(hasLoops) \(isMultigraph)\n\(Array(offsets))\n"
    text += "\((0..<arcCount).map { targets[$0] })\n"
    if let weights { text += "\(weights.map { $0.bitPattern })\n" }
    return text + "\((0..<nodeCount).map { name(of: $0) })"
  }
}

/// A label for every node; equal labels mean the same component. Direction does not matter.
func components(of graph: CSRGraph) -> [Int] {
  var parent = Array(0..<graph.nodeCount)
  func root(_ v: Int) -> Int {
    var v = v
    while parent[v] != v { v = parent[v] }
    return v
  }
  for edge in graph.edgeList {
    let (a, b) = (root(edge.source), root(edge.target))
    parent[max(a, b)] = min(a, b)
  }
  return (0..<graph.nodeCount).map(root)
}

/// TEDDY by its definition, on sets and in another order of sums.
func naiveTeddy(nodeCount: Int, _ edges: some Sequence<Edge>) -> [Double] {
  var neighbors = [Set<Int>](repeating: [], count: nodeCount)
  for edge in edges {
    neighbors[edge.source].insert(edge.target)
    neighbors[edge.target].insert(edge.source)
  }
  return neighbors.map { list in
    if list.isEmpty { return 0 }
    let sum = list.sorted(by: >).reduce(0) { $0 + pow(Double(neighbors[$1].count), -0.5) }
    return sum / pow(Double(list.count), 2)
  }
}

func isClose(_ a: Double, _ b: Double, _ relative: Double = 1e-10) -> Bool {
  abs(a - b) <= relative * max(abs(a), abs(b))
}
