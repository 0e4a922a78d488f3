import ExperimentSupport
import GraphFormats
import GraphStore
import HierarchicalCommunities
import MillRuntime
import Reporting

/// A graph with known groups.
struct KnownGraph {
  let name: String
  let graph: CSRGraph
  /// The group of each node; -1 for none.
  let truth: [Int32]
  let groups: Int

  /// Reads `FOLDER/edges.tsv` and a column of `FOLDER/labels.tsv`, and keeps the largest component.
  ///
  /// - Parameters:
  ///   - column: The label column, 1 for the first.
  ///   - without: Nodes of this label are left out.
  init(_ folder: String, column: Int = 1, without: String? = nil, context: RunContext) throws {
    var options = GraphReadOptions()
    (options.weights, options.loops) = (.no, .drop)
    var graph = try readGraph(folder + "/edges.tsv", options: options, context: context).graph
    let file = try LabelFile(path: folder + "/labels.tsv", column: "\(column)")
    if let without {
      let left = Set(zip(file.names, file.labels).filter { $0.1 == without }.map(\.0))
      graph = try graph.inducedSubgraph(
        mask: (0..<graph.nodeCount).map { !left.contains(graph.name(of: $0)) }, context: context)
    }
    graph = try graph.largestComponent(context: context).graph
    self.graph = graph
    let base = folder.split(separator: "/").last.map(String.init) ?? folder
    name = base + (column > 1 ? ", column \(column)" : "") + (without.map { ", no \($0)" } ?? "")
    let truth = file.numbers(for: graph)
    self.truth = truth
    groups = Set(truth.filter { $0 >= 0 }).count
  }
}

/// What is compared.
enum Contender: String, CaseIterable {
  case counted = "bottom-up, K counted"
  case cut = "the same, cut into K"
  case recursive = "bottom-up, counted again in groups"
  case given = "bottom-up, K given"
  case corrected = "bottom-up, K given, degree-corrected"
  case sign = "top-down sign"
  case spectral = "top-down spectral"
  case paris = "Paris, cut into K"
  case louvain = "Louvain"
}

/// What a method gave on a graph.
struct Score {
  let contender: Contender
  let ami: Double
  let ari: Double
  let groups: Int
  let inversions: Int
}

/// All methods on one graph.
func scores(on known: KnownGraph, seed: UInt64, context: RunContext) throws -> (scores: [Score], count: SpectralSummary)
{
  var result: [Score] = []
  var summary = SpectralSummary()
  func add(_ contender: Contender, _ hierarchy: CommunityHierarchy, _ labels: [Int32]) throws {
    let score = try partitionScores(labels, known.truth)
    result.append(
      Score(
        contender: contender, ami: score.ami, ari: score.ari, groups: Set(labels.filter { $0 >= 0 }).count,
        inversions: inversions(of: hierarchy.tree).count))
  }
  func cut(_ hierarchy: CommunityHierarchy) -> [Int32] { hierarchy.labels(hierarchy.tree.cutAtMost(known.groups)) }
  for contender in Contender.allCases {
    switch contender {
    case .counted:
      var options = BottomUpOptions()
      options.seed = seed
      let found = try bottomUpCommunities(of: known.graph, options: options, context: context)
      summary = found.spectrum
      try add(.counted, found.hierarchy, found.hierarchy.leaves)
      try add(.cut, found.hierarchy, cut(found.hierarchy))
    case .cut: break
    case .recursive:
      var options = BottomUpOptions()
      (options.seed, options.isRecursive) = (seed, true)
      let found = try bottomUpCommunities(of: known.graph, options: options, context: context)
      try add(.recursive, found.hierarchy, found.hierarchy.leaves)
    case .given, .corrected:
      var options = BottomUpOptions()
      (options.seed, options.communities) = (seed, known.groups)
      options.isDegreeCorrected = contender == .corrected
      let found = try bottomUpCommunities(of: known.graph, options: options, context: context)
      try add(contender, found.hierarchy, found.hierarchy.leaves)
    case .sign, .spectral:
      var options = TopDownOptions()
      (options.seed, options.split) = (seed, contender == .sign ? .sign : .spectral)
      let found = try topDownCommunities(of: known.graph, options: options, context: context)
      try add(contender, found.hierarchy, found.hierarchy.leaves)
    case .paris:
      let found = try parisHierarchy(of: known.graph, context: context)
      try add(.paris, found.hierarchy, cut(found.hierarchy))
    case .louvain:
      var options = LouvainOptions()
      options.seed = seed
      let found = try louvainCommunities(of: known.graph, options: options, context: context)
      try add(.louvain, found.hierarchy, found.labels)
    }
  }
  return (result, summary)
}

/// Mean AMI, ARI and groups over seeds, beside the largest and smallest AMI, as a table and as CSV.
func realGraphs(
  _ graphs: [KnownGraph], seed: UInt64, seeds: Int, context: RunContext
) throws -> (markdown: String, csv: String) {
  var text = "## Real graphs, largest component, unweighted, \(seeds) seeds\n\n"
  text +=
    "AMI / ARI / groups (inversions), means; ± half the range of AMI where it is not 0.\n\n"
  var table = MarkdownTable(["graph", "K", "counted"] + Contender.allCases.map(\.rawValue))
  var csv = "graph,method,seed,ami,ari,groups,inversions\n"
  for known in graphs {
    var all: [[Score]] = []
    var counts: [Int] = []
    for i in 0..<seeds {
      let (scores, summary) = try scores(on: known, seed: seed &+ UInt64(i), context: context)
      all.append(scores)
      counts.append(summary.count)
      for score in scores {
        csv += "\"\(known.name)\",\"\(score.contender.rawValue)\",\(seed &+ UInt64(i)),"
        csv += "\(decimal(score.ami, 4)),\(decimal(score.ari, 4)),\(score.groups),\(score.inversions)\n"
      }
    }
    var cells = [known.name, "\(known.groups)", decimal(Spread.mean(counts.map(Double.init)), 1)]
    for (index, _) in Contender.allCases.enumerated() {
      let own = all.map { $0[index] }
      let amis = own.map(\.ami)
      let spread = ((amis.max() ?? 0) - (amis.min() ?? 0)) / 2
      var cell = decimal(Spread.mean(amis), 3) + (spread >= 0.0005 ? " ± \(decimal(spread, 3))" : "")
      cell +=
        " / \(decimal(Spread.mean(own.map(\.ari)), 2)) / \(decimal(Spread.mean(own.map { Double($0.groups) }), 1))"
      cell += " (\(decimal(Spread.mean(own.map { Double($0.inversions) }), 1)))"
      cells.append(cell)
    }
    table.add(cells)
  }
  return (text + table.text, csv)
}
