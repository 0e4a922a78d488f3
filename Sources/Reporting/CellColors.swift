import MillRuntime

/// The colors of nested cells: a hue from a wheel, paler at the top and stronger below.
///
/// - Source: Ottosson, "A perceptual color space for image processing", 2020 (Oklab).
struct CellColors {
  /// Hues of the wheel.
  static let hues = 48
  /// Steps from pale to strong.
  static let levels = 8

  /// `#rrggbb` by number: hue, then level, then shade.
  static let table: [String] = {
    var names: [String] = []
    // The wheel by turns of one step, from square roots: cos and sin of 2π/48 are those of 2π/6 halved three times.
    var (c, s) = (0.5, 0.75.squareRoot())
    for _ in 0..<3 {
      let half = ((1 + c) / 2).squareRoot()
      (c, s) = (half, s / (2 * half))
    }
    var (x, y) = (1.0, 0.0)
    for _ in 0..<hues {
      for level in 0..<levels {
        for shade in [-0.012, 0.012] {
          let lightness = 0.905 - 0.022 * Double(level) + shade
          let chroma = 0.05 + 0.05 * Double(level) / Double(levels - 1)
          names.append(hex(lightness, chroma * x, chroma * y))
        }
      }
      (x, y) = (x * c - y * s, x * s + y * c)
    }
    return names
  }()

  /// The number of a color.
  ///
  /// - Parameters:
  ///   - hue: A place on the wheel, 0..<1.
  ///   - level: From 0 on; deep ones are all alike.
  ///   - node: Decides between two shades, so that neighbors differ.
  static func number(hue: Double, level: Int, node: Int) -> Int {
    let step = min(hues - 1, max(0, Int(hue * Double(hues))))
    let shade = Int(CounterRandom.mix(UInt64(node)) & 1)
    return (step * levels + min(level, levels - 1)) * 2 + shade
  }

  private static func hex(_ lightness: Double, _ a: Double, _ b: Double) -> String {
    func cube(_ x: Double) -> Double { x * x * x }
    let l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b)
    let m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b)
    let s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b)
    let linear = [
      4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
      -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
      -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
    ]
    return "#"
      + linear.map { value in
        let bounded = min(1, max(0, value))
        let encoded = bounded <= 0.0031308 ? 12.92 * bounded : 1.055 * Logarithm.power(bounded, 1 / 2.4) - 0.055
        let byte = Int((255 * encoded).rounded())
        return String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
      }.joined()
  }
}
