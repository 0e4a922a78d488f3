/// Sorts 64-bit words by some of their bits, stably: words that agree in those bits keep their order.
///
/// A least-significant-digit radix sort.
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
  if count <= 32 { return unsafe insertionSort(base, count: count, mask: mask) }
  unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: 3 << 11) { counters in
    let counts = counters.baseAddress!
    if bits.count <= 33 {
      unsafe sortByThreeDigits(base, scratch, count: count, from: UInt64(bits.lowerBound), mask: mask, counts)
    } else {
      unsafe sortByDigits(base, scratch, count: count, mask: mask, counts)
    }
  }
}

/// The same for an array, by all bits.
package func sortWords(_ words: inout [UInt64]) {
  let count = words.count
  if count <= 256 { return words.sort() }
  var scratch = unsafe [UInt64](unsafeUninitializedCapacity: count) { _, initialized in initialized = count }
  unsafe words.withUnsafeMutableBufferPointer { words in
    unsafe scratch.withUnsafeMutableBufferPointer { scratch in
      guard let base = words.baseAddress, let scratch = scratch.baseAddress else { return }
      unsafe sortWords(base, scratch, count: count)
    }
  }
}

/// At most 33 bits are three digits, all counted in one look; the result is in `base`.
@inline(never)
private func sortByThreeDigits(
  _ base: UnsafeMutablePointer<UInt64>, _ scratch: UnsafeMutablePointer<UInt64>, count: Int, from shift: UInt64,
  mask: UInt64, _ counts: UnsafeMutablePointer<Int>
) {
  unsafe counts.initialize(repeating: 0, count: 3 << 11)
  for i in 0..<count {
    let key = unsafe (base[i] & mask) &>> shift
    unsafe counts[Int(key & 2047)] &+= 1
    unsafe counts[2048 &+ Int(key &>> 11 & 2047)] &+= 1
    unsafe counts[4096 &+ Int(key &>> 22)] &+= 1
  }
  var (source, target) = unsafe (base, scratch)
  for pass in 0..<3 {
    let row = unsafe counts + pass << 11
    let shift = shift &+ UInt64(11 * pass)
    var place = 0
    for digit in 0..<2048 { unsafe (row[digit], place) = unsafe (place, place &+ row[digit]) }
    for i in 0..<count {
      let word = unsafe source[i]
      let digit = Int((word & mask) &>> shift & 2047)
      unsafe target[row[digit]] = word
      unsafe row[digit] &+= 1
    }
    unsafe swap(&source, &target)
  }
  unsafe base.update(from: source, count: count)
}

/// Digits of 11 bits one after the other, those without a difference skipped; the result is in `base`.
@inline(never)
private func sortByDigits(
  _ base: UnsafeMutablePointer<UInt64>, _ scratch: UnsafeMutablePointer<UInt64>, count: Int, mask: UInt64,
  _ counts: UnsafeMutablePointer<Int>
) {
  var rest: UInt64 = 0
  for i in 1..<count { unsafe rest |= base[i] ^ base[0] }
  rest &= mask
  var (source, target) = unsafe (base, scratch)
  while rest != 0 {
    let shift = UInt64(rest.trailingZeroBitCount)
    let digit = 2047 &<< shift & mask
    rest &= ~digit
    unsafe counts.initialize(repeating: 0, count: 2048)
    for i in 0..<count { unsafe counts[Int((source[i] & digit) &>> shift)] &+= 1 }
    var place = 0
    for value in 0..<2048 { unsafe (counts[value], place) = unsafe (place, place &+ counts[value]) }
    for i in 0..<count {
      let word = unsafe source[i]
      let value = Int((word & digit) &>> shift)
      unsafe target[counts[value]] = word
      unsafe counts[value] &+= 1
    }
    unsafe swap(&source, &target)
  }
  if unsafe source != base { unsafe base.update(from: source, count: count) }
}

private func insertionSort(_ base: UnsafeMutablePointer<UInt64>, count: Int, mask: UInt64) {
  for i in 1..<count {
    let word = unsafe base[i]
    var j = i
    while j > 0, unsafe base[j &- 1] & mask > word & mask {
      unsafe base[j] = base[j &- 1]
      j &-= 1
    }
    unsafe base[j] = word
  }
}
