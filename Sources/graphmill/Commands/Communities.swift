import ArgumentParser
import GraphFormats
import GraphKernels
import GraphStore
import HierarchicalCommunities
import MillRuntime
import Reporting

struct Communities: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find a hierarchy of communities.",
    discussion: """
      bottom-up  counts and finds small communities in the spectrum of the Bethe-Hessian, then links them by the density \
      of edges; top-down splits groups in two; paris merges nodes by the sampling of pairs; louvain raises modularity.

      --labels writes the group of each node: of the lowest communities, of a cut into K, or (--cut all) at every depth. \
      --tree writes the tree as JSON, Newick (.nwk) or SciPy's linkage table (.tsv). --truth compares with known groups.

      EXAMPLES:
        graphmill communities graph.gmg --labels groups.tsv --tree tree.nwk
        graphmill communities graph.gmg --truth truth.tsv:track --cut 4 --json
        graphmill communities graph.gmg --method top-down --split sign --refine levels
        graphmill communities edges.txt --confidence 200 --tree tree.json --dendrogram tree.svg
      """)

  /// How communities are found.
  enum Method: String, ExpressibleByArgument, CaseIterable {
    case bottomUp = "bottom-up"
    case topDown = "top-down"
    case paris
    case louvain
  }

  /// Where the tree is cut for labels.
  enum Cut: ExpressibleByArgument, Equatable, CustomStringConvertible {
    case groups(Int)
    case all
    case best(CutCriterion)

    init?(argument: String) {
      if let criterion = CutCriterion(rawValue: argument) {
        self = .best(criterion)
      } else if argument == "all" {
        self = .all
      } else if let count = Int(argument) {
        self = .groups(count)
      } else {
        return nil
      }
    }

    var description: String {
      switch self {
      case .groups(let count): String(count)
      case .all: "all"
      case .best(let criterion): criterion.rawValue
      }
    }
  }

  @Argument(help: "The graph to read; '-' is standard input.")
  var input: String

  @Option(help: "How communities are found.")
  var method = Method.bottomUp

  @Option(help: "Which labels are refined (default: levels, or leaves with degree correction; top-down: none).")
  var refine: RefinementScope?

  @Flag(inversion: .prefixedNo, help: "Whether refinement corrects for degrees (default: where they vary much).")
  var degreeCorrected: Bool?

  @Option(help: ArgumentHelp("Write the label of each node.", valueName: "file"))
  var labels: String?

  @Option(help: ArgumentHelp("Write the tree: .json, .nwk, or .tsv for SciPy's table.", valueName: "file"))
  var tree: String?

  @Option(help: ArgumentHelp("Draw the dendrogram (.svg); for trees of up to 2,000 leaves.", valueName: "file"))
  var dendrogram: String?

  @Option(
    help: ArgumentHelp(
      "Groups of the labels: a number, 'all' for a column a depth, or modularity, description-length, gap.",
      valueName: "cut"))
  var cut: Cut?

  @Option(help: ArgumentHelp("Known groups: node, label; FILE:COLUMN takes another column.", valueName: "file"))
  var truth: String?

  @Option(help: "How arcs of a directed graph become edges.")
  var direction = DirectionPolicy.union

  @Flag(help: "Only the largest component.")
  var lcc = false

  @OptionGroup(title: "Bottom-up options")
  var bottomUp: BottomUpFlags

  @OptionGroup(title: "Top-down options")
  var topDown: TopDownFlags

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [input] }
  var usesSeed: Bool { true }
  var outputs: [String] { [labels, tree, dendrogram].compactMap { $0 } }

  mutating func validate() throws {
    try bottomUp.settle(isUsed: method == .bottomUp)
    try topDown.settle(isUsed: method == .topDown)
    if case .best = cut, method != .bottomUp { throw ValidationError("That '--cut' is for bottom-up.") }
    if let tree, ![".json", ".nwk", ".tsv"].contains(where: tree.hasSuffix) {
      throw ValidationError("'--tree' writes .json, .nwk or .tsv.")
    }
    if refine != nil, method != .bottomUp, method != .topDown {
      throw ValidationError("'--refine' is for bottom-up and top-down.")
    }
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    var graph = try run.readGraph(input, reading, refusesNegativeWeights: true).graph
    if lcc { graph = try run.stage("largest component") { try graph.largestComponent(context: run.context).graph } }
    let truth = try truth.map { try LabelFile($0).numbers(for: graph) }
    if let truth, !truth.contains(where: { $0 >= 0 }) { run.warn("the truth names no node of the graph") }
    var found = try run.stage("communities", of: input) { try find(graph, run) }
    for note in found.notes { run.warn(note) }
    if let collapse = bottomUp.collapse { found.hierarchy.tree = found.hierarchy.tree.collapsed(below: collapse.value) }
    let cut = try chosenCut(found)
    if let labels {
      try run.writeLabels(found.hierarchy, self.cut == .all ? .allDepths : .cut(cut), graph, to: labels)
    }
    if let tree { try writeTree(found.hierarchy, graph, to: tree, run) }
    if let dendrogram {
      let drawing = try Self.dendrogram(found.hierarchy, truth: truth)
      try run.writeText(to: dendrogram, format: "svg") { try $0.write(drawing) }
    }
    return try outcome(found, cut, truth, graph, run)
  }

  private func find(_ graph: CSRGraph, _ run: CommandRun) throws -> FoundHierarchy {
    switch method {
    case .bottomUp:
      var options = bottomUp.options
      options.refinement = refine
      options.isDegreeCorrected = degreeCorrected
      options.direction = direction
      options.seed = run.settings.seed
      let result = try bottomUpCommunities(of: graph, options: options, context: run.context)
      return FoundHierarchy(
        hierarchy: result.hierarchy, notes: result.notes, spectrum: result.spectrum, links: result.links)
    case .topDown:
      var options = topDown.options
      options.refinement = refine ?? RefinementScope.none
      options.isDegreeCorrected = degreeCorrected
      options.direction = direction
      options.seed = run.settings.seed
      let result = try topDownCommunities(of: graph, options: options, context: run.context)
      return FoundHierarchy(hierarchy: result.hierarchy, notes: result.notes)
    case .paris:
      let result = try parisHierarchy(of: graph, direction: direction, context: run.context)
      // A merge raises modularity exactly when its similarity is above 1.
      let tree = result.hierarchy.tree
      let groups = 1 + tree.innerNodes.count { tree.similarities[$0] <= 1 }
      return FoundHierarchy(hierarchy: result.hierarchy, notes: result.notes, usualGroups: groups)
    case .louvain:
      var options = LouvainOptions()
      options.direction = direction
      options.seed = run.settings.seed
      let result = try louvainCommunities(of: graph, options: options, context: run.context)
      return FoundHierarchy(
        hierarchy: result.hierarchy, notes: result.notes, usualGroups: Set(result.labels.filter { $0 >= 0 }).count,
        modularity: result.modularity)
    }
  }

  /// The cut that was asked for, else the usual one of the method.
  private func chosenCut(_ found: FoundHierarchy) throws -> TreeCut {
    let tree = found.hierarchy.tree
    let order = method == .topDown || method == .louvain ? CutOrder.depth : .similarity
    switch cut {
    case .groups(let count): return try tree.cut(intoGroups: count, order: order)
    case .best(let criterion):
      guard let links = found.links, links.count == tree.leafCount else { return tree.cutAtMost(tree.leafCount) }
      return tree.bestCut(criterion, links: links)
    case .all, nil: return tree.cutAtMost(found.usualGroups ?? tree.leafCount, order: order)
    }
  }
}

/// What a method found, in one form.
struct FoundHierarchy {
  var hierarchy: CommunityHierarchy
  let notes: [String]
  var spectrum: SpectralSummary?
  var links: GroupLinks?
  /// Groups of the partition that the method usually returns; nil for all leaves.
  var usualGroups: Int?
  var modularity: Double?
}

extension CommunityHierarchy {
  /// The most frequent class of each leaf; -1 where no node has one.
  func majorities(of classes: [Int32]) -> [Int] {
    let width = Int(classes.max() ?? -1) + 1
    var counts = [Int](repeating: 0, count: tree.leafCount * max(1, width))
    for (leaf, label) in zip(leaves, classes) where leaf >= 0 && label >= 0 {
      counts[Int(leaf) * width + Int(label)] += 1
    }
    return (0..<tree.leafCount).map { leaf in
      let best = (0..<width).max { counts[leaf * width + $0] < counts[leaf * width + $1] }
      guard let best, counts[leaf * width + best] > 0 else { return -1 }
      return best
    }
  }
}
