import ExperimentSupport
import HierarchicalCommunities
import MillRuntime

/// A tree as the authors' program is called with it, and what that program found.
struct AuthorsSetting {
  let name: String
  let model: HierarchicalBlockModel
  /// The depths whose accuracy is shown.
  let depths: [Int]
  /// Accuracy at depths 1 to 3 of the authors' program, run for the project on one graph.
  var reference: [Method: [Double]] = [:]

  /// The call (beta, a, m, depth, k): k-ary trees whose pairs at depth q have the chance a beta^(depth - q) ln(n) / n.
  init(
    ratio: Double, rate: Double, leafSize: Int, depth: Int, branching: Int, reference: [Method: [Double]] = [:]
  ) throws(MillError) {
    let n = (0..<depth).reduce(leafSize) { n, _ in n * branching }
    name = "(\(decimal(ratio, 1)), \(decimal(rate, 0)), \(leafSize), \(depth), \(branching))"
    model = try HierarchicalBlockModel(
      branching: branching, leafSize: leafSize,
      chances: Self.chances(ratio: ratio, rate: rate, depth: depth, nodeCount: n))
    depths = Array(1...depth)
    self.reference = reference
  }

  /// A binary tree of a depth in which some subtrees stay whole: each entry of `units` is a leaf that stands for so many
  /// leaves of the full tree, a power of 2, and has their mean density.
  init(
    _ name: String, units: [Int], unitSize: Int, depth: Int, ratio: Double, rate: Double
  ) throws(MillError) {
    self.name = "\(name), beta = \(decimal(ratio, 1)), a = \(decimal(rate, 0))"
    let sizes = units.map { $0 * unitSize }
    let chances = Self.chances(ratio: ratio, rate: rate, depth: depth, nodeCount: sizes.reduce(0, +))
    var parents = [Int32](repeating: -1, count: units.count)
    var densities = [Double](repeating: 0, count: units.count)
    var leaf = 0
    /// The tree node for `width` leaves of the full tree at a level.
    func build(_ width: Int, _ level: Int) -> Int32 {
      if units[leaf] == width {
        // Half of the pairs have their common ancestor at this level, a quarter one level below, …
        var density = chances[depth]
        for below in stride(from: depth - 1, through: level, by: -1) { density = (density + chances[below]) / 2 }
        densities[leaf] = density
        leaf += 1
        return Int32(leaf - 1)
      }
      let (left, right) = (build(width / 2, level + 1), build(width / 2, level + 1))
      let own = Int32(parents.count)
      parents.append(-1)
      densities.append(chances[level])
      (parents[Int(left)], parents[Int(right)]) = (own, own)
      return own
    }
    _ = build(1 << depth, 0)
    model = try HierarchicalBlockModel(
      tree: try CommunityTree(
        leafCount: units.count, parents: parents, leafSizes: sizes, similarities: densities))
    depths = [1, 2, depth]
  }

  private static func chances(ratio: Double, rate: Double, depth: Int, nodeCount: Int) -> [Double] {
    let unit = rate * Logarithm.natural(Double(nodeCount)) / Double(nodeCount)
    return (0...depth).map { level in (level..<depth).reduce(unit) { chance, _ in chance * ratio } }
  }

  /// The settings of the authors' program (github.com/daichikuroda/bottom_up_HCD): its calls for k-ary trees, and its two
  /// unbalanced trees of 32 units of 100 nodes.
  ///
  /// - Parameter scale: Leaves are smaller by this factor.
  static func all(scale: Int = 1) throws(MillError) -> [AuthorsSetting] {
    let (size, unit) = (200 / scale, 100 / scale)
    var settings = [
      try AuthorsSetting(
        ratio: 0.2, rate: 36, leafSize: size, depth: 3, branching: 2,
        reference: [.bottomUp: [1, 1, 1], .spectral: [1, 1, 1], .paris: [0.994, 0.968, 0.901]]),
      try AuthorsSetting(
        ratio: 0.5, rate: 36, leafSize: size, depth: 3, branching: 2,
        reference: [.bottomUp: [1, 1, 0.988], .spectral: [1, 1, 0.988], .paris: [0.896, 0.784, 0.406]]),
      try AuthorsSetting(ratio: 0.1, rate: 36, leafSize: size, depth: 4, branching: 2),
      try AuthorsSetting(ratio: 0.5, rate: 36, leafSize: size, depth: 4, branching: 2),
      try AuthorsSetting(ratio: 0.3, rate: 36, leafSize: size, depth: 2, branching: 3),
      try AuthorsSetting(ratio: 0.3, rate: 36, leafSize: size, depth: 2, branching: 4),
    ]
    let (first, second) = ([2, 2] + [Int](repeating: 1, count: 24) + [2, 2], [2, 2] + [Int](repeating: 1, count: 12))
    for ratio in [0.2, 0.5] {
      for (name, units) in [("28 leaves", first), ("16 leaves", second + [8, 8])] {
        settings.append(
          try AuthorsSetting(name, units: units, unitSize: unit, depth: 5, ratio: ratio, rate: 36))
      }
    }
    return settings
  }
}

/// Accuracy at the depths that the authors look at, AMI at the leaves, inversions.
func authorsTable(
  _ settings: ExperimentSettings, scale: Int = 1, context: RunContext
) throws -> (markdown: String, csv: String) {
  let methods = settings.methods.filter { ![.bottomUpPlain, .bottomUpRecursive, .sign, .signRefined].contains($0) }
  let text =
    "## The authors' settings, \(settings.seeds) seeds\n\nAccuracy by depth, – where some run had fewer groups.\n\n"
  var table = MarkdownTable([
    "tree", "method", "groups found", "accuracy", "authors' program", "AMI at the leaves", "inversions",
  ])
  var csv = "tree,method,depth,accuracy,ami\n"
  for setting in try AuthorsSetting.all(scale: scale) {
    var runs: [Method: Runs] = [:]
    for i in 0..<settings.seeds {
      let seed = settings.seed &+ UInt64(i)
      let drawn = try Drawn(setting.model, seed: seed, context: context)
      for method in methods {
        runs[method, default: Runs()].outcomes.append(try run(method, on: drawn, seed: seed, context: context))
      }
    }
    for method in methods {
      let own = runs[method]!
      let accuracies = setting.depths.map { depth in own.mean { $0.accuracy[depth - 1] } }
      let groups = method == .paris ? "–" : decimal(own.mean { Double($0.groups) }, 1)
      table.add([
        "\(setting.name): \(setting.model.leafCount) leaves", method.rawValue, groups,
        accuracies.map { $0.isNaN ? "–" : decimal($0, 3) }.joined(separator: " / "),
        setting.reference[method]?.map { decimal($0, 3) }.joined(separator: " / ") ?? "",
        decimal(own.ami(setting.model.tree.height - 1), 2), decimal(own.inversions, 1),
      ])
      for depth in setting.depths {
        let accuracy = own.mean { $0.accuracy[depth - 1] }
        csv += "\"\(setting.name)\",\"\(method.rawValue)\",\(depth),\(accuracy.isNaN ? "" : decimal(accuracy, 4)),"
        csv += "\(decimal(own.ami(depth - 1), 4))\n"
      }
    }
  }
  return (text + table.text, csv)
}
