/// A block of plain values that grows; freed by hand. Workers keep their scratch in such blocks between groups.
struct GrowableBuffer<Element: BitwiseCopyable> {
  private(set) var base: UnsafeMutablePointer<Element>
  private(set) var capacity: Int

  init(capacity: Int = 64) {
    self.capacity = max(1, capacity)
    base = .allocate(capacity: self.capacity)
  }

  /// Room for at least `count` elements; contents are kept.
  @inline(__always) mutating func reserve(_ count: Int) {
    if count > capacity { grow(to: count) }
  }

  /// Room for at least `count` elements, new ones set to `value`.
  mutating func reserve(_ count: Int, filling value: Element) {
    guard count > capacity else { return }
    let old = capacity
    grow(to: count)
    (base + old).update(repeating: value, count: capacity - old)
  }

  @inline(never) private mutating func grow(to count: Int) {
    let next = max(count, capacity * 2)
    let new = UnsafeMutablePointer<Element>.allocate(capacity: next)
    new.update(from: base, count: capacity)
    base.deallocate()
    base = new
    capacity = next
  }

  func deallocate() { base.deallocate() }
}
