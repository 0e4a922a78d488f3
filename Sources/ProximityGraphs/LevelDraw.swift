import Glibc

/// The natural logarithm of the C library.
func naturalLogarithm(_ value: Double) -> Double { log(value) }

/// The levels of nodes: a pure function of seed and item, so that threads, batches and insertion order do not matter.
enum LevelDraw {
  /// Levels above this are cut: protects against absurd draws.
  static let maximum = 16

  /// floor(-ln(u) · scale) with u uniform in (0, 1] from a hash of seed and item; P(level >= j) = m^-j for the default
  /// scale. Levels are compared as u against e^(-j / scale), so that a last-bit difference of a logarithm between C
  /// libraries could change a level only where u falls between two adjacent doubles.
  static func level(of item: some FixedWidthInteger, seed: UInt64, thresholds: [Double]) -> Int {
    var z = seed ^ (UInt64(truncatingIfNeeded: item) &+ 1) &* 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    z ^= z >> 31
    let u = Double((z >> 11) + 1) * 0x1p-53
    var level = 0
    while level < thresholds.count, u <= thresholds[level] { level += 1 }
    return level
  }

  /// P(level >= j) for j = 1...16.
  static func thresholds(scale: Double) -> [Double] {
    scale > 0 ? (1...maximum).map { exp(-Double($0) / scale) } : []
  }
}
