import ArgumentParser
import GraphFormats
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

  /// When top-down leaves a group whole.
  struct Stop: ExpressibleByArgument, Equatable {
    let rule: TopDownOptions.Stopping

    init?(argument: String) {
      switch argument {
      case "bethe-hessian": rule = .betheHessian
      case "non-backtracking": rule = .nonBacktracking
      case "ecv": rule = .edgeCrossValidation
      default:
        guard argument.hasPrefix("depth:"), let depth = Int(argument.dropFirst(6)), depth >= 0 else { return nil }
        rule = .depth(depth)
      }
    }
  }

  @Argument(help: "The graph to read; '-' is standard input.")
  var input: String

  @Option(help: "How communities are found.")
  var method = Method.bottomUp

  @Option(help: "How top-down splits a group.")
  var split = TopDownOptions.Split.spectral

  @Option(
    help: ArgumentHelp(
      "When top-down leaves a group whole: bethe-hessian, non-backtracking, ecv (edge cross-validation) or depth:N "
        + "(default: bethe-hessian).", valueName: "rule"))
  var stop: Stop?

  @Option(
    help: ArgumentHelp("Number of lowest communities (default: counted in the spectrum); bottom-up.", valueName: "k"))
  var k: Int?

  @Option(help: "How groups are linked; bottom-up.")
  var linkage = LinkageRule.average

  @Option(help: "Which labels are refined (default: levels, or leaves with degree correction; top-down: none).")
  var refine: RefinementScope?

  @Flag(help: "Count communities again inside each group, and split groups that have some; bottom-up.")
  var recursive = false

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

  @Option(help: ArgumentHelp("Resampled trees for the confidence of each merge; bottom-up.", valueName: "n"))
  var confidence = 0

  @Option(help: ArgumentHelp("Dissolve merges below this confidence.", valueName: "share"))
  var collapse: Share?

  @Option(help: ArgumentHelp("Margin above the threshold, times n^(-2/3); 0 for none.", valueName: "x"))
  var significance = 1.0

  @Option(help: "Which eigenvectors place the nodes.")
  var embedding = SpectralOptions.Embedding.oneShot

  @Option(help: "What counting and placing nodes makes of weights; bottom-up. Linking groups always counts them.")
  var spectralWeights = SpectralOptions.Weights.none

  @Option(help: "Where nodes without edges go: dropped (label -1), a leaf of their own, or the largest community.")
  var isolated = BottomUpOptions.Isolated.drop

  @Option(help: ArgumentHelp("Smaller components are leaves of their own.", valueName: "n"))
  var minComponent = 25

  @Option(help: ArgumentHelp("Top-down: groups below twice this size stay whole.", valueName: "n"))
  var minSize = 10

  @Option(help: ArgumentHelp("Share of edges kept from the first stage and used to link groups.", valueName: "share"))
  var holdOut = Share(argument: "0")!

  @Option(help: "How arcs of a directed graph become edges.")
  var direction = DirectionPolicy.union

  @Flag(help: "Only the largest component.")
  var lcc = false

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [input] }
  var usesSeed: Bool { true }
  var outputs: [String] { [labels, tree, dendrogram].compactMap { $0 } }

  func validate() throws {
    if k != nil, method != .bottomUp { throw ValidationError("'--k' is for bottom-up: give '--cut <k>'.") }
    if recursive, method != .bottomUp { throw ValidationError("'--recursive' is for bottom-up.") }
    if recursive, k != nil { throw ValidationError("'--recursive' counts communities: it does not go with '--k'.") }
    if spectralWeights != .none, method != .bottomUp || embedding != .oneShot {
      throw ValidationError("'--spectral-weights' is for bottom-up with the one-shot embedding.")
    }
    if stop != nil, method != .topDown { throw ValidationError("'--stop' is for top-down.") }
    if confidence != 0, method != .bottomUp { throw ValidationError("'--confidence' is for bottom-up.") }
    if confidence < 0 { throw ValidationError("'--confidence' takes 0 or more.") }
    if collapse != nil, confidence == 0 { throw ValidationError("'--collapse' needs '--confidence <n>'.") }
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
    if let collapse { found.hierarchy.tree = found.hierarchy.tree.collapsed(below: collapse.value) }
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
      var options = BottomUpOptions()
      options.communities = k
      options.isRecursive = recursive
      options.linkage = linkage
      options.refinement = refine
      options.isDegreeCorrected = degreeCorrected
      options.replicates = confidence
      options.spectral.significance = significance
      options.spectral.embedding = embedding
      options.spectral.weights = spectralWeights
      options.isolated = isolated
      options.minimumComponent = minComponent
      options.heldOutShare = holdOut.value
      options.direction = direction
      options.seed = run.settings.seed
      let result = try bottomUpCommunities(of: graph, options: options, context: run.context)
      return FoundHierarchy(
        hierarchy: result.hierarchy, notes: result.notes, spectrum: result.spectrum, links: result.links)
    case .topDown:
      var options = TopDownOptions()
      options.split = split
      if let stop { options.stopping = stop.rule }
      options.minimumSize = minSize
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
