import CMillKernels
import MillRuntime
import VectorStore

/// What a bulk build remembers of the lists of level 0: the distance of every link, and how far the last selection
/// tested the entries against each other. Then a full list takes a new entry with few distances instead of a hundred.
///
/// A list is `accepted` entries (none covers another), then skipped ones that an accepted one covers, up to `tested`,
/// then entries that were appended since.
@safe struct LinkCache: @unchecked Sendable {
  let keys: UnsafeMutablePointer<UInt64>
  /// Two a node: accepted, tested.
  let counts: UnsafeMutablePointer<UInt16>
  let width: Int
  private let owners: (FlatBuffer<UInt64>, FlatBuffer<UInt16>)

  init(nodes: Int, width: Int) throws(MillError) {
    let keyBuffer = try FlatBuffer<UInt64>(count: max(1, nodes * width))
    let countBuffer = try FlatBuffer<UInt16>(count: max(1, 2 * nodes))
    unsafe keys = keyBuffer.base
    unsafe counts = countBuffer.base
    self.width = width
    owners = (keyBuffer, countBuffer)
  }

  /// Notes a chosen list.
  @inline(__always) func write(_ node: UInt32, _ chosen: UnsafePointer<UInt64>, _ length: Int, accepted: Int) {
    let row = unsafe keys + Int(node) &* width
    for i in 0..<length { unsafe row[i] = unsafe chosen[i] }
    unsafe counts[2 &* Int(node)] = UInt16(accepted)
    unsafe counts[2 &* Int(node) &+ 1] = accepted == 0 ? 0 : UInt16(length)
  }

  /// Notes an appended entry.
  @inline(__always) func append(_ node: UInt32, at slot: Int, _ key: UInt64) {
    unsafe keys[Int(node) &* width &+ slot] = key
  }
}

extension NeighborChoice {
  /// SELECT-HEURISTIC over a remembered list and new entries: the same choice as over all of them, without the tests
  /// whose outcome is known. Accepted entries are tested against newly accepted ones only; skipped ones stay covered
  /// until an accepted one is dropped.
  ///
  /// - Parameters:
  ///   - node: The node whose list of `length` entries is full.
  ///   - fresh: New keys; receives the appended entries too.
  /// - Returns: The number chosen; the keys are in `context.selected`.
  func chooseAgain(
    _ node: UInt32, length: Int, _ fresh: inout [UInt64], limit: Int, cache: LinkCache, points: PointSet,
    _ context: SearchContext, _ computed: inout UInt64
  ) -> Int {
    let row = unsafe cache.keys + Int(node) &* cache.width
    let acceptedEnd = unsafe Int(cache.counts[2 &* Int(node)])
    let testedEnd = unsafe Int(cache.counts[2 &* Int(node) &+ 1])
    for i in testedEnd..<length { unsafe fresh.append(row[i]) }
    fresh.sort()
    let result = unsafe context.selected
    let accepted = unsafe context.accepted
    let newIDs = unsafe context.ids
    var heads = (0, acceptedEnd, 0)
    var chosen = 0
    var newCount = 0
    var skipped = 0
    var hasDropped = false
    while chosen < limit {
      let a = unsafe heads.0 < acceptedEnd ? row[heads.0] : UInt64.max
      let p = unsafe heads.1 < testedEnd ? row[heads.1] : UInt64.max
      let f = heads.2 < fresh.count ? fresh[heads.2] : UInt64.max
      let key = min(a, p, f)
      if key == UInt64.max { break }
      let isCovered: Bool
      if key == a {
        heads.0 &+= 1
        isCovered = unsafe newCount > 0 && covers(key, newIDs, newCount, points, &computed)
        hasDropped = hasDropped || isCovered
      } else if key == p {
        heads.1 &+= 1
        isCovered = unsafe !hasDropped || covers(key, accepted, chosen, points, &computed)
      } else {
        heads.2 &+= 1
        isCovered = unsafe covers(key, accepted, chosen, points, &computed)
      }
      if isCovered {
        if keepsPruned, skipped < limit {
          unsafe result[limit &+ skipped] = key
          skipped &+= 1
        }
      } else {
        if key != a {
          unsafe newIDs[newCount] = mill_key_id(key)
          newCount &+= 1
        }
        unsafe accepted[chosen] = mill_key_id(key)
        unsafe result[chosen] = key
        chosen &+= 1
      }
    }
    context.acceptedCount = chosen
    return unsafe fillUp(result, chosen, skipped: skipped, limit: limit)
  }
}
