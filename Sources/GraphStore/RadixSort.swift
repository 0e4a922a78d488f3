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
    insertionSort(base, count: count)
    return base
  }
  // Small inputs take narrower digits: clearing and summing the counters would cost more than the extra pass.
  let widest = count < 1 << 13 ? 8 : 11
  let passes = max(1, (keyBits + widest - 1) / widest)
  let digitBits = (keyBits + passes - 1) / passes
  let buckets = 1 << digitBits
  return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: passes * buckets) { counters in
    let counts = counters.baseAddress!
    counts.initialize(repeating: 0, count: passes * buckets)
    let mask = UInt64(buckets - 1)
    for i in 0..<count {
      var key = base[i].key
      var row = counts
      for _ in 0..<passes {
        row[Int(truncatingIfNeeded: key & mask)] &+= 1
        key &>>= UInt64(digitBits)
        row += buckets
      }
    }
    var source = base
    var target = scratch
    for pass in 0..<passes {
      let row = counts + pass * buckets
      let shift = UInt64(pass * digitBits)
      if row[Int(truncatingIfNeeded: (source[0].key &>> shift) & mask)] == UInt32(count) { continue }
      var place: UInt32 = 0
      for digit in 0..<buckets { (row[digit], place) = (place, place &+ row[digit]) }
      for i in 0..<count {
        let entry = source[i]
        let digit = Int(truncatingIfNeeded: (entry.key &>> shift) & mask)
        let slot = row[digit]
        row[digit] = slot &+ 1
        target[Int(slot)] = entry
      }
      swap(&source, &target)
    }
    return source
  }
}

private func insertionSort<Entry: ArcEntry>(_ base: UnsafeMutablePointer<Entry>, count: Int) {
  guard count > 1 else { return }
  for i in 1..<count {
    let entry = base[i]
    let key = entry.key
    var j = i
    while j > 0, base[j &- 1].key > key {
      base[j] = base[j &- 1]
      j &-= 1
    }
    base[j] = entry
  }
}
