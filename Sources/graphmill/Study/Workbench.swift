import EdgeSparsification
import GraphKernels
import GraphLayout
import GraphStore
import GraphSummarization
import Graphmill
import HierarchicalCommunities
import MillRuntime
import Reporting

/// A graph on the bench: what sections need of it is made when the first one asks, and kept for the others.
final class Workbench {
  let run: CommandRun
  let subject: StudySubject
  /// Where files go that other commands can take up.
  let folder: String
  /// Whether a first look is enough.
  let isQuick: Bool
  /// Files that were written.
  private(set) var files: [String] = []

  init(_ subject: StudySubject, folder: String, isQuick: Bool, run: CommandRun) {
    self.subject = subject
    self.folder = folder
    self.isQuick = isQuick
    self.run = run
  }

  var context: RunContext { run.context }
  var seed: UInt64 { run.settings.seed }

  /// The share of the edges that is taken away where one share must do.
  static let removedShare = 0.3
  /// Larger graphs are not drawn, and methods that take more than a minute on them are left out.
  static let largestGraph = 3_000_000

  // MARK: - Graphs

  private var simpleGraph: CSRGraph?
  private var coreNodes: [Int] = []
  private var coreGraph: CSRGraph?

  /// The graph as edges without direction, weight, loops and copies.
  func simple() throws -> CSRGraph {
    if let simpleGraph { return simpleGraph }
    let graph = try run.stage("simplify") {
      try subject.graph.prepared(Preparation(weights: .ignored), context: context).graph
    }
    simpleGraph = graph
    return graph
  }

  /// Its largest component, and the node of the whole graph that each of its nodes is.
  func core() throws -> (graph: CSRGraph, nodes: [Int]) {
    if let coreGraph { return (coreGraph, coreNodes) }
    let simple = try simple()
    let parts = try connectedComponents(of: simple, context: context)
    let largest = parts.largest.map { UInt32($0) }
    coreNodes = (0..<simple.nodeCount).filter { parts.labels[$0] == largest }
    let graph = try simple.inducedSubgraph(nodes: coreNodes, context: context)
    coreGraph = graph
    return (graph, coreNodes)
  }

  /// The classes of the largest component's nodes; nil where all have the same.
  func coreClasses() throws -> NodeClasses? {
    let classes = try subject.classes?.restricted(to: core().nodes)
    return classes.flatMap { Set($0.numbers.filter { $0 >= 0 }).count > 1 ? $0 : nil }
  }

  // MARK: - Results

  private var found: [CommunityMethod: CommunityResult] = [:]
  private var summaries: [SummaryModel: SummarizeResult] = [:]
  private var sparse: CSRGraph?

  /// Communities of the largest component.
  func communities(_ method: CommunityMethod) throws -> CommunityResult {
    if let known = found[method] { return known }
    let graph = try core().graph
    var options = CommunityOptions().seeded(seed)
    options.topDown.minimumSize = max(25, graph.nodeCount / 400)
    let result = try run.stage("communities \(method.rawValue)") {
      try Graphmill.communities(of: graph, method: method, options: options, context: context)
    }
    found[method] = result
    return result
  }

  /// Leiden's groups of a graph: the method that is fast enough to be asked often.
  func groups(of graph: CSRGraph, _ name: String) throws -> CommunityResult {
    try run.stage("communities of \(name)") {
      try Graphmill.communities(
        of: graph, method: .leiden, options: CommunityOptions().seeded(seed), context: context)
    }
  }

  /// A summary of the graph as it was read.
  func summary(_ model: SummaryModel = .hierarchical) throws -> SummarizeResult {
    if let known = summaries[model] { return known }
    let result = try summary(of: subject.graph, model, "the graph")
    summaries[model] = result
    return result
  }

  /// A summary of any graph.
  func summary(of graph: CSRGraph, _ model: SummaryModel, _ name: String) throws -> SummarizeResult {
    var options = SummarizeOptions()
    options.model = model
    options.seed = seed
    let result = try run.stage("summarize \(name), \(model.rawValue)") {
      try summarize(of: graph, options: options, context: context)
    }
    // A summary that was stopped on its way is none to report on.
    try context.checkCancelled()
    return result
  }

  /// The simple graph without the edges that a method rates lowest.
  func sparsified(
    _ graph: CSRGraph, _ method: EdgeScoreMethod = .teddy, share: Double = Workbench.removedShare
  ) throws -> CSRGraph {
    let options = SparsifyOptions(.share(share), score: EdgeScoreOptions(method: method, seed: seed))
    return try run.stage("sparsify \(method.rawValue) \(share)") {
      try sparsify(graph, options: options, context: context).graph
    }
  }

  private var near: Neighborhood?

  /// The graph of nearest neighbors, of the vectors where there are some, else by what nodes are linked to.
  func neighborhood() throws -> Neighborhood {
    if let near { return near }
    let made = try subject.vectors.map { try neighborhood(of: $0) } ?? neighborhoodOfNodes()
    near = made
    return made
  }

  // MARK: - Files

  /// Remembers a file below the folder, which is made when the first one needs it; gives its path.
  func file(_ name: String) throws(MillError) -> String {
    if files.isEmpty { try WholeFile.createFolder(folder) }
    let path = folder + "/" + name
    if !files.contains(path) { files.append(path) }
    return path
  }
}

extension CommunityResult {
  /// How alike the groups are to others of the same nodes.
  func ami(_ other: [Int32]) throws -> Double? { try adjustedMutualInformation(labels, other) }
}
