/// Directions of lines as whole numbers: line `i` of ``count`` has the angle π i / count.
///
/// Equal numbers are parallel lines, and the gap of two numbers is their angle: no rounding decides either. The table
/// is made by square roots and complex products, so that its bits are the same on every machine.
enum LineDirections {
  /// The number of directions: 3 · 2^14.
  static let count: Int32 = 49152

  /// Cosine and sine of each direction, in turn.
  static let table: [Double] = {
    // Powers of two of the step: 2π/3 and π/3, whose sines and cosines are square roots, then halves.
    var powers = [(c: -0.5, s: 0.75.squareRoot()), (c: 0.5, s: 0.75.squareRoot())]
    for _ in 0..<14 {
      let last = powers[powers.count - 1]
      let half = ((1 + last.c) / 2).squareRoot()
      powers.append((half, last.s / (2 * half)))
    }
    powers.reverse()
    var table = [Double](repeating: 0, count: 2 * Int(count))
    table[0] = 1
    for i in 1..<Int(count) {
      // One bit more than the number without its lowest bit.
      let rest = i & (i - 1)
      let power = powers[i.trailingZeroBitCount]
      let (x, y) = (table[2 * rest], table[2 * rest + 1])
      table[2 * i] = x * power.c - y * power.s
      table[2 * i + 1] = x * power.s + y * power.c
    }
    (table[Int(count)], table[Int(count) + 1]) = (0, 1)
    return table
  }()

  /// The angle between two directions, at most ``count`` / 2.
  @inline(__always) static func gap(_ a: Int32, _ b: Int32) -> Int32 {
    let gap = a > b ? a &- b : b &- a
    return min(gap, count &- gap)
  }

  /// The cotangent of π / (4 · `parts`), for one part or more.
  static func cotangent(parts: Int) -> Double {
    let angle = Double.pi / 4 / Double(max(1, parts))
    let square = angle * angle
    // Taylor's series, summed from the far end: to the last bits for angles up to π / 4.
    var (sine, cosine) = (1.0, 1.0)
    for k in stride(from: 20.0, to: 0, by: -2) {
      sine = 1 - square / (k * (k + 1)) * sine
      cosine = 1 - square / (k * (k - 1)) * cosine
    }
    return cosine / (angle * sine)
  }
}
