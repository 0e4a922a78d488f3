import GraphStore
import MillRuntime

/// What a removal with a minimum degree came to: everything up to `pivot` goes, except marked arcs.
struct GuardedRemoval {
  /// The last edge that goes; before all edges when none does.
  var pivot = EdgeRank.before(key: 0)
  /// Edges that go.
  var removed = 0
  /// Edges that were passed over to keep an end's degree.
  var skipped = 0
  /// Runs over all edges.
  var passes = 0
  /// The largest number of edges that were held in memory at once.
  var bucketEdges = 0
}

extension EdgeOrder {
  /// Visits edges in the order of removal and removes each one whose ends both stay at `minimumDegree` or above,
  /// until `wanted` are gone or no edge with a key below `ceiling` is left. Passed-over edges are added to `marks`.
  ///
  /// The decision on an edge depends on the edges before it alone, so the removed sets for growing `wanted` are
  /// nested. Loops do not count in degrees; in a directed graph the degree counts arcs of both directions.
  ///
  /// Edges are pulled out and sorted in runs of about n edges (more only where that many share a bucket of scores).
  ///
  /// - Complexity: O(m log n) time, m / n + 1 passes, O(n) memory unless most scores are equal. Serial but for the
  ///   passes.
  func removeGuarded(
    _ wanted: Int, minimumDegree: Int, below ceiling: UInt64, marks: ArcMarks, _ tuning: SparsifyTuning
  ) throws(MillError) -> GuardedRemoval {
    var outcome = GuardedRemoval()
    let range = keying.keyRange
    guard wanted > 0, ceiling > range.lowerBound else { return outcome }
    let degreeBuffer = try remainingDegrees()
    let degrees = unsafe degreeBuffer.base
    let histogram = try KeyHistogram(
      over: range.lowerBound...min(range.upperBound, ceiling - 1), edgeCount: view.edgeCount, tuning)
    let counts = try histogram.count(view, keying)
    outcome.passes = 1
    let runLength = max(tuning.minimumCapacity, view.nodeCount)
    var bucket = 0
    while bucket < counts.count, outcome.removed < wanted {
      let first = histogram.range(ofBucket: bucket).lowerBound
      var count = 0
      var last = first
      while bucket < counts.count, unsafe count == 0 || count + counts.base[bucket] <= runLength {
        unsafe count += counts.base[bucket]
        last = histogram.range(ofBucket: bucket).upperBound
        bucket += 1
      }
      guard count > 0 else { break }
      let run = try collect(count: count, keys: first...last)
      var edges = unsafe run.mutableElements
      unsafe edges.sort()
      outcome.passes += 1
      outcome.bucketEdges = max(outcome.bucketEdges, count)
      for i in edges.indices {
        let edge = unsafe edges[i]
        guard outcome.removed < wanted else { break }
        if unsafe degrees[edge.u] > minimumDegree, unsafe degrees[edge.v] > minimumDegree {
          unsafe degrees[edge.u] -= 1
          unsafe degrees[edge.v] -= 1
          outcome.removed += 1
          outcome.pivot = edge
        } else {
          marks.insert(view, edge.u, edge.v)
          outcome.skipped += 1
        }
      }
    }
    withExtendedLifetime(degreeBuffer) {}
    return outcome
  }

  private func remainingDegrees() throws(MillError) -> FlatBuffer<Int> {
    let buffer = try FlatBuffer<Int>(count: view.nodeCount)
    let degrees = unsafe buffer.base
    for node in 0..<view.nodeCount {
      view.forEachOwnArc(node) { target, _ in
        unsafe degrees[node] += 1
        unsafe degrees[target] += 1
      }
    }
    return buffer
  }
}
