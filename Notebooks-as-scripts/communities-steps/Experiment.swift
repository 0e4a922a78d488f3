import ExperimentSupport
import GraphGenerators
import GraphKernels
import GraphStore
import HierarchicalCommunities
import MillRuntime

/// What is left out of the bottom-up method.
enum Ablation: String, CaseIterable {
  case nothing = "nothing"
  case spectrum = "spectrum"
  case leiden = "Leiden's groups"
  case resolutions = "resolutions but 1"
  case polish = "polish"
  case choice = "rules of choice"
  case splitting = "splitting again"
  case volumes = "volumes in links"
  case levels = "refinement by levels"

  /// The settings and the steps that are left.
  func settings(seed: UInt64) -> (BottomUpOptions, SearchSteps) {
    var options = BottomUpOptions(seed: seed)
    var steps = SearchSteps.all
    switch self {
    case .nothing: break
    case .spectrum: options.start = .leiden
    case .leiden: options.start = .spectral
    case .resolutions: steps.remove(.resolutions)
    case .polish: steps.remove(.polish)
    case .choice: steps.remove(.choice)
    case .splitting: steps.remove(.splitting)
    case .volumes: options.linkage = .average
    case .levels: options.refinement = .leaves
    }
    return (options, steps)
  }
}

/// A kind of graph with known groups at one or more levels.
struct Subject {
  let name: String
  /// A graph for a seed, and the group of each node at every level, the coarsest first.
  let draw: (UInt64) throws -> (graph: CSRGraph, levels: [[Int32]])

  init(_ name: String, _ draw: @escaping (UInt64) throws -> (graph: CSRGraph, levels: [[Int32]])) {
    self.name = name
    self.draw = draw
  }

  /// A real graph: the same for every seed.
  init(_ known: KnownGraph) {
    self.init(known.name) { _ in (known.graph, [known.truth]) }
  }

  /// The benchmark of Lancichinetti, Fortunato and Radicchi.
  static func lfr(_ nodes: Int, mixing: Double, largest: Int = 50, sizes: ClosedRange<Int> = 10...50) -> Subject {
    Subject("LFR \(nodes), mixing \(mixing)" + (largest > 50 ? ", degrees to \(largest)" : "")) { seed in
      let sample = try generateLFR(
        LFROptions(
          nodeCount: nodes, maximumDegree: largest, minimumCommunity: sizes.lowerBound,
          maximumCommunity: sizes.upperBound, mixing: mixing, seed: seed))
      let part = try sample.graph.largestComponent()
      return (part.graph, [part.graph.nodes.map { sample.communities[Int(part.graph.name(of: $0))!] }])
    }
  }

  /// A hierarchical block model, balanced.
  static func tree(_ branching: Int, _ depth: Int, leafSize: Int, degree: Double, ratio: Double) -> Subject {
    Subject("tree \(branching)^\(depth), degree \(plainDecimal(degree, 0)), ratio \(ratio)") { seed in
      var options = BlockModelOptions()
      options.seed = seed
      let model = try HierarchicalBlockModel(
        branching: branching, depth: depth, leafSize: leafSize, meanDegree: degree, ratio: ratio)
      let sample = try generateBlockModel(model, options: options)
      let part = try sample.graph.largestComponent()
      let leaves = part.graph.nodes.map { sample.leaves[sample.graph.node(named: part.graph.name(of: $0))!] }
      let truth = CommunityHierarchy(tree: model.tree, leaves: leaves)
      return (part.graph, (1...depth).map { truth.labels(atDepth: $0) })
    }
  }

  /// Without groups.
  static func uniform(_ nodes: Int, degree: Double) -> Subject {
    Subject("uniform, degree \(plainDecimal(degree, 0))") { seed in
      var options = ErdosRenyiOptions()
      (options.nodeCount, options.seed) = (nodes, seed)
      options.edges = .count(Int(degree * Double(nodes) / 2))
      let graph = try generateErdosRenyiGraph(options).largestComponent().graph
      return (graph, [[Int32](repeating: 0, count: graph.nodeCount)])
    }
  }
}

/// AMI with the known groups: of the groups found where there is one level, else the mean over the levels of the tree cut
/// into as many groups as the level has.
func score(_ found: BottomUpResult, _ levels: [[Int32]]) throws -> Double {
  if levels.count == 1 { return try partitionScores(found.labels, levels[0]).ami ?? .nan }
  return Spread.mean(try found.hierarchy.scores(against: levels).map { $0.ami ?? 0 })
}

/// A line a graph, a column what is left out: AMI and groups, means over seeds. As a table and as CSV.
func ablations(
  _ subjects: [Subject], seed: UInt64, seeds: Int, context: RunContext
) throws -> (markdown: String, csv: String) {
  var table = MarkdownTable(["graph"] + Ablation.allCases.map(\.rawValue))
  var csv = "graph,without,seed,ami,groups\n"
  var means = Ablation.allCases.map { _ in Spread() }
  for subject in subjects {
    var (amis, groups) = (Ablation.allCases.map { _ in Spread() }, Ablation.allCases.map { _ in Spread() })
    for seed in seed..<seed + UInt64(seeds) {
      let (graph, levels) = try subject.draw(seed)
      for (index, ablation) in Ablation.allCases.enumerated() {
        let (options, steps) = ablation.settings(seed: seed)
        let found = try bottomUpCommunities(of: graph, options: options, steps: steps, context: context)
        let ami = try score(found, levels)
        amis[index].add(ami)
        groups[index].add(Double(found.hierarchy.tree.leafCount))
        csv += "\"\(subject.name)\",\"\(ablation.rawValue)\",\(seed),\(decimal(ami, 4)),"
        csv += "\(found.hierarchy.tree.leafCount)\n"
      }
    }
    for index in means.indices { means[index].add(amis[index].mean) }
    table.add(
      [subject.name] + zip(amis, groups).map { decimal($0.mean, 3) + " / " + decimal($1.mean, 1) })
  }
  table.add(["mean"] + means.map { decimal($0.mean, 3) })
  let text = "## Without …, \(seeds) seeds\n\nAMI with the known groups / groups found, means.\n\n" + table.text
  return (text, csv)
}
