/// Sorts 64-bit words by some of their bits, stably: words that agree in those bits keep their order.
///
/// A least-significant-digit radix sort; digits in which no two words differ are skipped, so that bits which are the
/// same everywhere cost one look.
///
/// - Parameters:
///   - base: The words; sorted afterwards.
///   - scratch: Room for as many; undefined afterwards.
///   - count: The number of words.
///   - bits: The bits to sort by, within `0..<64`.
/// - Complexity: O(count · bits / 11), O(count²) for at most 32 words. One thread.
package func sortWords(
  _ base: UnsafeMutablePointer<UInt64>, _ scratch: UnsafeMutablePointer<UInt64>, count: Int,
  by bits: Range<Int> = 0..<64
) {
  precondition(bits.lowerBound >= 0 && bits.upperBound <= 64)
  guard count > 1, !bits.isEmpty else { return }
  let mask = (UInt64.max &>> UInt64(64 - bits.count)) &<< UInt64(bits.lowerBound)
  if count <= 32 { return insertionSort(base, count: count, mask: mask) }
  withUnsafeTemporaryAllocation(of: Int.self, capacity: 1 << 11) { counters in
    radixSort(base, scratch, count: count, mask: mask, counters.baseAddress!)
  }
}

/// The same for an array, by all bits.
package func sortWords(_ words: inout [UInt64]) {
  let count = words.count
  var scratch = [UInt64](unsafeUninitializedCapacity: count) { _, initialized in initialized = count }
  words.withUnsafeMutableBufferPointer { words in
    scratch.withUnsafeMutableBufferPointer { scratch in
      guard let base = words.baseAddress, let scratch = scratch.baseAddress else { return }
      sortWords(base, scratch, count: count)
    }
  }
}

/// - Parameter counts: Room for 2^11 counters.
@inline(never)
private func radixSort(
  _ base: UnsafeMutablePointer<UInt64>, _ scratch: UnsafeMutablePointer<UInt64>, count: Int, mask: UInt64,
  _ counts: UnsafeMutablePointer<Int>
) {
  var rest: UInt64 = 0
  for i in 1..<count { rest |= base[i] ^ base[0] }
  rest &= mask
  // Small inputs take narrower digits: clearing and summing the counters would cost more than the extra pass.
  let width = count < 1 << 13 ? 8 : 11
  let digit = UInt64(1) << UInt64(width) - 1
  var (source, target) = (base, scratch)
  while rest != 0 {
    let shift = UInt64(rest.trailingZeroBitCount)
    let window = digit &<< shift & mask
    rest &= ~window
    counts.initialize(repeating: 0, count: 1 << width)
    for i in 0..<count { counts[Int((source[i] & window) &>> shift)] &+= 1 }
    var place = 0
    for value in 0..<1 << width { (counts[value], place) = (place, place &+ counts[value]) }
    for i in 0..<count {
      let word = source[i]
      let value = Int((word & window) &>> shift)
      target[counts[value]] = word
      counts[value] &+= 1
    }
    swap(&source, &target)
  }
  if source != base { base.update(from: source, count: count) }
}

private func insertionSort(_ base: UnsafeMutablePointer<UInt64>, count: Int, mask: UInt64) {
  for i in 1..<count {
    let word = base[i]
    var j = i
    while j > 0, base[j &- 1] & mask > word & mask {
      base[j] = base[j &- 1]
      j &-= 1
    }
    base[j] = word
  }
}
