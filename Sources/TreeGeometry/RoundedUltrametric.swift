import MillRuntime

/// An ultrametric whose heights are powers of one number, with nodes as high as their parents contracted.
struct RoundedUltrametric {
  /// The contracted tree. Its leaves are leaves, or whole subtrees that are too small.
  private let tree: RootedTree
  /// Heights of its nodes as fractions of the root's.
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
    let scale = top > 0 ? top : 1
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
        rounded[node] = rounding.up(given[node] / scale)
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
