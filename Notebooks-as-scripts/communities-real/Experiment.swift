import ExperimentSupport
import GraphStore
import HierarchicalCommunities
import MillRuntime
import Reporting

/// What is compared.
enum Contender: String, CaseIterable {
  case counted = "bottom-up"
  case cut = "the same, cut into K"
  case given = "bottom-up, K given"
  case spectrum = "bottom-up, spectrum alone"
  case leidenStart = "bottom-up, Leiden's groups alone"
  case sign = "top-down sign"
  case spectral = "top-down spectral"
  case paris = "Paris, cut into K"
  case louvain = "Louvain"
  case leiden = "Leiden"
}

/// What a method gave on a graph.
struct Score {
  let contender: Contender
  let ami: Double
  let ari: Double
  let groups: Int
  let inversions: Int
}

extension Contender {
  /// The method and its settings on a graph of so many groups.
  func settings(_ groups: Int, seed: UInt64) -> (CommunityMethod, CommunityOptions) {
    var options = CommunityOptions().seeded(seed)
    switch self {
    case .counted, .cut: return (.bottomUp, options)
    case .given:
      options.bottomUp.communities = groups
      return (.bottomUp, options)
    case .spectrum, .leidenStart:
      options.bottomUp.start = self == .spectrum ? .spectral : .leiden
      return (.bottomUp, options)
    case .sign, .spectral:
      options.topDown.split = self == .sign ? .sign : .spectral
      return (.topDown, options)
    case .paris: return (.paris, options)
    case .louvain: return (.louvain, options)
    case .leiden: return (.leiden, options)
    }
  }

  /// Whether the tree is cut into the true number of groups.
  var isCut: Bool { self == .cut || self == .paris }
}

/// All methods on one graph.
func scores(on known: KnownGraph, seed: UInt64, context: RunContext) throws -> (scores: [Score], count: SpectralSummary)
{
  var summary = SpectralSummary()
  var counted: CommunityResult?
  let result = try Contender.allCases.map { contender in
    let (method, options) = contender.settings(known.groups, seed: seed)
    let isKnown = contender == .counted || contender == .cut
    let found =
      try isKnown && counted != nil
      ? counted! : communities(of: known.graph, method: method, options: options, context: context)
    if isKnown {
      counted = found
      summary = found.spectrum ?? summary
    }
    let labels = found.labels(contender.isCut ? found.cutAtMost(known.groups) : found.usualCut)
    let score = try partitionScores(labels, known.truth)
    return Score(
      contender: contender, ami: score.ami ?? .nan, ari: score.ari ?? .nan,
      groups: Set(labels.filter { $0 >= 0 }).count, inversions: inversions(of: found.hierarchy.tree).count)
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
