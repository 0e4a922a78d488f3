import CMillKernels
import Glibc
import MillRuntime
import VectorStore

extension HNSWCore {
  /// Builds the graph over all points at once.
  ///
  /// - Parameters:
  ///   - remembers: Whether link distances are kept during the build: the same graph, with fewer distances.
  ///   - hints: Objects that searches of level 0 start from besides.
  /// - Throws: ``MillError``: `over-budget`, `interrupted`.
  static func build(
    _ points: PointSet, options: HNSWOptions, remembers: Bool = true, hints: EntryHints? = nil,
    context run: RunContext
  ) throws(MillError) -> HNSWCore {
    let n = points.count
    let thresholds = LevelDraw.thresholds(scale: options.scale)
    let representatives = equalObjects(points, threads: run.threads)
    let levels = (0..<n).map { id in
      representatives[id] == UInt32(id)
        ? UInt8(LevelDraw.level(of: id, seed: options.seed, thresholds: thresholds)) : LinkStore.chained
    }
    let lists = levels.reduce(0) { $0 + ($1 == LinkStore.chained ? 0 : Int($1)) }
    let links = try LinkStore(m: options.m, baseLinks: options.maximumBaseLinks, capacity: n, upperCapacity: lists)
    for level in levels { try links.append(level: level) }
    let cache = remembers ? try LinkCache(nodes: n, width: links.baseLinks) : nil
    let core = HNSWCore(points, options: options, links: links, hints: hints, cache: cache)
    var order = (0..<UInt32(n)).filter { representatives[Int($0)] == $0 }
    if options.shuffles {
      var random = CounterRandom(seed: options.seed, stage: "insertion order")
      random.shuffle(&order)
    }
    for id in stride(from: n - 1, through: 0, by: -1) where representatives[id] != UInt32(id) {
      core.chain(UInt32(id), behind: representatives[id])
    }
    try BatchBuilder(core, order, run).run(cap: options.isSequential ? 1 : nil)
    let built = core.over(points)
    try built.repair(run)
    return built
  }

  /// For every object the first one with equal bytes: itself where it is the first.
  private static func equalObjects(_ points: PointSet, threads: Int) -> [UInt32] {
    let n = points.count
    var first = (0..<n).map { UInt32($0) }
    let bytes = points.identityBytes
    guard bytes > 0, n > 1 else { return first }
    var hashes = [(hash: UInt64, id: UInt32)](repeating: (0, 0), count: n)
    unsafe hashes.withUnsafeMutableBufferPointer { hashes in
      nonisolated(unsafe) let hashes = unsafe hashes
      Parallel.forEachRange(of: n, size: 1 << 12, threads: threads) { range, _ in
        for i in range { unsafe hashes[i] = unsafe (hashBytes(points.object(UInt32(i)), bytes), UInt32(i)) }
      }
    }
    hashes.sort { $0 < $1 }
    var start = 0
    while start < n {
      var end = start + 1
      while end < n, hashes[end].hash == hashes[start].hash { end += 1 }
      for i in start..<end where end - start > 1 {
        for j in start..<i where first[Int(hashes[j].id)] == hashes[j].id {
          if isEqual(points, hashes[j].id, hashes[i].id) {
            first[Int(hashes[i].id)] = hashes[j].id
            break
          }
        }
      }
      start = end
    }
    return first
  }

  /// Whether two objects have equal bytes, so that they are equally far from everything.
  static func isEqual(_ points: PointSet, _ a: UInt32, _ b: UInt32) -> Bool {
    unsafe points.identityBytes > 0 && memcmp(points.object(a), points.object(b), points.identityBytes) == 0
  }

  private static func hashBytes(_ object: UnsafeRawPointer, _ count: Int) -> UInt64 {
    var hash: UInt64 = 0x9e37_79b9_7f4a_7c15
    var at = 0
    while at + 8 <= count {
      hash = unsafe (hash ^ object.loadUnaligned(fromByteOffset: at, as: UInt64.self)) &* 0xbf58_476d_1ce4_e5b9
      hash ^= hash >> 32
      at += 8
    }
    while at < count {
      hash = unsafe (hash ^ UInt64(object.load(fromByteOffset: at, as: UInt8.self))) &* 0x94d0_49bb_1331_11eb
      hash ^= hash >> 29
      at += 1
    }
    return hash
  }
}
