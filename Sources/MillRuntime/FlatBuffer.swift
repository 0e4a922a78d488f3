import Glibc

/// One contiguous block of plain values on its own pages, 64-byte aligned, freed with its last owner.
///
/// The store and the engines keep all large data in such buffers: no retain or release an element, no bounds of
/// nested arrays. Contents start as zero. Counted against ``MemoryBudget``; a large
/// one that has no room there lives in a file of ``MemoryBudget/spillFolder``, where that is set.
///
/// Unchecked: hot loops work on ``base`` directly and must stay below ``count``. Sharing between threads is safe
/// while nobody writes, or while writers keep to disjoint ranges.
@safe public final class FlatBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
  /// The first element.
  public let base: UnsafeMutablePointer<Element>
  /// Elements that may be used.
  public private(set) var count: Int
  private var bytes: Int
  private let isMapped: Bool
  private let isSpilled: Bool
  /// Whether a ``SharedArray`` has taken the elements over.
  fileprivate var isGivenAway = false

  /// A zeroed buffer of `count` elements.
  ///
  /// - Throws: ``MillError`` of kind `over-budget` when the budget or the system has no room.
  public convenience init(count: Int) throws(MillError) {
    try self.init(count: count, zeroed: true)
  }

  /// A buffer of `count` elements whose first contents are undefined.
  ///
  /// - Throws: ``MillError`` of kind `over-budget` when the budget or the system has no room.
  public convenience init(uninitializedCount count: Int) throws(MillError) {
    try self.init(count: count, zeroed: false)
  }

  private init(count: Int, zeroed: Bool) throws(MillError) {
    precondition(count >= 0)
    let (wanted, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    guard !overflow, wanted < Int.max / 2 else {
      throw MillError(.overBudget, "a buffer of \(count) elements is beyond the address space")
    }
    let block = try RawBlock.allocate(bytes: wanted, zeroed: zeroed)
    unsafe base = block.base.bindMemory(to: Element.self, capacity: max(1, count))
    bytes = block.bytes
    isMapped = block.isMapped
    isSpilled = block.isSpilled
    self.count = count
  }

  deinit {
    unsafe RawBlock.free(
      RawBlock(base: UnsafeMutableRawPointer(base), bytes: bytes, isMapped: isMapped, isSpilled: isSpilled))
  }

  /// A read-only view of the elements. Valid while this object lives: keep the buffer in a variable as long as the view
  /// is used, never take the view of a temporary.
  public var elements: UnsafeBufferPointer<Element> { unsafe UnsafeBufferPointer(start: base, count: count) }

  /// The elements, to be written.
  public var mutableElements: UnsafeMutableBufferPointer<Element> {
    unsafe UnsafeMutableBufferPointer(start: base, count: count)
  }

  /// Gives the tail behind the first `newCount` elements back to the system.
  ///
  /// - Precondition: no ``SharedArray`` holds the buffer.
  public func truncate(to newCount: Int) {
    precondition(newCount >= 0 && newCount <= count)
    precondition(!isGivenAway, "a buffer that was given away keeps its size")
    count = newCount
    guard isMapped else { return }
    let keep = RawBlock.pageRounded(max(1, newCount * MemoryLayout<Element>.stride))
    if keep < bytes {
      unsafe munmap(UnsafeMutableRawPointer(base) + keep, bytes - keep)
      if !isSpilled { MemoryBudget.release(bytes - keep) }
      bytes = keep
    }
  }
}

extension FlatBuffer {
  /// Notes that the elements are shared from now on.
  func giveAway() { isGivenAway = true }
}

/// Untyped memory behind ``FlatBuffer``: small blocks from the heap, large ones as pages of their own.
@safe struct RawBlock {
  let base: UnsafeMutableRawPointer
  let bytes: Int
  let isMapped: Bool
  /// Whether the pages are those of a file, which the budget does not count.
  var isSpilled = false

  static func pageRounded(_ bytes: Int) -> Int { (bytes + 4095) & ~4095 }

  static func allocate(bytes wanted: Int, zeroed: Bool) throws(MillError) -> RawBlock {
    // Where blocks may go to files, many of a middling size must not use up the room of the small ones, which may not.
    let isMapped = wanted >= 1 << 20 || (wanted >= 1 << 16 && MemoryBudget.spillFolder != nil)
    let bytes = isMapped ? pageRounded(wanted) : max(64, (wanted + 63) & ~63)
    do throws(MillError) {
      if isMapped { try MemoryBudget.reserveLarge(bytes) } else { try MemoryBudget.reserve(bytes) }
    } catch {
      guard isMapped, let pages = try unsafe MemoryBudget.spill(bytes) else { throw error }
      return unsafe RawBlock(base: pages, bytes: bytes, isMapped: true, isSpilled: true)
    }
    if isMapped {
      let pages = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      if let pages = unsafe pages, unsafe pages != MAP_FAILED {
        if bytes >= 4 << 20 { unsafe madvise(pages, bytes, MADV_HUGEPAGE) }
        return unsafe RawBlock(base: pages, bytes: bytes, isMapped: true)
      }
    } else {
      var pointer: UnsafeMutableRawPointer?
      if unsafe posix_memalign(&pointer, 64, bytes) == 0, let pointer = unsafe pointer {
        if zeroed { unsafe memset(pointer, 0, bytes) }
        return unsafe RawBlock(base: pointer, bytes: bytes, isMapped: false)
      }
    }
    MemoryBudget.release(bytes)
    throw MillError(.overBudget, "the system has no \(bytes) bytes of memory left")
  }

  static func free(_ block: RawBlock) {
    if block.isMapped { unsafe munmap(block.base, block.bytes) } else { unsafe Glibc.free(block.base) }
    if !block.isSpilled { MemoryBudget.release(block.bytes) }
  }
}
