import ExperimentSupport
import GraphStore
import HierarchicalCommunities
import MillRuntime
import Reporting

/// What is varied.
struct ExperimentSettings {
  /// The first seed; the others follow.
  var seed: UInt64 = 1
  /// Graphs of each ratio.
  var samples = 50
  /// Nodes of each of the 8 leaves.
  var leafSize = 200
  /// The chance of an edge inside a leaf.
  var leafChance = 0.08
  var ratios: [Double] = (0...40).map { Double($0) / 40 }
  /// The share of edges that the first stage does not see.
  var heldOut = 0.05
  /// Graphs for multifurcation.
  var shapeSamples = 20

  /// A run of some seconds.
  static var quick: ExperimentSettings {
    var settings = ExperimentSettings()
    settings.samples = 5
    settings.ratios = [0.1, 0.3, 0.5, 0.7, 0.9]
    settings.shapeSamples = 3
    return settings
  }
}

/// How the tree is found.
enum Variant: String, CaseIterable {
  case truth = "true labels"
  case whole = "K given"
  case heldOut = "K given, linked on held-out edges"
  case heldOutAll = "K given, first stage without held-out edges"
  case counted = "K counted"
  case topDown = "top-down spectral, fixed depth"
}

/// How often the tree was right for one ratio.
struct Robustness {
  /// Graphs whose tree is right over all pairs of nodes.
  var exact: [Variant: Int] = [:]
  /// Graphs whose tree is right over the leaves, each found one taken for the true one it matches.
  var matched: [Variant: Int] = [:]
  var correlation: [Variant: Double] = [:]
  var samples = 0

  init(ratio: Double, _ settings: ExperimentSettings, context: RunContext) throws {
    let chances = (0...3).map { depth in (depth..<3).reduce(settings.leafChance) { chance, _ in chance * ratio } }
    let model = try HierarchicalBlockModel(branching: 2, leafSize: settings.leafSize, chances: chances)
    samples = settings.samples
    for i in 0..<settings.samples {
      let seed = settings.seed &+ UInt64(i)
      var drawing = BlockModelOptions()
      drawing.seed = seed
      let drawn = try generateBlockModel(model, options: drawing, context: context)
      let truth = CommunityHierarchy(tree: model.tree, leaves: drawn.leaves)
      for variant in Variant.allCases {
        let found = try hierarchy(variant, drawn, seed, settings, context)
        let value = try treeCorrelation(found, truth) ?? 0
        correlation[variant, default: 0] += value / Double(settings.samples)
        if value >= 0.9999 { exact[variant, default: 0] += 1 }
        if let tree = found.matched(to: truth), try treeCorrelation(tree, truth) ?? 0 >= 0.9999 {
          matched[variant, default: 0] += 1
        }
      }
    }
  }

  private func hierarchy(
    _ variant: Variant, _ drawn: BlockModelSample, _ seed: UInt64, _ settings: ExperimentSettings, _ context: RunContext
  ) throws -> CommunityHierarchy {
    switch variant {
    case .truth:
      let links = try GroupLinks(of: drawn.graph, labels: drawn.leaves, context: context)
      return CommunityHierarchy(tree: links.linkageTree(), leaves: drawn.leaves)
    case .topDown:
      var options = TopDownOptions()
      (options.seed, options.stopping, options.refinement) = (seed, .depth(3), .levels)
      return try topDownCommunities(of: drawn.graph, options: options, context: context).hierarchy
    default:
      var options = BottomUpOptions(start: .spectral)
      options.seed = seed
      if variant != .counted { options.communities = 8 }
      if variant == .heldOut || variant == .heldOutAll { options.heldOutShare = settings.heldOut }
      if variant == .heldOutAll { options.linkedEdges = .all }
      return try bottomUpCommunities(of: drawn.graph, options: options, context: context).hierarchy
    }
  }
}

extension CommunityHierarchy {
  /// The found tree over the true groups: the nodes of a true leaf all go to the found leaf that matches it, in the
  /// one-to-one matching of most nodes. So nodes in wrong leaves do not count, only where the leaves hang.
  ///
  /// - Returns: nil when there are not as many leaves as true ones, or more than 16.
  func matched(to truth: CommunityHierarchy) -> CommunityHierarchy? {
    let k = tree.leafCount
    guard k == truth.tree.leafCount, k <= 16 else { return nil }
    var common = [Int](repeating: 0, count: k * k)
    for (leaf, group) in zip(leaves, truth.leaves) where leaf >= 0 { common[Int(group) * k + Int(leaf)] += 1 }
    // best[set]: the most nodes when the first true leaves are matched with a set of found ones.
    var best = [Int](repeating: -1, count: 1 << k)
    var last = [Int](repeating: 0, count: 1 << k)
    best[0] = 0
    for set in 1..<(1 << k) {
      let group = set.nonzeroBitCount - 1
      for leaf in 0..<k where set & (1 << leaf) != 0 {
        let sum = best[set ^ (1 << leaf)] + common[group * k + leaf]
        if sum > best[set] { (best[set], last[set]) = (sum, leaf) }
      }
    }
    var leafOfGroup = [Int32](repeating: 0, count: k)
    var set = (1 << k) - 1
    for group in stride(from: k - 1, through: 0, by: -1) {
      leafOfGroup[group] = Int32(last[set])
      set ^= 1 << last[set]
    }
    return CommunityHierarchy(tree: tree, leaves: truth.leaves.map { leafOfGroup[Int($0)] })
  }
}

/// Trees of more than two branches: what dissolving merges of low confidence gives back.
func multifurcation(_ settings: ExperimentSettings, context: RunContext) throws -> (markdown: String, csv: String) {
  var text = "## Merges of low confidence dissolved, \(settings.shapeSamples) graphs each\n\n"
  text += "True labels; 200 resampled trees; share of graphs whose tree comes out exactly.\n\n"
  var table = MarkdownTable([
    "tree", "binary as linked", ".80", ".90", ".95", ".99", "merges by chance (z < 2), a tree",
  ])
  var csv = "branching,depth,ratio,confidence,exact_share,doubtful\n"
  for (branching, depth, leaf, degree, ratio) in [
    (2, 3, 200, 20.0, 0.3), (3, 2, 200, 20, 0.3), (4, 2, 150, 24, 0.3), (5, 2, 120, 30, 0.3),
  ] {
    let model = try HierarchicalBlockModel(
      branching: branching, depth: depth, leafSize: leaf, meanDegree: degree, ratio: ratio)
    let limits = [0, 0.8, 0.9, 0.95, 0.99]
    var exact = [Int](repeating: 0, count: limits.count)
    var doubtful = 0
    for i in 0..<settings.shapeSamples {
      var drawing = BlockModelOptions()
      drawing.seed = settings.seed &+ UInt64(i)
      let drawn = try generateBlockModel(model, options: drawing, context: context)
      let links = try GroupLinks(of: drawn.graph, labels: drawn.leaves, context: context)
      var tree = links.linkageTree()
      tree.confidences = try links.mergeConfidence(of: tree, replicates: 200, seed: drawing.seed)
      doubtful += links.mergeGaps(of: tree).count { $0 < 2 }
      let truth = CommunityHierarchy(tree: model.tree, leaves: drawn.leaves)
      for (index, limit) in limits.enumerated() {
        let found = CommunityHierarchy(tree: tree.collapsed(below: limit), leaves: drawn.leaves)
        if try treeCorrelation(found, truth) ?? 0 >= 0.9999 { exact[index] += 1 }
      }
    }
    let shares = exact.map { Double($0) / Double(settings.shapeSamples) }
    let doubts = Double(doubtful) / Double(settings.shapeSamples)
    table.add(
      ["\(branching)-ary, depth \(depth)"] + shares.map { decimal($0, 2) }
        + ["\(decimal(doubts, 1)) of \(model.leafCount - 1)"])
    for (limit, share) in zip(limits, shares) { csv += "\(branching),\(depth),\(ratio),\(limit),\(share),\(doubts)\n" }
  }
  return (text + table.text, csv)
}

/// The curves over the ratio, as a table, rows of CSV and charts.
func robustness(
  _ settings: ExperimentSettings, context: RunContext
) throws -> (markdown: String, csv: String, charts: [(stem: String, chart: Chart)]) {
  var text = "## The right tree, by ratio, \(settings.samples) graphs each\n\nShare of graphs whose tree is right over "
  text += "matched leaves / over all pairs of nodes / mean tree correlation; "
  text += "\(8 * settings.leafSize) nodes, depth 3, p = \(settings.leafChance) inside leaves.\n\n"
  var table = MarkdownTable(["beta"] + Variant.allCases.map(\.rawValue))
  var csv = "ratio,variant,matched_share,exact_share,mean_correlation\n"
  var (shares, correlations): ([Variant: [Chart.Point]], [Variant: [Chart.Point]]) = ([:], [:])
  for ratio in settings.ratios {
    let result = try Robustness(ratio: ratio, settings, context: context)
    var cells = [decimal(ratio, 3)]
    for variant in Variant.allCases {
      let matched = Double(result.matched[variant] ?? 0) / Double(result.samples)
      let exact = Double(result.exact[variant] ?? 0) / Double(result.samples)
      let correlation = result.correlation[variant] ?? 0
      cells.append([matched, exact, correlation].map { decimal($0, 2) }.joined(separator: " / "))
      csv += "\(ratio),\"\(variant.rawValue)\",\(matched),\(exact),\(correlation)\n"
      shares[variant, default: []].append(Chart.Point(ratio, matched))
      correlations[variant, default: []].append(Chart.Point(ratio, correlation))
    }
    table.add(cells)
  }
  func chart(_ title: String, _ label: String, _ points: [Variant: [Chart.Point]]) -> Chart {
    Chart(
      title, x: .init("beta", minimum: 0, maximum: 1), y: .init(label, minimum: 0, maximum: 1.05),
      series: Variant.allCases.map { .init($0.rawValue, .linePoints, points: points[$0] ?? []) })
  }
  return (
    text + table.text, csv,
    [
      ("success", chart("Trees that are right over matched leaves", "share of graphs", shares)),
      ("correlation", chart("Correlation of tree distances", "mean", correlations)),
    ]
  )
}
