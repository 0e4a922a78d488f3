import Glibc
import MillRuntime

/// How arcs are packed and partitioned: node u belongs to partition `u >> localBits`; an arc u → v becomes the key
/// `(u mod 2^localBits) << targetBits | v`, so that a partition sorted by key is its adjacency lists in order.
struct ArcLayout: Sendable {
  let nodeCount: Int
  let targetBits: Int
  let localBits: Int
  let isDirected: Bool
  let dropsLoops: Bool
  var partitionCount: Int { max(1, (nodeCount + (1 << localBits) - 1) >> localBits) }
  var keyBits: Int { targetBits + localBits }
  var targetMask: UInt64 { 1 << UInt64(targetBits) - 1 }

  /// Arcs of a partition aimed at: they and their scratch copy stay within a level-2 cache.
  private static let partitionArcs = 1 << 16
  private static let maximumPartitionBits = 12

  init(nodeCount: Int, edges: Int, options: FreezeOptions, isWeighted: Bool) {
    func bits(_ count: Int) -> Int { count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount }
    self.nodeCount = nodeCount
    isDirected = options.isDirected
    dropsLoops = options.loops == .drop
    targetBits = max(1, bits(nodeCount))
    let arcs = options.isDirected ? edges : 2 * edges
    var partitionBits = min(bits(arcs / Self.partitionArcs + 1), Self.maximumPartitionBits)
    // A few more partitions where that makes keys fit into 32 bits.
    let forNarrowKeys = 2 * targetBits - 32
    if !isWeighted, forNarrowKeys > partitionBits, forNarrowKeys < Self.maximumPartitionBits {
      partitionBits = forNarrowKeys
    }
    localBits = max(0, targetBits - partitionBits)
  }
}

/// An arc while a graph is built.
protocol ArcEntry: BitwiseCopyable {
  var key: UInt64 { get }
  var weight: Double { get set }
  init(key: UInt64, weight: Double)
}

/// A 32-bit key.
struct NarrowArc: ArcEntry {
  let bits: UInt32
  init(key: UInt64, weight: Double) { bits = UInt32(truncatingIfNeeded: key) }
  var key: UInt64 { UInt64(bits) }
  var weight: Double {
    get { 1 }
    set {}
  }
}

/// A 64-bit key.
struct WideArc: ArcEntry {
  let key: UInt64
  init(key: UInt64, weight: Double) { self.key = key }
  var weight: Double {
    get { 1 }
    set {}
  }
}

/// A 64-bit key with its weight.
struct WeightedArc: ArcEntry {
  let key: UInt64
  var weight: Double
}

/// The finished arrays of a graph.
struct FrozenLists {
  let offsets: FlatBuffer<UInt64>
  let targets: CSRGraph.Targets
  let weights: FlatBuffer<Double>?
  let loops: Int
  let duplicates: Int
}

/// All arcs in one buffer, grouped by partition, each partition in input order.
struct PartitionedArcs<Entry: ArcEntry>: @unchecked Sendable {
  private let layout: ArcLayout
  private let entries: FlatBuffer<Entry>
  /// Partition p holds entries `starts[p]..<starts[p + 1]`.
  private let starts: [Int]

  /// Counts, then places: a stable partitioning by source.
  init(_ edges: EdgeRuns, _ layout: ArcLayout, _ context: RunContext) throws(MillError) {
    let partitions = layout.partitionCount
    let runs = edges.runs
    // cursors[run][partition]: first the count, then the place of the run's next entry.
    let cursors = try FlatBuffer<Int>(count: runs.count * partitions)
    Parallel.forEach(runs.count, threads: context.threads) { index, _ in
      let row = unsafe cursors.base + index * partitions
      if let ids = unsafe runs[index].narrow {
        unsafe Self.count(ids, runs[index].count, layout, row)
      } else {
        unsafe Self.count(runs[index].wide!, runs[index].count, layout, row)
      }
    }
    var starts = [Int](repeating: 0, count: partitions + 1)
    var place = 0
    for partition in 0..<partitions {
      starts[partition] = place
      for run in 0..<runs.count {
        let slot = unsafe cursors.base + (run * partitions + partition)
        unsafe (slot.pointee, place) = (place, place + slot.pointee)
      }
    }
    starts[partitions] = place
    let entries = try FlatBuffer<Entry>(count: place)
    Parallel.forEach(runs.count, threads: context.threads) { index, _ in
      let row = unsafe cursors.base + index * partitions
      if let ids = unsafe runs[index].narrow {
        unsafe Self.place(ids, runs[index].weights, runs[index].count, layout, row, entries.base)
      } else {
        unsafe Self.place(runs[index].wide!, runs[index].weights, runs[index].count, layout, row, entries.base)
      }
    }
    self.layout = layout
    self.entries = entries
    self.starts = starts
  }

  private static func count<ID: FixedWidthInteger & UnsignedInteger>(
    _ ids: UnsafePointer<ID>, _ count: Int, _ layout: ArcLayout, _ row: UnsafeMutablePointer<Int>
  ) {
    let shift = layout.localBits
    for i in 0..<count {
      let u = unsafe Int(truncatingIfNeeded: ids[2 &* i])
      let v = unsafe Int(truncatingIfNeeded: ids[2 &* i &+ 1])
      if u != v {
        unsafe row[u &>> shift] &+= 1
        if !layout.isDirected { unsafe row[v &>> shift] &+= 1 }
      } else if !layout.dropsLoops {
        unsafe row[u &>> shift] &+= 1
      }
    }
  }

  private static func place<ID: FixedWidthInteger & UnsignedInteger>(
    _ ids: UnsafePointer<ID>, _ weights: UnsafePointer<Double>?, _ count: Int, _ layout: ArcLayout,
    _ row: UnsafeMutablePointer<Int>, _ entries: UnsafeMutablePointer<Entry>
  ) {
    let shift = layout.localBits
    let localMask: UInt64 = 1 << UInt64(shift) - 1
    let targetBits = UInt64(layout.targetBits)
    @inline(__always) func put(_ u: UInt64, _ v: UInt64, _ weight: Double) {
      let partition = Int(truncatingIfNeeded: u &>> UInt64(shift))
      let slot = unsafe row[partition]
      unsafe row[partition] = slot &+ 1
      unsafe entries[slot] = Entry(key: (u & localMask) &<< targetBits | v, weight: weight)
    }
    for i in 0..<count {
      let u = unsafe UInt64(truncatingIfNeeded: ids[2 &* i])
      let v = unsafe UInt64(truncatingIfNeeded: ids[2 &* i &+ 1])
      let weight = unsafe weights.map { unsafe $0[i] } ?? 1
      if u != v {
        put(u, v, weight)
        if !layout.isDirected { put(v, u, weight) }
      } else if !layout.dropsLoops {
        put(u, u, weight)
      }
    }
  }

  /// Sorts and merges every partition, then copies the lists together.
  consuming func assemble(
    releasing edges: inout EdgeRuns, _ options: FreezeOptions, _ context: RunContext
  ) throws(MillError) -> FrozenLists {
    edges.release()
    let layout = self.layout
    let entries = self.entries
    let starts = self.starts
    let partitions = layout.partitionCount
    let offsets = try FlatBuffer<UInt64>(count: layout.nodeCount + 1)
    let merged = try FlatBuffer<MergeCounts>(count: partitions)
    let largest = (0..<partitions).reduce(0) { max($0, starts[$1 + 1] - starts[$1]) }
    var scratch: [FlatBuffer<Entry>] = []
    for _ in 0..<max(1, min(context.threads, partitions)) { scratch.append(try FlatBuffer<Entry>(count: largest)) }
    let scratchBases = unsafe scratch.map(unsafe \.base)
    try Parallel.forEachThrowing(partitions, threads: scratch.count) { partition, worker throws(MillError) in
      let base = unsafe entries.base + starts[partition]
      let count = starts[partition + 1] - starts[partition]
      let sorted = unsafe radixSort(base, scratchBases[worker], count: count, keyBits: layout.keyBits)
      unsafe merged.base[partition] = try unsafe mergeDuplicates(
        from: sorted, to: base, count: count, partition: partition, layout, options.duplicates, offsets.base)
    }
    scratch = []
    try context.checkCancelled()

    var placed = [Int](repeating: 0, count: partitions + 1)
    var totals = MergeCounts()
    for partition in 0..<partitions {
      let counts = unsafe merged.base[partition]
      placed[partition + 1] = placed[partition] + counts.kept
      totals.loops += counts.loops
      totals.duplicates += counts.duplicates
    }
    sumDegrees(into: offsets, placed, context)
    let isWide = options.forcesWideTargets || layout.nodeCount >= Int(UInt32.max)
    let targets: CSRGraph.Targets
    var weights: FlatBuffer<Double>?
    if Entry.self == WeightedArc.self {
      weights = try FlatBuffer<Double>(uninitializedCount: placed[partitions])
      if let weights { forEachList(placed, context) { unsafe weights.base[$1] = $0.weight } }
    }
    if isWide {
      let wide = try FlatBuffer<UInt64>(uninitializedCount: placed[partitions])
      forEachList(placed, context) { unsafe wide.base[$1] = $0.key }
      targets = .wide(SharedArray(wide))
    } else if weights != nil {
      let narrow = try FlatBuffer<UInt32>(uninitializedCount: placed[partitions])
      forEachList(placed, context) { unsafe narrow.base[$1] = UInt32(truncatingIfNeeded: $0.key) }
      targets = .narrow(SharedArray(narrow))
    } else {
      targets = .narrow(targetsInPlace(placed))
    }
    return FrozenLists(
      offsets: offsets, targets: targets, weights: weights, loops: totals.loops, duplicates: totals.duplicates)
  }
}

/// The lists of all partitions, once they are sorted and merged: list p is the first `placed[p + 1] - placed[p]` entries
/// of its partition, and goes to place `placed[p]`.
extension PartitionedArcs {
  /// Turns the degrees, each behind its node's slot, into offsets.
  private func sumDegrees(into offsets: FlatBuffer<UInt64>, _ placed: [Int], _ context: RunContext) {
    Parallel.forEach(layout.partitionCount, threads: context.threads) { partition, _ in
      var end = UInt64(placed[partition])
      let nodes = partition << layout.localBits
      for node in nodes..<min(layout.nodeCount, nodes + 1 << layout.localBits) {
        unsafe end += offsets.base[node + 1]
        unsafe offsets.base[node + 1] = end
      }
    }
  }

  /// Visits every entry with the place where it goes.
  @inline(__always) private func forEachList(
    _ placed: [Int], _ context: RunContext, _ body: (_ entry: Entry, _ place: Int) -> Void
  ) {
    Parallel.forEach(layout.partitionCount, threads: context.threads) { partition, _ in
      let source = unsafe entries.base + starts[partition]
      let low = placed[partition]
      for i in 0..<placed[partition + 1] - low { body(unsafe source[i], low &+ i) }
    }
  }

  /// The targets in the memory of the entries, which take at least as much; the rest goes back to the system.
  ///
  /// One thread: a list moves down onto what was moved before. That costs less than clearing fresh pages.
  private consuming func targetsInPlace(_ placed: [Int]) -> SharedArray<UInt32> {
    let arcs = placed[layout.partitionCount]
    let targets = unsafe UnsafeMutableRawPointer(entries.base).assumingMemoryBound(to: UInt32.self)
    for partition in 0..<layout.partitionCount {
      let (low, count) = (placed[partition], placed[partition + 1] - placed[partition])
      let source = unsafe entries.base + starts[partition]
      if Entry.self == NarrowArc.self {
        if low < starts[partition] { unsafe memmove(targets + low, source, 4 * count) }
      } else {
        for i in 0..<count { unsafe targets[low &+ i] = UInt32(truncatingIfNeeded: source[i].key) }
      }
    }
    let size = MemoryLayout<Entry>.stride
    entries.truncate(to: (4 * arcs + size - 1) / size)
    return SharedArray(refilled: entries, count: arcs)
  }
}

/// What merging did to one partition.
struct MergeCounts: BitwiseCopyable {
  var kept = 0
  var loops = 0
  var duplicates = 0
}

/// Copies sorted entries from `sorted` to `base` (which may be the same), merging equal keys by the policy, leaves their
/// targets as keys, and writes each node's degree to `offsets[node + 1]`.
///
/// A duplicate edge shows in both lists of its ends; it is counted where u ≤ v, or once when directed.
private func mergeDuplicates<Entry: ArcEntry>(
  from sorted: UnsafeMutablePointer<Entry>, to base: UnsafeMutablePointer<Entry>, count: Int, partition: Int,
  _ layout: ArcLayout, _ policy: DuplicatePolicy, _ offsets: UnsafeMutablePointer<UInt64>
) throws(MillError) -> MergeCounts {
  var result = MergeCounts()
  let targetBits = UInt64(layout.targetBits)
  let first = UInt64(partition) &<< UInt64(layout.localBits)
  let mask = layout.targetMask
  let keepsAll = policy == .keep
  var last = UInt64.max
  var kept = 0
  for i in 0..<count {
    let entry = unsafe sorted[i]
    let key = entry.key
    let node = first | key &>> targetBits
    let target = key & mask
    if key == last, !keepsAll {
      if layout.isDirected || node <= target { result.duplicates &+= 1 }
      let previous = unsafe base[kept &- 1].weight
      switch policy {
      case .sum:
        let sum = previous + entry.weight
        guard sum.isFinite else {
          throw MillError(
            .weightNotFinite, "the weights of an edge that occurs more than once add up to more than a double holds",
            hint: "choose one of them with \(setting: "duplicates", "first", "min", "max")")
        }
        unsafe base[kept &- 1].weight = sum
      case .min: unsafe base[kept &- 1].weight = min(previous, entry.weight)
      case .max: unsafe base[kept &- 1].weight = max(previous, entry.weight)
      case .first, .keep: break
      case .error:
        throw MillError(
          .duplicateEdge, "the edge between nodes \(min(node, target)) and \(max(node, target)) occurs more than once",
          hint:
            "merge with \(setting: "duplicates", "sum", "first", "min", "max"), or keep with \(setting: "duplicates", "keep")"
        )
      }
      continue
    }
    last = key
    unsafe base[kept] = Entry(key: target, weight: entry.weight)
    kept &+= 1
    unsafe offsets[Int(truncatingIfNeeded: node) &+ 1] &+= 1
    if node == target { result.loops &+= 1 }
  }
  result.kept = kept
  return result
}
