import ArgumentParser
import GraphFormats
import GraphGenerators
import GraphStore
import MillRuntime

struct Generate: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a random graph from a seed.",
    discussion: """
      rmat       recursive matrix: --nodes, --edges drawn (repeated ones and loops are dropped, so that fewer stay)
      er         Erdős–Rényi: --nodes, exactly --edges different edges
      ba         Barabási–Albert: --nodes, each new one with --degree edges to earlier ones
      ws         Watts–Strogatz: a ring of --nodes with --degree neighbors each, edges moved with the chance --rewire
      grid       a mesh or lattice of --lengths, with --periodic closed to rings; nothing is random
      config     configuration model: --nodes, degrees by a power law with --degree as mean, --exponent, --max-degree
      geometric  points in a square: --nodes, joined within --radius or so that the mean degree is --degree
      kronecker  stochastic Kronecker: --initiator taken --depth times, --edges drawn (default: as many as expected)
      sbm        stochastic block model: --branching groups (2); edges between groups are --ratio times as likely as inside
      hsbm       hierarchical block model: a tree of --depth levels (3) with --branching children (2); --ratio from each \
      level to the one above (0.3), mean degree --degree (16); --labels writes the groups of each node at every level
      lfr        LFR benchmark: degrees and communities by power laws, --mixing of the edges outside; --labels writes \
      the communities

      The same seed gives the same graph for any number of threads.

      EXAMPLES:
        graphmill generate rmat big.gmg --nodes 1M --edges 16M --seed 7
        graphmill generate er - --nodes 1000 --edges 5k --to el | head
        graphmill generate ba ba.gmg --nodes 100k --degree 4
        graphmill generate grid mesh.gmg --lengths 300x400
        graphmill generate hsbm h.gmg --nodes 10k --depth 3 --labels truth.tsv
        graphmill generate lfr lfr.gmg --nodes 10k --mixing 0.3 --labels truth.tsv
      """)

  /// What is made.
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case rmat, er, ba, ws, grid, config, geometric, kronecker
    case sbm, hsbm, lfr
  }

  @Argument(help: "What to make.")
  var kind: Kind

  @Argument(help: "The file to write; '-' is standard output.", completion: .file())
  var output: String

  @Option(help: ArgumentHelp("Number of nodes (default: 65536).", valueName: "n"))
  var nodes: Count?

  @Option(help: ArgumentHelp("Number of edges (default: 16 a node); rmat, er, kronecker.", valueName: "m"))
  var edges: Count?

  @Option(
    help: ArgumentHelp(
      "ba: edges of each new node (8); ws: neighbors on the ring (16); others: mean degree (8; sbm, hsbm 16; lfr 20).",
      valueName: "k"))
  var degree: Count?

  @Flag(help: "Make a directed graph; rmat, er, kronecker.")
  var directed = false

  @OptionGroup(title: "Options of single kinds")
  var flags: GenerateFlags

  @OptionGroup(title: "Output options")
  var writing: WriteFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var usesSeed: Bool { kind != .grid }
  var outputs: [PlannedOutput] {
    [writing.plan(output)]
      + [PlannedOutput(flags.labels, .labels), PlannedOutput(flags.positions, .table)].compactMap { $0 }
  }

  func validate() throws {
    try flags.check(for: kind, nodes: nodes, edges: edges, degree: degree, directed: directed)
  }

  /// The number of nodes after defaults.
  var nodeCount: Int { nodes?.value ?? 1 << 16 }

  func execute(_ run: CommandRun) throws -> Outcome {
    guard nodeCount <= 1 << 40 else {
      throw MillError(.badOption, "'--nodes' must be at most 2^40", field: String(nodeCount))
    }
    switch kind {
    case .sbm, .hsbm: return try blockModel(run)
    case .lfr: return try benchmark(run)
    case .geometric: return try geometric(run)
    case .rmat, .er, .ba, .ws, .grid, .config, .kronecker: break
    }
    let made = try run.stage("generate") { try drawn(seed: run.settings.seed, run.context) }
    var report = GraphReadReport()
    report.edges = made.report
    return try run.writeGraph(made.graph, to: output, writing, from: report)
  }

  private func drawn(seed: UInt64, _ context: RunContext) throws -> (graph: CSRGraph, report: FreezeReport) {
    let edges = try generatedEdges(seed: seed, context)
    var freezing = FreezeOptions()
    freezing.isDirected = edges.isDirected
    freezing.loops = .drop
    freezing.naming = .dense(nodeCount: edges.nodeCount)
    return try freeze(edges.blocks, options: freezing, context: context)
  }
}
