import Glibc
import MillRuntime

/// The neighbour lists of all levels in flat arrays.
///
/// Level 0: `baseLinks` ids a node, unused slots at the end hold ``none``; upper levels: a pool of lists of `m` ids, a
/// node's lists of levels 1, 2, ... one behind the other. Any id at or above the node count ends a list, so that a
/// damaged mapped file can never lead a search out of its arrays.
final class LinkStore: @unchecked Sendable {
  static let none = UInt32.max
  /// The level of an object that is no node: it hangs in the duplicate chain of an equal one.
  static let chained = UInt8.max

  let m: Int
  let baseLinks: Int
  private(set) var count = 0
  private(set) var base: UnsafeMutablePointer<UInt32>
  private(set) var levels: UnsafeMutablePointer<UInt8>
  /// The pool's first list of each node; none for nodes of level 0.
  private(set) var upperStarts: UnsafeMutablePointer<UInt32>
  private(set) var upper: UnsafeMutablePointer<UInt32>
  private(set) var upperLists = 0
  private var capacity: Int
  private var upperCapacity: Int
  private var owners: [AnyObject]
  let isMapped: Bool

  init(m: Int, baseLinks: Int, capacity: Int, upperCapacity: Int = 16) throws(MillError) {
    self.m = m
    self.baseLinks = baseLinks
    self.capacity = max(1, capacity)
    self.upperCapacity = max(1, upperCapacity)
    let base = try FlatBuffer<UInt32>(count: self.capacity * baseLinks)
    let levels = try FlatBuffer<UInt8>(count: self.capacity)
    let starts = try FlatBuffer<UInt32>(count: self.capacity)
    let upper = try FlatBuffer<UInt32>(count: self.upperCapacity * m)
    self.base = base.base
    self.levels = levels.base
    upperStarts = starts.base
    self.upper = upper.base
    owners = [base, levels, starts, upper]
    isMapped = false
  }

  /// Lists in a mapped file; never written.
  init(
    mapped count: Int, m: Int, baseLinks: Int, base: UnsafeRawPointer, levels: UnsafeRawPointer,
    upperStarts: UnsafeRawPointer, upper: UnsafeRawPointer, upperLists: Int, owner: AnyObject
  ) {
    self.m = m
    self.baseLinks = baseLinks
    self.count = count
    self.base = UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt32.self))
    self.levels = UnsafeMutablePointer(mutating: levels.assumingMemoryBound(to: UInt8.self))
    self.upperStarts = UnsafeMutablePointer(mutating: upperStarts.assumingMemoryBound(to: UInt32.self))
    self.upper = UnsafeMutablePointer(mutating: upper.assumingMemoryBound(to: UInt32.self))
    self.upperLists = upperLists
    capacity = count
    upperCapacity = upperLists
    owners = [owner]
    isMapped = true
  }

  /// Adds a node of a level (or a chained object) with empty lists.
  func append(level: UInt8) throws(MillError) {
    let lists = level == Self.chained ? 0 : Int(level)
    if count == capacity { try growNodes(to: max(16, capacity * 3 / 2)) }
    if upperLists + lists > upperCapacity { try growUpper(to: max(upperLists + lists, upperCapacity * 3 / 2)) }
    levels[count] = level
    upperStarts[count] = lists == 0 ? Self.none : UInt32(upperLists)
    memset(base + count * baseLinks, 0xff, 4 * baseLinks)
    memset(upper + upperLists * m, 0xff, 4 * m * lists)
    upperLists += lists
    count += 1
  }

  /// Takes the last node away again.
  func removeLast() {
    count -= 1
    if levels[count] != Self.chained { upperLists -= Int(levels[count]) }
  }

  private func growNodes(to wanted: Int) throws(MillError) {
    let newBase = try FlatBuffer<UInt32>(count: wanted * baseLinks)
    let newLevels = try FlatBuffer<UInt8>(count: wanted)
    let newStarts = try FlatBuffer<UInt32>(count: wanted)
    memcpy(newBase.base, base, 4 * count * baseLinks)
    memcpy(newLevels.base, levels, count)
    memcpy(newStarts.base, upperStarts, 4 * count)
    base = newBase.base
    levels = newLevels.base
    upperStarts = newStarts.base
    owners = [newBase, newLevels, newStarts, owners[3]]
    capacity = wanted
  }

  private func growUpper(to wanted: Int) throws(MillError) {
    let new = try FlatBuffer<UInt32>(count: wanted * m)
    memcpy(new.base, upper, 4 * upperLists * m)
    upper = new.base
    owners[3] = new
    upperCapacity = wanted
  }

  /// Pointers for a loop; valid until the next append.
  var view: LinkView {
    LinkView(
      count: UInt32(count), m: m, baseLinks: baseLinks, base: base, levels: levels, upperStarts: upperStarts,
      upper: upper, upperLists: upperLists)
  }
}

/// The pointers of a ``LinkStore``.
struct LinkView: @unchecked Sendable {
  let count: UInt32
  let m: Int
  let baseLinks: Int
  let base: UnsafeMutablePointer<UInt32>
  let levels: UnsafeMutablePointer<UInt8>
  let upperStarts: UnsafeMutablePointer<UInt32>
  let upper: UnsafeMutablePointer<UInt32>
  let upperLists: Int

  /// Ids a list of this level holds at most.
  @inline(__always) func cap(_ level: Int) -> Int { level == 0 ? baseLinks : m }

  /// The list of a node; nil where it has none on that level.
  @inline(__always) func list(_ node: UInt32, _ level: Int) -> UnsafeMutablePointer<UInt32>? {
    if level == 0 { return base + Int(node) &* baseLinks }
    let start = upperStarts[Int(node)]
    let nodeLevel = levels[Int(node)]
    guard start != LinkStore.none, nodeLevel != LinkStore.chained, level <= Int(nodeLevel) else { return nil }
    let index = Int(start) &+ level &- 1
    return index < upperLists ? upper + index &* m : nil
  }

  /// The used length of a list.
  @inline(__always) func length(_ list: UnsafeMutablePointer<UInt32>, _ level: Int) -> Int {
    let cap = self.cap(level)
    var used = 0
    while used < cap, list[used] < count { used &+= 1 }
    return used
  }

  /// Writes a list from keys and clears the rest.
  func write(_ keys: UnsafePointer<UInt64>, _ length: Int, to list: UnsafeMutablePointer<UInt32>, _ level: Int) {
    for i in 0..<length { list[i] = UInt32(truncatingIfNeeded: keys[i]) &>> 1 }
    for i in length..<cap(level) { list[i] = LinkStore.none }
  }
}
