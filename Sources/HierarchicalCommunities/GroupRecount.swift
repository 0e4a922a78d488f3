import MillRuntime

/// Counts communities again inside each group and splits the groups that have some.
///
/// A level that the spectrum of the whole graph hides, because its eigenvalue lies below the threshold that all degrees
/// set, can stand out in the subgraph of one group, where fewer edges are noise. But the edges of a group were chosen by
/// the clustering that made it, so its subgraph is not a fresh draw of a block model, and the count leans to too many: the
/// margin above the threshold holds here for groups of every size, not from 1,000 nodes on only.
struct GroupRecount {
  let graph: CommunityGraph
  let options: BottomUpOptions
  let isDegreeCorrected: Bool
  let isRefined: Bool
  let context: RunContext
  /// For the work on one group, which is no stage of its own.
  private var quiet: RunContext
  /// Matrix columns multiplied by A.
  private(set) var products = 0

  init(
    _ graph: CommunityGraph, _ options: BottomUpOptions, isDegreeCorrected: Bool, isRefined: Bool, _ context: RunContext
  ) {
    self.graph = graph
    self.options = options
    self.isDegreeCorrected = isDegreeCorrected
    self.isRefined = isRefined
    self.context = context
    quiet = context
    quiet.progress = nil
  }

  /// Labels 0, 1, … of the groups that are left whole; never more groups than the maximum that may be counted.
  mutating func split(_ labels: [Int32]) throws(MillError) -> [Int32] {
    var members = [[Int]](repeating: [], count: Int(labels.max() ?? -1) + 1)
    for (node, label) in labels.enumerated() { members[Int(label)].append(node) }
    // One group is the whole graph, which has been counted.
    guard members.count > 1 else { return labels }
    var total = members.count
    var queue = members
    var result = labels
    var (at, finished) = (0, Int32(0))
    context.progress?.begin("count again in groups", total: labels.count, unit: .items)
    defer { context.progress?.end() }
    while at < queue.count {
      try context.checkCancelled()
      let nodes = queue[at]
      queue[at] = []
      let room = options.spectral.maximumCount - total
      if room > 0, let parts = try parts(of: nodes, number: at, atMost: room + 1) {
        total += parts.count - 1
        queue += parts
      } else {
        for node in nodes { result[node] = finished }
        context.progress?.advance(by: nodes.count)
        finished += 1
      }
      at += 1
    }
    return result
  }

  /// The communities inside a group, ascending each; nil where there is one.
  private mutating func parts(of nodes: [Int], number: Int, atMost limit: Int) throws(MillError) -> [[Int]]? {
    guard nodes.count >= 2 * options.minimumComponent else { return nil }
    let part = try graph.restricted(to: nodes, quiet)
    let components = try ComponentParts(part, minimum: max(2, options.minimumComponent), quiet)
    let core = try components.core(of: part, quiet)
    guard core.nodeCount >= 2 * options.minimumComponent, core.arcCount > 0 else { return nil }
    let seed = options.seed &+ UInt64(number + 1) &* 0x9e37_79b9_7f4a_7c15
    let stage = try SpectralStage.run(
      core, wanted: nil, options: options.spectral, marginFrom: 0, seed: seed, context: quiet)
    products += stage.summary.products
    let count = stage.summary.count
    guard count > 1, count <= limit else { return nil }
    var labels = try KMeans.run(
      stage.rows, count: core.nodeCount, stride: stage.stride, dimensions: stage.dimensions, clusters: count,
      starts: options.starts, seed: seed, threads: context.threads)
    if isRefined {
      var refinement = try Refinement(
        core, labels: labels, groups: count, isDegreeCorrected: isDegreeCorrected, threads: context.threads)
      try refinement.run(quiet)
      labels = refinement.result
    }
    return groups(of: nodes, components.labels(core: labels), count)
  }

  /// Nodes by label; those in components too small to be counted go with the largest group.
  private func groups(of nodes: [Int], _ labels: [Int32], _ count: Int) -> [[Int]]? {
    var sizes = [Int](repeating: 0, count: count)
    for label in labels where label < count { sizes[Int(label)] += 1 }
    let largest = sizes.indices.max { sizes[$0] < sizes[$1] }!
    var groups = [[Int]](repeating: [], count: count)
    for (node, label) in zip(nodes, labels) { groups[label < count ? Int(label) : largest].append(node) }
    groups.removeAll(where: \.isEmpty)
    return groups.count > 1 ? groups : nil
  }
}
