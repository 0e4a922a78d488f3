import ExperimentSupport
import GraphKernels
import GraphStore
import HierarchicalCommunities
import MillRuntime

/// The methods compared.
enum Method: String, CaseIterable {
  case bottomUp = "bottom-up"
  case bottomUpSpectral = "bottom-up, spectrum alone"
  case bottomUpPlain = "bottom-up, spectrum alone, no refinement"
  case bottomUpGiven = "bottom-up, K given"
  case bottomUpRecursive = "bottom-up, spectrum alone, counted again in groups"
  case spectral = "top-down spectral"
  case spectralRefined = "top-down spectral, refined"
  case sign = "top-down sign"
  case signRefined = "top-down sign, refined"
  case paris = "Paris"
  case louvain = "Louvain"

  /// A short name for narrow columns.
  var short: String {
    switch self {
    case .bottomUp: "BU"
    case .bottomUpSpectral: "BU spectral"
    case .bottomUpPlain: "BU plain"
    case .bottomUpGiven: "BU K given"
    case .bottomUpRecursive: "BU recursive"
    case .spectral: "TD spectral"
    case .spectralRefined: "TD spectral refined"
    case .sign: "TD sign"
    case .signRefined: "TD sign refined"
    case .paris: "Paris"
    case .louvain: "Louvain"
    }
  }

  /// Groups are undone last merge first in linkages, level by level where a tree was split or folded.
  var order: CutOrder {
    switch self {
    case .bottomUp, .bottomUpSpectral, .bottomUpPlain, .bottomUpGiven, .bottomUpRecursive, .paris, .louvain: .similarity
    default: .depth
    }
  }
}

/// What one run of a method gave.
struct Outcome {
  /// AMI at each depth of the truth, from the first on.
  var ami: [Double] = []
  /// Share of matched nodes at each depth; NaN where the tree has fewer groups than the depth.
  var accuracy: [Double] = []
  /// Whether each depth was recovered without an error.
  var isExact: [Bool] = []
  var inversions = 0
  /// The number of communities that was counted; nil where a method does not count.
  var counted: Int?
  /// Leaves of the tree; for Louvain the groups of its last level, for Paris the nodes.
  var groups = 0
  /// The correlation of tree distances with the true tree.
  var treeCorrelation = 0.0
}

/// The largest component of a drawn graph, with the truth at every depth. At degree 6 a few nodes lie outside, and every
/// tree would have to split them off first.
struct Drawn {
  let graph: CSRGraph
  let truth: CommunityHierarchy
  let levels: [[Int32]]

  init(_ model: HierarchicalBlockModel, seed: UInt64, context: RunContext) throws(MillError) {
    var options = BlockModelOptions()
    options.seed = seed
    let sample = try generateBlockModel(model, options: options, context: context)
    let graph = try sample.graph.largestComponent(context: context).graph
    self.graph = graph
    let leaves = (0..<graph.nodeCount).map { sample.leaves[sample.graph.node(named: graph.name(of: $0))!] }
    let truth = CommunityHierarchy(tree: model.tree, leaves: leaves)
    self.truth = truth
    levels = (1...max(1, model.tree.height)).map { truth.labels(atDepth: $0) }
  }
}

/// Runs a method and scores its tree against every depth of the truth.
func run(_ method: Method, on drawn: Drawn, seed: UInt64, context: RunContext) throws(MillError) -> Outcome {
  var outcome = Outcome()
  let hierarchy: CommunityHierarchy
  switch method {
  case .bottomUp, .bottomUpSpectral, .bottomUpPlain, .bottomUpGiven, .bottomUpRecursive:
    var options = BottomUpOptions()
    options.seed = seed
    if method != .bottomUp, method != .bottomUpGiven { options.start = .spectral }
    if method == .bottomUpPlain { options.refinement = RefinementScope.none }
    if method == .bottomUpGiven { options.communities = drawn.truth.tree.leafCount }
    options.isRecursive = method == .bottomUpRecursive
    let found = try bottomUpCommunities(of: drawn.graph, options: options, context: context)
    hierarchy = found.hierarchy
    switch method {
    case .bottomUpGiven: break
    case .bottomUp, .bottomUpRecursive: outcome.counted = found.hierarchy.tree.leafCount
    default: outcome.counted = found.spectrum?.count
    }
  case .spectral, .spectralRefined, .sign, .signRefined:
    var options = TopDownOptions()
    options.seed = seed
    options.split = method == .sign || method == .signRefined ? .sign : .spectral
    if method == .signRefined || method == .spectralRefined { options.refinement = .levels }
    hierarchy = try topDownCommunities(of: drawn.graph, options: options, context: context).hierarchy
  case .paris: hierarchy = try parisHierarchy(of: drawn.graph, context: context).hierarchy
  case .louvain:
    var options = LouvainOptions()
    options.seed = seed
    let found = try louvainCommunities(of: drawn.graph, options: options, context: context)
    hierarchy = found.hierarchy
    outcome.groups = Set(found.labels).count
  }
  let cuttable = method == .louvain ? try hierarchy.linkedAtRoot(drawn.graph, context: context) : hierarchy
  let scores = try cuttable.scores(against: drawn.levels, order: method.order)
  outcome.ami = scores.map { $0.ami ?? .nan }
  outcome.accuracy = scores.map { $0.accuracy ?? .nan }
  outcome.isExact = scores.map { $0.accuracy == 1 }
  outcome.inversions = inversions(of: hierarchy.tree).count
  if method != .louvain { outcome.groups = hierarchy.tree.leafCount }
  if method != .paris { outcome.treeCorrelation = try treeCorrelation(hierarchy, drawn.truth) ?? 0 }
  return outcome
}

extension CommunityHierarchy {
  /// The same hierarchy with the children of the root linked two by two, the densest pair first.
  ///
  /// Louvain's root joins all groups of its last level at once, so that there is no cut into fewer of them; linked by the
  /// rule of the bottom-up method there is one for every number.
  func linkedAtRoot(_ graph: CSRGraph, context: RunContext) throws(MillError) -> CommunityHierarchy {
    guard let root = tree.root, tree.children(of: root).count > 2 else { return self }
    let top = tree.children(of: root)
    let linked = try GroupLinks(of: graph, labels: labels(atDepth: 1), context: context).linkageTree()
    // The inner nodes of the linkage come after all nodes but the root.
    let shift = Int32(root - linked.leafCount)
    var parents = Array(tree.parents.dropLast())
    for (leaf, node) in top.enumerated() { parents[Int(node)] = linked.parents[leaf] + shift }
    for node in linked.innerNodes { parents.append(linked.parents[node] < 0 ? -1 : linked.parents[node] + shift) }
    let similarities = tree.similarities.dropLast() + linked.similarities.dropFirst(linked.leafCount)
    return CommunityHierarchy(
      tree: try CommunityTree(
        leafCount: tree.leafCount, parents: parents, leafSizes: Array(tree.sizes.prefix(tree.leafCount)),
        similarities: Array(similarities)),
      leaves: leaves)
  }
}

/// Runs of one method in one cell, one a seed.
struct Runs {
  var outcomes: [Outcome] = []

  /// A figure of the outcomes over seeds.
  func spread(_ value: (Outcome) -> Double) -> Spread { Spread(outcomes.map(value)) }
  func mean(_ value: (Outcome) -> Double) -> Double { spread(value).mean }

  func ami(_ depth: Int) -> Double { mean { $0.ami[depth] } }
  func amiDeviation(_ depth: Int) -> Double { spread { $0.ami[depth] }.deviation }
  var counted: Double { mean { Double($0.counted ?? 0) } }
  var inversions: Double { mean { Double($0.inversions) } }
}
