import ArgumentParser
import GraphFormats
import GraphStore
import MillRuntime

struct Generate: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a random graph from a seed.",
    discussion: """
      rmat  recursive matrix: --nodes, --edges drawn (repeated ones and loops are dropped, so that fewer stay)
      er    Erdős–Rényi: --nodes, exactly --edges different edges
      ba    Barabási–Albert: --nodes, each new one with --degree edges to earlier ones

      The same seed gives the same graph for any number of threads.

      EXAMPLES:
        graphmill generate rmat big.gmg --nodes 1M --edges 16M --seed 7
        graphmill generate er - --nodes 1000 --edges 5k --to el | head
        graphmill generate ba ba.gmg --nodes 100k --degree 4
      """)

  /// What is made.
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case rmat
    case er
    case ba
  }

  @Argument(help: "What to make.")
  var kind: Kind

  @Argument(help: "The file to write; '-' is standard output.")
  var output: String

  @Option(help: ArgumentHelp("Number of nodes.", valueName: "n"))
  var nodes = Count(1 << 16)

  @Option(help: ArgumentHelp("Number of edges (default: 16 a node); rmat and er.", valueName: "m"))
  var edges: Count?

  @Option(help: ArgumentHelp("Edges of each new node (default: 8); ba.", valueName: "k"))
  var degree: Count?

  @Flag(help: "Make a directed graph; rmat and er.")
  var directed = false

  @OptionGroup(title: "Output options")
  var writing: WriteFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var outputs: [String] { [output] }

  func validate() throws {
    if edges != nil, kind == .ba { throw ValidationError("'--edges' is not for 'ba': give '--degree <k>'.") }
    if degree != nil, kind != .ba { throw ValidationError("'--degree' is for 'ba' only: give '--edges <m>'.") }
    if directed, kind == .ba { throw ValidationError("'--directed' is not for 'ba'.") }
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    let made = try run.stage("generate") { try generate(seed: run.settings.seed, run.context) }
    var report = GraphReadReport()
    report.edges = made.report
    return try run.writeGraph(made.graph, to: output, writing, from: report)
  }

  private func generate(seed: UInt64, _ context: RunContext) throws -> (graph: CSRGraph, report: FreezeReport) {
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
    }
    var freezing = FreezeOptions()
    freezing.isDirected = edges.isDirected
    freezing.loops = .drop
    freezing.naming = .dense(nodeCount: edges.nodeCount)
    return try freeze(edges.blocks, options: freezing, context: context)
  }
}
