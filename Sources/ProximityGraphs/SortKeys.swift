/// Sorts 64-bit keys by radix, 11 bits a pass; passes without a difference are skipped.
///
/// - Parameter scratch: Room for as many keys.
func sortKeys(
  _ keys: UnsafeMutablePointer<UInt64>, _ count: Int, scratch: UnsafeMutablePointer<UInt64>
) {
  guard count > 256 else {
    var few = UnsafeMutableBufferPointer(start: keys, count: count)
    return few.sort()
  }
  var different: UInt64 = 0
  for i in 1..<count { different |= keys[i] ^ keys[0] }
  var (from, to) = (keys, scratch)
  withUnsafeTemporaryAllocation(of: Int.self, capacity: 2048) { places in
    let places = places.baseAddress!
    for shift in stride(from: UInt64(0), to: 64, by: 11) where different >> shift & 2047 != 0 {
      for i in 0..<2048 { places[i] = 0 }
      for i in 0..<count { places[Int(from[i] &>> shift & 2047)] &+= 1 }
      var sum = 0
      for i in 0..<2048 { (places[i], sum) = (sum, sum + places[i]) }
      for i in 0..<count {
        let digit = Int(from[i] &>> shift & 2047)
        to[places[digit]] = from[i]
        places[digit] &+= 1
      }
      swap(&from, &to)
    }
  }
  if from != keys { keys.update(from: from, count: count) }
}
