import GraphStore
import MillRuntime

/// Keys between which the last edge to go lies, as far as a sample tells.
struct CutBracket {
  let keys: ClosedRange<UInt64>
  /// Room for the edges of such keys; that they are fewer is near certain.
  let capacity: Int
}

extension EdgeOrder {
  /// The keys between which the edge of rank `wanted` lies, from a sample of the edges; nil where counting them all is
  /// no more work, or where too many edges have such keys.
  ///
  /// The sample is drawn by the places of arcs, one of every run of so many, so that it is the same for every number of
  /// threads. The bracket misses in fewer than three graphs of a thousand; who uses it can tell, and counts them all then.
  func bracket(_ wanted: Int, _ tuning: SparsifyTuning) throws(MillError) -> CutBracket? {
    guard view.edgeCount >= tuning.leastSampled else { return nil }
    var fine = tuning
    fine.bucketBits += 2
    let histogram = try KeyHistogram(over: keying.keyRange, edgeCount: view.edgeCount, fine)
    let counts = try histogram.countSample(view, keying, oneIn: sampleStride)
    let sampled = unsafe counts.elements.reduce(0, +)
    guard sampled > 0 else { return nil }
    let share = Double(wanted) / Double(view.edgeCount)
    let middle = share * Double(sampled)
    let margin = tuning.sampleMargin * (Double(sampled) * share * (1 - share)).squareRoot() + 8
    var bounds = (low: 0, high: counts.count - 1)
    var inside = 0
    var passed = 0
    for bucket in 0..<counts.count {
      let own = unsafe counts.base[bucket]
      if Double(passed + own) < middle - margin {
        bounds.low = bucket + 1
      } else if Double(passed) <= middle + margin {
        inside += own
        bounds.high = bucket
      }
      passed += own
    }
    guard bounds.low <= bounds.high else { return nil }
    // As good as never reached: the sample would have to be off by as much again.
    let capacity = (inside + Int(margin)) * (view.edgeCount / sampled + 1)
    guard capacity <= view.edgeCount / 16 else { return nil }
    // Where the sample ends, the keys go on.
    if Double(passed) <= middle + margin { bounds.high = counts.count - 1 }
    let keys = histogram.range(ofBucket: bounds.low).lowerBound...histogram.range(ofBucket: bounds.high).upperBound
    return CutBracket(keys: keys, capacity: capacity)
  }

  /// Arcs for each that is drawn: the power of two near a quarter of the third root of the number of edges, where the
  /// sample costs about as much as the edges between the bounds that it gives.
  private var sampleStride: Int {
    let bits = Int.bitWidth - view.edgeCount.leadingZeroBitCount
    return 1 << max(0, bits / 3 - 2)
  }
}

extension KeyHistogram {
  /// Counts one edge for every `stride` arcs, a power of two; which arc is a matter of their places alone.
  func countSample<Value: EdgeValue>(
    _ view: some RowSource, _ value: Value, oneIn stride: Int
  ) throws(MillError) -> FlatBuffer<Int> {
    /// The first place drawn that is not below `place`.
    @inline(__always) func drawn(from place: Int) -> Int {
      let run = place & -stride
      let own = run | Int(truncatingIfNeeded: CounterRandom.mix(UInt64(truncatingIfNeeded: run))) & (stride - 1)
      if own >= place { return own }
      let next = run + stride
      return next | Int(truncatingIfNeeded: CounterRandom.mix(UInt64(truncatingIfNeeded: next))) & (stride - 1)
    }
    return try unsafe count(view) { nodes, scratch, add in
      var place = drawn(from: view.begin(nodes.lowerBound))
      for node in nodes where place < view.end(node) {
        unsafe view.forEachPiece(node, isBrief: false) { targets, arc, count in
          while place < arc &+ count {
            let target = unsafe targets + (place &- arc)
            unsafe value.fill(scratch, node, target, place, 1)
            if unsafe Int(truncatingIfNeeded: target.pointee) != node { unsafe add(scratch.pointee) }
            place = drawn(from: place &+ 1)
          }
          return true
        }
      }
    }
  }
}
