import MillRuntime

/// Random bits that are 1 with a given chance: what dropout keeps.
///
/// The chance is taken to 16 binary places. Its binary fraction, from the last place on, joins random words by "or" for
/// a 1 and by "and" for a 0, so that 64 decisions cost one word for a chance of 1/2 and at most 16.
struct BernoulliBits {
  static let places = 16
  static let wordsAtATime = 1 << 10

  let stream: RandomStream
  /// The chance of a 1, times 2^16, and without the zeros at its end.
  private let digits: UInt32
  private let digitCount: Int

  /// - Parameter chance: Above 0 and below 1.
  init(chance: Double, stream: RandomStream) {
    self.stream = stream
    let scaled = UInt32(min(max((chance * Double(1 << Self.places)).rounded(), 1), Double(1 << Self.places - 1)))
    digits = scaled >> UInt32(scaled.trailingZeroBitCount)
    digitCount = Self.places - scaled.trailingZeroBitCount
  }

  /// The chance as it is drawn.
  var chance: Double { Double(digits) / Double(1 << digitCount) }

  /// Fills `words` with the bits of draw number `draw`.
  func fill(_ words: FlatBuffer<UInt64>, draw: Int, threads: Int) {
    Parallel.forEachRange(of: words.count, size: Self.wordsAtATime, threads: threads) { range, _ in
      var random = stream.item(UInt64(draw) << 32 | UInt64(range.lowerBound / Self.wordsAtATime))
      for place in range {
        var word: UInt64 = 0
        for digit in 0..<digitCount {
          let bits = random.next()
          word = digits >> UInt32(digit) & 1 == 1 ? word | bits : word & bits
        }
        unsafe words.base[place] = word
      }
    }
  }
}
