import Glibc
import GraphStore
import MillRuntime

/// Local degree scores at every arc (0 at loops): 1 - ln(rank) / ln(d) of a neighbor in a node's list by descending
/// degree, where equal degrees share the rank of the first; the larger value of the two ends.
///
/// Nothing is sorted but the nodes: taken by descending degree, they come up in every list in the order of their ranks.
///
/// - Complexity: O(m) time, 8 bytes an arc and 40 bytes a node.
func localDegreeScores<Target: NodeIndex>(_ view: GraphRows<Target>) throws(MillError) -> FlatBuffer<Double> {
  let degrees = try looplessDegrees(view)
  let nodes = try countingOrder(of: degrees, isDescending: true)
  let longest = unsafe nodes.count == 0 ? 0 : degrees.base[nodes.base[0]]
  let logarithms = try FlatBuffer<Double>(uninitializedCount: longest + 1)
  for i in 0...longest { unsafe logarithms.base[i] = log(Double(i)) }
  let lists = try FlatBuffer<RankedList<Target>>(count: view.nodeCount)
  for node in 0..<view.nodeCount { unsafe lists.base[node].degree = Target(truncatingIfNeeded: degrees.base[node]) }
  let scoreBuffer = try FlatBuffer<Double>(count: view.arcCount)
  let scores = unsafe scoreBuffer.base
  // Every thread looks after the lists of a range of nodes.
  let parts = max(1, min(view.context.threads, view.chunkCount))
  try Parallel.forEachThrowing(parts, threads: parts) { (part, _) throws(MillError) in
    let low = view.cuts[part * view.chunkCount / parts]
    let high = view.cuts[(part + 1) * view.chunkCount / parts]
    for place in 0..<nodes.count {
      if place & 0xfffff == 0 { try view.context.checkCancelled() }
      let node = unsafe nodes.base[place]
      let degree = unsafe Target(truncatingIfNeeded: degrees.base[node])
      var arc = low == 0 ? view.begin(node) : view.arcs(node).partitionPoint { view.target($0) >= low }
      let end = view.end(node)
      while arc < end {
        let owner = view.target(arc)
        if owner >= high { break }
        if owner != node {
          let rank = unsafe lists.base[owner].rank(ofNext: degree)
          let scale = unsafe logarithms.base[Int(truncatingIfNeeded: lists.base[owner].degree)]
          unsafe scores[arc] = LocalDegreeTerms.score(rank: rank, logarithm: logarithms.base[rank], scale: scale)
        }
        arc &+= 1
      }
    }
  }
  // Each arc has the value of its source in the list of its target.
  try view.forEachEdgePair(threads: view.context.threads) { _, _, arc, reverse in
    let best = unsafe max(scores[arc], scores[reverse])
    unsafe scores[arc] = best
    unsafe scores[reverse] = best
  }
  withExtendedLifetime((degrees, nodes, logarithms, lists)) {}
  return scoreBuffer
}

/// The value of a neighbor in a node's list, for loops that have it in parts.
package enum LocalDegreeTerms {
  /// The value at a rank from 1 on, by its logarithm and that of the node's degree.
  @inline(__always) package static func score(rank: Int, logarithm: Double, scale: Double) -> Double {
    rank == 1 ? 1 : 1 - logarithm / scale
  }
}

/// A node's list by descending degree, of which only the end is known.
private struct RankedList<Count: NodeIndex>: BitwiseCopyable {
  /// Entries in all.
  var degree: Count = 0
  private var count: Count = 0
  private var lastDegree: Count = 0
  private var lastRank: Count = 0

  /// The rank, from 1 on, of the next entry, whose degree is not above that of any before it.
  @inline(__always) mutating func rank(ofNext degree: Count) -> Int {
    count &+= 1
    if degree != lastDegree {
      lastDegree = degree
      lastRank = count
    }
    return Int(truncatingIfNeeded: lastRank)
  }
}

/// Degrees that do not count loops, shape `[n]`.
func looplessDegrees<Target: NodeIndex>(_ view: GraphRows<Target>) throws(MillError) -> FlatBuffer<Int> {
  let buffer = try FlatBuffer<Int>(count: view.nodeCount)
  let degrees = unsafe buffer.base
  try view.forEachChunk { nodes, _, _ in
    for node in nodes {
      let hasLoop = view.hasLoops && view.arc(node, node) != nil
      unsafe degrees[node] = view.end(node) - view.begin(node) - (hasLoop ? 1 : 0)
    }
  }
  return buffer
}
