public import GraphStore
public import MillRuntime

/// The settings of ``labelPropagation(of:options:context:)``.
public struct LabelPropagationOptions: Sendable, Equatable, Codable {
  /// Rounds at most, at least 1.
  public var maximumRounds: Int
  /// Whether a neighbor's label counts by the weight of the edge; else all alike.
  public var usesWeights: Bool
  /// Decides the order of the nodes and between labels that are equally frequent.
  public var seed: UInt64

  /// 100 rounds, weights used, unless told otherwise.
  public init(maximumRounds: Int = 100, usesWeights: Bool = true, seed: UInt64 = 42) {
    self.maximumRounds = maximumRounds
    self.usesWeights = usesWeights
    self.seed = seed
  }
}

/// What ``labelPropagation(of:options:context:)`` found.
public struct LabelPropagationResult: Sendable, Equatable {
  /// The group of each node, shape `[n]`. Groups are numbered by their smallest node: 0 holds node 0.
  public let labels: SharedArray<UInt32>
  /// The number of groups.
  public let count: Int
  /// Rounds run.
  public let rounds: Int
  /// Whether every node has a label that none of its neighbors' is more frequent than; false when the rounds ran out.
  public let isConverged: Bool
}

/// Groups the nodes by letting each take the label that is most frequent among its neighbors, until all have it.
///
/// Every node begins with a label of its own. In each round the nodes change one after the other, in an order drawn
/// anew; a node that has one of its most frequent labels keeps it, else one of them is drawn. Different seeds give
/// different groups.
///
/// - Parameters:
///   - graph: Any graph. Directions and loops do not matter; parallel edges are one, with their weights added.
///   - options: Rounds, weights, seed.
///   - context: Threads (to make a graph simple; the rounds are serial), progress, a way to stop.
/// - Throws: `MillError`: `bad-option`, `bad-weight` with the edge for a weight that is negative or not finite,
///   `over-budget`, `interrupted`; `unsupported` for 2^32 - 1 nodes or more.
/// - Complexity: O(rounds · (n + m)) time, in practice five to ten rounds; 24n bytes. The result depends on the seed, not
///   on threads.
/// - Source: Raghavan, Albert, Kumara, "Near linear time algorithm to detect community structures in large-scale
///   networks", Physical Review E 76, 2007, section III.
public func labelPropagation(
  of graph: CSRGraph, options: LabelPropagationOptions = .init(), context: RunContext = .init()
) throws(MillError) -> LabelPropagationResult {
  guard options.maximumRounds >= 1 else {
    throw MillError(.badOption, "there must be a round", field: "\(options.maximumRounds)")
  }
  guard graph.nodeCount < Int(UInt32.max) else {
    throw MillError(.unsupported, "label propagation on 2^32 - 1 nodes or more", field: "\(graph.nodeCount)")
  }
  let weights: Preparation.Weights = options.usesWeights ? .notNegative : .ignored
  let simple = try graph.prepared(Preparation(weights: weights), context: context).graph
  context.progress?.begin("label propagation", total: options.maximumRounds, unit: .items)
  defer { context.progress?.end() }
  return try simple.withRows(context: context, LabelRounds(options: options))
}

private struct LabelRounds: RowsVisitor {
  let options: LabelPropagationOptions

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> LabelPropagationResult {
    let n = rows.nodeCount
    let labels = try FlatBuffer<UInt32>(uninitializedCount: n)
    let order = try FlatBuffer<UInt32>(uninitializedCount: n)
    let counter = try LabelCounter(nodeCount: n)
    for node in 0..<n { unsafe labels.base[node] = UInt32(node) }
    let orders = RandomStream(seed: options.seed, stage: "label-order")
    let choices = RandomStream(seed: options.seed, stage: "label-choice")
    var rounds = 0
    var isConverged = n == 0
    while !isConverged, rounds < options.maximumRounds {
      for node in 0..<n { unsafe order.base[node] = UInt32(node) }
      var shuffling = orders.item(UInt64(rounds))
      unsafe shuffling.shuffle(order.mutableElements)
      var changed = 0
      for place in 0..<n {
        if place & 0xfff == 0 { try rows.context.checkCancelled() }
        let node = unsafe Int(order.base[place])
        let best = counter.mostFrequent(rows, node, labels)
        if unsafe best.isEmpty || best.contains(labels.base[node]) { continue }
        var random = choices.item(UInt64(rounds) &* UInt64(n) &+ UInt64(node))
        unsafe labels.base[node] = best.count == 1 ? best[0] : best[Int(random.below(UInt64(best.count)))]
        changed += 1
      }
      rounds += 1
      rows.context.progress?.advance(by: 1)
      isConverged = changed == 0
    }
    return try numbered(labels, rounds: rounds, isConverged: isConverged)
  }

  /// Numbers the groups by their smallest nodes.
  private func numbered(
    _ labels: FlatBuffer<UInt32>, rounds: Int, isConverged: Bool
  ) throws(MillError) -> LabelPropagationResult {
    let n = labels.count
    // The new label plus 1, 0 for none yet.
    let numbers = try FlatBuffer<UInt32>(count: n)
    var count: UInt32 = 0
    for node in 0..<n {
      let old = unsafe Int(labels.base[node])
      if unsafe numbers.base[old] == 0 {
        count += 1
        unsafe numbers.base[old] = count
      }
      unsafe labels.base[node] = numbers.base[old] - 1
    }
    return LabelPropagationResult(
      labels: SharedArray(labels), count: Int(count), rounds: rounds, isConverged: isConverged)
  }
}

/// Counts the labels around a node.
private final class LabelCounter {
  /// The weight of each label; 0 between two nodes.
  private let weights: FlatBuffer<Double>
  private var met: [UInt32] = []
  private var best: [UInt32] = []

  init(nodeCount: Int) throws(MillError) { weights = try FlatBuffer(count: nodeCount) }

  /// The labels of the largest weight among the neighbors, in the order of the row; none where all weights are 0.
  func mostFrequent<ID: NodeIndex>(_ rows: GraphRows<ID>, _ node: Int, _ labels: FlatBuffer<UInt32>) -> [UInt32] {
    met.removeAll(keepingCapacity: true)
    best.removeAll(keepingCapacity: true)
    for arc in rows.arcs(node) {
      let weight = unsafe rows.weights.map { unsafe $0[arc] } ?? 1
      if weight == 0 { continue }
      let label = unsafe labels.base[rows.target(arc)]
      if unsafe weights.base[Int(label)] == 0 { met.append(label) }
      unsafe weights.base[Int(label)] += weight
    }
    var largest = 0.0
    for label in met {
      let weight = unsafe weights.base[Int(label)]
      unsafe weights.base[Int(label)] = 0
      if weight > largest {
        largest = weight
        best.removeAll(keepingCapacity: true)
      }
      if weight == largest { best.append(label) }
    }
    return best
  }
}
