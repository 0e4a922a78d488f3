public import MillRuntime

/// A power law over whole numbers: the chance of k is in proportion to k^-exponent.
///
/// The law may give its smallest number less than that, so that its mean can be any in between.
public struct PowerLaw: Sendable, Equatable {
  /// How fast chances fall.
  public let exponent: Double
  /// The smallest and the largest number.
  public let range: ClosedRange<Int>
  /// The mean of what is drawn.
  public let mean: Double
  /// The chance of at most each number of the range.
  private let sums: [Double]

  /// The law over a range.
  ///
  /// - Throws: `MillError`: `bad-option` for an exponent that is negative or above 100, or a range that does not begin
  ///   above 0 or holds more than 2^28 numbers.
  public init(exponent: Double, range: ClosedRange<Int>) throws(MillError) {
    try self.init(exponent: exponent, range: range, shareOfFirst: 1)
  }

  /// The law up to `maximum` whose mean is `mean`: the smallest number follows from both.
  ///
  /// - Throws: `MillError`: `bad-option` for an exponent that is negative or above 100, and for a mean that no such law has.
  public init(exponent: Double, mean: Double, maximum: Int) throws(MillError) {
    try Self.check(exponent, 1...max(1, maximum))
    let weights = (1...max(1, maximum)).map { Logarithm.power(Double($0), -exponent) }
    // Sums over the numbers above the smallest one, which goes down until the mean is passed.
    var (total, moment) = (0.0, 0.0)
    for k in stride(from: maximum, through: 1, by: -1) {
      let weight = weights[k - 1]
      if moment + weight * Double(k) <= mean * (total + weight) {
        guard mean <= Double(maximum) else { break }
        let share = mean > Double(k) ? (moment - mean * total) / (weight * (mean - Double(k))) : 1
        try self.init(exponent: exponent, range: k...maximum, shareOfFirst: min(1, max(0, share)))
        return
      }
      total += weight
      moment += weight * Double(k)
    }
    throw Generator.refusal("no power law up to \(maximum) with exponent \(exponent) has that mean", mean)
  }

  private static func check(_ exponent: Double, _ range: ClosedRange<Int>) throws(MillError) {
    guard exponent >= 0, exponent <= 100 else {
      throw Generator.refusal("the exponent of a power law must be in 0...100", exponent)
    }
    guard range.lowerBound >= 1, range.count <= 1 << 28 else {
      throw Generator.refusal("a power law must be over at most 2^28 numbers from 1 on", "\(range)")
    }
  }

  private init(exponent: Double, range: ClosedRange<Int>, shareOfFirst: Double) throws(MillError) {
    try Self.check(exponent, range)
    var sums: [Double] = []
    sums.reserveCapacity(range.count)
    var (total, moment) = (0.0, 0.0)
    for k in range {
      // Relative to the smallest number, so that steep laws keep their digits.
      let weight = Logarithm.power(Double(k) / Double(range.lowerBound), -exponent) * (sums.isEmpty ? shareOfFirst : 1)
      total += weight
      moment += weight * Double(k)
      sums.append(total)
    }
    if total == 0 { (sums[sums.count - 1], total, moment) = (1, 1, Double(range.upperBound)) }
    self.exponent = exponent
    self.range = range
    mean = moment / total
    self.sums = sums.map { $0 / total }
  }

  /// A number, by one draw. O(log numbers).
  public func draw(_ random: inout CounterRandom) -> Int {
    let wanted = random.unit()
    return range.lowerBound + (0..<sums.count - 1).partitionPoint { sums[$0] > wanted }
  }

  /// Numbers that are drawn independently: a degree sequence for ``generateConfigurationModel(_:context:)``.
  ///
  /// - Parameters:
  ///   - count: How many.
  ///   - seed: Decides which.
  /// - Returns: Numbers of the range, shape `[count]`; where their sum would be odd, the first that can goes one up or
  ///   down.
  public func degrees(count: Int, seed: UInt64 = 42) -> [Int] {
    let stream = RandomStream(seed: seed, stage: "power-law")
    var degrees = (0..<max(0, count)).map { item in
      var random = stream.item(UInt64(item))
      return draw(&random)
    }
    if degrees.reduce(0, { $0 ^ $1 & 1 }) == 1, !degrees.isEmpty {
      degrees[0] += degrees[0] < range.upperBound ? 1 : -1
    }
    return degrees
  }
}
