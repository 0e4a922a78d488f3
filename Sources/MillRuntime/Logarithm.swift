/// Logarithms and powers by additions, multiplications and divisions in one order.
///
/// A C library may round a logarithm differently from one processor to the next, and with it a drawn graph or a choice
/// between two scores.
package enum Logarithm {
  /// ln(x) to about 1e-16 relative to the larger of it and 1, for a positive normal number; minus infinity for 0.
  @inlinable package static func natural(_ x: Double) -> Double {
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
  @inlinable package static func arcosh(_ x: Double) -> Double { natural(x + (x * x - 1).squareRoot()) }

  /// e^x to a few units in the last place; 0 and infinity where no double is near.
  @inlinable package static func exponential(_ x: Double) -> Double {
    guard x > -708 else { return 0 }
    guard x < 709 else { return .infinity }
    let whole = (x * 1.4426950408889634).rounded()
    // ln 2 in two parts, of which the first times a small whole number is exact.
    let r = (x - whole * 0.693147180369123816490) - whole * 1.90821492927058770002e-10
    var sum = 1.0
    for i in stride(from: 16.0, to: 0, by: -1) { sum = 1 + r / i * sum }
    return sum * Double(sign: .plus, exponent: Int(whole), significand: 1)
  }

  /// base^exponent for a positive base, by logarithm and exponential.
  @inlinable package static func power(_ base: Double, _ exponent: Double) -> Double {
    exponential(exponent * natural(base))
  }

  /// 2 artanh(s) for |s| < 0.18.
  @inlinable package static func twiceArtanh(_ s: Double) -> Double {
    let x = s * s
    let tail = 1 / 13.0 + x * (1 / 15.0 + x * (1 / 17.0 + x * (1 / 19.0 + x * (1 / 21.0))))
    let sum = 1 + x * (1 / 3.0 + x * (1 / 5.0 + x * (1 / 7.0 + x * (1 / 9.0 + x * (1 / 11.0 + x * tail)))))
    return 2 * s * sum
  }
}
