import ExperimentSupport
import HierarchicalCommunities
import MillRuntime

/// A tree that is not binary and balanced, or larger.
struct Shape {
  let name: String
  let model: HierarchicalBlockModel
}

extension Shape {
  /// Ternary trees, an unbalanced one, and the balanced binary tree of 16 leaves that the paper begins with.
  static func all(scale: Int) throws -> [Shape] {
    func balanced(_ branching: Int, _ depth: Int, _ leaf: Int, _ degree: Double, _ ratio: Double) throws -> Shape {
      Shape(
        name: "\(branching)-ary, depth \(depth), c = \(decimal(degree, 1)), beta = \(decimal(ratio, 1))",
        model: try HierarchicalBlockModel(
          branching: branching, depth: depth, leafSize: max(10, leaf / scale), meanDegree: degree, ratio: ratio))
    }
    return [
      try balanced(3, 2, 300, 8.9, 0.1), try balanced(3, 2, 300, 18.8, 0.3), try balanced(3, 2, 300, 36.8, 0.5),
      try balanced(4, 2, 200, 16, 0.2), try balanced(2, 4, 200, 40, 0.2), try balanced(2, 4, 200, 40, 0.5),
      try caterpillar(leaves: 8, leafSize: max(10, 300 / scale), degree: 20, ratio: 0.4),
      try unbalanced(leafSize: max(10, 200 / scale), degree: 20, ratio: 0.3),
    ]
  }

  /// Leaf 0 splits off first, then leaf 1, …: every depth has a leaf.
  static func caterpillar(leaves: Int, leafSize: Int, degree: Double, ratio: Double) throws -> Shape {
    var parents = [Int32](repeating: 0, count: 2 * leaves - 1)
    // Inner node leaves + i joins leaf leaves - 2 - i with what lies below.
    for i in 0..<leaves - 1 {
      parents[leaves + i] = i == leaves - 2 ? -1 : Int32(leaves + i + 1)
      parents[leaves - 2 - i] = Int32(leaves + i)
    }
    parents[leaves - 1] = Int32(leaves)
    return try scaled("caterpillar, \(leaves) leaves", parents, leaves, leafSize, degree, ratio)
  }

  /// Three branches: two leaves, a balanced four, a chain of three.
  static func unbalanced(leafSize: Int, degree: Double, ratio: Double) throws -> Shape {
    let parents: [Int32] = [9, 9, 10, 10, 11, 11, 13, 12, 12, 14, 15, 15, 13, 16, 16, 16, -1]
    return try scaled("unbalanced, 9 leaves", parents, 9, leafSize, degree, ratio)
  }

  /// Densities grow by 1/ratio with each depth; all is scaled to the mean degree.
  private static func scaled(
    _ name: String, _ parents: [Int32], _ leaves: Int, _ leafSize: Int, _ degree: Double, _ ratio: Double
  ) throws -> Shape {
    let sizes = [Int](repeating: leafSize, count: leaves)
    func tree(_ densities: [Double]) throws -> CommunityTree {
      try CommunityTree(leafCount: leaves, parents: parents, leafSizes: sizes, similarities: densities)
    }
    let depths = try tree(parents.map { _ in 0 }).depths
    var densities = depths.map { depth in (0..<depth).reduce(1.0) { product, _ in product / ratio } }
    let raw = try tree(densities)
    var pairs = 0.0
    for a in 0..<leaves {
      for b in 0..<leaves {
        pairs +=
          raw.similarities[raw.commonAncestor(a, b)] * Double(leafSize) * Double(a == b ? leafSize - 1 : leafSize)
      }
    }
    let factor = degree * Double(leaves * leafSize) / pairs
    densities = densities.map { min(1, $0 * factor) }
    return Shape(
      name: name + ", c = \(decimal(degree, 0)), beta = \(decimal(ratio, 1))",
      model: try HierarchicalBlockModel(tree: try tree(densities)))
  }
}

/// Every method on every shape: AMI at the first depth and at the leaves, tree correlation, inversions.
func shapesTable(
  _ settings: ExperimentSettings, scale: Int = 1, context: RunContext
) throws -> (markdown: String, csv: String) {
  let methods = settings.methods.filter { $0 != .bottomUpGiven }
  var text =
    "## Other trees, \(settings.seeds) seeds\n\nAMI at depth 1 / at the leaves / correlation with the true tree "
  text += "(inversions a run).\n\n| tree | K of | " + methods.map { $0.short + " | " }.joined()
  text += "\n|---|---|" + methods.map { _ in "---|" }.joined() + "\n"
  var csv = "tree,method,ami_top,ami_leaves,tree_correlation,inversions\n"
  for shape in try Shape.all(scale: scale) {
    var runs: [Method: Runs] = [:]
    for i in 0..<settings.seeds {
      let seed = settings.seed &+ UInt64(i)
      let drawn = try Drawn(shape.model, seed: seed, context: context)
      for method in methods {
        runs[method, default: Runs()].outcomes.append(try run(method, on: drawn, seed: seed, context: context))
      }
    }
    let last = shape.model.tree.height - 1
    text += "| \(shape.name) | \(decimal(runs[.bottomUp]?.counted ?? 0, 1)) of \(shape.model.leafCount) |"
    for method in methods {
      let own = runs[method]!
      let correlation = own.mean(\.treeCorrelation)
      let tree = method == .paris ? "–" : signed(correlation, plus: "")
      text += " \(decimal(own.ami(0), 2)) / \(decimal(own.ami(last), 2)) / \(tree) (\(decimal(own.inversions, 1))) |"
      csv += "\"\(shape.name)\",\"\(method.rawValue)\",\(decimal(own.ami(0), 4)),\(decimal(own.ami(last), 4)),"
      csv += "\(correlation),\(decimal(own.inversions, 2))\n"
    }
    text += "\n"
  }
  return (text, csv)
}
