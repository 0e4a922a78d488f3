import EdgeSparsification
import Glibc
import GraphStore
import MillRuntime

/// Zachary's karate club, 34 members, 78 ties, counted from 0.
let karateEdges: [(Int, Int)] = [
  (0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (0, 6), (0, 7), (0, 8), (0, 10), (0, 11), (0, 12), (0, 13), (0, 17), (0, 19),
  (0, 21), (0, 31), (1, 2), (1, 3), (1, 7), (1, 13), (1, 17), (1, 19), (1, 21), (1, 30), (2, 3), (2, 7), (2, 8), (2, 9),
  (2, 13), (2, 27), (2, 28), (2, 32), (3, 7), (3, 12), (3, 13), (4, 6), (4, 10), (5, 6), (5, 10), (5, 16), (6, 16),
  (8, 30), (8, 32), (8, 33), (9, 33), (13, 33), (14, 32), (14, 33), (15, 32), (15, 33), (18, 32), (18, 33), (19, 33),
  (20, 32), (20, 33), (22, 32), (22, 33), (23, 25), (23, 27), (23, 29), (23, 32), (23, 33), (24, 25), (24, 27),
  (24, 31),
  (25, 31), (26, 29), (26, 33), (27, 33), (28, 31), (28, 33), (29, 32), (29, 33), (30, 32), (30, 33), (31, 32),
  (31, 33),
  (32, 33),
]

func karate() throws -> CSRGraph { try CSRGraph(nodeCount: 34, edges: karateEdges) }

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

/// `count` random pairs of `nodeCount` nodes, loops and repeats included; low ids are drawn more often.
func randomPairs(nodeCount: Int, count: Int, seed: UInt64) -> [(Int, Int)] {
  var random = CounterRandom(seed: seed, stage: "test.pairs")
  return (0..<count).map { _ in
    let u = min(random.below(UInt64(nodeCount)), random.below(UInt64(nodeCount)))
    return (Int(u), Int(random.below(UInt64(nodeCount))))
  }
}

/// A simple undirected graph.
func randomGraph(nodeCount: Int, pairs: Int, seed: UInt64) throws -> CSRGraph {
  try CSRGraph(
    nodeCount: nodeCount, edges: randomPairs(nodeCount: nodeCount, count: pairs, seed: seed).filter { $0.0 != $0.1 })
}

/// An edge as a value that can be compared and put into sets.
struct Edge: Hashable, Comparable, CustomStringConvertible {
  var u: Int
  var v: Int
  init(_ u: Int, _ v: Int) { (self.u, self.v) = (u, v) }
  static func < (a: Edge, b: Edge) -> Bool { (a.u, a.v) < (b.u, b.v) }
  var description: String { "\(u)-\(v)" }
}

extension CSRGraph {
  /// Edges without loops: smaller end first, or arcs of a directed graph.
  var edgeList: [Edge] {
    (0..<nodeCount).flatMap { u in
      neighbors(of: u).filter { isDirected ? $0 != u : $0 > u }.map { Edge(u, $0) }
    }
  }

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
    let (a, b) = (root(edge.u), root(edge.v))
    parent[max(a, b)] = min(a, b)
  }
  return (0..<graph.nodeCount).map(root)
}

/// TEDDY by its definition, on sets and in another order of sums.
func naiveTeddy(nodeCount: Int, _ edges: some Sequence<Edge>) -> [Double] {
  var neighbors = [Set<Int>](repeating: [], count: nodeCount)
  for edge in edges {
    neighbors[edge.u].insert(edge.v)
    neighbors[edge.v].insert(edge.u)
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

/// A file of the shared data folder as edges; nil where it is not there.
func sharedEdges(_ name: String) -> [(Int, Int)]? {
  let package = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  let folder = getenv("GRAPHMILL_SHARED_DATA").map { String(cString: $0) } ?? "/\(package)/../shared/data"
  guard let file = try? MappedFile(path: "\(folder)/\(name)") else { return nil }
  defer { withExtendedLifetime(file) {} }
  return file.bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
    let fields = line.split(separator: UInt8(ascii: "\t")).compactMap { Int(String(decoding: $0, as: UTF8.self)) }
    return fields.count == 2 ? (fields[0], fields[1]) : nil
  }
}
