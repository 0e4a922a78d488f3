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
  }

  private struct Candidate {
    let partition: DescribedPartition
    let isSpectral: Bool
  }

  /// The 0/1 graph; masses are degrees.
  let level: LevelGraph
  /// The graph that Leiden sees, with weights where they count.
  let weighted: LevelGraph
  /// Whether degrees vary much.
  let isDispersed: Bool
  let seed: UInt64
  let context: RunContext
  private let quiet: RunContext

  private static let resolutions = [0.5, 1, 2, 4, 8]
  private static let innerResolutions = [1.0, 2, 4]
  private static let largestResolution = 4096.0
  /// How much longer than the shortest a description may be to be chosen for its modularity, in nats a node: the links of a
  /// node are then nearly as likely, less by a factor of e^(1/8) on the mean.
  private static let tolerance = 0.125
  /// What a split inside a group must gain, in nats a node: on the mean the links of a node must be e times as likely.
  private static let splitGain = 1.0
  /// Nodes of a group that may be split.
  private static let smallestSplit = 10

  init(_ graph: CommunityGraph, isDispersed: Bool, seed: UInt64, context: RunContext) throws(MillError) {
    level = try LevelGraph(graph, usesWeights: false)
    weighted = graph.weights == nil ? level : try LevelGraph(graph)
    self.isDispersed = isDispersed
    self.seed = seed
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
  func run(spectral: [Int32]?, counted: Int, groups: Int?) throws(MillError) -> Result {
    if let groups { return try run(spectral: spectral, exactly: groups) }
    let minimum = min(2, counted)
    var candidates: [Candidate] = []
    if let spectral, spectral.contains(where: { $0 > 0 }) {
      candidates.append(try candidate(spectral))
      candidates.append(Candidate(partition: try polished(spectral, minimum), isSpectral: false))
    }
    candidates += try polishedLeiden(Self.resolutions, minimum)
    // As long as the finest start gives the best description, finer ones may give a better one.
    var finest = Self.resolutions.last! * 4
    while finest <= Self.largestResolution, let last = candidates.last?.partition.tree,
      candidates.dropLast().allSatisfy({ $0.partition.tree > last })
    {
      candidates += try polishedLeiden([finest], minimum)
      finest *= 4
    }
    let one = Candidate(partition: try .one(level), isSpectral: spectral != nil)
    let best = choose(candidates, one: one, counted: counted)
    let stars = (candidates + [one]).map(\.partition.star)
    let split = best.partition.count == 1 ? best.partition : try splitting(best.partition)
    return Result(
      partition: split, isSpectral: best.isSpectral && split.count == best.partition.count, bestStar: stars.min() ?? 0)
  }

  /// Whether the description by some groups is shorter than that by one, or there is only one.
  func pays(for labels: [Int32]) throws(MillError) -> Bool {
    let (found, one) = (try candidate(labels).partition, try DescribedPartition.one(level))
    return found.count == 1 || found.tree < one.tree
  }

  /// All nodes as one group.
  func whole() throws(MillError) -> Result {
    let one = try DescribedPartition.one(level)
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
      // Fewer groups than are asked for cannot be merged.
      if Set(start).count < groups { return try run(spectral: nil, exactly: groups) }
      let found = try merged(start, into: groups).partition
      return Result(partition: found, isSpectral: false, bestStar: found.star)
    }
    let found = try polished(start, 1)
    return Result(partition: try splitting(found), isSpectral: false, bestStar: found.star)
  }

  /// The partition into a given number of groups whose tree describes the graph best; the spectrum's where none is a shorter
  /// description than one group.
  private func run(spectral: [Int32]?, exactly groups: Int) throws(MillError) -> Result {
    var candidates: [Candidate] = []
    if let spectral {
      candidates.append(try candidate(spectral))
      candidates.append(try merged(spectral, into: groups))
    }
    // The first resolutions that give enough groups: finer starts only cost more merges.
    var (resolution, fineEnough) = (Self.resolutions[0], 0)
    while resolution <= Self.largestResolution, fineEnough < 3 {
      let start = try leiden(weighted, resolution, context: quiet)
      resolution *= 2
      guard Set(start).count >= groups else { continue }
      fineEnough += 1
      candidates.append(try merged(start, into: groups))
    }
    if candidates.isEmpty { candidates.append(try merged((0..<Int32(level.nodeCount)).map { $0 }, into: groups)) }
    let best = candidates.min { $0.partition.tree < $1.partition.tree }!
    let isEvidence = try best.partition.tree < DescribedPartition.one(level).tree
    let chosen = isEvidence ? best : candidates[0]
    return Result(
      partition: chosen.partition, isSpectral: chosen.isSpectral,
      bestStar: candidates.map(\.partition.star).min()!)
  }

  private func merged(_ start: [Int32], into groups: Int) throws(MillError) -> Candidate {
    Candidate(
      partition: try PartitionPolish.run(level, start: start, minimum: groups, isExact: true, context: quiet),
      isSpectral: false)
  }

  private func candidate(_ labels: [Int32]) throws(MillError) -> Candidate {
    let numbered = LabelNumbering.byFirstNode(labels)
    let count = Int(numbered.max() ?? -1) + 1
    return Candidate(
      partition: try DescribedPartition(level, labels: buffer(numbered), count: count), isSpectral: true)
  }

  /// One group or what the spectrum sees, where no description is shorter than that by one group: near the limit of detection
  /// no description pays for the groups of the spectrum. Else, where degrees are even, the shortest of those with no fewer
  /// groups than the spectrum counts. Where degrees vary the spectrum is no such witness; then the one with the highest
  /// modularity of those that are nearly as short as the shortest.
  private func choose(_ candidates: [Candidate], one: Candidate, counted: Int) -> Candidate {
    let shortest = candidates.map(\.partition.tree).min()!
    if one.partition.tree <= shortest {
      return counted == 1 ? one : candidates.first { $0.isSpectral } ?? one
    }
    guard isDispersed else {
      let fine = candidates.filter { $0.partition.count >= counted }
      return (fine.isEmpty ? candidates : fine).min { $0.partition.tree < $1.partition.tree }!
    }
    let near = candidates.filter {
      $0.partition.tree <= shortest + Self.tolerance * Double(level.nodeCount) && !$0.isSpectral
    }
    return near.max { $0.partition.modularity < $1.partition.modularity } ?? candidates[0]
  }

  private func polishedLeiden(_ resolutions: [Double], _ minimum: Int) throws(MillError) -> [Candidate] {
    try each(resolutions.count) { index throws(MillError) in
      Candidate(
        partition: try polished(leiden(weighted, resolutions[index], context: quiet), minimum), isSpectral: false)
    }
  }

  private func leiden(
    _ graph: LevelGraph, _ resolution: Double, context: RunContext
  ) throws(MillError) -> [Int32] {
    let options = LeidenOptions(resolution: resolution, seed: seed)
    var run = try Leiden(graph, options, resolution: resolution)
    try run.run(context)
    return unsafe run.labels.elements.map { Int32(bitPattern: $0) }
  }

  private func polished(_ labels: [Int32], _ minimum: Int) throws(MillError) -> DescribedPartition {
    try PartitionPolish.run(level, start: labels, minimum: minimum, context: quiet)
  }

  /// Results of independent pieces of work, in order.
  private func each<T>(_ count: Int, _ work: (Int) throws(MillError) -> T) throws(MillError) -> [T] {
    var results = [T?](repeating: nil, count: count)
    try unsafe results.withUnsafeMutableBufferPointer { results throws(MillError) in
      let base = results.baseAddress
      try Parallel.forEachThrowing(count, threads: context.threads) { index, _ throws(MillError) in
        unsafe base![index] = try work(index)
      }
    }
    return results.map { $0! }
  }

  /// Splits groups again and again, each by its own edges alone: a partition of the whole graph pays for a small group by
  /// the size of the whole, and so stops at a middle level of a strong hierarchy.
  private func splitting(_ partition: DescribedPartition) throws(MillError) -> DescribedPartition {
    let n = level.nodeCount
    let labels = try FlatBuffer<UInt32>(uninitializedCount: n)
    unsafe labels.base.update(from: partition.labels.base, count: n)
    let members = try GroupMembers(labels, count: partition.count)
    var open = (0..<partition.count).map { group in members.range(group).map { UInt32(members[$0]) } }
    var next = partition.count
    let places = try FlatBuffer<UInt32>(uninitializedCount: n)
    var at = 0
    while at < open.count {
      try context.checkCancelled()
      let nodes = open[at]
      open[at] = []
      at += 1
      guard nodes.count >= Self.smallestSplit else { continue }
      let inner = try level.induced(nodes, labels: labels, places: places)
      guard let parts = try parts(of: inner) else { continue }
      var groups = [[UInt32]](repeating: [], count: parts.count)
      for (place, node) in nodes.enumerated() { groups[unsafe Int(parts.labels.base[place])].append(node) }
      for (number, group) in groups.enumerated() where number > 0 {
        for node in group { unsafe labels.base[Int(node)] = UInt32(next) }
        next += 1
      }
      open += groups
    }
    return next == partition.count ? partition : try DescribedPartition(level, labels: labels, count: next)
  }

  /// The best parts of a group as a graph of its own; nil where it is better whole.
  private func parts(of inner: LevelGraph) throws(MillError) -> DescribedPartition? {
    let edges = unsafe Int(inner.offsets[inner.nodeCount]) / 2
    guard edges > inner.nodeCount else { return nil }
    var best: DescribedPartition?
    for resolution in Self.innerResolutions {
      let start = try leiden(inner, resolution, context: quiet)
      let found = try PartitionPolish.run(inner, start: start, minimum: 1, context: quiet)
      if found.star < best?.star ?? .infinity { best = found }
    }
    guard let best, best.count > 1 else { return nil }
    let whole = try DescribedPartition.one(inner)
    return best.tree < whole.tree - Self.splitGain * Double(inner.nodeCount) ? best : nil
  }

  private func buffer(_ labels: [Int32]) throws(MillError) -> FlatBuffer<UInt32> {
    let buffer = try FlatBuffer<UInt32>(uninitializedCount: labels.count)
    for (node, label) in labels.enumerated() { unsafe buffer.base[node] = UInt32(bitPattern: label) }
    return buffer
  }
}
