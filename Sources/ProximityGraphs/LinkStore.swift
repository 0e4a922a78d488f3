import CMillKernels
import Glibc
import MillRuntime

/// The neighbor lists of all levels in flat arrays.
///
/// Level 0: `baseLinks` ids a node, unused slots at the end hold ``none``; upper levels: a pool of lists of `m` ids, a
/// node's lists of levels 1, 2, ... one behind the other. Any id at or above the node count ends a list, so that a
/// damaged mapped file can never lead a search out of its arrays.
@safe final class LinkStore: @unchecked Sendable {
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
  private var memory: Memory
  /// Whether the lists lie in a file and are never written.
  var isMapped: Bool { if case .mapped = memory { true } else { false } }

  /// What the pointers lead into.
  private enum Memory {
    case own(Own)
    case mapped(Mapped)
  }

  private struct Own {
    var base: FlatBuffer<UInt32>
    var levels: FlatBuffer<UInt8>
    var upperStarts: FlatBuffer<UInt32>
    var upper: FlatBuffer<UInt32>
  }

  /// The arrays of a file.
  struct Mapped {
    let base: SharedArray<UInt32>
    let levels: SharedArray<UInt8>
    let upperStarts: SharedArray<UInt32>
    let upper: SharedArray<UInt32>
  }

  init(m: Int, baseLinks: Int, capacity: Int, upperCapacity: Int = 16) throws(MillError) {
    self.m = m
    self.baseLinks = baseLinks
    self.capacity = max(1, capacity)
    self.upperCapacity = max(1, upperCapacity)
    let own = Own(
      base: try FlatBuffer(count: self.capacity * baseLinks), levels: try FlatBuffer(count: self.capacity),
      upperStarts: try FlatBuffer(count: self.capacity), upper: try FlatBuffer(count: self.upperCapacity * m))
    memory = .own(own)
    unsafe base = own.base.base
    unsafe levels = own.levels.base
    unsafe upperStarts = own.upperStarts.base
    unsafe upper = own.upper.base
  }

  /// Lists in a file; never written.
  init(m: Int, baseLinks: Int, count: Int, upperLists: Int, mapped: Mapped) {
    self.m = m
    self.baseLinks = baseLinks
    self.count = count
    self.upperLists = upperLists
    unsafe base = UnsafeMutablePointer(mutating: mapped.base.base)
    unsafe levels = UnsafeMutablePointer(mutating: mapped.levels.base)
    unsafe upperStarts = UnsafeMutablePointer(mutating: mapped.upperStarts.base)
    unsafe upper = UnsafeMutablePointer(mutating: mapped.upper.base)
    capacity = count
    upperCapacity = upperLists
    memory = .mapped(mapped)
  }

  /// Adds a node of a level (or a chained object) with empty lists.
  func append(level: UInt8) throws(MillError) {
    let lists = level == Self.chained ? 0 : Int(level)
    if count == capacity { try growNodes(to: max(16, capacity * 3 / 2)) }
    if upperLists + lists > upperCapacity { try growUpper(to: max(upperLists + lists, upperCapacity * 3 / 2)) }
    unsafe levels[count] = level
    unsafe upperStarts[count] = lists == 0 ? Self.none : UInt32(upperLists)
    unsafe memset(base + count * baseLinks, 0xff, 4 * baseLinks)
    unsafe memset(upper + upperLists * m, 0xff, 4 * m * lists)
    upperLists += lists
    count += 1
  }

  /// Takes the last node away again.
  func removeLast() {
    count -= 1
    if unsafe levels[count] != Self.chained { unsafe upperLists -= Int(levels[count]) }
  }

  private func growNodes(to wanted: Int) throws(MillError) {
    guard case .own(var own) = memory else { throw .readOnlyIndex }
    own.base = try FlatBuffer<UInt32>(count: wanted * baseLinks)
    own.levels = try FlatBuffer<UInt8>(count: wanted)
    own.upperStarts = try FlatBuffer<UInt32>(count: wanted)
    unsafe memcpy(own.base.base, base, 4 * count * baseLinks)
    unsafe memcpy(own.levels.base, levels, count)
    unsafe memcpy(own.upperStarts.base, upperStarts, 4 * count)
    unsafe base = own.base.base
    unsafe levels = own.levels.base
    unsafe upperStarts = own.upperStarts.base
    capacity = wanted
    memory = .own(own)
  }

  private func growUpper(to wanted: Int) throws(MillError) {
    guard case .own(var own) = memory else { throw .readOnlyIndex }
    own.upper = try FlatBuffer<UInt32>(count: wanted * m)
    unsafe memcpy(own.upper.base, upper, 4 * upperLists * m)
    unsafe upper = own.upper.base
    upperCapacity = wanted
    memory = .own(own)
  }

  /// Pointers for a loop; valid until the next append.
  var view: LinkView {
    unsafe LinkView(
      count: UInt32(count), m: m, baseLinks: baseLinks, base: base, levels: levels, upperStarts: upperStarts,
      upper: upper, upperLists: upperLists)
  }
}

/// The pointers of a ``LinkStore``.
@safe struct LinkView: @unchecked Sendable {
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
    if level == 0 { return unsafe base + Int(node) &* baseLinks }
    let start = unsafe upperStarts[Int(node)]
    let nodeLevel = unsafe levels[Int(node)]
    guard start != LinkStore.none, nodeLevel != LinkStore.chained, level <= Int(nodeLevel) else { return nil }
    let index = Int(start) &+ level &- 1
    return unsafe index < upperLists ? upper + index &* m : nil
  }

  /// The used length of a list.
  @inline(__always) func length(_ list: UnsafeMutablePointer<UInt32>, _ level: Int) -> Int {
    let cap = self.cap(level)
    var used = 0
    while used < cap, unsafe list[used] < count { used &+= 1 }
    return used
  }

  /// Writes a list from keys and clears the rest.
  func write(_ keys: UnsafePointer<UInt64>, _ length: Int, to list: UnsafeMutablePointer<UInt32>, _ level: Int) {
    for i in 0..<length { unsafe list[i] = unsafe UInt32(truncatingIfNeeded: keys[i]) &>> 1 }
    for i in length..<cap(level) { unsafe list[i] = LinkStore.none }
  }
}

/// The lists of one level, as a search reads them.
struct LevelLists: NeighborLists {
  let links: LinkView
  let level: Int

  static var areShort: Bool { true }
  @inline(__always) var count: UInt32 { links.count }

  @inline(__always) func list(_ node: UInt32) -> UnsafeBufferPointer<UInt32> {
    guard let list = unsafe links.list(node, level) else { return unsafe UnsafeBufferPointer(start: nil, count: 0) }
    return unsafe UnsafeBufferPointer(start: list, count: links.cap(level))
  }

  @inline(__always) func prefetch(_ node: UInt32) {
    if level > 0 { return }
    let list = unsafe UnsafeRawPointer(links.base + Int(node) &* links.baseLinks)
    unsafe mill_prefetch(list)
    unsafe mill_prefetch(list + 64)
  }
}
