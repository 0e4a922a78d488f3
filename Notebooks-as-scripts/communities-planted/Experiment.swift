import ExperimentSupport
import GraphGenerators
import GraphKernels
import GraphStore
import HierarchicalCommunities
import MillRuntime

/// What is compared.
enum Contender: String, CaseIterable {
  case bottomUp = "bottom-up"
  case spectrum = "bottom-up, spectrum alone"
  case leiden = "Leiden"
  case louvain = "Louvain"
  case paris = "Paris"

  func settings(seed: UInt64) -> (CommunityMethod, CommunityOptions) {
    var options = CommunityOptions().seeded(seed)
    if self == .spectrum { options.bottomUp.start = .spectral }
    switch self {
    case .bottomUp, .spectrum: return (.bottomUp, options)
    case .leiden: return (.leiden, options)
    case .louvain: return (.louvain, options)
    case .paris: return (.paris, options)
    }
  }
}

/// A kind of graph that is drawn, with the group of each node.
struct Planted {
  let name: String
  let draw: (UInt64) throws -> (graph: CSRGraph, truth: [Int32])

  /// The benchmark of Lancichinetti, Fortunato and Radicchi.
  static func lfr(_ nodes: Int, _ sizes: ClosedRange<Int>, _ mixing: Double, largest: Int = 50) -> Planted {
    Planted(name: "LFR \(nodes), mixing \(mixing)" + (largest > 50 ? ", degrees to \(largest)" : "")) { seed in
      var model = PlantedModel()
      (model.nodes, model.sizes, model.mixing, model.largestDegree) = (nodes, sizes, mixing, largest)
      return try model.draw(seed: seed)
    }
  }

  /// A hierarchical block model, balanced.
  static func tree(_ branching: Int, _ depth: Int, _ leafSize: Int, _ degree: Double, _ ratio: Double) -> Planted {
    Planted(name: "tree \(branching)^\(depth) of \(leafSize) nodes, degree \(plainDecimal(degree, 0)), ratio \(ratio)")
    {
      seed in
      var options = BlockModelOptions()
      options.seed = seed
      let sample = try generateBlockModel(
        HierarchicalBlockModel(
          branching: branching, depth: depth, leafSize: leafSize, meanDegree: degree, ratio: ratio), options: options)
      return (sample.graph, sample.leaves)
    }
  }

  /// A uniform random graph.
  static func uniform(_ nodes: Int, _ degree: Double) -> Planted {
    Planted(name: "uniform, degree \(plainDecimal(degree, 0))") { seed in
      var options = ErdosRenyiOptions()
      (options.nodeCount, options.seed) = (nodes, seed)
      options.edges = .count(Int(degree * Double(nodes) / 2))
      return (try generateErdosRenyiGraph(options), [Int32](repeating: 0, count: nodes))
    }
  }

  /// Random edges between nodes of given degrees, a power law up to `largest`.
  static func degrees(_ nodes: Int, largest: Int) -> Planted {
    Planted(name: "configuration model, degrees to \(largest)") { seed in
      var model = PlantedModel()
      (model.nodes, model.sizes, model.mixing) = (nodes, 10...50, 1)
      (model.largestDegree, model.meanDegree) = (largest, 10)
      return (try model.draw(seed: seed).graph, [Int32](repeating: 0, count: nodes))
    }
  }
}

/// AMI and groups of all methods on graphs with planted groups, and how well their trees fit the edges, means over seeds, as
/// two tables and as CSV.
func plantedGraphs(
  _ kinds: [Planted], seed: UInt64, seeds: Int, context: RunContext
) throws -> (markdown: String, csv: String) {
  var text = "## Planted groups, \(seeds) seeds\n\nAMI with the planted groups / groups found, means.\n\n"
  var table = MarkdownTable(["graph", "groups"] + Contender.allCases.map(\.rawValue))
  var trees = MarkdownTable(["graph"] + Contender.allCases.map(\.rawValue))
  var csv = "graph,method,seed,ami,groups,dasgupta_score,sampling_divergence\n"
  for kind in kinds {
    let none = Contender.allCases.map { _ in [Double]() }
    var (amis, groups, scores, divergences) = (none, none, none, none)
    var planted: [Double] = []
    for i in 0..<seeds {
      let (graph, truth) = try kind.draw(seed &+ UInt64(i))
      planted.append(Double(Set(truth).count))
      for (index, contender) in Contender.allCases.enumerated() {
        let (method, options) = contender.settings(seed: seed &+ UInt64(i))
        let result = try communities(of: graph, method: method, options: options, context: context)
        let (labels, fit) = (result.labels, result.fit())
        amis[index].append(try partitionScores(labels, truth).ami ?? .nan)
        groups[index].append(Double(Set(labels.filter { $0 >= 0 }).count))
        scores[index].append(fit.dasguptaScore)
        divergences[index].append(fit.samplingDivergence)
        csv += "\"\(kind.name)\",\"\(contender.rawValue)\",\(seed &+ UInt64(i)),"
        csv += "\(decimal(amis[index].last!, 4)),\(plainDecimal(groups[index].last!, 0)),"
        csv += "\(decimal(fit.dasguptaScore, 4)),\(decimal(fit.samplingDivergence, 4))\n"
      }
    }
    func cells(_ first: [[Double]], _ second: [[Double]], _ digits: Int) -> [String] {
      zip(first, second).map { decimal(Spread.mean($0), 3) + " / " + decimal(Spread.mean($1), digits) }
    }
    table.add([kind.name, decimal(Spread.mean(planted), 1)] + cells(amis, groups, 1))
    trees.add([kind.name] + cells(scores, divergences, 3))
  }
  text += table.text + "\nTheir trees: Dasgupta's score / sampling divergence, means, larger is better.\n\n"
  text += trees.text
  return (text, csv)
}

/// How many of the graphs without groups are found to be one group, as a table and as CSV. Components of fewer than 25
/// nodes are left out.
func wholeGraphs(
  _ kinds: [Planted], seed: UInt64, seeds: Int, context: RunContext
) throws -> (markdown: String, csv: String) {
  var text = "## No groups, \(seeds) graphs each\n\nGraphs in which one group was found.\n\n"
  var table = MarkdownTable(["graph"] + Contender.allCases.map(\.rawValue))
  var csv = "graph,method,one_group\n"
  for kind in kinds {
    var whole = Contender.allCases.map { _ in 0 }
    for i in 0..<seeds {
      let graph = try kind.draw(seed &+ UInt64(i)).graph.largestComponent(context: context).graph
      for (index, contender) in Contender.allCases.enumerated() {
        let (method, options) = contender.settings(seed: seed &+ UInt64(i))
        let labels = try communities(of: graph, method: method, options: options, context: context).labels
        if Set(labels).count == 1 { whole[index] += 1 }
      }
    }
    table.add([kind.name] + whole.map { "\($0)" })
    for (contender, count) in zip(Contender.allCases, whole) {
      csv += "\"\(kind.name)\",\"\(contender.rawValue)\",\(count)\n"
    }
  }
  text += table.text
  return (text, csv)
}
