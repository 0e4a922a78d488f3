import ArgumentParser
import GraphFormats
import GraphKernels
import GraphStore
import Graphmill
import HierarchicalCommunities
import MillRuntime
import Reporting

struct Communities: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find a hierarchy of communities.",
    discussion: """
      bottom-up  finds small communities in the spectrum of the Bethe-Hessian and among Leiden's groups, keeps those that \
      describe the graph best, and links them by the density of edges; top-down splits groups in two; paris merges nodes by the sampling of pairs; louvain raises modularity; \
      leiden raises modularity (--quality: or another measure) and guarantees groups that are well connected.

      --labels writes the group of each node: of the lowest communities, of a cut into K, or (--cut all) at every depth. \
      --tree writes the tree as JSON, Newick (.nwk) or SciPy's linkage table (.tsv). --truth compares with known groups.
      --groups links groups that are known; --from-links links groups of which only sizes and counts of edges are: lines       'group nodes', then lines 'group group edges'.

      EXAMPLES:
        graphmill communities graph.gmg --labels groups.tsv --tree tree.nwk
        graphmill communities graph.gmg --truth truth.tsv:track --cut 4 --json
        graphmill communities today.gmg --start yesterday.tsv --labels groups.tsv
        graphmill communities graph.gmg --method top-down --split sign --refine levels
        graphmill communities graph.gmg --method leiden --resolution 2 --labels groups.tsv
        graphmill communities links.gmg --method leiden --quality directed-modularity --labels groups.tsv
        graphmill communities edges.txt --confidence 200 --dendrogram tree.svg
        graphmill communities graph.gmg --groups known.tsv --tree tree.json
        graphmill communities counts.tsv --from-links --tree tree.json
      """)

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

  @Argument(help: "The graph to read; '-' is standard input.", completion: .file())
  var input: String

  @Option(help: "How communities are found.")
  var method = CommunityMethod.bottomUp

  @Option(help: "Which labels are refined (default: levels, or leaves with degree correction; top-down: none).")
  var refine: RefinementScope?

  @Flag(inversion: .prefixedNo, help: "Whether refinement corrects for degrees (default: where they vary much).")
  var degreeCorrected: Bool?

  @Option(help: ArgumentHelp("Write the label of each node (.tsv).", valueName: "file"), completion: .file())
  var labels: String?

  @Option(
    help: ArgumentHelp("Write the tree: .json, .nwk, or .tsv for SciPy's table.", valueName: "file"),
    completion: .file(extensions: ["json", "nwk", "tsv"]))
  var tree: String?

  @Option(
    help: ArgumentHelp("Draw the dendrogram (.svg); for trees of up to 2,000 leaves.", valueName: "file"),
    completion: .file(extensions: ["svg"]))
  var dendrogram: String?

  @Option(
    help: ArgumentHelp(
      "Groups of the labels: a number, 'all' for a column a depth, or modularity, description-length, gap.",
      valueName: "cut"))
  var cut: Cut?

  @Option(
    help: ArgumentHelp("Known groups: node, label; FILE:COLUMN takes another column.", valueName: "file"),
    completion: .file())
  var truth: String?

  @Option(
    help: ArgumentHelp("Link these groups instead of finding some: node, label; FILE:COLUMN.", valueName: "file"),
    completion: .file())
  var groups: String?

  @Flag(help: "The input holds sizes of groups and counts of edges between them, to be linked.")
  var fromLinks = false

  @Option(help: "How arcs of a directed graph become edges.")
  var direction = DirectionPolicy.union

  @Flag(help: "Only the largest component.")
  var lcc = false

  @OptionGroup(title: "Bottom-up options")
  var bottomUp: BottomUpFlags

  @OptionGroup(title: "Top-down options")
  var topDown: TopDownFlags

  @OptionGroup(title: "Louvain and Leiden options")
  var levels: LevelFlags

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [input] + [truth, groups, bottomUp.startFile].compactMap { $0.map(LabelFile.path) } }
  var usesSeed: Bool { !isLinkingOnly }
  var outputs: [PlannedOutput] {
    [PlannedOutput(labels, .labels), PlannedOutput(tree, .tree), PlannedOutput(dendrogram, .drawing)].compactMap { $0 }
  }

  mutating func validate() throws {
    if isLinkingOnly { try settleLinking() } else { try bottomUp.settle(isUsed: method == .bottomUp) }
    try topDown.settle(isUsed: method == .topDown)
    try levels.settle(method, direction)
    if case .best = cut, method != .bottomUp { throw ValidationError("That '--cut' is for bottom-up.") }
    if refine != nil, method != .bottomUp, method != .topDown {
      throw ValidationError("'--refine' is for bottom-up and top-down.")
    }
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    if fromLinks { return try linkCounts(run) }
    var graph = try run.readGraph(input, reading, refusesNegativeWeights: true).graph
    if lcc { graph = try run.stage("largest component") { try graph.largestComponent(context: run.context).graph } }
    if let groups { return try linkGroups(of: graph, groups, run) }
    let truth = try truth.map { try LabelFile($0).numbers(for: graph) }
    if let truth, !truth.contains(where: { $0 >= 0 }) { run.warn("the truth names no node of the graph") }
    let start = try bottomUp.startFile.map { try LabelFile($0).numbers(for: graph) }
    if let start, !start.contains(where: { $0 >= 0 }) { run.warn("the labels to start from name no node of the graph") }
    var found = try run.stage("communities", of: input) {
      try communities(of: graph, method: method, options: options(run, start), context: run.context)
    }
    for note in found.notes { run.warn(note) }
    if let collapse = bottomUp.collapse { found = found.collapsed(below: collapse.value) }
    let cut = try chosenCut(found)
    if let labels {
      let columns =
        try self.cut == .all ? labelColumns(found.hierarchy) : [LabelColumn("label", found.labels(cut))]
      try run.writeLabels(columns, graph, to: labels)
    }
    if let tree { try writeTree(found.hierarchy.tree, names: leafNames(found.hierarchy, graph), to: tree, run) }
    if let dendrogram {
      let drawing = try Self.dendrogram(found.hierarchy, truth: truth)
      try run.writeText(to: dendrogram, format: "svg") { try $0.write(drawing) }
    }
    return try outcome(found, cut, truth, run)
  }

  private func options(_ run: CommandRun, _ start: [Int32]?) -> CommunityOptions {
    var options = CommunityOptions(
      bottomUp: bottomUp.options(labels: start), topDown: topDown.options, louvain: levels.louvain,
      leiden: levels.leiden)
    options.bottomUp.refinement = refine
    options.bottomUp.isDegreeCorrected = degreeCorrected
    options.topDown.refinement = refine ?? options.topDown.refinement
    options.topDown.isDegreeCorrected = degreeCorrected
    return options.seeded(run.settings.seed).directed(direction)
  }

  /// The cut that was asked for, else the usual one of the method.
  private func chosenCut(_ found: CommunityResult) throws -> TreeCut {
    switch cut {
    case .groups(let count): try found.cut(intoGroups: count)
    case .best(let criterion): found.bestCut(criterion) ?? found.usualCut
    case .all, nil: found.usualCut
    }
  }
}
