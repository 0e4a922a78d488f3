public import GraphStore
public import MillRuntime

/// The settings of ``generateErdosRenyi(_:context:)``.
public struct ErdosRenyiOptions: Sendable, Equatable, Codable {
  /// How many edges there are.
  public enum Edges: Sendable, Equatable, Codable {
    /// G(n, m): exactly this many, all sets of them alike.
    case count(Int)
    /// G(n, p): each pair by itself with this chance, in 0...1.
    case probability(Double)
  }

  /// The number of nodes, in 0...2^32 - 1.
  public var nodeCount: Int
  /// How many edges there are.
  public var edges: Edges
  /// Whether pairs are ordered.
  public var isDirected: Bool
  /// The seed.
  public var seed: UInt64
  /// G(2^16, 2^20), undirected, unless told otherwise.
  public init(
    nodeCount: Int = 1 << 16, edges: Edges = .count(1 << 20), isDirected: Bool = false, seed: UInt64 = 42
  ) {
    self.nodeCount = nodeCount
    self.edges = edges
    self.isDirected = isDirected
    self.seed = seed
  }

  /// Pairs of different nodes.
  var pairCount: UInt64 {
    let n = UInt64(nodeCount)
    return n < 2 ? 0 : isDirected ? n * (n - 1) : n % 2 == 0 ? n / 2 * (n - 1) : (n - 1) / 2 * n
  }
}

/// Draws the edges of a uniform random graph, without loops and without repetitions.
///
/// G(n, m) takes the images of 0..<m under a pseudo-random permutation of all pairs, so it has exactly m distinct edges
/// however dense it is, with no table and no second draw. G(n, p) jumps from edge to edge by geometrically distributed
/// gaps inside fixed blocks of pairs, which is exact (up to the 53 bits of a uniform double).
///
/// - Throws: `MillError`: `bad-option` for counts and chances out of range and for more edges than pairs,
///   `over-budget`, `interrupted`.
/// - Complexity: O(edges) time (G(n, p): and one step a block of 65,536 expected edges), 8 bytes an edge. The same edges
///   in the same order for every thread count.
/// - Source: Erdős, Rényi, "On random graphs I", 1959 (G(n, m)); Gilbert, "Random graphs", 1959, and Batagelj, Brandes,
///   "Efficient generation of large random networks", Physical Review E 71, 2005, section II (G(n, p)).
public func generateErdosRenyi(
  _ options: ErdosRenyiOptions = .init(), context: RunContext = .init()
) throws(MillError) -> GeneratedEdges {
  try Generator.checkNodes(options.nodeCount)
  let pairs = PairSpace(options)
  let blocks: [EdgeBlock]
  switch options.edges {
  case .count(let count):
    try Generator.checkEdges(count)
    guard UInt64(count) <= pairs.count else {
      throw Generator.refusal("\(options.nodeCount) nodes have only \(pairs.count) pairs", count)
    }
    let stream = RandomStream(seed: options.seed, stage: "erdos-renyi-m")
    let order = SeededPermutation(count: pairs.count, stream: stream)
    blocks = try unsafe Generator.blocks(edgeCount: count, context: context) { edges, ids in
      var place = 0
      for edge in edges {
        unsafe (ids[place], ids[place &+ 1]) = pairs[order(UInt64(edge))]
        place &+= 2
      }
    }
  case .probability(let chance):
    guard chance >= 0, chance <= 1 else { throw Generator.refusal("the chance of an edge must be in 0...1", chance) }
    try Generator.checkEdges(Int(min(Double(pairs.count) * chance, 0x1p62)))
    blocks = try blocksOfPairs(pairs, chance: chance, seed: options.seed, context)
  }
  return GeneratedEdges(
    blocks: blocks, nodeCount: options.nodeCount, edgeCount: blocks.reduce(0) { $0 + $1.count },
    isDirected: options.isDirected)
}

/// The uniform random graph of ``generateErdosRenyi(_:context:)``.
///
/// - Throws: `MillError`, as the generator and `freeze(_:options:context:)`.
public func generateErdosRenyiGraph(
  _ options: ErdosRenyiOptions = .init(), context: RunContext = .init()
) throws(MillError) -> CSRGraph {
  try generateErdosRenyi(options, context: context).graph(loops: .error, duplicates: .error, context: context)
}

/// All pairs of different nodes, numbered.
///
/// Pair i joins u = i mod n to u + 1 + i / n, counted round modulo n. Distances up to n / 2 meet every unordered pair
/// once (for even n the last distance has half the starts), distances up to n - 1 every ordered one; no square root,
/// hence no rounding.
private struct PairSpace {
  let count: UInt64
  let nodeCount: UInt64

  init(_ options: ErdosRenyiOptions) {
    nodeCount = UInt64(options.nodeCount)
    count = options.pairCount
  }

  @inline(__always) subscript(index: UInt64) -> (UInt32, UInt32) {
    let (distance, u) = index.quotientAndRemainder(dividingBy: nodeCount)
    var v = u &+ distance &+ 1
    if v >= nodeCount { v &-= nodeCount }
    return (UInt32(truncatingIfNeeded: u), UInt32(truncatingIfNeeded: v))
  }
}

/// The edges of G(n, p), one edge block for each block of pairs.
private func blocksOfPairs(
  _ pairs: PairSpace, chance: Double, seed: UInt64, _ context: RunContext
) throws(MillError) -> [EdgeBlock] {
  guard pairs.count > 0, chance > 0 else { return [] }
  let expected = Double(1 << 16)
  let pairsPerBlock = min(UInt64(min(expected / chance, 0x1p62).rounded(.up)), pairs.count)
  let blockCount = Int((pairs.count - 1) / pairsPerBlock + 1)
  let stream = RandomStream(seed: seed, stage: "erdos-renyi-p")
  let gaps = GeometricGaps(chance: chance)
  let mean = Double(pairsPerBlock) * chance
  let usualCount = Int(mean + 8 * mean.squareRoot() + 16)
  var blocks = [EdgeBlock?](repeating: nil, count: blockCount)
  context.progress?.begin("generate", total: blockCount, unit: .items)
  try unsafe blocks.withUnsafeMutableBufferPointer { (blocks) throws(MillError) in
    let slots = blocks.baseAddress!
    try Parallel.forEachThrowing(blockCount, threads: context.threads) { (block, _) throws(MillError) in
      try context.checkCancelled()
      let low = UInt64(block) * pairsPerBlock
      let high = low + min(pairsPerBlock, pairs.count - low)
      var random = stream.item(UInt64(block))
      var ids = try FlatBuffer<UInt32>(count: 2 * min(usualCount, Int(high - low)))
      var count = 0
      var position = low
      while let next = gaps.advance(position, below: high, &random) {
        if 2 * count == ids.count {
          let larger = try FlatBuffer<UInt32>(count: 2 * ids.count)
          unsafe larger.base.update(from: ids.base, count: 2 * count)
          ids = larger
        }
        unsafe (ids.base[2 * count], ids.base[2 * count + 1]) = pairs[next]
        count += 1
        position = next + 1
      }
      ids.truncate(to: 2 * count)
      unsafe slots[block] = EdgeBlock(ids: .narrow(ids), count: count)
      context.progress?.advance(by: 1)
    }
  }
  context.progress?.end()
  return blocks.compactMap { $0 }.filter { $0.count > 0 }
}

/// Gaps between successes of independent trials.
///
/// The logarithm is our own, since the last bit of another could decide about the graph.
package struct GeometricGaps: Sendable {
  private let logOfFailure: Double

  /// - Parameter chance: Of a success, above 0.
  package init(chance: Double) {
    // log(1 - p) = -2 atanh(p / (2 - p)), which keeps its digits for small p.
    logOfFailure = chance < 0.25 ? -Logarithm.twiceArtanh(chance / (2 - chance)) : Logarithm.natural(1 - chance)
  }

  /// The next success at or behind `position` and before `end`.
  @inline(__always) package func advance(_ position: UInt64, below end: UInt64, _ random: inout CounterRandom)
    -> UInt64?
  {
    let gap = (Logarithm.natural(1 - random.unit()) / logOfFailure).rounded(.down)
    // Also false for a gap without an end.
    guard gap < Double(end &- position) else { return nil }
    let next = position &+ UInt64(gap)
    return next < end ? next : nil
  }
}
