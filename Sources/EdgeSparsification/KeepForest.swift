import GraphStore
import MillRuntime

/// A maximum spanning forest by the order of removal: every edge of it is the last one to go on some cut.
struct SpanningForest {
  /// The arcs of its edges.
  let marks: ArcMarks
  /// n minus the number of components.
  let edgeCount: Int
  /// Runs over all edges.
  let passes: Int
}

extension EdgeOrder {
  /// The forest, by Borůvka's rounds: each component takes the highest edge that leaves it. The order of edges is
  /// total, so there is exactly one such forest.
  ///
  /// - Complexity: at most log2(n) + 1 passes over the edges, 24n bytes and one bit an arc. Serial.
  /// - Source: Borůvka 1926, after Nešetřil, Milková, Nešetřilová, Discrete Mathematics 233 (2001).
  func spanningForest() throws(MillError) -> SpanningForest {
    let n = view.nodeCount
    let marks = try ArcMarks(arcCount: view.arcCount)
    let labelBuffer = try FlatBuffer<Int>(count: n)
    let sourceBuffer = try FlatBuffer<Int>(count: n)
    let arcBuffer = try FlatBuffer<Int>(count: n)
    let (labels, bestSources, bestArcs) = unsafe (labelBuffer.base, sourceBuffer.base, arcBuffer.base)
    for node in 0..<n { unsafe labels[node] = node }
    var edgeCount = 0
    var passes = 0
    while true {
      try view.context.checkCancelled()
      for node in 0..<n { unsafe bestArcs[node] = -1 }
      passes += 1
      for node in 0..<n {
        view.forEachOwnArc(node) { target, arc in
          let (a, b) = unsafe (labels[node], labels[target])
          guard a != b else { return }
          if unsafe isHigher(node, target, arc, than: bestSources[a], bestArcs[a]) {
            unsafe bestSources[a] = node
            unsafe bestArcs[a] = arc
          }
          if unsafe isHigher(node, target, arc, than: bestSources[b], bestArcs[b]) {
            unsafe bestSources[b] = node
            unsafe bestArcs[b] = arc
          }
        }
      }
      var joined = 0
      for label in 0..<n where unsafe bestArcs[label] >= 0 {
        let source = unsafe bestSources[label]
        let target = unsafe end(of: bestArcs[label], from: source)
        let (a, b) = unsafe (root(labels, source), root(labels, target))
        guard a != b else { continue }
        unsafe labels[max(a, b)] = min(a, b)
        marks.insert(view, source, target)
        joined += 1
      }
      for node in 0..<n { unsafe labels[node] = unsafe labels[labels[node]] }
      if joined == 0 { break }
      edgeCount += joined
    }
    withExtendedLifetime((labelBuffer, sourceBuffer, arcBuffer)) {}
    return SpanningForest(marks: marks, edgeCount: edgeCount, passes: passes)
  }

  @inline(__always)
  private func isHigher(_ node: Int, _ target: Int, _ arc: Int, than otherSource: Int, _ otherArc: Int) -> Bool {
    if otherArc < 0 { return true }
    let otherTarget = end(of: otherArc, from: otherSource)
    let (mine, other) = (keying.key(node, target, arc), keying.key(otherSource, otherTarget, otherArc))
    if mine != other { return mine > other }
    return rank(node, target, arc) > rank(otherSource, otherTarget, otherArc)
  }

  @inline(__always) private func end(of arc: Int, from source: Int) -> Int {
    view.target(of: source, at: arc &- view.begin(source))
  }

  /// The root of a node's component while components are being joined. Labels point to smaller nodes or to themselves.
  private func root(_ labels: UnsafeMutablePointer<Int>, _ node: Int) -> Int {
    var node = node
    while unsafe labels[node] != node {
      unsafe labels[node] = labels[labels[node]]
      node = unsafe labels[node]
    }
    return node
  }
}
