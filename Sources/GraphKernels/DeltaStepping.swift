import GraphStore
import MillRuntime

/// Settles distances bucket by bucket: all nodes within one width of the nearest are relaxed together, and again while
/// one of them gets nearer.
///
/// A node that gets nearer is put into the bucket of its new distance; its older entries are passed over. Buckets of
/// the next 64 widths are kept apart, farther nodes wait in one list, which is distributed anew when the buckets are
/// empty. Where that list is longer than what the buckets held, the width doubles: so no choice of it is a trap.
struct DeltaStepping<ID: NodeIndex> {
  private let rows: GraphRows<ID>
  private let distances: FlatBuffer<Double>
  private let workers: Int
  private var width: Double
  /// The distance at which bucket 0 begins.
  private var start = 0.0
  /// The lists of each worker: one a bucket, then the far list.
  private let lists: WaitingLists

  private static var bucketCount: Int { 64 }
  private static var listsPerWorker: Int { bucketCount + 1 }
  /// Entries that a worker takes at a time.
  private static var entriesPerChunk: Int { 256 }

  init(_ rows: GraphRows<ID>, distances: FlatBuffer<Double>, width: Double) throws(MillError) {
    self.rows = rows
    self.distances = distances
    self.width = width
    workers = max(1, rows.context.threads)
    lists = try WaitingLists(count: workers * Self.listsPerWorker)
  }

  mutating func run(from source: Int) throws(MillError) {
    unsafe distances.base[source] = 0
    try lists.append(WaitingNode(distance: 0, node: source), to: 0)
    while true {
      var settled = 0
      for bucket in 0..<Self.bucketCount {
        while true {
          try rows.context.checkCancelled()
          let count = try lists.take(from: bucket, stride: Self.listsPerWorker)
          if count == 0 { break }
          settled += count
          rows.context.progress?.advance(by: count)
          try relax(count, bucket)
        }
      }
      let far = try lists.take(from: Self.bucketCount, stride: Self.listsPerWorker)
      if far == 0 { return }
      if settled < far { width *= 2 }
      try distribute(far)
    }
  }

  /// Relaxes the arcs of the nodes taken that are still at the distance of their entry.
  private func relax(_ count: Int, _ bucket: Int) throws(MillError) {
    let (entries, distance, weights) = unsafe (lists.taken.base, distances.base, rows.weights)
    let (start, perWidth, lists) = (start, 1 / width, lists)
    let chunks = Parallel.chunkCount(count, size: Self.entriesPerChunk)
    let isShared = workers > 1 && chunks > 1
    try Parallel.forEachThrowing(chunks, threads: workers) { (chunk, worker) throws(MillError) in
      let firstList = worker * Self.listsPerWorker
      for place in Parallel.range(ofChunk: chunk, size: Self.entriesPerChunk, count: count) {
        let entry = unsafe entries[place]
        guard unsafe SharedMemory.load(distance + entry.node) == entry.distance else { continue }
        for arc in rows.arcs(entry.node) {
          let other = rows.target(arc)
          let reached = unsafe entry.distance + (weights.map { unsafe $0[arc] } ?? 1)
          guard unsafe SharedMemory.lower(distance + other, to: reached, isShared: isShared) else { continue }
          let place = max(bucket, Self.bucket((reached - start) * perWidth))
          try lists.append(WaitingNode(distance: reached, node: other), to: firstList + place)
        }
      }
    }
  }

  /// The bucket that lies so many widths behind the start; the far list beyond the last.
  @inline(__always) private static func bucket(_ widths: Double) -> Int {
    widths < Double(bucketCount) ? Int(widths) : bucketCount
  }

  /// Moves the beginning of bucket 0 to the nearest of the far nodes and puts these into the buckets.
  private mutating func distribute(_ count: Int) throws(MillError) {
    let (entries, distance) = unsafe (lists.taken.base, distances.base)
    var nearest = Double.infinity
    for place in 0..<count {
      let entry = unsafe entries[place]
      if unsafe distance[entry.node] == entry.distance { nearest = min(nearest, entry.distance) }
    }
    start = nearest
    for place in 0..<count {
      let entry = unsafe entries[place]
      guard unsafe distance[entry.node] == entry.distance else { continue }
      try lists.append(entry, to: Self.bucket((entry.distance - start) / width))
    }
  }
}

/// A node in a bucket, with the distance that it had when it was put there.
struct WaitingNode: BitwiseCopyable {
  let distance: Double
  let node: Int
}

/// A fixed number of growing lists in flat memory; each is written by one thread at a time.
@safe final class WaitingLists: @unchecked Sendable {
  @safe private struct List: BitwiseCopyable {
    var base: UnsafeMutablePointer<WaitingNode>?
    var count = 0
    var capacity = 0
  }

  private let lists: FlatBuffer<List>
  /// Who holds the memory of each list.
  private let owners: UnsafeMutableBufferPointer<FlatBuffer<WaitingNode>?>
  /// Where lists are put together.
  private(set) var taken: FlatBuffer<WaitingNode>

  init(count: Int) throws(MillError) {
    lists = try FlatBuffer(count: count)
    taken = try FlatBuffer(uninitializedCount: 0)
    unsafe owners = .allocate(capacity: count)
    _ = unsafe owners.initialize(repeating: nil)
  }

  deinit {
    unsafe owners.deinitialize()
    unsafe owners.deallocate()
  }

  @inline(__always) func append(_ entry: WaitingNode, to list: Int) throws(MillError) {
    let place = unsafe lists.base + list
    if unsafe place.pointee.count == place.pointee.capacity { try grow(list) }
    unsafe place.pointee.base.unsafelyUnwrapped[place.pointee.count] = entry
    unsafe place.pointee.count &+= 1
  }

  @inline(never) private func grow(_ list: Int) throws(MillError) {
    let old = unsafe lists.base[list]
    let larger = try FlatBuffer<WaitingNode>(uninitializedCount: max(256, 2 * old.count))
    if let base = unsafe old.base { unsafe larger.base.update(from: base, count: old.count) }
    unsafe owners[list] = larger
    unsafe lists.base[list].base = larger.base
    unsafe lists.base[list].capacity = larger.count
  }

  /// Empties every `stride`-th list from `first` on into ``taken``; returns how many entries there were.
  func take(from first: Int, stride step: Int) throws(MillError) -> Int {
    let chosen = stride(from: first, to: lists.count, by: step)
    let count = chosen.reduce(0) { unsafe $0 + lists.base[$1].count }
    if count > taken.count { taken = try FlatBuffer(uninitializedCount: max(count, 2 * taken.count)) }
    var place = unsafe taken.base
    for list in chosen {
      let held = unsafe lists.base[list].count
      guard held > 0, let base = unsafe lists.base[list].base else { continue }
      unsafe place.update(from: base, count: held)
      unsafe place += held
      unsafe lists.base[list].count = 0
    }
    return count
  }
}
