import GraphStore
import GraphSummarization
import TestSupport

/// A decoder that counts the edges over every pair of nodes, and the promises of a summary checked one by one: slow,
/// and made from the public description alone.
struct SummaryReference {
  let summary: GraphSummary
  /// Nodes below each supernode, from parents alone.
  let below: [Set<Int>]

  init(_ summary: GraphSummary) {
    self.summary = summary
    var below = (0..<summary.supernodeCount).map { $0 < summary.nodeCount ? [$0] as Set : [] }
    for node in 0..<summary.nodeCount {
      var x = node
      var steps = 0
      while let up = summary.parent(of: x), steps <= summary.supernodeCount {
        below[up].insert(node)
        x = up
        steps += 1
      }
    }
    self.below = below
  }

  /// p-edges less n-edges over each pair; shape `[n][n]`.
  func net() -> [[Int]] {
    var net = [[Int]](
      repeating: [Int](repeating: 0, count: summary.nodeCount), count: summary.nodeCount)
    for edge in summary.edges {
      let sign = edge.isNegative ? -1 : 1
      for u in below[edge.first] {
        for v in below[edge.second] where u != v {
          net[u][v] += sign
          if edge.first != edge.second { net[v][u] += sign }
        }
      }
    }
    return net
  }

  /// What is wrong with the summary of a graph; empty when nothing is.
  func faults(_ graph: CSRGraph) -> [String] {
    var faults: [String] = []
    guard summary.nodeCount == graph.nodeCount else { return ["nodes"] }
    let net = net()
    for u in 0..<graph.nodeCount {
      for v in 0..<graph.nodeCount where u != v {
        let wanted = graph.hasEdge(u, v) || graph.hasEdge(v, u) ? 1 : 0
        if net[u][v] != wanted { faults.append("net(\(u), \(v)) is \(net[u][v]), not \(wanted)") }
      }
    }
    var hierarchyEdges = 0
    for x in 0..<summary.supernodeCount {
      let children = summary.children(of: x)
      if x < summary.nodeCount ? !children.isEmpty : children.count < 2 { faults.append("children of \(x)") }
      for child in children where summary.parent(of: child) != x || child >= x { faults.append("parent of \(child)") }
      if summary.parent(of: x) != nil { hierarchyEdges += 1 }
      if Set(summary.leaves(of: x)) != below[x] { faults.append("leaves of \(x)") }
    }
    var seen = Set<[Int]>()
    for edge in summary.edges {
      if !seen.insert([edge.first, edge.second]).inserted { faults.append("two edges at \(edge)") }
      if edge.first == edge.second {
        if edge.first < summary.nodeCount { faults.append("loop on a node") }
      } else if !below[edge.first].isDisjoint(with: below[edge.second]) {
        faults.append("edge to an ancestor: \(edge)")
      }
    }
    let negative = summary.edges.count { $0.isNegative }
    if summary.negativeEdgeCount != negative || summary.positiveEdgeCount != summary.edges.count - negative {
      faults.append("edge counts")
    }
    if summary.hierarchyEdgeCount != hierarchyEdges { faults.append("hierarchy edges") }
    if summary.cost != summary.edges.count + hierarchyEdges { faults.append("cost") }
    return faults
  }

  /// Inner supernodes that no edge touches.
  var useless: [Int] {
    let used = Set(summary.edges.flatMap { [$0.first, $0.second] })
    return (summary.nodeCount..<summary.supernodeCount).filter { !used.contains($0) }
  }
}

extension TestGraph {
  /// A complete bipartite graph.
  static func biclique(_ a: Int, _ b: Int) -> TestGraph {
    TestGraph("biclique \(a) \(b)", nodeCount: a + b, pairs: (0..<a).flatMap { u in (a..<a + b).map { (u, $0) } })
  }

  static func cycle(_ n: Int) -> TestGraph {
    TestGraph("cycle \(n)", nodeCount: n, pairs: (0..<n).map { ($0, ($0 + 1) % n) })
  }

  static func hypercube(_ d: Int) -> TestGraph {
    TestGraph(
      "hypercube \(d)", nodeCount: 1 << d,
      pairs: (0..<1 << d).flatMap { v in (0..<d).map { (v, v ^ 1 << $0) }.filter { $0.0 < $0.1 } })
  }

  /// Nested blocks: pairs are joined the likelier the lower their common block.
  static func nested(_ n: Int, seed: UInt64) -> TestGraph {
    var random = TestRandom(state: seed &+ 77)
    var pairs: [(Int, Int)] = []
    for u in 0..<n {
      for v in 0..<u {
        let level = u / 5 == v / 5 ? 90 : u / 20 == v / 20 ? 55 : 4
        if random.below(100) < level { pairs.append((v, u)) }
      }
    }
    return TestGraph("nested \(n) seed \(seed)", nodeCount: n, pairs: pairs)
  }
}

/// A small linear congruential generator, so that test inputs do not lean on the library's.
struct TestRandom {
  var state: UInt64

  mutating func below(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }
}
