public import GraphStore
public import MillRuntime

/// The edges that a generator drew, before they are merged into a graph.
public struct GeneratedEdges: Sendable {
  /// The edges in their fixed order, with nodes as 32-bit ids.
  public let blocks: [EdgeBlock]
  /// The number of nodes; some may have no edge.
  public let nodeCount: Int
  /// Edges in all blocks.
  public let edgeCount: Int
  /// Whether each edge is an arc.
  public let isDirected: Bool

  /// The graph of these edges.
  ///
  /// - Parameters:
  ///   - loops: What happens to self-loops; dropped by default.
  ///   - duplicates: What happens to repeated edges; merged by default.
  ///   - context: Threads, progress, a way to stop.
  /// - Throws: `MillError`, as `freeze(_:options:context:)`.
  public consuming func graph(
    loops: LoopPolicy = .drop, duplicates: DuplicatePolicy = .sum, context: RunContext = .init()
  ) throws(MillError) -> CSRGraph {
    var options = FreezeOptions()
    options.isDirected = isDirected
    options.loops = loops
    options.duplicates = duplicates
    options.naming = .dense(nodeCount: nodeCount)
    return try freeze(blocks, options: options, context: context).graph
  }
}

/// What the generators have in common.
enum Generator {
  /// Edges of a block; it has no influence on the edges.
  static let edgesPerBlock = 1 << 18
  /// Ids are 32 bits wide and the store keeps the largest one free.
  static let maximumNodes = Int(UInt32.max)
  /// Beyond any memory, and small enough that no count overflows.
  static let maximumEdges = 1 << 40

  /// The refusal of an option.
  static func refusal(_ message: String, _ value: some CustomStringConvertible) -> MillError {
    MillError(.badOption, message, field: value.description)
  }

  /// A pair of nodes in any order as one number.
  static func key(ofPair u: UInt32, _ v: UInt32) -> UInt64 { UInt64(min(u, v)) << 32 | UInt64(max(u, v)) }

  static func checkNodes(_ count: Int, atLeast minimum: Int = 0) throws(MillError) {
    guard count >= minimum, count <= maximumNodes else {
      throw refusal("the number of nodes must be in \(minimum)...\(maximumNodes)", count)
    }
  }

  static func checkEdges(_ count: Int) throws(MillError) {
    guard count >= 0, count <= maximumEdges else {
      throw refusal("the number of edges must be in 0...\(maximumEdges)", count)
    }
  }

  /// Blocks of `edgeCount` edges, each filled by `fill(edges, ids)`, where edge i of the block's range is to be
  /// written at `ids[2 * (i - edges.lowerBound)]` and the entry behind it.
  static func blocks(
    edgeCount: Int, context: RunContext, _ fill: (_ edges: Range<Int>, _ ids: UnsafeMutablePointer<UInt32>) -> Void
  ) throws(MillError) -> [EdgeBlock] {
    var blocks: [EdgeBlock] = []
    for block in 0..<Parallel.chunkCount(edgeCount, size: edgesPerBlock) {
      let count = Parallel.range(ofChunk: block, size: edgesPerBlock, count: edgeCount).count
      blocks.append(EdgeBlock(ids: .narrow(try FlatBuffer(count: 2 * count)), count: count))
    }
    let filled = blocks
    context.progress?.begin("generate", total: edgeCount, unit: .items)
    try Parallel.forEachThrowing(filled.count, threads: context.threads) { (block, _) throws(MillError) in
      try context.checkCancelled()
      guard case .narrow(let ids) = filled[block].ids else { return }
      let edges = Parallel.range(ofChunk: block, size: edgesPerBlock, count: edgeCount)
      unsafe fill(edges, ids.base)
      context.progress?.advance(by: edges.count)
    }
    context.progress?.end()
    return blocks
  }
}

/// A seeded permutation of `0..<count` that can be asked entry by entry.
///
/// Up to 2^16 entries it is a shuffled table, uniform among all permutations. Beyond, it is computed without a table: a
/// Feistel network of eight rounds over the smallest power of two that holds `count`, with halves that differ by one
/// bit where the exponent is odd; values that land behind `count` go through it again until they land inside (cycle
/// walking; Black, Rogaway, CT-RSA 2002). Fewer than two walks an entry on average. Pseudo-random, not for
/// cryptography. (On small sets eight rounds are measurably not uniform, hence the table.)
struct SeededPermutation: Sendable {
  private static let rounds: UInt64 = 8
  private static let largestTable: UInt64 = 1 << 16
  private let table: [UInt32]
  private let count: UInt64
  private let lowBits: UInt64
  private let lowMask: UInt64
  private let highMask: UInt64
  private let key: UInt64

  /// - Parameter count: Any; of 0 nothing may be asked.
  init(count: UInt64, stream: RandomStream) {
    self.count = count
    var table: [UInt32] = []
    if count <= Self.largestTable {
      table = (0..<UInt32(count)).map { $0 }
      var random = stream.item(0)
      random.shuffle(&table)
    }
    self.table = table
    let bits = UInt64(64 - (max(count, 1) - 1).leadingZeroBitCount)
    lowBits = bits / 2
    lowMask = (1 << lowBits) - 1
    highMask = (1 << (bits - lowBits)) - 1
    key = stream.rawKey
  }

  /// Where `index`, below the count, goes.
  @inline(__always) func callAsFunction(_ index: UInt64) -> UInt64 {
    if count <= Self.largestTable { return UInt64(table[Int(index)]) }
    var value = index
    repeat { value = shuffle(value) } while value >= count
    return value
  }

  @inline(__always) private func shuffle(_ value: UInt64) -> UInt64 {
    var low = value & lowMask
    var high = value &>> lowBits
    var roundKey = key
    for _ in 0..<Self.rounds / 2 {
      roundKey &+= 0x9e37_79b9_7f4a_7c15
      high ^= CounterRandom.mix(low &+ roundKey) &>> 7 & highMask
      roundKey &+= 0x9e37_79b9_7f4a_7c15
      low ^= CounterRandom.mix(high &+ roundKey) &>> 7 & lowMask
    }
    return high &<< lowBits | low
  }
}
