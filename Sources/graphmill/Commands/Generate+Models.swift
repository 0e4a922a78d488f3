import GraphFormats
import GraphGenerators
import GraphStore
import Graphmill
import HierarchicalCommunities
import MillRuntime
import Reporting

// What the kinds of `generate` ask of the library.

extension Generate {
  /// The edges of a kind that has nothing but edges.
  func generatedEdges(seed: UInt64, _ context: RunContext) throws -> GeneratedEdges {
    switch kind {
    case .er:
      let options = ErdosRenyiOptions(
        nodeCount: nodeCount, edges: .count(wantedEdges), isDirected: directed, seed: seed)
      return try generateErdosRenyi(options, context: context)
    case .ba:
      let options = BarabasiAlbertOptions(nodeCount: nodeCount, edgesPerNode: degree?.value ?? 8, seed: seed)
      return try generateBarabasiAlbert(options, context: context)
    case .ws:
      let options = WattsStrogatzOptions(
        nodeCount: nodeCount, neighborCount: degree?.value ?? 16, rewiring: flags.rewire?.value ?? 0.1, seed: seed)
      return try generateWattsStrogatz(options, context: context)
    case .grid:
      let options = GridOptions(lengths: flags.lengths?.values ?? [], isPeriodic: flags.periodic)
      return try generateGrid(options, context: context)
    case .config: return try generateConfigurationModel(try degreeSequence(seed: seed), context: context)
    case .kronecker:
      var options = KroneckerOptions(edgeCount: edges?.value, isDirected: directed, seed: seed)
      if let matrix = flags.initiator { options.initiator = matrix.rows }
      if let depth = flags.depth { options.levels = depth }
      return try generateKronecker(options, context: context)
    case .rmat:
      let options = RMATOptions(nodeCount: nodeCount, edgeCount: wantedEdges, isDirected: directed, seed: seed)
      return try generateRMAT(options, context: context)
    case .sbm, .hsbm, .lfr, .geometric: preconditionFailure("these have functions of their own")
    }
  }

  private var wantedEdges: Int { edges?.value ?? 16 * nodeCount }

  private func degreeSequence(seed: UInt64) throws -> ConfigurationModelOptions {
    let mean = Double(degree?.value ?? 8)
    let cut = Int((mean * Double(nodeCount)).squareRoot())
    let law = try PowerLaw(
      exponent: flags.exponent ?? 2.5, mean: mean,
      maximum: flags.maxDegree?.value ?? max(1, min(max(Int(mean), cut), nodeCount - 1)))
    return ConfigurationModelOptions(degrees: law.degrees(count: nodeCount, seed: seed), seed: seed)
  }

  func geometric(_ run: CommandRun) throws -> Outcome {
    var options = GeometricOptions(
      nodeCount: nodeCount, meanDegree: Double(degree?.value ?? 8), isPeriodic: flags.periodic, seed: run.settings.seed)
    if let radius = flags.radius { options.radius = radius }
    let sample = try run.stage("generate") { try generateGeometric(options, context: run.context) }
    if let positions = flags.positions {
      try run.writeTable(to: positions, of: sample.graph, columns: ["node", "x", "y"]) { row, node in
        row.append(column: sample.positions[2 * node])
        row.append(column: sample.positions[2 * node + 1])
      }
    }
    var outcome = try written(sample.graph, run)
    outcome.keys["radius"] = .number(options.radius)
    return outcome
  }

  func benchmark(_ run: CommandRun) throws -> Outcome {
    var options = LFROptions(nodeCount: nodeCount, seed: run.settings.seed)
    if let degree { options.meanDegree = Double(degree.value) }
    if let exponent = flags.exponent { options.degreeExponent = exponent }
    if let largest = flags.maxDegree { options.maximumDegree = largest.value }
    if let smallest = flags.minCommunity { options.minimumCommunity = smallest.value }
    if let largest = flags.maxCommunity { options.maximumCommunity = largest.value }
    if let exponent = flags.communityExponent { options.communityExponent = exponent }
    if let mixing = flags.mixing { options.mixing = mixing.value }
    let sample = try run.stage("generate") { try generateLFR(options, context: run.context) }
    if let labels = flags.labels {
      try run.writeLabels([LabelColumn("label", Array(sample.communities))], sample.graph, to: labels)
    }
    var outcome = try written(sample.graph, run)
    outcome.keys["communities"] = .integer(sample.communityCount)
    outcome.keys["mixing"] = .number(sample.mixing)
    outcome.keys["dropped_edges"] = .integer(sample.droppedEdges)
    outcome.summary.append(
      "\(sample.communityCount) communities, \(NumberText.fixed(100 * sample.mixing, decimals: 1)) % of the edges "
        + "between them")
    return outcome
  }

  func blockModel(_ run: CommandRun) throws -> Outcome {
    let model = try HierarchicalBlockModel(
      branching: flags.branching ?? 2, depth: kind == .sbm ? 1 : flags.depth ?? 3, nodeCount: nodeCount,
      meanDegree: Double(degree?.value ?? 16), ratio: flags.ratio?.value ?? 0.3)
    var options = BlockModelOptions()
    options.seed = run.settings.seed
    let sample = try run.stage("generate") { try generateBlockModel(model, options: options, context: run.context) }
    let hierarchy = CommunityHierarchy(tree: model.tree, leaves: sample.leaves)
    if let labels = flags.labels { try run.writeLabels(try labelColumns(hierarchy), sample.graph, to: labels) }
    let thresholds = RecoveryThresholds(model)
    var outcome = try written(sample.graph, run)
    outcome.keys["groups"] = .integer(model.leafCount)
    outcome.keys["divergences"] = .array(thresholds.divergences.map(JSONValue.number))
    outcome.keys["detectable"] = .integer(thresholds.detectableCount)
    outcome.summary.append(
      "\(model.leafCount) groups, \(thresholds.detectableCount) detectable; levels that can be recovered exactly: "
        + (thresholds.recoverableDepths.isEmpty
          ? "none" : thresholds.recoverableDepths.map(String.init).joined(separator: ", ")))
    return outcome
  }

  private func written(_ graph: CSRGraph, _ run: CommandRun) throws -> Outcome {
    var report = GraphReadReport()
    report.edges.edges = graph.edgeCount
    return try run.writeGraph(graph, to: output, writing, from: report)
  }
}
