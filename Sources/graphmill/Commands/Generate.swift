import ArgumentParser
import GraphFormats
import GraphGenerators
import GraphStore
import Graphmill
import HierarchicalCommunities
import MillRuntime

struct Generate: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a random graph from a seed.",
    discussion: """
      rmat  recursive matrix: --nodes, --edges drawn (repeated ones and loops are dropped, so that fewer stay)
      er    Erdős–Rényi: --nodes, exactly --edges different edges
      ba    Barabási–Albert: --nodes, each new one with --degree edges to earlier ones
      sbm   stochastic block model: --branching groups (2); edges between groups are --ratio times as likely as inside
      hsbm  hierarchical block model: a tree of --depth levels (3) with --branching children (2); --ratio from each \
      level to the one above (0.3), mean degree --degree (16); --labels writes the groups of each node at every level

      The same seed gives the same graph for any number of threads.

      EXAMPLES:
        graphmill generate rmat big.gmg --nodes 1M --edges 16M --seed 7
        graphmill generate er - --nodes 1000 --edges 5k --to el | head
        graphmill generate ba ba.gmg --nodes 100k --degree 4
        graphmill generate hsbm h.gmg --nodes 10k --depth 3 --labels truth.tsv
      """)

  /// What is made.
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case rmat
    case er
    case ba
    case sbm
    case hsbm

    var isBlockModel: Bool { self == .sbm || self == .hsbm }
  }

  @Argument(help: "What to make.")
  var kind: Kind

  @Argument(help: "The file to write; '-' is standard output.", completion: .file())
  var output: String

  @Option(help: ArgumentHelp("Number of nodes.", valueName: "n"))
  var nodes = Count(1 << 16)

  @Option(help: ArgumentHelp("Number of edges (default: 16 a node); rmat and er.", valueName: "m"))
  var edges: Count?

  @Option(help: ArgumentHelp("ba: edges of each new node (8); sbm, hsbm: mean degree (16).", valueName: "k"))
  var degree: Count?

  @Option(help: ArgumentHelp("Levels below the root (default: 3); hsbm.", valueName: "d"))
  var depth: Int?

  @Option(help: ArgumentHelp("Groups of sbm, children of each group of hsbm (default: 2).", valueName: "k"))
  var branching: Int?

  @Option(
    help: ArgumentHelp("Chance of an edge one level up, over that below (default: 0.3); sbm, hsbm.", valueName: "x"))
  var ratio: Share?

  @Option(
    help: ArgumentHelp("Also write the groups of each node (.tsv); sbm, hsbm.", valueName: "file"), completion: .file())
  var labels: String?

  @Flag(help: "Make a directed graph; rmat and er.")
  var directed = false

  @OptionGroup(title: "Output options")
  var writing: WriteFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var usesSeed: Bool { true }
  var outputs: [PlannedOutput] { [writing.plan(output)] + [PlannedOutput(labels, .labels)].compactMap { $0 } }

  func validate() throws {
    let takesDegree = kind == .ba || kind.isBlockModel
    if edges != nil, takesDegree {
      throw ValidationError("'--edges' is not for '\(kind.rawValue)': give '--degree <k>'.")
    }
    if degree != nil, !takesDegree {
      throw ValidationError("'--degree' is not for '\(kind.rawValue)': give '--edges <m>'.")
    }
    if directed, takesDegree { throw ValidationError("'--directed' is not for '\(kind.rawValue)'.") }
    if depth != nil, kind != .hsbm { throw ValidationError("'--depth' is for 'hsbm' only.") }
    if branching != nil || ratio != nil || labels != nil, !kind.isBlockModel {
      throw ValidationError("'--branching', '--ratio' and '--labels' are for 'sbm' and 'hsbm' only.")
    }
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    if kind.isBlockModel { return try blockModel(run) }
    let made = try run.stage("generate") { try generate(seed: run.settings.seed, run.context) }
    var report = GraphReadReport()
    report.edges = made.report
    return try run.writeGraph(made.graph, to: output, writing, from: report)
  }

  private func blockModel(_ run: CommandRun) throws -> Outcome {
    let model = try HierarchicalBlockModel(
      branching: branching ?? 2, depth: kind == .sbm ? 1 : depth ?? 3, nodeCount: nodes.value,
      meanDegree: Double(degree?.value ?? 16), ratio: ratio?.value ?? 0.3)
    var options = BlockModelOptions()
    options.seed = run.settings.seed
    let sample = try run.stage("generate") { try generateBlockModel(model, options: options, context: run.context) }
    let hierarchy = CommunityHierarchy(tree: model.tree, leaves: sample.leaves)
    if let labels { try run.writeLabels(try labelColumns(hierarchy), sample.graph, to: labels) }
    let thresholds = RecoveryThresholds(model)
    var report = GraphReadReport()
    report.edges.edges = sample.graph.edgeCount
    var outcome = try run.writeGraph(sample.graph, to: output, writing, from: report)
    outcome.keys["groups"] = .integer(model.leafCount)
    outcome.keys["divergences"] = .array(thresholds.divergences.map(JSONValue.number))
    outcome.keys["detectable"] = .integer(thresholds.detectableCount)
    outcome.summary.append(
      "\(model.leafCount) groups, \(thresholds.detectableCount) detectable; levels that can be recovered exactly: "
        + (thresholds.recoverableDepths.isEmpty
          ? "none" : thresholds.recoverableDepths.map(String.init).joined(separator: ", ")))
    return outcome
  }

  private func generate(seed: UInt64, _ context: RunContext) throws -> (graph: CSRGraph, report: FreezeReport) {
    guard nodes.value <= 1 << 40 else {
      throw MillError(.badOption, "'--nodes' must be at most 2^40", field: String(nodes.value))
    }
    let wanted = edges?.value ?? 16 * nodes.value
    let edges: GeneratedEdges
    switch kind {
    case .rmat:
      var options = RMATOptions()
      options.nodeCount = nodes.value
      options.edgeCount = wanted
      options.isDirected = directed
      options.seed = seed
      edges = try generateRMAT(options, context: context)
    case .er:
      var options = ErdosRenyiOptions()
      options.nodeCount = nodes.value
      options.edges = .count(wanted)
      options.isDirected = directed
      options.seed = seed
      edges = try generateErdosRenyi(options, context: context)
    case .ba:
      var options = BarabasiAlbertOptions()
      options.nodeCount = nodes.value
      options.edgesPerNode = degree?.value ?? 8
      options.seed = seed
      edges = try generateBarabasiAlbert(options, context: context)
    case .sbm, .hsbm: preconditionFailure("block models have a function of their own")
    }
    var freezing = FreezeOptions()
    freezing.isDirected = edges.isDirected
    freezing.loops = .drop
    freezing.naming = .dense(nodeCount: edges.nodeCount)
    return try freeze(edges.blocks, options: freezing, context: context)
  }
}
