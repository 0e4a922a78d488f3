import MillRuntime

/// Trees and weights that partitions are tried on.
enum TreeSamples {
  /// A root with leaves only.
  static func star(_ leaves: Int) throws -> RootedTree {
    try RootedTree(leafCount: leaves, parents: [Int32](repeating: Int32(leaves), count: leaves) + [-1])
  }

  /// `links` inner nodes below each other, each with one leaf more; the lowest has the leaves 0 and 1.
  static func chain(_ links: Int) throws -> RootedTree {
    var parents = [Int32](repeating: -1, count: 2 * links + 1)
    parents[0] = Int32(links + 1)
    for i in 1...links { parents[i] = Int32(links + i) }
    for i in 1..<max(1, links) { parents[links + i] = Int32(links + i + 1) }
    return try RootedTree(leafCount: links + 1, parents: parents)
  }

  /// One leaf below `links` nodes of one child each.
  static func line(_ links: Int) throws -> RootedTree {
    try RootedTree(leafCount: 1, parents: (1...links).map { Int32($0) } + [-1])
  }

  /// A random tree: nodes are joined in random groups of 1 to 5 until one is left.
  static func random(leaves: Int, seed: UInt64) throws -> RootedTree {
    var random = CounterRandom(seed: seed, stage: "random tree")
    var parents = [Int32](repeating: -1, count: leaves)
    var open = (0..<leaves).map { $0 }
    while open.count > 1 {
      let size = min(open.count, 1 + Int(random.below(5)))
      let node = parents.count
      parents.append(-1)
      for _ in 0..<size {
        let place = Int(random.below(UInt64(open.count)))
        parents[open.remove(at: place)] = Int32(node)
      }
      open.append(node)
    }
    return try RootedTree(leafCount: leaves, parents: parents)
  }

  /// Kinds of weights.
  enum Weights: String, CaseIterable, Sendable {
    case equal
    /// Heavy tail: 1 / u.
    case pareto
    /// 2^-i, the first leaf the heaviest.
    case halving
    /// 10^u for u in 0...9.
    case nineDigits
    /// 10^u for u in 0...18.
    case eighteenDigits
    /// As before, every third one 0.
    case withZeros

    func values(_ count: Int, seed: UInt64) -> [Double] {
      let stream = RandomStream(seed: seed, stage: "weights")
      return (0..<count).map { i in
        var random = stream.item(UInt64(i))
        let u = random.unit()
        switch self {
        case .equal: return 1
        case .pareto: return 1 / (1 - u)
        case .halving: return Double(sign: .plus, exponent: -min(i, 1000), significand: 1)
        case .nineDigits: return Logarithm.power(10, 9 * u)
        case .eighteenDigits: return Logarithm.power(10, 18 * u)
        case .withZeros: return i.isMultiple(of: 3) ? 0 : 1 / (1 - u)
        }
      }
    }
  }
}
