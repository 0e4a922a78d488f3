import CMillKernels
import Glibc
import MillRuntime

/// Points that are inserted together, and the neighbors that they have chosen so far.
///
/// Buffers of plain values: tasks of a parallel loop write the lists of different points.
struct InsertionBatch {
  let count: Int
  private let points: FlatBuffer<UInt32>
  /// Point p's list of level l is number `firstList[p] + l`.
  private let firstList: FlatBuffer<Int>
  private let keys: FlatBuffer<UInt64>
  private let lengths: FlatBuffer<UInt32>
  private let m: Int

  init(_ points: ArraySlice<UInt32>, of core: HNSWCore) throws(MillError) {
    count = points.count
    m = core.options.m
    self.points = try FlatBuffer(uninitializedCount: count)
    firstList = try FlatBuffer(count: count + 1)
    for (p, id) in points.enumerated() {
      unsafe self.points.base[p] = id
      let lists = unsafe min(Int(core.links.levels[Int(id)]), core.top) + 1
      unsafe firstList.base[p + 1] = firstList.base[p] + lists
    }
    keys = try unsafe FlatBuffer(uninitializedCount: firstList.base[count] * m)
    lengths = try unsafe FlatBuffer(count: firstList.base[count])
  }

  @inline(__always) func id(_ p: Int) -> UInt32 { unsafe points.base[p] }

  /// The levels of a point that the graph has: 0 and those above it.
  @inline(__always) func levelCount(_ p: Int) -> Int { unsafe firstList.base[p + 1] - firstList.base[p] }

  /// What a point has chosen on a level: keys seen from the point.
  @inline(__always) func chosen(_ p: Int, _ level: Int) -> UnsafeBufferPointer<UInt64> {
    let list = unsafe firstList.base[p] + level
    return unsafe UnsafeBufferPointer(start: keys.base + list * m, count: Int(lengths.base[list]))
  }

  /// Notes what a point has chosen on a level.
  func write(_ p: Int, _ level: Int, _ chosen: UnsafePointer<UInt64>, _ length: Int) {
    let list = unsafe firstList.base[p] + level
    unsafe memcpy(keys.base + list * m, chosen, 8 * length)
    unsafe lengths.base[list] = UInt32(length)
  }
}

/// The back-links of a batch, in groups with one target on one level, ascending; in a group by the point's position.
struct BackLinks {
  /// Level (5 bits), target (31), position in the batch (28).
  private let links: FlatBuffer<UInt64>
  private let starts: FlatBuffer<UInt32>
  let groupCount: Int

  init(_ batch: InsertionBatch, levels: ClosedRange<Int>) throws(MillError) {
    var total = 0
    for p in 0..<batch.count {
      for level in levels where level < batch.levelCount(p) { unsafe total += batch.chosen(p, level).count }
    }
    links = try FlatBuffer(uninitializedCount: total)
    var at = 0
    for p in 0..<batch.count {
      for level in levels where level < batch.levelCount(p) {
        let chosen = unsafe batch.chosen(p, level)
        for i in chosen.indices {
          let key = unsafe chosen[i]
          unsafe links.base[at] = UInt64(level) << 59 | UInt64(mill_key_id(key)) << 28 | UInt64(p)
          at += 1
        }
      }
    }
    let scratch = try FlatBuffer<UInt64>(uninitializedCount: total)
    unsafe sortWords(links.base, scratch.base, count: total)
    withExtendedLifetime(scratch) {}
    starts = try FlatBuffer(uninitializedCount: total + 1)
    var groups = 0
    for i in 0..<total where unsafe i == 0 || links.base[i] >> 28 != links.base[i - 1] >> 28 {
      unsafe starts.base[groups] = UInt32(i)
      groups += 1
    }
    unsafe starts.base[groups] = UInt32(total)
    groupCount = groups
  }

  @inline(__always) func level(_ group: Int) -> Int { unsafe Int(links.base[Int(starts.base[group])] >> 59) }

  @inline(__always) func target(_ group: Int) -> UInt32 {
    unsafe UInt32(truncatingIfNeeded: links.base[Int(starts.base[group])] >> 28 & 0x7fff_ffff)
  }

  /// How many points link to the target of a group.
  @inline(__always) func size(_ group: Int) -> Int { unsafe Int(starts.base[group + 1] - starts.base[group]) }

  /// The position in the batch of a group's `i`-th point.
  @inline(__always) func position(_ group: Int, _ i: Int) -> Int {
    unsafe Int(links.base[Int(starts.base[group]) + i] & 0xfff_ffff)
  }
}

/// For every point of a batch the groups of points that chose the same target of level 0 as it.
struct SharedTargets {
  private let groups: FlatBuffer<Int32>
  private let counts: FlatBuffer<UInt16>
  private let m: Int

  /// - Parameter largest: Targets chosen by more points are left out.
  init(_ batch: InsertionBatch, _ links: BackLinks, m: Int, largest: Int) throws(MillError) {
    self.m = m
    groups = try FlatBuffer(uninitializedCount: batch.count * m)
    counts = try FlatBuffer(count: batch.count)
    for group in 0..<links.groupCount where (2...largest).contains(links.size(group)) {
      for i in 0..<links.size(group) {
        let p = links.position(group, i)
        unsafe groups.base[p * m + Int(counts.base[p])] = Int32(group)
        unsafe counts.base[p] += 1
      }
    }
  }

  /// The groups of a point.
  func of(_ p: Int) -> UnsafeBufferPointer<Int32> {
    unsafe UnsafeBufferPointer(start: groups.base + p * m, count: Int(counts.base[p]))
  }
}
