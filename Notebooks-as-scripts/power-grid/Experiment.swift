import ExperimentSupport
import GraphStore
import HierarchicalCommunities
import MillRuntime
import Reporting

/// The trees that are compared.
enum Contender: String, CaseIterable {
  case bottomUp = "bottom-up"
  case bottomUpPlain = "bottom-up, plain count, no refinement"
  case topDown = "top-down spectral"
  case topDownRefined = "top-down spectral, refined"

  /// A name for files.
  var stem: String {
    switch self {
    case .bottomUp: "bottom-up"
    case .bottomUpPlain: "bottom-up-plain"
    case .topDown: "top-down"
    case .topDownRefined: "top-down-refined"
    }
  }
}

/// What is varied.
struct ExperimentSettings {
  var seed: UInt64 = 1
  /// Cuts of every tree.
  var cuts = Array(2...40)
  /// Cuts in the table and on the large map.
  var shown = [2, 4, 8, 16, 40]
  /// The cut that also has a map of its own.
  var single = 8
  /// Random groups of the same sizes for each cut.
  var draws = 20
}

/// One tree and its cuts.
struct GridTree {
  let contender: Contender
  let hierarchy: CommunityHierarchy
  /// What the spectrum said; nil for top-down.
  let spectrum: SpectralSummary?
  let fit: HierarchyFit
  let cuts: [Compactness]

  init(_ contender: Contender, of placed: PlacedGraph, _ settings: ExperimentSettings, context: RunContext) throws {
    self.contender = contender
    switch contender {
    case .bottomUp, .bottomUpPlain:
      var options = BottomUpOptions(start: .spectral)
      options.seed = settings.seed
      if contender == .bottomUpPlain { (options.spectral.significance, options.refinement) = (0, RefinementScope.none) }
      let found = try bottomUpCommunities(of: placed.graph, options: options, context: context)
      (hierarchy, spectrum) = (found.hierarchy, found.spectrum)
    case .topDown, .topDownRefined:
      var options = TopDownOptions()
      (options.seed, options.minimumSize) = (settings.seed, 10)
      if contender == .topDownRefined { options.refinement = .levels }
      hierarchy = try topDownCommunities(of: placed.graph, options: options, context: context).hierarchy
      spectrum = nil
    }
    fit = try hierarchyFit(of: hierarchy, in: placed.graph, context: context)
    let own = hierarchy
    cuts = try settings.cuts.filter { $0 <= own.tree.leafCount }.map {
      try Compactness(
        own.labels(own.tree.cutAtMost($0)), in: placed, draws: settings.draws,
        seed: settings.seed)
    }
  }

  /// The groups of the nodes at a cut: the loosest of the open groups is opened first.
  func labels(_ cut: Int) -> [Int32] { hierarchy.labels(hierarchy.tree.cutAtMost(cut)) }

  /// Maps of some cuts, and of the leaves with their numbers.
  func map(_ cuts: [Int], of placed: PlacedGraph, columns: Int, panelWidth: Double, withLeaves: Bool) -> GroupMap {
    let tree = hierarchy.tree
    var panels = cuts.filter { $0 <= tree.leafCount }.map {
      GroupMap.Panel(title: "\($0) groups", groups: labels($0))
    }
    if withLeaves {
      panels.append(
        GroupMap.Panel(
          title: "\(tree.leafCount) leaves", groups: hierarchy.leaves, names: (0..<tree.leafCount).map(String.init)))
    }
    var map = GroupMap(
      title: "Power grid, \(contender.rawValue): cuts of the tree", places: placed.places, ends: placed.ends,
      panels: panels)
    (map.columns, map.panelWidth) = (columns, panelWidth)
    return map
  }

  /// The tree, leaves numbered as on the map and colored as in its cut of 4 groups.
  var dendrogram: Dendrogram {
    let tree = hierarchy.tree
    let cut = tree.cutAtMost(4)
    return Dendrogram(
      title: "Power grid, \(contender.rawValue): \(tree.leafCount) leaves (nodes), colors of the cut into 4 groups",
      tree: tree.rooted,
      leafNames: (0..<tree.leafCount).map { "\($0) (\(tree.sizes[$0]))" }, leafClasses: cut.groupOfLeaf.map(Int.init))
  }
}

/// The files of a run.
struct ExperimentResults {
  let markdown: String
  let csv: String
  let charts: [(stem: String, chart: Chart)]
  let drawings: [(name: String, text: String)]
}

/// All trees of the grid, with the figures and drawings of their cuts.
func powerGrid(
  _ placed: PlacedGraph, _ settings: ExperimentSettings, context: RunContext
) throws -> ExperimentResults {
  let trees = try Contender.allCases.map { try GridTree($0, of: placed, settings, context: context) }
  var text = "## Trees of the grid: \(placed.graph.nodeCount) nodes, \(placed.graph.edgeCount) edges\n\n"
  var methods = MarkdownTable([
    "method", "rho", "negative eigenvalues", "counted", "leaves", "height", "inversions", "merges at density 0",
    "Dasgupta score", "sampling divergence",
  ])
  for tree in trees {
    let own = tree.hierarchy.tree
    let merges = own.innerNodes
    methods.add([
      tree.contender.rawValue, tree.spectrum.map { decimal($0.rho, 4) } ?? "–",
      tree.spectrum.map { "\($0.plainCount)" } ?? "–", tree.spectrum.map { "\($0.count)" } ?? "–",
      "\(own.leafCount)", "\(own.height)", "\(inversions(of: own).count) of \(merges.count)",
      "\(merges.count { own.similarities[$0] == 0 })", decimal(tree.fit.dasguptaScore, 3),
      decimal(tree.fit.samplingDivergence, 3),
    ])
  }
  text += methods.text
  text += "\n## Cuts\n\n"
  text +=
    "Share of edges between groups / mean distance of a node to the middle of its group in km, as a share of that "
  text += "in \(settings.draws) random groupings of the same sizes / connected groups.\n\n"
  var cuts = MarkdownTable(["groups"] + trees.map(\.contender.rawValue))
  for shown in settings.shown {
    var cells = ["\(shown)"]
    for tree in trees {
      guard let cut = tree.cuts.first(where: { $0.groups == shown }) else {
        cells.append("–")
        continue
      }
      cells.append(
        "\(decimal(100 * cut.betweenShare, 1)) % / \(decimal(cut.distance, 0)) km, "
          + "\(decimal(cut.distance / cut.randomDistance, 2)) / \(cut.connected) of \(cut.groups)")
    }
    cuts.add(cells)
  }
  text += cuts.text
  return ExperimentResults(
    markdown: text, csv: table(trees), charts: charts(trees), drawings: drawings(trees, of: placed, settings))
}

private func table(_ trees: [GridTree]) -> String {
  var csv = "method,groups,connected,share_between,random_share_between,distance_km,random_distance_km\n"
  for tree in trees {
    for cut in tree.cuts {
      csv += "\"\(tree.contender.rawValue)\",\(cut.groups),\(cut.connected),\(decimal(cut.betweenShare, 5)),"
      csv += "\(decimal(cut.randomBetweenShare, 5)),\(plain(cut.distance)),\(plain(cut.randomDistance))\n"
    }
  }
  return csv
}

private func charts(_ trees: [GridTree]) -> [(stem: String, chart: Chart)] {
  func chart(_ title: String, _ label: String, _ value: (Compactness) -> Double) -> Chart {
    Chart(
      title, x: .init("groups"), y: .init(label, minimum: 0),
      series: trees.map { tree in
        .init(tree.contender.rawValue, .line, points: tree.cuts.map { .init(Double($0.groups), value($0)) })
      })
  }
  return [
    (
      "distance",
      chart("Distance to the middle of the group", "share of random groups' distance") {
        $0.distance / $0.randomDistance
      }
    ),
    ("between", chart("Edges between groups", "share of edges") { $0.betweenShare }),
  ]
}

private func drawings(
  _ trees: [GridTree], of placed: PlacedGraph, _ settings: ExperimentSettings
) -> [(name: String, text: String)] {
  trees.flatMap { tree in
    [
      (
        "map-\(tree.contender.stem)-\(settings.single).svg",
        tree.map([settings.single], of: placed, columns: 1, panelWidth: 520, withLeaves: false).svg
      ),
      (
        "map-\(tree.contender.stem).svg",
        tree.map(settings.shown, of: placed, columns: 3, panelWidth: 340, withLeaves: true).svg
      ),
      (
        "cuts-\(tree.contender.stem).svg",
        tree.map(settings.cuts, of: placed, columns: 6, panelWidth: 200, withLeaves: false).svg
      ), ("tree-\(tree.contender.stem).svg", tree.dendrogram.svg),
    ]
  }
}

/// A number with two decimals and no commas, for a column of a table.
private func plain(_ value: Double) -> String { decimal(value, 2).filter { $0 != "," } }
