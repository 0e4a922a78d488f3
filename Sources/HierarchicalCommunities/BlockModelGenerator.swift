import GraphGenerators
public import GraphStore
public import MillRuntime

/// The settings of ``generateBlockModel(_:options:context:)``.
public struct BlockModelOptions: Sendable, Equatable {
  /// Whether nodes are numbered at random instead of leaf by leaf.
  public var permutesNodes = true
  /// The seed.
  public var seed: UInt64 = 42
  /// Permuted, seed 42.
  public init() {}
}

/// A graph drawn from a block model, and the leaf that each node came from.
public struct BlockModelSample: Sendable {
  /// Undirected, simple.
  public let graph: CSRGraph
  /// The leaf of each node, shape `[n]`.
  public let leaves: [Int32]
}

/// Draws a graph from a hierarchical block model.
///
/// Walks the pairs of each two leaves by geometrically distributed gaps, which is exactly a coin for every pair.
///
/// - Throws: `MillError`: `bad-option` for more than 2^32 - 1 nodes, `over-budget`, `interrupted`.
/// - Complexity: O(n + m + K²) time, 8 bytes an edge beside the graph. The same graph for every thread count.
/// - Source: Batagelj, Brandes, "Efficient generation of large random networks", Physical Review E 71, 2005, section II.
public func generateBlockModel(
  _ model: HierarchicalBlockModel, options: BlockModelOptions = .init(), context: RunContext = .init()
) throws(MillError) -> BlockModelSample {
  let n = model.nodeCount
  guard n < Int(UInt32.max) else { throw MillError(.badOption, "too many nodes for one graph", field: "\(n)") }
  let order = try numbering(n, options)
  var starts = [0]
  for size in model.sizes { starts.append(starts.last! + size) }
  let tasks = pieces(model)
  let stream = RandomStream(seed: options.seed, stage: "block-model")
  var blocks = [EdgeBlock?](repeating: nil, count: tasks.count)
  context.progress?.begin("generate", total: tasks.count, unit: .items)
  defer { context.progress?.end() }
  try unsafe blocks.withUnsafeMutableBufferPointer { (blocks) throws(MillError) in
    let slots = blocks.baseAddress
    try Parallel.forEachThrowing(tasks.count, threads: context.threads) { (index, _) throws(MillError) in
      try context.checkCancelled()
      let task = tasks[index]
      let gaps = GeometricGaps(chance: task.chance)
      var random = stream.item(UInt64(index))
      let mean = Double(task.pairs.count) * task.chance
      var ids = try FlatBuffer<UInt32>(count: 2 * min(task.pairs.count, Int(mean + 8 * mean.squareRoot() + 16)))
      var count = 0
      var position = UInt64(task.pairs.lowerBound)
      let end = UInt64(task.pairs.upperBound)
      while position < end, let pair = gaps.advance(position, below: end, &random) {
        if 2 * count == ids.count {
          let larger = try FlatBuffer<UInt32>(count: 2 * ids.count)
          unsafe larger.base.update(from: ids.base, count: 2 * count)
          ids = larger
        }
        let (i, j) = task.nodes(of: Int(pair), model.sizes, starts)
        unsafe ids.base[2 * count] = order.base[i]
        unsafe ids.base[2 * count + 1] = order.base[j]
        count += 1
        position = pair + 1
      }
      ids.truncate(to: 2 * count)
      unsafe slots![index] = EdgeBlock(ids: .narrow(ids), count: count)
      context.progress?.advance(by: 1)
    }
  }
  var freezing = FreezeOptions()
  freezing.naming = .dense(nodeCount: n)
  let drawn = blocks.compactMap { $0 }
  blocks = []
  let graph = try freeze(drawn, options: freezing, context: context).graph
  var leaves = [Int32](repeating: 0, count: n)
  for leaf in model.sizes.indices {
    for node in starts[leaf]..<starts[leaf + 1] { unsafe leaves[Int(order.base[node])] = Int32(leaf) }
  }
  return BlockModelSample(graph: graph, leaves: leaves)
}

/// The number of each node of the model.
private func numbering(_ n: Int, _ options: BlockModelOptions) throws(MillError) -> FlatBuffer<UInt32> {
  let order = try FlatBuffer<UInt32>(count: n)
  for i in 0..<n { unsafe order.base[i] = UInt32(i) }
  guard options.permutesNodes else { return order }
  var random = CounterRandom(seed: options.seed, stage: "block-model-order")
  unsafe random.shuffle(order.mutableElements)
  return order
}

/// A run of pairs between two leaves, or inside one, all with the same chance.
private struct PairTask {
  var a: Int
  var b: Int
  var pairs: Range<Int>
  var chance: Double

  /// The two nodes of a pair, by integers only.
  ///
  /// Inside a leaf of s nodes, pair i joins u = i mod s with u + 1 + i / s, counted round.
  func nodes(of pair: Int, _ sizes: [Int], _ starts: [Int]) -> (Int, Int) {
    if a != b {
      let (row, column) = pair.quotientAndRemainder(dividingBy: sizes[b])
      return (starts[a] + row, starts[b] + column)
    }
    let (distance, u) = pair.quotientAndRemainder(dividingBy: sizes[a])
    let v = u + distance + 1
    return (starts[a] + u, starts[a] + (v >= sizes[a] ? v - sizes[a] : v))
  }
}

/// All runs of pairs with a chance above 0, of about 65,536 expected edges each.
private func pieces(_ model: HierarchicalBlockModel) -> [PairTask] {
  var tasks: [PairTask] = []
  let sizes = model.sizes
  for a in sizes.indices {
    for b in a..<sizes.count {
      let chance = model.chance(a, b)
      let pairs = a == b ? sizes[a] * (sizes[a] - 1) / 2 : sizes[a] * sizes[b]
      guard chance > 0, pairs > 0 else { continue }
      let length = Int(min(65_536 / chance, Double(pairs)).rounded(.up))
      for low in stride(from: 0, to: pairs, by: length) {
        tasks.append(PairTask(a: a, b: b, pairs: low..<min(pairs, low + length), chance: chance))
      }
    }
  }
  return tasks
}
