import Glibc
import GraphStore
import MillRuntime

/// Local degree scores at every arc (0 at loops): 1 - ln(rank) / ln(d) of a neighbour in a node's list by descending
/// degree, where equal degrees share the rank of the first; the larger value of the two ends.
///
/// - Complexity: O(m log d) time, 8 bytes an arc.
func localDegreeScores<Target: NodeIndex>(_ view: GraphRows<Target>) throws(MillError) -> FlatBuffer<Double> {
  let degreeBuffer = try looplessDegrees(view)
  let degrees = unsafe degreeBuffer.base
  let scoreBuffer = try FlatBuffer<Double>(count: view.arcCount)
  let scores = unsafe scoreBuffer.base
  let longest = (0..<view.nodeCount).reduce(0) { unsafe max($0, degrees[$1]) }
  let workers = min(view.context.threads, view.chunkCount)
  let scratch = try FlatBuffer<Int>(count: longest * workers)
  try view.forEachChunk { nodes, _, worker in
    let sorted = unsafe UnsafeMutableBufferPointer(start: scratch.base + worker * longest, count: longest)
    for node in nodes where unsafe degrees[node] > 0 { unsafe rateList(node, view, degrees, sorted, scores) }
  }
  try spread(view) { node, target, arc, reverse in
    let best = unsafe max(scores[arc], scores[reverse])
    unsafe scores[arc] = best
    unsafe scores[reverse] = best
  }
  withExtendedLifetime((degreeBuffer, scratch)) {}
  return scoreBuffer
}

/// Writes the values of one node's list.
private func rateList<Target: NodeIndex>(
  _ node: Int, _ view: GraphRows<Target>, _ degrees: UnsafeMutablePointer<Int>,
  _ scratch: UnsafeMutableBufferPointer<Int>, _ scores: UnsafeMutablePointer<Double>
) {
  let degree = unsafe degrees[node]
  var sorted = unsafe UnsafeMutableBufferPointer(rebasing: scratch[..<degree])
  var count = 0
  for arc in view.begin(node)..<view.end(node) where view.target(arc) != node {
    unsafe sorted[count] = degrees[view.target(arc)]
    count += 1
  }
  unsafe sorted.sort(by: >)
  let scale = log(Double(degree))
  for arc in view.begin(node)..<view.end(node) where view.target(arc) != node {
    let wanted = unsafe degrees[view.target(arc)]
    let larger = (0..<degree).partitionPoint { unsafe sorted[$0] <= wanted }
    unsafe scores[arc] = degree == 1 ? 1 : 1 - log(Double(larger + 1)) / scale
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

/// Visits every undirected edge with the positions of both its arcs, in parallel.
func spread<Target: NodeIndex>(
  _ view: GraphRows<Target>, _ body: (_ node: Int, _ target: Int, _ arc: Int, _ reverse: Int) -> Void
) throws(MillError) {
  try view.forEachChunk { nodes, _, _ in
    for node in nodes {
      view.forEachOwnArc(node) { target, arc in
        if let reverse = view.arc(target, node) { body(node, target, arc, reverse) }
      }
    }
  }
}
