/// The number of insertions, deletions and replacements of Unicode scalars that turn one text into another.
///
/// Bit-parallel for texts of up to 64 scalars (Myers, Journal of the ACM 46, 1999, in Hyyrö's form), two rows of the
/// table beyond. O(length of the longer) and O(product of the lengths).
public struct LevenshteinSpace: ObjectSpace {
  /// A text as scalars.
  public typealias Object = [UInt32]

  /// The space.
  public init() {}

  /// The object of a text.
  public static func object(_ text: some StringProtocol) -> [UInt32] { text.unicodeScalars.map(\.value) }

  /// The distance of two objects.
  public func distance(_ a: [UInt32], _ b: [UInt32]) -> Float {
    let (pattern, text) = a.count <= b.count ? (a, b) : (b, a)
    if pattern.isEmpty { return Float(text.count) }
    return Float(pattern.count <= 64 ? Self.bitParallel(pattern, text) : Self.table(pattern, text))
  }

  private static func bitParallel(_ pattern: [UInt32], _ text: [UInt32]) -> Int {
    unsafe pattern.withUnsafeBufferPointer { pattern in
      unsafe text.withUnsafeBufferPointer { text in
        let last: UInt64 = 1 << UInt64(pattern.count - 1)
        var positive = ~UInt64(0)
        var negative: UInt64 = 0
        var score = pattern.count
        for at in text.indices {
          let scalar = unsafe text[at]
          var equal: UInt64 = 0
          for i in 0..<pattern.count where unsafe pattern[i] == scalar { equal |= 1 << UInt64(i) }
          let vertical = equal | negative
          let horizontal = (((equal & positive) &+ positive) ^ positive) | equal
          var up = negative | ~(horizontal | positive)
          var down = positive & horizontal
          if up & last != 0 { score += 1 }
          if down & last != 0 { score -= 1 }
          up = up << 1 | 1
          down <<= 1
          positive = down | ~(vertical | up)
          negative = up & vertical
        }
        return score
      }
    }
  }

  private static func table(_ a: [UInt32], _ b: [UInt32]) -> Int {
    var row = Array(0...a.count)
    for (j, scalar) in b.enumerated() {
      var diagonal = row[0]
      row[0] = j + 1
      for i in 0..<a.count {
        let best = min(min(row[i], row[i + 1]) + 1, diagonal + (a[i] == scalar ? 0 : 1))
        (diagonal, row[i + 1]) = (row[i + 1], best)
      }
    }
    return row[a.count]
  }
}
