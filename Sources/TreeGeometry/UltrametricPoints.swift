public import MillRuntime

/// The settings of ``ultrametricPoints(of:options:context:)``.
public struct UltrametricPointOptions: Sendable, Equatable, Codable {
  /// The dimensions of the space, 1 to 8.
  public var dimensions: Int
  /// Heights are rounded up to powers of this, 1.001 to 1e6: close ones in a chain would squeeze the cells.
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
  public fileprivate(set) var distortion: DistortionResult
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
    choices = [1.5, 2, 3, 4].flatMap { base in
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
  var best: UltrametricPoints?
  for choice in choices {
    try context.checkCancelled()
    let rounded = RoundedUltrametric(ultrametric, base: choice.base, shift: choice.shift)
    let points = try rounded.points(dimensions: choice.dimensions, rho: choice.rho)
    let distortion = try measure.measure(points, dimensions: choice.dimensions, drawing: pairs, context)
    // The first of equals wins.
    if let best, distortion.distortion >= best.distortion.distortion * (1 - 1e-12) { continue }
    best = UltrametricPoints(
      points: points, options: choice, distortion: distortion, lowerBound: bound, collapsedCount: rounded.collapsedCount
    )
  }
  guard var best else { preconditionFailure("no choice of options") }
  if best.distortion.isSampled, choices.count > 1 {
    best.distortion = try measure.measure(
      best.points, dimensions: options.dimensions, drawing: DistortionMeasure.drawnPairs, context)
  }
  return best
}

/// An ultrametric whose heights are powers of one number, with nodes as high as their parents contracted.
struct RoundedUltrametric {
  /// The contracted tree. Its leaves are leaves, or whole subtrees that are too small.
  private let tree: RootedTree
  /// Heights of its nodes as fractions of a power of two near the root's.
  private let heights: [Double]
  private let scale: Double
  /// The leaf of the contracted tree that each leaf belongs to.
  private let leafOf: [Int32]
  /// Subtrees of several leaves that became one point.
  let collapsedCount: Int

  /// The height, as a fraction of the root's, below which a subtree becomes one point.
  static let precision = 1e-12

  init(_ ultrametric: Ultrametric, base: Double, shift: Double) {
    let (whole, given) = (ultrametric.tree, ultrametric.heights)
    let count = whole.nodeCount
    let top = given[count - 1]
    // A power of two: scaling by it is exact.
    let scale = top > 0 ? Double(sign: .plus, exponent: Int(top.exponent), significand: 1) : 1
    let leafCounts = whole.leafCounts
    let rounding = PowerRounding(base: base, shift: shift)
    // Where each node went: itself, or the node that it was contracted into.
    var standing = (0..<count).map { $0 }
    var isLeaf = (0..<count).map { $0 < whole.leafCount }
    var rounded = [Double](repeating: 0, count: count)
    var collapsed = 0
    for node in stride(from: count - 1, through: 0, by: -1) {
      let up = whole.parents[node] < 0 ? nil : standing[Int(whole.parents[node])]
      if let up, isLeaf[up] {
        standing[node] = up
        continue
      }
      if node >= whole.leafCount {
        if whole.leafCount > 1, given[node] < Self.precision * top || given[node] == 0 {
          isLeaf[node] = true
          collapsed += leafCounts[node] > 1 ? 1 : 0
          continue
        }
        rounded[node] = rounding.up(given[node]) / scale
        // Nodes of one child are no common ancestors; the child stands for them.
        let isChain = whole.children(of: node).count == 1
        if let up, isChain || rounded[node] >= rounded[up] * (1 - 1e-12) { standing[node] = up }
      }
    }
    var numbers = [Int32](repeating: -1, count: count)
    var order = (0..<count).filter { standing[$0] == $0 && isLeaf[$0] }
    let leaves = order.count
    order += (0..<count).filter { standing[$0] == $0 && !isLeaf[$0] }
    for (number, node) in order.enumerated() { numbers[node] = Int32(number) }
    let parents = order.map { node -> Int32 in
      whole.parents[node] < 0 ? -1 : numbers[standing[Int(whole.parents[node])]]
    }
    do throws(MillError) {
      tree = try RootedTree(leafCount: leaves, parents: parents)
    } catch {
      preconditionFailure("a contracted tree is none: \(error)")
    }
    heights = order.map { rounded[$0] }
    self.scale = scale
    leafOf = (0..<whole.leafCount).map { numbers[standing[$0]] }
    collapsedCount = collapsed
  }

  /// The points of all leaves, shape `[leaves, dimensions]`.
  func points(dimensions d: Int, rho: Double) throws(MillError) -> SharedArray<Double> {
    let points = try FlatBuffer<Double>(count: leafOf.count * d)
    guard tree.leafCount > 1 else { return SharedArray(points) }
    // A root of one child has no pairs of its own.
    func margin(_ node: Int) -> Double { tree.parents[node] < 0 ? 0 : heights[Int(tree.parents[node])] }
    var cores = [Double](repeating: 0, count: tree.nodeCount)
    let leafVolumes = (0..<tree.leafCount).map { power(margin($0), d) }
    let cutTree = CutTree(tree, leafWeights: leafVolumes, hasBudget: false) { node, sum in
      cores[node] = root(sum, of: d)
      return power(cores[node] + margin(node), d)
    }
    let division = BoxDivision(dimensions: d, rho: rho)
    var middles = [Double](repeating: 0, count: tree.leafCount * d)
    let side = cores[tree.nodeCount - 1]
    var stack = [(cutTree.root, (0..<2 * d).map { $0 & 1 == 0 ? 0 : side })]
    while let (half, box) = stack.popLast() {
      var sides = box
      let node = Int(cutTree.owners[half])
      if node < tree.leafCount {
        for axis in 0..<d { middles[node * d + axis] = sides[2 * axis] + sides[2 * axis + 1] / 2 }
        continue
      }
      if tree.parents[node] >= 0 { shrink(&sides, by: cores[node] / (cores[node] + margin(node))) }
      division.divide(half, of: cutTree, sides) { part, box in stack.append((part, box)) }
    }
    for (leaf, own) in leafOf.enumerated() {
      for axis in 0..<d { unsafe points.base[leaf * d + axis] = middles[Int(own) * d + axis] * scale }
    }
    return SharedArray(points)
  }
}

/// Rounds numbers up to powers of a base, shifted by a part of a power.
struct PowerRounding {
  private let base: Double
  private let shift: Double
  private let unit: Double

  init(base: Double, shift: Double) {
    self.base = base
    self.shift = shift
    unit = shift == 0 ? 1 : shift == 0.5 ? 1 / base.squareRoot() : 1 / Logarithm.power(base, shift)
  }

  /// The least power that is not below a number; powers of 2 are exact.
  func up(_ value: Double) -> Double {
    guard value > 0 else { return 0 }
    if base == 2, shift == 0 {
      let power = Double(sign: .plus, exponent: Int(value.exponent), significand: 1)
      return power < value ? 2 * power : power
    }
    // An exponent within one of the right one, then steps.
    let guess = (Logarithm.natural(value / unit) / Logarithm.natural(base)).rounded(.up)
    var result = unit * wholePower(Int(guess))
    while result < value * (1 - 1e-12) { result *= base }
    while result / base >= value * (1 - 1e-12) { result /= base }
    return result
  }

  private func wholePower(_ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent.magnitude)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return exponent < 0 ? 1 / result : result
  }
}
