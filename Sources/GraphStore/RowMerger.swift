import MillRuntime

/// How the two arcs between a pair of nodes in a directed graph become one edge.
public enum DirectionPolicy: String, Sendable, CaseIterable, Codable {
  /// An edge where there is an arc either way; the larger of two weights, so that equal ones stay.
  case union
  /// An edge where there is an arc either way; the smaller of two weights.
  case min
  /// An edge where there is an arc either way; weights are added.
  case sum
  /// An edge where there are arcs both ways; the smaller weight.
  case mutual

  /// The rule in half a sentence, for reports.
  public var explanation: String {
    switch self {
    case .union: "an edge for an arc either way, the larger weight counts"
    case .min: "an edge for an arc either way, the smaller weight counts"
    case .sum: "an edge for an arc either way, weights added"
    case .mutual: "an edge for arcs both ways, the smaller weight counts"
    }
  }
}

/// Merges two ascending lists per node into one, dropping or combining what repeats.
struct RowMerger<ID: NodeIndex> {
  /// The first list of each node.
  let rows: GraphRows<ID>
  /// The second list of each node, the arcs that enter it; its loops are those of `rows` and are left out.
  let reversed: GraphRows<ID>?
  /// What becomes of arcs that repeat another in the same direction.
  let duplicates: DuplicatePolicy
  /// What becomes of two directions; without meaning where there is no second list.
  let directions: DirectionPolicy
  let keepsLoops: Bool

  /// What was found in one row, or in all.
  struct Counts: BitwiseCopyable {
    /// Arcs that were written.
    var arcs = 0
    /// Loops among them.
    var loops = 0
    /// Arcs written that repeat the one before.
    var repeats = 0
    /// Arcs, no loops, that went into another one.
    var combined = 0
    /// Loops that went into another one.
    var combinedLoops = 0
    /// Loops left out.
    var droppedLoops = 0
    /// Pairs of nodes whose two directions had different weights.
    var unequal = 0
    /// Arcs left out because there is none the other way.
    var oneWay = 0
    /// Weights whose sum is beyond a double.
    var overflows = 0

    mutating func add(_ other: Counts) {
      arcs += other.arcs
      loops += other.loops
      repeats += other.repeats
      combined += other.combined
      combinedLoops += other.combinedLoops
      droppedLoops += other.droppedLoops
      unequal += other.unequal
      oneWay += other.oneWay
      overflows += other.overflows
    }
  }

  /// Builds the merged rows: a pass that counts, a prefix sum, a pass that writes.
  func build() throws(MillError) -> (rows: BuiltRows<ID>, counts: Counts) {
    let nodeCount = rows.nodeCount
    let offsets = try FlatBuffer<UInt64>(count: nodeCount + 1)
    let sums = try FlatBuffer<Counts>(count: rows.chunkCount)
    try rows.forEachChunk { nodes, chunk, _ in
      var sum = Counts()
      for v in nodes {
        let before = sum.arcs
        unsafe merge(v, &sum, targets: nil, weights: nil)
        unsafe offsets.base[v + 1] = UInt64(sum.arcs - before)
      }
      unsafe sums.base[chunk] = sum
    }
    var counts = Counts()
    for chunk in 0..<rows.chunkCount { unsafe counts.add(sums.base[chunk]) }
    if duplicates == .error, counts.combined + counts.combinedLoops > 0 {
      throw MillError(.duplicateEdge, "the graph repeats an edge", hint: "choose how duplicates are merged")
    }
    if counts.overflows > 0 {
      throw MillError(
        .weightNotFinite, "the weights of an edge that occurs more than once add up to more than a double holds",
        hint: "merge duplicates by first, min or max")
    }
    for v in 0..<nodeCount { unsafe offsets.base[v + 1] += offsets.base[v] }
    let targets = try FlatBuffer<ID>(count: counts.arcs)
    let weights = unsafe rows.weights == nil ? nil : try FlatBuffer<Double>(count: counts.arcs)
    try rows.forEachChunk { nodes, _, _ in
      for v in nodes {
        var row = Counts()
        let start = unsafe Int(offsets.base[v])
        unsafe merge(v, &row, targets: targets.base + start, weights: weights.map { unsafe $0.base + start })
      }
    }
    let built = BuiltRows(
      offsets: offsets, targets: targets, weights: weights, loops: counts.loops, repeats: counts.repeats)
    return (built, counts)
  }

  /// Merges the lists of `v`; only counts without `targets`.
  @inline(__always) private func merge(
    _ v: Int, _ sum: inout Counts, targets: UnsafeMutablePointer<ID>?, weights: UnsafeMutablePointer<Double>?
  ) {
    if unsafe rows.weights == nil, duplicates != .keep, directions != .mutual || reversed == nil {
      return unsafe mergeTargets(v, &sum, targets)
    }
    var first = rows.arcs(v)
    var second = reversed?.arcs(v) ?? 0..<0
    let node = ID(truncatingIfNeeded: v)
    while true {
      let target: ID
      if first.isEmpty {
        guard !second.isEmpty, let reversed else { return }
        target = unsafe reversed.targets[second.lowerBound]
      } else if second.isEmpty {
        target = unsafe rows.targets[first.lowerBound]
      } else {
        target = unsafe min(rows.targets[first.lowerBound], reversed.unsafelyUnwrapped.targets[second.lowerBound])
      }
      let own = unsafe Self.takeGroup(rows.targets, &first, target)
      var other = reversed.map { unsafe Self.takeGroup($0.targets, &second, target) } ?? 0..<0
      if target == node {
        if !keepsLoops {
          sum.droppedLoops += own.count
          continue
        }
        other = 0..<0
      }
      // Arcs from the smaller to the larger end come first, so that both ends see the same order.
      let pair = Pair(own: own, other: other, ownFirst: target > node)
      if duplicates == .keep {
        for i in 0..<pair.count {
          unsafe targets?[sum.arcs + i] = target
          unsafe weights?[sum.arcs + i] = weight(i, pair)
        }
        sum.arcs += pair.count
        sum.repeats += pair.count - 1
        if target == node { sum.loops += pair.count }
        continue
      }
      if directions == .mutual, reversed != nil, target != node, own.isEmpty || other.isEmpty {
        sum.oneWay += pair.count
        continue
      }
      unsafe targets?[sum.arcs] = target
      if unsafe rows.weights != nil {
        let (value, isEqual) = merged(pair)
        unsafe weights?[sum.arcs] = value
        if !isEqual { sum.unequal += 1 }
        if !value.isFinite { sum.overflows += 1 }
      }
      sum.arcs += 1
      if target == node {
        sum.combinedLoops += pair.count - 1
        sum.loops += 1
      } else {
        sum.combined += pair.count - 1
      }
    }
  }

  /// `merge` without weights, where an arc either way is enough for an edge: only the targets count.
  @inline(__always) private func mergeTargets(_ v: Int, _ sum: inout Counts, _ targets: UnsafeMutablePointer<ID>?) {
    let first = rows.arcs(v)
    let second = reversed?.arcs(v) ?? 0..<0
    let entering = unsafe reversed?.targets ?? rows.targets
    let node = ID(truncatingIfNeeded: v)
    var i = first.lowerBound
    var j = second.lowerBound
    while i < first.upperBound || j < second.upperBound {
      let takesFirst = unsafe j == second.upperBound || (i < first.upperBound && rows.targets[i] <= entering[j])
      let target = unsafe takesFirst ? rows.targets[i] : entering[j]
      let own = i
      while i < first.upperBound, unsafe rows.targets[i] == target { i &+= 1 }
      let other = j
      while j < second.upperBound, unsafe entering[j] == target { j &+= 1 }
      if target == node {
        if keepsLoops {
          sum.combinedLoops += i - own - 1
          sum.loops += 1
        } else {
          sum.droppedLoops += i - own
          continue
        }
      } else {
        sum.combined += (i - own) + (j - other) - 1
      }
      unsafe targets?[sum.arcs] = target
      sum.arcs += 1
    }
  }

  /// The arcs of both directions between two nodes.
  private struct Pair {
    let own: Range<Int>
    let other: Range<Int>
    let ownFirst: Bool
    var count: Int { own.count + other.count }
    /// How many of them lead from the smaller to the larger end.
    var upward: Int { ownFirst ? own.count : other.count }
  }

  /// Takes the arcs of one target off the front of a list.
  @inline(__always) private static func takeGroup(
    _ targets: UnsafePointer<ID>, _ list: inout Range<Int>, _ target: ID
  ) -> Range<Int> {
    var end = list.lowerBound
    while end < list.upperBound, unsafe targets[end] == target { end &+= 1 }
    let group = list.lowerBound..<end
    list = end..<list.upperBound
    return group
  }

  /// The weight of arc `i` of a pair, those from the smaller to the larger end first.
  @inline(__always) private func weight(_ i: Int, _ pair: Pair) -> Double {
    guard let a = unsafe rows.weights else { return 1 }
    if pair.ownFirst {
      return unsafe i < pair.own.count
        ? a[pair.own.lowerBound + i] : reversed!.weights![pair.other.lowerBound + i - pair.own.count]
    }
    return unsafe i < pair.other.count
      ? reversed!.weights![pair.other.lowerBound + i] : a[pair.own.lowerBound + i - pair.other.count]
  }

  /// The weight of the edge of a pair, and whether its directions agreed (or there was only one).
  @inline(__always) private func merged(_ pair: Pair) -> (weight: Double, isEqual: Bool) {
    let middle = pair.upward
    guard middle > 0, middle < pair.count else { return (folded(0..<pair.count, pair), true) }
    let up = folded(0..<middle, pair)
    let down = folded(middle..<pair.count, pair)
    switch directions {
    case .union: return (max(up, down), up == down)
    case .min, .mutual: return (min(up, down), up == down)
    // One sum in the order of all arcs, whatever the direction.
    case .sum: return (duplicates == .sum ? folded(0..<pair.count, pair) : up + down, up == down)
    }
  }

  /// The weight of parallel arcs.
  @inline(__always) private func folded(_ arcs: Range<Int>, _ pair: Pair) -> Double {
    var value = weight(arcs.lowerBound, pair)
    for i in arcs.dropFirst() {
      let next = weight(i, pair)
      switch duplicates {
      case .sum: value += next
      case .min: value = Swift.min(value, next)
      case .max: value = Swift.max(value, next)
      case .first, .keep, .error: break
      }
    }
    return value
  }
}
