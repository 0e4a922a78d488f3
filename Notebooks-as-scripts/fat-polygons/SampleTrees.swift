import MillRuntime

/// The trees and weights of the experiment.
enum SampleTrees {
  /// Each node hangs below a random one of those before it.
  static func recursive(nodes: Int, seed: UInt64) throws(MillError) -> RootedTree {
    let stream = RandomStream(seed: seed, stage: "random recursive tree")
    var above = [Int](repeating: -1, count: nodes)
    var isInner = [Bool](repeating: false, count: nodes)
    for node in 1..<nodes {
      var random = stream.item(UInt64(node))
      above[node] = Int(random.below(UInt64(node)))
      isInner[above[node]] = true
    }
    let order = (0..<nodes).filter { !isInner[$0] } + (0..<nodes).filter { isInner[$0] }.reversed()
    var numbers = [Int32](repeating: 0, count: nodes)
    for (number, node) in order.enumerated() { numbers[node] = Int32(number) }
    return try RootedTree(
      leafCount: isInner.count { !$0 }, parents: order.map { above[$0] < 0 ? -1 : numbers[above[$0]] })
  }

  static func star(_ leaves: Int) throws(MillError) -> RootedTree {
    try RootedTree(leafCount: leaves, parents: [Int32](repeating: Int32(leaves), count: leaves) + [-1])
  }

  /// Inner nodes below each other, each with one leaf more; the lowest has two.
  static func chain(_ links: Int) throws(MillError) -> RootedTree {
    var parents = [Int32](repeating: -1, count: 2 * links + 1)
    parents[0] = Int32(links + 1)
    for i in 1...links { parents[i] = Int32(links + i) }
    for i in 1..<max(1, links) { parents[links + i] = Int32(links + i + 1) }
    return try RootedTree(leafCount: links + 1, parents: parents)
  }

  /// A complete tree with two children a node, and heights that halve with each level.
  static func complete(levels: Int) throws(MillError) -> (tree: RootedTree, heights: [Double]) {
    var parents: [Int32] = []
    var heights: [Double] = []
    var width = 1 << levels
    for level in 0..<levels {
      let next = parents.count + width
      for i in 0..<width {
        parents.append(Int32(next + i / 2))
        heights.append(level == 0 ? 0 : Double(sign: .plus, exponent: level - levels, significand: 1))
      }
      width /= 2
    }
    return (try RootedTree(leafCount: 1 << levels, parents: parents + [-1]), heights + [1])
  }

  /// Kinds of weights, by the ratio of the heaviest to the lightest.
  enum Weights: String, CaseIterable {
    case equal
    case pareto = "Pareto"
    case nineDigits = "10^U(0,9)"
    case eighteenDigits = "10^U(0,18)"

    func values(_ count: Int, seed: UInt64) -> [Double] {
      let stream = RandomStream(seed: seed, stage: "weights")
      return (0..<count).map { leaf in
        var random = stream.item(UInt64(leaf))
        let u = random.unit()
        return switch self {
        case .equal: 1
        case .pareto: 1 / (1 - u)
        case .nineDigits: Logarithm.power(10, 9 * u)
        case .eighteenDigits: Logarithm.power(10, 18 * u)
        }
      }
    }
  }
}
