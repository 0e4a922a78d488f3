import ArgumentParser
import GraphFormats
import GraphKernels
import GraphStore
import MillRuntime

struct Transform: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make another graph of a graph.",
    discussion: """
      Arcs that become one edge are merged as --duplicates says. Several steps can be given; they are done in this order: \
      --transpose, --symmetrize, --simplify, --union, --subtract, --intersect, --subgraph, --ego, --core, --sample, \
      --project, --lcc, --relabel. Nodes keep their names and edges their weights; in a projection an edge weighs the \
      number of neighbors that its ends share.

      EXAMPLES:
        graphmill transform web.gmg simple.gmg --symmetrize --simplify --lcc
        graphmill transform follows.gmg followed.gmg --transpose
        graphmill transform web.gmg near.gmg --ego example.org --hops 2
        graphmill transform big.gmg small.gmg --sample forest-fire --size 10k --seed 7
        graphmill transform today.gmg new.gmg --subtract yesterday.gmg
        graphmill transform women.tsv joint.gmg --project first
        graphmill transform big.gmg near.gmg --relabel rabbit
      """)

  /// The side of a bipartite graph that a projection keeps.
  enum Side: String, ExpressibleByArgument, CaseIterable {
    case first
    case second
  }

  @Argument(help: "The graph to read; '-' is standard input.", completion: .file())
  var input: String

  @Argument(help: "The file to write; '-' is standard output.", completion: .file())
  var output: String

  @Flag(name: [.long, .customLong("reverse")], help: "Turn every arc round.")
  var transpose = false

  @Flag(help: "Make the graph undirected.")
  var symmetrize = false

  @Flag(help: "Drop self-loops and parallel edges.")
  var simplify = false

  @Option(help: ArgumentHelp("Add the nodes and edges of another graph.", valueName: "file"), completion: .file())
  var union: String?

  @Option(
    help: ArgumentHelp("Take away the edges that another graph has; nodes stay.", valueName: "file"),
    completion: .file())
  var subtract: String?

  @Option(
    help: ArgumentHelp("Keep only the edges that another graph has too; nodes stay.", valueName: "file"),
    completion: .file())
  var intersect: String?

  @Option(
    help: """
      Join the nodes of one side of a bipartite graph that share a neighbor; first is the side of the smallest node of \
      every component.
      """)
  var project: Side?

  @Option(
    help: ArgumentHelp("The same for the nodes that a file names, one a line.", valueName: "file"), completion: .file())
  var projectOnto: String?

  @Flag(help: "Keep the largest component only.")
  var lcc = false

  @Option(help: Relabeling.help)
  var relabel = Relabeling.none

  @OptionGroup(title: "Parts of a graph")
  var part: SubgraphFlags

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Output options")
  var writing: WriteFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [input] + [union, subtract, intersect, part.subgraph, projectOnto].compactMap { $0 } }
  var outputs: [PlannedOutput] { [writing.plan(output)] }
  var usesSeed: Bool { part.sample != nil }

  func validate() throws {
    let isCombined = union != nil || subtract != nil || intersect != nil
    let isProjected = project != nil || projectOnto != nil
    guard
      transpose || symmetrize || simplify || isCombined || part.isGiven || isProjected || lcc || relabel != .none
    else {
      throw ValidationError(
        "Nothing to do: give '--transpose', '--symmetrize', '--simplify', '--lcc' or another step ('--help' lists them)."
      )
    }
    if project != nil, projectOnto != nil {
      throw ValidationError("Please give only one of '--project' and '--project-onto'.")
    }
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    let input = try run.readGraph(input, reading)
    var graph = try combined(try turned(input.graph, run), run)
    graph = try taken(graph, run)
    graph = try projected(graph, run)
    let context = run.context
    if lcc { graph = try run.stage("largest component") { try graph.largestComponent(context: context).graph } }
    graph = try relabel.apply(to: graph, run)
    return try run.writeGraph(graph, to: output, writing, from: input.report)
  }

  private func turned(_ input: CSRGraph, _ run: CommandRun) throws -> CSRGraph {
    var graph = input
    let context = run.context
    if transpose { graph = try run.stage("transpose") { try graph.transposed(context: context) } }
    if symmetrize {
      graph = try run.stage("symmetrize") {
        try graph.symmetrized(duplicates: reading.duplicates, context: context)
      }
    }
    if simplify {
      graph = try run.stage("simplify") {
        try graph.simplified(duplicates: reading.duplicates, context: context)
      }
    }
    return graph
  }

  private func combined(_ input: CSRGraph, _ run: CommandRun) throws -> CSRGraph {
    var graph = input
    if let union {
      let other = try run.readGraph(union, reading).graph
      graph = try run.stage("union") {
        try graph.union(other, duplicates: reading.duplicates, context: run.context)
      }
    }
    if let subtract {
      let other = try run.readGraph(subtract, reading).graph
      graph = try run.stage("subtract") { try graph.subtracting(other, context: run.context) }
    }
    if let intersect {
      let other = try run.readGraph(intersect, reading).graph
      graph = try run.stage("intersect") { try graph.intersection(other, context: run.context) }
    }
    return graph
  }

  private func taken(_ input: CSRGraph, _ run: CommandRun) throws -> CSRGraph {
    var graph = input
    let context = run.context
    if let list = part.subgraph {
      let nodes = try readNodeList(list, of: graph)
      graph = try run.stage("subgraph") { try graph.inducedSubgraph(nodes: nodes, context: context) }
    }
    if !part.ego.isEmpty {
      let nodes = try part.ego.map { try run.node(named: $0, in: graph, of: self.input) }
      let options = NeighborhoodOptions(hops: part.hops ?? 1, direction: part.direction ?? .out)
      graph = try run.stage("ego") { try graph.egoNetwork(around: nodes, options: options, context: context) }
    }
    if let core = part.core { graph = try run.stage("core") { try graph.coreSubgraph(core, context: context) } }
    if let options = part.sampleOptions(seed: run.settings.seed) {
      graph = try run.stage("sample") { try graph.sampled(options, context: context) }
    }
    return graph
  }

  private func projected(_ graph: CSRGraph, _ run: CommandRun) throws -> CSRGraph {
    let side: ProjectionSide
    if let projectOnto {
      side = .nodes(try readNodeList(projectOnto, of: graph))
    } else if let project {
      side = project == .first ? .first : .second
    } else {
      return graph
    }
    return try run.stage("project", of: input) { try bipartiteProjection(of: graph, onto: side, context: run.context) }
  }
}

/// The values of `--relabel`.
enum Relabeling: String, CaseIterable, ExpressibleByArgument {
  case none, degree, bfs, rcm, rabbit

  static let help = ArgumentHelp(
    """
    Number the nodes anew: by descending degree, breadth-first, reverse Cuthill–McKee, or communities side by side; names \
    stay.
    """, valueName: "order")

  /// The graph in this order.
  func apply(to graph: CSRGraph, _ run: CommandRun) throws -> CSRGraph {
    guard let order = NodeOrder(rawValue: rawValue) else { return graph }
    return try run.stage("relabel") { try graph.relabeled(by: order, context: run.context) }
  }
}
