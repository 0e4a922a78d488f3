import Glibc
import MillRuntime

/// A label while labels are sorted.
@safe struct SortEntry: BitwiseCopyable {
  /// The first eight bytes, then the next eight, big-endian: comparing numbers compares bytes.
  let high: UInt64
  let low: UInt64
  /// The bytes beyond the 16th.
  let tail: UnsafePointer<UInt8>
  let first: UInt64
  let length: UInt32
  let slot: UInt32

  func copyBytes(to target: UnsafeMutablePointer<UInt8>) {
    var head = (high.byteSwapped, low.byteSwapped)
    unsafe memcpy(target, &head, min(16, Int(length)))
    if length > 16 { unsafe memcpy(target + 16, tail, Int(length) - 16) }
  }

  /// Bytewise order; no label holds a NUL, so zero padding sorts shorter labels first.
  static func precedes(_ a: SortEntry, _ b: SortEntry) -> Bool {
    if a.high != b.high { return a.high < b.high }
    if a.low != b.low { return a.low < b.low }
    if a.length <= 16 || b.length <= 16 { return a.length < b.length }
    let common = unsafe memcmp(a.tail, b.tail, Int(min(a.length, b.length)) - 16)
    return common != 0 ? common < 0 : a.length < b.length
  }

  static func sort(_ entries: FlatBuffer<SortEntry>, byFirstSighting: Bool, threads: Int) throws(MillError) {
    var elements = unsafe entries.mutableElements
    if byFirstSighting {
      unsafe elements.sort { $0.first < $1.first }
    } else {
      // Runs of a fixed length in parallel, then pairwise merges.
      let run = 1 << 15
      Parallel.forEachRange(of: entries.count, size: run, threads: threads) { range, _ in
        var part = unsafe UnsafeMutableBufferPointer(rebasing: elements[range])
        unsafe part.sort(by: precedes)
      }
      guard entries.count > run else { return }
      let scratch = try FlatBuffer<SortEntry>(uninitializedCount: entries.count)
      var (source, target) = unsafe (entries.base, scratch.base)
      var width = run
      while width < entries.count {
        Parallel.forEachRange(of: entries.count, size: 2 * width, threads: threads) {
          [source = unsafe source, target = unsafe target, width] range, _ in
          unsafe merge(source, target, range, middle: min(range.lowerBound + width, range.upperBound))
        }
        unsafe swap(&source, &target)
        width *= 2
      }
      if unsafe source != entries.base {
        unsafe memcpy(entries.base, source, entries.count * MemoryLayout<SortEntry>.stride)
      }
    }
  }

  private static func merge(
    _ source: UnsafeMutablePointer<SortEntry>, _ target: UnsafeMutablePointer<SortEntry>, _ range: Range<Int>,
    middle: Int
  ) {
    var left = range.lowerBound
    var right = middle
    for place in range {
      if left < middle, unsafe right >= range.upperBound || !precedes(source[right], source[left]) {
        unsafe target[place] = source[left]
        left += 1
      } else {
        unsafe target[place] = source[right]
        right += 1
      }
    }
  }
}
