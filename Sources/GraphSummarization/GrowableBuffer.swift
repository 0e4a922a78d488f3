import MillRuntime

/// A block of plain values that grows, freed with its last owner. Workers keep their scratch in such blocks between
/// groups.
@safe struct GrowableBuffer<Element: BitwiseCopyable> {
  private(set) var base: UnsafeMutablePointer<Element>
  private(set) var capacity: Int
  private var block: CountedBlock<Element>

  init(capacity: Int = 64) {
    self.capacity = max(1, capacity)
    block = CountedBlock(capacity: self.capacity)
    unsafe base = block.base
  }

  /// Room for at least `count` elements; contents are kept.
  @inline(__always) mutating func reserve(_ count: Int) {
    if count > capacity { grow(to: count) }
  }

  @inline(never) private mutating func grow(to count: Int) {
    let next = max(count, capacity * 2)
    let larger = CountedBlock<Element>(capacity: next)
    unsafe larger.base.update(from: base, count: capacity)
    block = larger
    unsafe base = larger.base
    capacity = next
  }
}

/// Memory that is counted against ``MemoryBudget`` but not refused in the middle of a step: what did not fit is told
/// by ``refusal``, for the end of the step.
@safe final class CountedBlock<Element: BitwiseCopyable> {
  let base: UnsafeMutablePointer<Element>
  /// Why the block is not counted; nil when it is.
  let refusal: MillError?
  private let bytes: Int

  init(capacity: Int) {
    bytes = capacity * MemoryLayout<Element>.stride
    unsafe base = .allocate(capacity: capacity)
    do throws(MillError) {
      try MemoryBudget.reserve(bytes)
      refusal = nil
    } catch {
      refusal = error
    }
  }

  deinit {
    unsafe base.deallocate()
    if refusal == nil { MemoryBudget.release(bytes) }
  }
}
