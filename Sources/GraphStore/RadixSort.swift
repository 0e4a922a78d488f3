/// Sorts entries by key, stably, with a least-significant-digit radix sort.
///
/// - Parameters:
///   - base: The entries.
///   - scratch: Room for as many.
///   - count: The number of entries.
///   - keyBits: Keys are below 2^keyBits.
/// - Returns: Where the sorted entries are: `base` or `scratch`.
/// - Complexity: O(count · keyBits / 11) with all of it in cache, O(count²) for at most 24 entries.
func radixSort<Entry: ArcEntry>(
  _ base: UnsafeMutablePointer<Entry>, _ scratch: UnsafeMutablePointer<Entry>, count: Int, keyBits: Int
) -> UnsafeMutablePointer<Entry> {
  if count <= 24 {
    unsafe insertionSort(base, count: count)
    return unsafe base
  }
  // Small inputs take narrower digits: clearing and summing the counters would cost more than the extra pass.
  let widest = count < 1 << 13 ? 8 : 11
  let passes = max(1, (keyBits + widest - 1) / widest)
  let digitBits = (keyBits + passes - 1) / passes
  let buckets = 1 << digitBits
  return unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: passes * buckets) { counters in
    let counts = counters.baseAddress!
    unsafe counts.initialize(repeating: 0, count: passes * buckets)
    let mask = UInt64(buckets - 1)
    for i in 0..<count {
      var key = unsafe base[i].key
      var row = unsafe counts
      for _ in 0..<passes {
        unsafe row[Int(truncatingIfNeeded: key & mask)] &+= 1
        key &>>= UInt64(digitBits)
        unsafe row += buckets
      }
    }
    var source = unsafe base
    var target = unsafe scratch
    for pass in 0..<passes {
      let row = unsafe counts + pass * buckets
      let shift = UInt64(pass * digitBits)
      if unsafe row[Int(truncatingIfNeeded: (source[0].key &>> shift) & mask)] == UInt32(count) { continue }
      var place: UInt32 = 0
      for digit in 0..<buckets { unsafe (row[digit], place) = unsafe (place, place &+ row[digit]) }
      for i in 0..<count {
        let entry = unsafe source[i]
        let digit = Int(truncatingIfNeeded: (entry.key &>> shift) & mask)
        let slot = unsafe row[digit]
        unsafe row[digit] = slot &+ 1
        unsafe target[Int(slot)] = entry
      }
      unsafe swap(&source, &target)
    }
    return unsafe source
  }
}

private func insertionSort<Entry: ArcEntry>(_ base: UnsafeMutablePointer<Entry>, count: Int) {
  guard count > 1 else { return }
  for i in 1..<count {
    let entry = unsafe base[i]
    let key = entry.key
    var j = i
    while j > 0, unsafe base[j &- 1].key > key {
      unsafe base[j] = base[j &- 1]
      j &-= 1
    }
    unsafe base[j] = entry
  }
}
