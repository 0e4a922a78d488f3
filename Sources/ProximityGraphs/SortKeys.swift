/// Sorts 64-bit keys by radix, 11 bits a pass; passes without a difference are skipped.
func sortKeys(_ keys: inout [UInt64]) {
  guard keys.count > 256 else { return keys.sort() }
  var scratch = [UInt64](repeating: 0, count: keys.count)
  let different = keys.reduce(0) { $0 | ($1 ^ keys[0]) }
  let n = keys.count
  var isSwapped = false
  keys.withUnsafeMutableBufferPointer { first in
    scratch.withUnsafeMutableBufferPointer { second in
      withUnsafeTemporaryAllocation(of: Int.self, capacity: 2048) { places in
        let places = places.baseAddress!
        var (from, to) = (first.baseAddress!, second.baseAddress!)
        for shift in stride(from: UInt64(0), to: 64, by: 11) where different >> shift & 2047 != 0 {
          for i in 0..<2048 { places[i] = 0 }
          for i in 0..<n { places[Int(from[i] &>> shift & 2047)] &+= 1 }
          var sum = 0
          for i in 0..<2048 { (places[i], sum) = (sum, sum + places[i]) }
          for i in 0..<n {
            let digit = Int(from[i] &>> shift & 2047)
            to[places[digit]] = from[i]
            places[digit] &+= 1
          }
          swap(&from, &to)
          isSwapped.toggle()
        }
      }
    }
  }
  if isSwapped { swap(&keys, &scratch) }
}
