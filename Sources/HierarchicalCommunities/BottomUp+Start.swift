import MillRuntime

// Where the groups come from.
extension BottomUp {
  /// Labels of the core's nodes, and whether they are the spectrum's.
  mutating func found(
    _ core: CommunityGraph, _ parts: ComponentParts, _ isDispersed: Bool
  ) throws(MillError) -> (labels: [Int32], isSpectral: Bool) {
    let n = core.nodeCount
    var wanted = options.communities
    if let asked = wanted, asked > n {
      notes.append("only \(n) nodes have edges: \(asked) communities became \(n)")
      wanted = n
    }
    let isLarge = n > Self.largeSize
    let search = try PartitionSearch(
      core, isDispersed: isDispersed, seed: options.seed, steps: steps, context: context)
    if options.start == .spectral, let counted = try countedLabels(core) {
      guard let wanted else { return (counted, true) }
      let given = try givenGroups(core, counted, wanted, search)
      noteSplitting(given.wholes, wanted)
      return (given.labels, true)
    }
    var spectral: [Int32]?
    var given: [PartitionSearch.Given] = []
    // On a large graph one witness is asked: of even degrees the spectrum, which near the limit of detection sees groups
    // that no description pays for; of uneven ones the descriptions, which hubs do not mislead.
    if options.start == .automatic, !(isLarge && isDispersed), wanted ?? 1 <= SpectralOptions.largestCount {
      spectral = try countedLabels(core)
      if let wanted { given = [try givenGroups(core, spectral, wanted, search)] }
      if let spectral, try isTrusted(spectral, search, isLarge) {
        noteSplitting(given.first?.wholes, wanted)
        return (given.first?.labels ?? spectral, true)
      }
    }
    context.progress?.begin("describe", total: nil, unit: .items)
    defer { context.progress?.end() }
    let result: PartitionSearch.Result
    if case .labels(let given) = options.start {
      result = try search.run(from: parts.coreLabels(graph.restricted(given)), groups: wanted)
    } else if wanted == nil, search.isSparse {
      result = try search.whole()
    } else {
      let counted = spectrum.map { $0.isCapped ? 2 : $0.count } ?? 1
      result = try search.run(spectral: spectral, counted: counted, groups: wanted, given: given)
    }
    bestFlat = result.bestStar
    noteSplitting(result.wholes, wanted)
    return (result.partition.numbered, result.isSpectral)
  }

  /// Nodes above which the spectrum and descriptions are not both asked.
  private static let largeSize = 20_000
  /// Starts of k-means where the number of groups is given: clusters are then not those that the vectors show.
  private static let startsOfGiven = 20

  /// Whether the spectrum's groups are taken without a look at other ones.
  private func isTrusted(
    _ labels: [Int32], _ search: PartitionSearch, _ isLarge: Bool
  ) throws(MillError) -> Bool {
    // What the weighted Bethe-Hessian shows need be in no ranks.
    if options.spectral.weights == .weighted, search.hasWeights { return true }
    // What only weights show is not in the spectrum of the 0/1 graph.
    let isOne = !labels.contains { $0 > 0 }
    guard isLarge, !(isOne && search.hasWeights) else { return false }
    return try search.pays(for: labels)
  }

  /// Groups by the spectrum, as many as it counts; nil where another start is at hand and the count ended at its limit: it
  /// then says "many", and the groups are wrong ones.
  private mutating func countedLabels(_ core: CommunityGraph) throws(MillError) -> [Int32]? {
    let stage = try SpectralStage.run(
      core, wanted: nil, options: options.spectral, seed: options.seed, context: context)
    spectrum = stage.summary
    noteSpectrum(stage.summary)
    if stage.summary.isCapped, options.start != .spectral { return nil }
    var labels = try clustered(stage, core.nodeCount, starts: options.starts)
    let isRefined = options.refinement != RefinementScope.none
    if isRefined { labels = try refined(core, labels, isDegreeCorrected) }
    if options.isRecursive, options.communities == nil {
      labels = try recounted(core, labels, isRefined, isDegreeCorrected)
    }
    return labels
  }

  /// As many groups as were asked for. Where the spectrum counts fewer, its groups are split further, since vectors that
  /// show nothing would mix them; else they come from as many vectors, refined where that shortens the description.
  private func givenGroups(
    _ core: CommunityGraph, _ counted: [Int32]?, _ wanted: Int, _ search: PartitionSearch
  ) throws(MillError) -> PartitionSearch.Given {
    let count = counted.map { Int($0.max() ?? -1) + 1 } ?? 1
    if let counted, count == wanted { return PartitionSearch.Given(labels: counted) }
    if let counted, count > 1, count < wanted {
      return PartitionSearch.Given(labels: try search.halved(counted, into: wanted), wholes: counted)
    }
    let stage = try SpectralStage.run(
      core, wanted: wanted, options: options.spectral, seed: options.seed, context: context)
    let plain = try clustered(stage, core.nodeCount, starts: max(options.starts, Self.startsOfGiven))
    guard options.refinement != RefinementScope.none else { return PartitionSearch.Given(labels: plain) }
    let refined = try refined(core, plain, isDegreeCorrected)
    let isShorter = try search.length(of: refined) <= search.length(of: plain)
    return PartitionSearch.Given(labels: isShorter ? refined : plain)
  }

  /// Keeps the groups that were split to the number asked for, and says so.
  private mutating func noteSplitting(_ wholes: [Int32]?, _ wanted: Int?) {
    guard let wholes, let wanted else { return }
    self.wholes = wholes
    notes.append("\(wanted) communities asked for, \(Set(wholes).count) found: those were split further")
  }

  private mutating func noteSpectrum(_ spectrum: SpectralSummary) {
    if !(spectrum.rho > 1) {
      notes.append("the graph is a tree or a ring (rho \(spectrum.rho)): no evidence of groups")
    }
    if spectrum.isRadiusRaised {
      notes.append("the heaviest edges outdo the mean: r was raised above their weight, and the count may be too small")
    }
    if spectrum.isCapped {
      notes.append("there may be more than \(options.spectral.maximumCount) communities in the spectrum")
    }
    if !spectrum.isConverged { notes.append("the eigensolver stopped at its limit; the count may be too small") }
    if spectrum.disassortativeCount > 0 {
      notes.append("\(spectrum.disassortativeCount) eigenvalues speak for groups that avoid each other")
    }
  }

  /// Labels of the core's nodes by their rows of eigenvectors.
  private func clustered(_ stage: SpectralStage, _ n: Int, starts: Int) throws(MillError) -> [Int32] {
    context.progress?.begin("k-means", total: nil, unit: .items)
    defer { context.progress?.end() }
    return try KMeans.run(
      stage.rows, count: n, stride: stage.stride, dimensions: stage.dimensions, clusters: stage.summary.count,
      starts: starts, seed: options.seed, threads: context.threads)
  }

  private func refined(
    _ core: CommunityGraph, _ labels: [Int32], _ isDegreeCorrected: Bool
  ) throws(MillError) -> [Int32] {
    let count = Int(labels.max() ?? 0) + 1
    guard count > 1 else { return labels }
    context.progress?.begin("refine leaves", total: nil, unit: .items)
    defer { context.progress?.end() }
    var refinement = try Refinement(
      core, labels: labels, groups: count, isDegreeCorrected: isDegreeCorrected, threads: context.threads)
    try refinement.run(context)
    return refinement.result
  }

  /// Labels after a second count inside each group.
  private mutating func recounted(
    _ core: CommunityGraph, _ labels: [Int32], _ isRefined: Bool, _ isDegreeCorrected: Bool
  ) throws(MillError) -> [Int32] {
    var recount = GroupRecount(
      core, options, isDegreeCorrected: isDegreeCorrected, isRefined: isRefined, context)
    let result = try recount.split(labels)
    spectrum?.products += recount.products
    let (before, after) = (Int(labels.max() ?? -1) + 1, Int(result.max() ?? -1) + 1)
    if after > before { notes.append("\(before) groups became \(after) by counting again inside each") }
    return result
  }
}
