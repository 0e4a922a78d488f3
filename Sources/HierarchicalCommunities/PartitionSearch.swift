import MillRuntime

/// Looks for the partition by which the tree of linkage describes a graph best: from what the spectrum found, and from
/// Leiden's groups at several resolutions, each polished.
struct PartitionSearch {
  /// What was found.
  struct Result {
    var partition: DescribedPartition
    /// Whether it is what the spectrum found, unchanged.
    var isSpectral: Bool
    /// The length by a star of the best flat partition of all that were looked at.
    var bestStar: Double
    /// The groups that were split to the number asked for; nil where none was.
    var wholes: [Int32]?
  }

  /// A partition into a number of groups that was asked for.
  struct Given {
    var labels: [Int32]
    /// The groups that were split to that number; nil where none was.
    var wholes: [Int32]?
  }

  private struct Candidate {
    let partition: DescribedPartition
    let isSpectral: Bool
    var wholes: [Int32]?
  }

  /// The graph that is described.
  let graph: DescribedGraph
  /// The graph that Leiden sees, with weights where they count.
  let weighted: LevelGraph<Double>
  /// Whether degrees vary much.
  let isDispersed: Bool
  let seed: UInt64
  let steps: SearchSteps
  let context: RunContext
  let quiet: RunContext

  private static let resolutions = [0.5, 1, 2, 4, 8]
  private static let largestResolution = 4096.0
  /// How much longer than the shortest a description may be to be chosen for its modularity, in nats a node: the links of a
  /// node are then nearly as likely, less by a factor of e^(1/8) on the mean.
  private static let tolerance = 0.125

  init(
    _ graph: CommunityGraph, isDispersed: Bool, seed: UInt64, steps: SearchSteps = .all, context: RunContext
  ) throws(MillError) {
    self.graph = try DescribedGraph(graph)
    weighted = graph.weights == nil ? self.graph.level : try LevelGraph(graph)
    self.isDispersed = isDispersed
    self.seed = seed
    self.steps = steps
    self.context = context
    var quiet = context
    quiet.progress = nil
    self.quiet = quiet
  }

  /// Searches from Leiden's groups and, where they are given, from the spectrum's.
  ///
  /// - Parameters:
  ///   - spectral: Labels by the spectrum; nil where it was not asked or could not count them all.
  ///   - counted: How many communities the spectrum counts, 1 where it was not asked.
  ///   - groups: How many groups there are in the end; nil for as many as describe the graph best.
  ///   - given: Partitions into `groups` groups to be looked at, too.
  func run(
    spectral: [Int32]?, counted: Int, groups: Int? = nil, given: [Given] = []
  ) throws(MillError) -> Result {
    if let groups { return try run(spectral: spectral, counted: counted, exactly: groups, given: given) }
    let minimum = min(2, counted)
    var candidates: [Candidate] = []
    if let spectral, spectral.contains(where: { $0 > 0 }) {
      candidates.append(try candidate(spectral))
      candidates.append(Candidate(partition: try polished(spectral, minimum), isSpectral: false))
    }
    let resolutions = steps.contains(.resolutions) ? Self.resolutions : [1]
    candidates += try polishedLeiden(resolutions, minimum)
    // As long as the finest start gives the best description, finer ones may give a better one.
    var finest = resolutions.last! * 4
    while steps.contains(.resolutions), finest <= Self.largestResolution, let last = candidates.last?.partition.tree,
      candidates.dropLast().allSatisfy({ $0.partition.tree > last })
    {
      candidates += try polishedLeiden([finest], minimum)
      finest *= 4
    }
    let one = Candidate(partition: try .one(graph), isSpectral: spectral != nil)
    let best = choose(candidates, one: one, counted: counted)
    let stars = (candidates + [one]).map(\.partition.star)
    let isSplit = steps.contains(.splitting) && best.partition.count > 1
    let split = isSplit ? try splitting(best.partition) : best.partition
    return Result(
      partition: split, isSpectral: best.isSpectral && split.count == best.partition.count, bestStar: stars.min() ?? 0)
  }

  /// Whether the description by some groups is shorter than that by one, or there is only one.
  func pays(for labels: [Int32]) throws(MillError) -> Bool {
    let (found, one) = (try candidate(labels).partition, try DescribedPartition.one(graph))
    return found.count == 1 || found.tree < one.tree
  }

  /// All nodes as one group.
  func whole() throws(MillError) -> Result {
    let one = try DescribedPartition.one(graph)
    return Result(partition: one, isSpectral: false, bestStar: one.star)
  }

  /// Polishes what is given.
  func run(from labels: [Int32], groups: Int?) throws(MillError) -> Result {
    var next = (labels.max() ?? -1) + 1
    let start = labels.map { label -> Int32 in
      if label >= 0 { return label }
      next += 1
      return next - 1
    }
    if let groups {
      let isCoarse = Set(start).count < groups
      let found =
        try isCoarse ? candidate(halved(start, into: groups)).partition : merged(start, into: groups).partition
      return Result(
        partition: found, isSpectral: false, bestStar: found.star, wholes: isCoarse ? start : nil)
    }
    let found = try polished(start, 1)
    return Result(partition: try splitting(found), isSpectral: false, bestStar: found.star)
  }

  /// The partition into a given number of groups whose tree describes the graph best, of those that follow from what is found
  /// without the number and those of the number alone. Where none is a shorter description than one group, the first of them:
  /// the spectrum's.
  private func run(spectral: [Int32]?, counted: Int, exactly groups: Int, given: [Given]) throws(MillError) -> Result {
    var candidates = try given.map { (given) throws(MillError) in
      Candidate(partition: try candidate(given.labels).partition, isSpectral: true, wholes: given.wholes)
    }
    if !isSparse {
      let free = try run(spectral: spectral, counted: counted, groups: nil, given: [])
      if free.partition.count == groups { return free }
      let known = free.partition.numbered
      if free.partition.count > groups {
        let joined = try candidate(cut(free.partition, into: groups)).partition
        candidates.append(Candidate(partition: joined, isSpectral: false))
        candidates.append(try merged(known, into: groups))
      } else {
        let parts = try candidate(halved(known, into: groups)).partition
        candidates.append(Candidate(partition: parts, isSpectral: false, wholes: known))
      }
    }
    for given in given where given.wholes == nil { candidates.append(try merged(given.labels, into: groups)) }
    // The first resolutions that give enough groups: finer starts only cost more merges.
    var (resolution, fineEnough) = (Self.resolutions[0], 0)
    while resolution <= Self.largestResolution, fineEnough < 3 {
      let start = try leiden(resolution)
      resolution *= 2
      guard Set(start).count >= groups else { continue }
      fineEnough += 1
      candidates.append(try merged(start, into: groups))
    }
    if candidates.isEmpty { candidates.append(try merged((0..<Int32(graph.nodeCount)).map { $0 }, into: groups)) }
    let best = candidates.min { $0.partition.tree < $1.partition.tree }!
    let isEvidence = try best.partition.tree < DescribedPartition.one(graph).tree
    let chosen = isEvidence ? best : candidates[0]
    return Result(
      partition: chosen.partition, isSpectral: chosen.isSpectral,
      bestStar: candidates.map(\.partition.star).min()!, wholes: chosen.wholes)
  }

  /// Whether descriptions count weights.
  var hasWeights: Bool { graph.ranked != nil }

  /// Whether the graph is a tree or a ring, or hardly more: it falls into pieces at any edge, descriptions by pieces are
  /// short, and say nothing of communities.
  var isSparse: Bool { graph.edgeCount <= graph.nodeCount }

  /// Groups split in two until there are as many as wanted.
  func halved(_ labels: [Int32], into groups: Int) throws(MillError) -> [Int32] {
    var halving = try GroupHalving(graph, start: LabelNumbering.byFirstNode(labels), seed: seed, context: quiet)
    return try halving.run(into: groups)
  }

  /// Groups joined as their tree joins them.
  private func cut(_ partition: DescribedPartition, into groups: Int) throws(MillError) -> [Int32] {
    let summary = try PartitionSummary(graph, labels: partition.labels, count: partition.count)
    let cut = summary.linkageTree.cutAtMost(groups, order: .similarity)
    return unsafe partition.labels.elements.map { cut.groupOfLeaf[Int($0)] }
  }

  /// How long the description is by the tree of some groups.
  func length(of labels: [Int32]) throws(MillError) -> Double { try candidate(labels).partition.tree }

  private func merged(_ start: [Int32], into groups: Int) throws(MillError) -> Candidate {
    Candidate(
      partition: try PartitionPolish.run(graph, start: start, minimum: groups, isExact: true, context: quiet),
      isSpectral: false)
  }

  private func candidate(_ labels: [Int32]) throws(MillError) -> Candidate {
    let numbered = LabelNumbering.byFirstNode(labels)
    let count = Int(numbered.max() ?? -1) + 1
    return Candidate(
      partition: try DescribedPartition(graph, labels: buffer(numbered), count: count), isSpectral: true)
  }

  /// One group or what the spectrum sees, where no description is shorter than that by one group: near the limit of detection
  /// no description pays for the groups of the spectrum. Else, where degrees are even, the shortest of those with no fewer
  /// groups than the spectrum counts. Where degrees vary the spectrum is no such witness; then the one with the highest
  /// modularity of those that are nearly as short as the shortest.
  private func choose(_ candidates: [Candidate], one: Candidate, counted: Int) -> Candidate {
    let shortest = candidates.map(\.partition.tree).min()!
    if !steps.contains(.choice) { return (candidates + [one]).min { $0.partition.tree < $1.partition.tree }! }
    if one.partition.tree <= shortest {
      return counted == 1 ? one : candidates.first { $0.isSpectral } ?? one
    }
    guard isDispersed else {
      let fine = candidates.filter { $0.partition.count >= counted }
      return (fine.isEmpty ? candidates : fine).min { $0.partition.tree < $1.partition.tree }!
    }
    let near = candidates.filter {
      $0.partition.tree <= shortest + Self.tolerance * Double(graph.nodeCount) && !$0.isSpectral
    }
    return near.max { $0.partition.modularity < $1.partition.modularity } ?? candidates[0]
  }

  private func polishedLeiden(_ resolutions: [Double], _ minimum: Int) throws(MillError) -> [Candidate] {
    try each(resolutions.count) { index throws(MillError) in
      Candidate(
        partition: try polished(leiden(resolutions[index]), minimum), isSpectral: false)
    }
  }

  private func leiden(_ resolution: Double) throws(MillError) -> [Int32] {
    try Leiden<Double>.labels(of: weighted, resolution: resolution, seed: seed, quiet)
  }

  private func polished(_ labels: [Int32], _ minimum: Int) throws(MillError) -> DescribedPartition {
    guard steps.contains(.polish) else { return try candidate(labels).partition }
    return try PartitionPolish.run(graph, start: labels, minimum: minimum, context: quiet)
  }

  /// Results of independent pieces of work, in order.
  func each<T>(_ count: Int, _ work: (Int) throws(MillError) -> T) throws(MillError) -> [T] {
    var results = [T?](repeating: nil, count: count)
    try unsafe results.withUnsafeMutableBufferPointer { results throws(MillError) in
      let base = results.baseAddress
      try Parallel.forEachThrowing(count, threads: context.threads) { index, _ throws(MillError) in
        unsafe base![index] = try work(index)
      }
    }
    return results.map { $0! }
  }

  private func buffer(_ labels: [Int32]) throws(MillError) -> FlatBuffer<UInt32> {
    let buffer = try FlatBuffer<UInt32>(uninitializedCount: labels.count)
    for (node, label) in labels.enumerated() { unsafe buffer.base[node] = UInt32(bitPattern: label) }
    return buffer
  }
}
