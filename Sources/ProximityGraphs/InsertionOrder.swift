import GraphStore
import MillRuntime
import VectorStore

/// How a bulk build takes its objects: which are equal, in which order the others come, and on which levels they are.
///
/// In random order both are drawn by seed and contents, not by number: the same vectors in another order of rows make the
/// same graph, but for links between which equal distances leave the choice. Else both go by number.
struct InsertionOrder {
  /// For every object the first one with equal bytes: itself where it is the first.
  let representatives: [UInt32]
  /// The objects that are their own representatives, as they are inserted.
  let sequence: [UInt32]
  /// The level of every object; ``LinkStore/chained`` for one behind an equal one.
  let levels: [UInt8]

  /// - Complexity: O(bytes), parallel, and a sort of the objects.
  init(of points: PointSet, _ options: HNSWOptions, threads: Int) {
    let draws = Self.draws(points, options, threads: threads)
    representatives = Self.firstEquals(points, draws)
    let thresholds = LevelDraw.thresholds(scale: options.scale)
    var levels = [UInt8](repeating: LinkStore.chained, count: points.count)
    for (draw, id) in draws where representatives[Int(id)] == id {
      levels[Int(id)] = UInt8(
        options.shuffles
          ? LevelDraw.level(of: draw, seed: options.seed, thresholds: thresholds)
          : LevelDraw.level(of: id, seed: options.seed, thresholds: thresholds))
    }
    self.levels = levels
    let order = options.shuffles ? draws.map(\.id) : (0..<UInt32(points.count)).map { $0 }
    sequence = order.filter { levels[Int($0)] != LinkStore.chained }
  }

  /// A number for every object, the same for objects with equal bytes, ascending by (number, id).
  private static func draws(
    _ points: PointSet, _ options: HNSWOptions, threads: Int
  ) -> [(draw: UInt64, id: UInt32)] {
    let stream = RandomStream(seed: options.seed, stage: "insertion order")
    let bytes = points.identityBytes
    var draws = [(draw: UInt64, id: UInt32)](repeating: (0, 0), count: points.count)
    unsafe draws.withUnsafeMutableBufferPointer { draws in
      nonisolated(unsafe) let draws = unsafe draws
      Parallel.forEachRange(of: points.count, size: 1 << 12, threads: threads) { range, _ in
        for i in range {
          let content = unsafe UnsafeRawBufferPointer(start: points.object(UInt32(i)), count: bytes)
          var random = unsafe stream.item(bytes > 0 ? xxh3(content) : UInt64(i))
          unsafe draws[i] = (random.next(), UInt32(i))
        }
      }
    }
    draws.sort { $0 < $1 }
    return draws
  }

  private static func firstEquals(_ points: PointSet, _ draws: [(draw: UInt64, id: UInt32)]) -> [UInt32] {
    let n = points.count
    var first = (0..<n).map { UInt32($0) }
    guard points.identityBytes > 0 else { return first }
    var start = 0
    while start < n {
      var end = start + 1
      while end < n, draws[end].draw == draws[start].draw { end += 1 }
      for i in start..<end where end - start > 1 {
        for j in start..<i where first[Int(draws[j].id)] == draws[j].id {
          if HNSWCore.isEqual(points, draws[j].id, draws[i].id) {
            first[Int(draws[i].id)] = draws[j].id
            break
          }
        }
      }
      start = end
    }
    return first
  }
}
