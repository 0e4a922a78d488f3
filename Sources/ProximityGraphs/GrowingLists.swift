import Glibc
import MillRuntime

/// Lists of ids that grow, in one block of memory: every list has a piece of it, which doubles when it is full. Pieces
/// that were left are used again.
struct GrowingLists: NeighborLists {
  private var arena: FlatBuffer<UInt32>
  private var used = 0
  private let starts: FlatBuffer<UInt64>
  private let lengths: FlatBuffer<UInt32>
  /// The binary logarithm of each list's piece; 0 for none.
  private let sizes: FlatBuffer<UInt8>
  private let nodes: Int
  /// Left pieces of each size, chained through their first 8 bytes; ``none`` at the end.
  private var left = [UInt64](repeating: Self.none, count: 33)
  /// Ids in all lists.
  private(set) var total = 0
  private static let none = UInt64.max

  /// Empty lists of a number of nodes.
  ///
  /// - Parameter expected: Ids a list is likely to have.
  init(nodes: Int, expected: Int) throws(MillError) {
    self.nodes = nodes
    arena = try FlatBuffer<UInt32>(uninitializedCount: max(64, nodes * expected))
    starts = try FlatBuffer<UInt64>(count: max(1, nodes))
    lengths = try FlatBuffer<UInt32>(count: max(1, nodes))
    sizes = try FlatBuffer<UInt8>(count: max(1, nodes))
  }

  static var areShort: Bool { false }
  var count: UInt32 { UInt32(truncatingIfNeeded: nodes) }

  @inline(__always) func list(_ node: UInt32) -> UnsafeBufferPointer<UInt32> {
    unsafe UnsafeBufferPointer(start: arena.base + Int(starts.base[Int(node)]), count: Int(lengths.base[Int(node)]))
  }

  @inline(__always) func prefetch(_ node: UInt32) {}

  /// Adds an id to the end of a list.
  mutating func append(_ id: UInt32, to node: UInt32) throws(MillError) {
    let length = unsafe Int(lengths.base[Int(node)])
    let size = unsafe sizes.base[Int(node)]
    if size == 0 || length == 1 << Int(size) { try enlarge(node, from: size, length) }
    unsafe arena.base[Int(starts.base[Int(node)]) + length] = id
    unsafe lengths.base[Int(node)] = UInt32(length + 1)
    total += 1
  }

  private mutating func enlarge(_ node: UInt32, from size: UInt8, _ length: Int) throws(MillError) {
    let wanted = max(2, size + 1)
    let piece = try take(wanted)
    if size > 0 {
      let old = unsafe Int(starts.base[Int(node)])
      unsafe memcpy(arena.base + piece, arena.base + old, 4 * length)
      unsafe UnsafeMutableRawPointer(arena.base + old).storeBytes(of: left[Int(size)], as: UInt64.self)
      left[Int(size)] = UInt64(old)
    }
    unsafe starts.base[Int(node)] = UInt64(piece)
    unsafe sizes.base[Int(node)] = wanted
  }

  /// A piece of 2^`size` ids.
  private mutating func take(_ size: UInt8) throws(MillError) -> Int {
    let found = left[Int(size)]
    if found != Self.none {
      left[Int(size)] = unsafe UnsafeRawPointer(arena.base + Int(found)).load(as: UInt64.self)
      return Int(found)
    }
    let piece = used
    if piece + 1 << Int(size) > arena.count {
      let new = try FlatBuffer<UInt32>(uninitializedCount: max(arena.count * 3 / 2, piece + 1 << Int(size)))
      unsafe memcpy(new.base, arena.base, 4 * used)
      arena = new
    }
    used += 1 << Int(size)
    return piece
  }

  /// All lists one behind the other, each ascending: list v is `targets[offsets[v]..<offsets[v + 1]]`.
  func flat() throws(MillError) -> (offsets: FlatBuffer<UInt64>, targets: FlatBuffer<UInt32>) {
    let offsets = try FlatBuffer<UInt64>(count: nodes + 1)
    let targets = try FlatBuffer<UInt32>(uninitializedCount: max(1, total))
    var at = 0
    for node in 0..<nodes {
      let list = unsafe self.list(UInt32(node))
      if let base = list.baseAddress { unsafe memcpy(targets.base + at, base, 4 * list.count) }
      var copy = unsafe UnsafeMutableBufferPointer(start: targets.base + at, count: list.count)
      unsafe copy.sort()
      at += list.count
      unsafe offsets.base[node + 1] = UInt64(at)
    }
    targets.truncate(to: total)
    return (offsets, targets)
  }
}
