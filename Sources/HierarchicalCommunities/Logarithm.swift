/// The natural logarithm by additions, multiplications and divisions in one order.
///
/// Scores of partitions are compared, and a C library may round logarithms differently from one processor to the next.
enum Logarithm {
  /// ln(x) to about 1e-15 relative for a positive normal number; minus infinity for 0.
  static func natural(_ x: Double) -> Double {
    guard x > 0 else { return -.infinity }
    var exponent = Double(x.exponent)
    var significand = x.significand
    if significand > 1.4142135623730951 {
      significand *= 0.5
      exponent += 1
    }
    return exponent * 0.6931471805599453 + twiceArtanh((significand - 1) / (significand + 1))
  }

  /// arcosh(x) for x >= 1.
  static func arcosh(_ x: Double) -> Double { natural(x + (x * x - 1).squareRoot()) }

  private static func twiceArtanh(_ s: Double) -> Double {
    let x = s * s
    var sum = 0.0
    for odd in stride(from: 25.0, through: 1, by: -2) { sum = sum * x + 1 / odd }
    return 2 * s * sum
  }
}
