public import MillRuntime

/// The settings of ``ultrametricPoints(of:options:context:)``.
public struct UltrametricPointOptions: Sendable, Equatable, Codable {
  /// The dimensions of the space, 1 to 8.
  public var dimensions: Int
  /// Heights, as fractions of the root's, are rounded up to powers of this, 1.001 to 1e6: close ones in a chain would squeeze the cells.
  public var base: Double
  /// A part of a power, 0..<1, by which the rounding is shifted.
  public var shift: Double
  /// What the longest side of a box may be, as a multiple of the shortest; at least 3.
  public var rho: Double
  /// Whether several bases, shifts and ratios are tried and the least distortion is kept.
  public var isTuned: Bool
  /// The seed of the pairs that are drawn where there are too many to measure all.
  public var seed: UInt64

  /// The plane, powers of 2, sides of at most 4 to 1, unless told otherwise.
  public init(
    dimensions: Int = 2, base: Double = 2, shift: Double = 0, rho: Double = 4, isTuned: Bool = false, seed: UInt64 = 42
  ) {
    self.dimensions = dimensions
    self.base = base
    self.shift = shift
    self.rho = rho
    self.isTuned = isTuned
    self.seed = seed
  }
}

/// The leaves of an ultrametric as points of R^d.
public struct UltrametricPoints: Sendable, Equatable {
  /// The coordinates of each leaf, shape `[leaves, dimensions]`.
  public let points: SharedArray<Double>
  /// The options, with base, shift and ratio as they were chosen.
  public let options: UltrametricPointOptions
  /// How well distances are kept.
  public let distortion: DistortionResult
  /// What no map can stay below.
  public let lowerBound: Double
  /// Subtrees so small beside the whole, heights below 1e-12 of the root's, that their leaves share one point.
  public let collapsedCount: Int
}

/// Puts the leaves of an ultrametric into R^d so that no distance is kept much worse than another: each subtree gets a
/// box with a margin as wide as its parent is high, and a leaf the middle of its box.
///
/// Good for the worst pair; where distances should correlate, multidimensional scaling does better.
///
/// - Parameters:
///   - ultrametric: A tree with heights.
///   - options: Dimensions, rounding, ratio.
///   - context: Threads for measuring, a way to stop.
/// - Throws: `MillError`: `bad-option`, `over-budget`, `interrupted`.
/// - Complexity: O(n log n + n d) for the points, O(n² d) for measuring up to 5,000 leaves, 4 million pairs above; tuned
///   24 times that, with 2^18 pairs each. The same bits for every thread count.
/// - Source: de Berg, Onak, Sidiropoulos, JoCG 4(1), 2013, on embedding ultrametrics; the rounding and the bound are
///   this library's.
public func ultrametricPoints(
  of ultrametric: Ultrametric, options: UltrametricPointOptions = .init(), context: RunContext = .init()
) throws(MillError) -> UltrametricPoints {
  guard (1...8).contains(options.dimensions) else {
    throw MillError(.badOption, "1 to 8 dimensions are possible", field: "\(options.dimensions)")
  }
  guard options.base >= 1.001, options.base <= 1e6 else {
    throw MillError(.badOption, "heights are rounded to powers of 1.001 to 1e6", field: "\(options.base)")
  }
  guard options.shift >= 0, options.shift < 1 else {
    throw MillError(.badOption, "the shift must be in 0..<1", field: "\(options.shift)")
  }
  guard options.rho >= 3, options.rho.isFinite else {
    throw MillError(.badOption, "the ratio of sides must be at least 3", field: "\(options.rho)")
  }
  var choices = [options]
  if options.isTuned {
    // What was asked for comes first, so that tuning makes nothing worse.
    choices += [1.5, 2, 3, 4].flatMap { base in
      [0, 0.5].flatMap { shift in
        [3.0, 4, 6].map { rho in
          var choice = options
          (choice.base, choice.shift, choice.rho) = (base, shift, rho)
          return choice
        }
      }
    }
  }
  let measure = DistortionMeasure(ultrametric, seed: options.seed)
  let pairs = choices.count > 1 ? DistortionMeasure.comparedPairs : DistortionMeasure.drawnPairs
  let bound = ultrametric.distortionBound(dimensions: options.dimensions)
  func found(_ choice: UltrametricPointOptions, drawing pairs: Int) throws(MillError) -> UltrametricPoints {
    try context.checkCancelled()
    let rounded = RoundedUltrametric(ultrametric, base: choice.base, shift: choice.shift)
    let points = try rounded.points(dimensions: choice.dimensions, rho: choice.rho)
    let distortion = try measure.measure(points, dimensions: choice.dimensions, drawing: pairs, context)
    return UltrametricPoints(
      points: points, options: choice, distortion: distortion, lowerBound: bound, collapsedCount: rounded.collapsedCount
    )
  }
  /// The first of equals wins.
  func isBetter(_ one: UltrametricPoints, than other: UltrametricPoints) -> Bool {
    one.distortion.distortion < other.distortion.distortion * (1 - 1e-12)
  }
  var best = try found(options, drawing: pairs)
  for choice in choices.dropFirst() {
    let next = try found(choice, drawing: pairs)
    if isBetter(next, than: best) { best = next }
  }
  guard best.distortion.isSampled, choices.count > 1 else { return best }
  // The few pairs of the comparison may err: the choice must prove itself on all that are drawn.
  let plain = try found(options, drawing: DistortionMeasure.drawnPairs)
  let tuned = try found(best.options, drawing: DistortionMeasure.drawnPairs)
  return isBetter(tuned, than: plain) ? tuned : plain
}
