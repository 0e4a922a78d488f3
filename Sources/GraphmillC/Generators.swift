public import CGraphmill
import GraphGenerators
import GraphStore
import HierarchicalCommunities
import MillRuntime

/// Makes a graph of a model.
@c @implementation
public func gm_generate(
  _ model: UnsafePointer<CChar>?, _ given: UnsafePointer<gm_generate_options>?, _ context: OpaquePointer?,
  _ out: HandleOut, _ known: HandleOut, _ error: HandleOut
) -> Int32 {
  unsafe known?.pointee = nil
  return unsafe door(out, error) { () throws(MillError) in
    guard unsafe model != nil else { throw .null("model") }
    let model = try unsafe word(model, "model", GraphModelName.er)
    let wanted = try unsafe GeneratorSettings(options(given, gm_generate_options()))
    let made = try unsafe wanted.generated(model, GraphmillC.context(context))
    if unsafe known != nil, let block = made.known { unsafe known?.pointee = owned(block) }
    return GraphObject(made.graph)
  }
}

/// The models of the header.
private enum GraphModelName: String, CaseIterable {
  case er, rmat, ba, ws, config, grid, geometric, lfr, sbm, hsbm
}

/// The caller's structure, read once.
private struct GeneratorSettings {
  let isDirected: Bool
  let isPeriodic: Bool
  let nodeCount: Int
  let edgeCount: Int
  let degree: Double
  let depth: Int
  let branching: Int
  let ratio: Double
  let rewiring: Double
  let mixing: Double
  let radius: Double
  let seed: UInt64
  let values: [Int]

  init(_ given: gm_generate_options) throws(MillError) {
    isDirected = unsafe given.directed != 0
    isPeriodic = unsafe given.periodic != 0
    nodeCount = try unsafe number(given.nodes, "the number of nodes", in: 0...largestCount)
    let edges = try unsafe number(given.edges, "the number of edges", in: 0...largestCount)
    edgeCount = edges == 0 ? 16 * nodeCount : edges
    degree = unsafe given.degree
    guard degree >= 0, degree <= Double(Int32.max) else {
      throw MillError(.badOption, "the degree must be 0 to 2^31 - 1", field: "\(degree)")
    }
    depth = try unsafe given.depth == 0 ? 3 : number(given.depth, "the depth", in: 1...60)
    branching = try unsafe given.branching == 0 ? 2 : number(given.branching, "the branching", in: 1...largestCount)
    (ratio, rewiring) = unsafe (orElse(given.ratio, 0.3), orElse(given.rewiring, 0.1))
    (mixing, radius) = unsafe (orElse(given.mixing, 0.1), given.radius)
    seed = unsafe given.seed == 0 ? 42 : given.seed
    values = try unsafe list(given.values, given.count, "values", atMost: largestCount).map { Int($0) }
  }

  /// The graph, and what the model knows of its nodes.
  func generated(
    _ model: GraphModelName, _ context: RunContext
  ) throws(MillError) -> (graph: CSRGraph, known: Block?) {
    switch model {
    case .er:
      let options = ErdosRenyiOptions(
        nodeCount: nodeCount, edges: .count(edgeCount), isDirected: isDirected, seed: seed)
      return (try generateErdosRenyiGraph(options, context: context), nil)
    case .rmat:
      let options = RMATOptions(nodeCount: nodeCount, edgeCount: edgeCount, isDirected: isDirected, seed: seed)
      return (try generateRMATGraph(options, context: context), nil)
    case .ba:
      let options = BarabasiAlbertOptions(nodeCount: nodeCount, edgesPerNode: Int(mean(8)), seed: seed)
      return (try generateBarabasiAlbertGraph(options, context: context), nil)
    case .ws:
      let options = WattsStrogatzOptions(
        nodeCount: nodeCount, neighborCount: Int(mean(16)), rewiring: rewiring, seed: seed)
      return (try generateWattsStrogatzGraph(options, context: context), nil)
    case .config:
      let options = ConfigurationModelOptions(degrees: values, seed: seed)
      return (try generateConfigurationModelGraph(options, context: context), nil)
    case .grid:
      return (try generateGridGraph(GridOptions(lengths: values, isPeriodic: isPeriodic), context: context), nil)
    case .geometric: return try geometric(context)
    case .lfr:
      let sample = try generateLFR(
        LFROptions(nodeCount: nodeCount, meanDegree: mean(20), mixing: mixing, seed: seed), context: context)
      return (sample.graph, try Block(Array(sample.communities)))
    case .sbm, .hsbm:
      let model = try HierarchicalBlockModel(
        branching: branching, depth: model == .sbm ? 1 : depth, nodeCount: nodeCount, meanDegree: mean(16),
        ratio: ratio)
      var options = BlockModelOptions()
      options.seed = seed
      let sample = try generateBlockModel(model, options: options, context: context)
      return (sample.graph, try Block(sample.leaves))
    }
  }

  private func geometric(_ context: RunContext) throws(MillError) -> (graph: CSRGraph, known: Block?) {
    var options = GeometricOptions(nodeCount: nodeCount, meanDegree: mean(8), isPeriodic: isPeriodic, seed: seed)
    if radius != 0 { options.radius = radius }
    let sample = try generateGeometric(options, context: context)
    return (sample.graph, try Block(Array(sample.positions)))
  }

  private func mean(_ usual: Double) -> Double { degree == 0 ? usual : degree }
}

/// A number of which 0 stands for the usual one and a negative one for 0.
func orElse(_ value: Double, _ usual: Double) -> Double { value == 0 ? usual : max(0, value) }
