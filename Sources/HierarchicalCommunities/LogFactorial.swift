import MillRuntime

/// Logarithms of factorials and of counts, the same on every machine.
enum LogFactorial {
  /// ln x!, to about 1e-13.
  static func of(_ x: Int) -> Double {
    if x <= 20 {
      var product = 1.0
      var factor = 2.0
      while factor <= Double(x) {
        product *= factor
        factor += 1
      }
      return Logarithm.natural(product)
    }
    let x = Double(x)
    let inverse = 1 / x
    let square = inverse * inverse
    let tail = inverse * (1 / 12.0 - square * (1 / 360.0 - square * (1 / 1260.0 - square / 1680)))
    return (x + 0.5) * Logarithm.natural(x) - x + 0.9189385332046727 + tail
  }

  /// ln of the binomial coefficient n over k.
  static func choose(_ n: Int, _ k: Int) -> Double {
    k < 0 || k > n ? -.infinity : of(n) - of(k) - of(n - k)
  }

  /// ln of the ways in which `items` equal things lie in `bins`.
  static func multisets(bins: Int, items: Int) -> Double { choose(bins + items - 1, items) }

  /// ln of (2b - 3)!!, the number of binary trees of `leaves` labeled leaves.
  static func binaryTrees(leaves b: Int) -> Double {
    b < 2 ? 0 : of(2 * b - 2) - of(b - 1) - Double(b - 1) * 0.6931471805599453
  }
}
