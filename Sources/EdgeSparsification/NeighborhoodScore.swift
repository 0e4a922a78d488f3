import GraphStore
import MillRuntime

/// The number of triangles, or the Jaccard similarity of the neighborhoods, at every arc (0 at loops).
///
/// - Complexity: O(Σ over edges of min(d(u) + d(v), min(d) log max(d))) time, 8 bytes an arc. Loops are not seen.
func neighborhoodScores<Target: NodeIndex>(
  _ view: GraphRows<Target>, isJaccard: Bool
) throws(MillError) -> FlatBuffer<Double> {
  let degreeBuffer = try looplessDegrees(view)
  let degrees = unsafe degreeBuffer.base
  let scoreBuffer = try FlatBuffer<Double>(count: view.arcCount)
  let scores = unsafe scoreBuffer.base
  try spread(view) { node, target, arc, reverse in
    var common = commonTargets(view, node, target)
    // The loop of an end makes that end look like a common neighbor.
    if view.hasLoops {
      unsafe common -= view.end(node) - view.begin(node) - degrees[node]
      unsafe common -= view.end(target) - view.begin(target) - degrees[target]
    }
    let score = unsafe isJaccard ? Double(common) / Double(degrees[node] + degrees[target] - common) : Double(common)
    unsafe scores[arc] = score
    unsafe scores[reverse] = score
  }
  withExtendedLifetime(degreeBuffer) {}
  return scoreBuffer
}

/// The number of entries that two rows share: a merge, or binary searches where one row is much longer.
private func commonTargets<Target: NodeIndex>(_ view: GraphRows<Target>, _ first: Int, _ second: Int) -> Int {
  var (a, aEnd) = (view.begin(first), view.end(first))
  var (b, bEnd) = (view.begin(second), view.end(second))
  if aEnd - a > bEnd - b { swap(&a, &b); swap(&aEnd, &bEnd) }
  var common = 0
  if (aEnd - a) * 16 < bEnd - b {
    while a < aEnd {
      let wanted = unsafe view.targets[a]
      var high = bEnd
      while b < high {
        let middle = b + (high - b) / 2
        if unsafe view.targets[middle] < wanted { b = middle + 1 } else { high = middle }
      }
      if b == bEnd { break }
      unsafe common &+= view.targets[b] == wanted ? 1 : 0
      a &+= 1
    }
    return common
  }
  while a < aEnd, b < bEnd {
    let (x, y) = unsafe (view.targets[a], view.targets[b])
    common &+= x == y ? 1 : 0
    a &+= x <= y ? 1 : 0
    b &+= y <= x ? 1 : 0
  }
  return common
}

/// Visits every undirected edge with the positions of both its arcs, in parallel.
private func spread<Target: NodeIndex>(
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
