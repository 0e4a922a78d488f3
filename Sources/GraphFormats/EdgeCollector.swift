import GraphStore
import MillRuntime

/// Edges as a reader finds them, in blocks that grow with the input and never with what it declares.
///
/// Weights may begin late: edges before the first weight count 1, and ``unweighted`` tells how many of the edges have
/// none of their own.
struct EdgeCollector {
  /// Edges so far.
  private(set) var count = 0
  /// Edges without a weight of their own.
  private(set) var unweighted = 0
  private var blocks: [EdgeBlock] = []
  private var ids: FlatBuffer<UInt32>?
  private var weights: FlatBuffer<Double>?
  private var capacity = 0
  private var used = 0

  private static let largestBlock = 1 << 18

  /// Appends an edge; `weight` nil where the input gives none.
  @inline(__always) mutating func add(_ source: UInt32, _ target: UInt32, _ weight: Double? = nil) throws(MillError) {
    if used == capacity { try grow() }
    let ids = unsafe ids.unsafelyUnwrapped.base
    unsafe ids[2 &* used] = source
    unsafe ids[2 &* used &+ 1] = target
    if let weight {
      if weights == nil { try beginWeights() }
      unsafe weights.unsafelyUnwrapped.base[used] = weight
    } else {
      unweighted &+= 1
      unsafe weights?.base[used] = 1
    }
    used &+= 1
    count &+= 1
  }

  /// The edges as blocks, for the builder.
  ///
  /// - Parameter keepsWeights: Whether weights, if any, are handed on.
  consuming func finish(keepsWeights: Bool = true) -> [EdgeBlock] {
    var all = blocks
    if let ids, used > 0 { all.append(EdgeBlock(ids: .narrow(ids), weights: weights, count: used)) }
    if !keepsWeights {
      for index in all.indices { all[index].weights = nil }
    }
    return all
  }

  /// Whether any edge has a weight.
  var hasWeights: Bool { unweighted < count }

  /// Replaces every node by `node(of it)`.
  mutating func renumber(_ node: (UInt32) -> UInt32) {
    func change(_ ids: FlatBuffer<UInt32>, _ count: Int) {
      for i in 0..<2 * count { unsafe ids.base[i] = unsafe node(ids.base[i]) }
    }
    for block in blocks {
      if case .narrow(let ids) = block.ids { change(ids, block.count) }
    }
    if let ids { change(ids, used) }
  }

  private mutating func grow() throws(MillError) {
    if let ids, used > 0 { blocks.append(EdgeBlock(ids: .narrow(ids), weights: weights, count: used)) }
    capacity = min(Self.largestBlock, max(256, 2 * capacity))
    used = 0
    ids = try FlatBuffer<UInt32>(uninitializedCount: 2 * capacity)
    if weights != nil { weights = try FlatBuffer<Double>(uninitializedCount: capacity) }
  }

  private mutating func beginWeights() throws(MillError) {
    func ones(_ count: Int) throws(MillError) -> FlatBuffer<Double> {
      let buffer = try FlatBuffer<Double>(uninitializedCount: count)
      for i in 0..<count { unsafe buffer.base[i] = 1 }
      return buffer
    }
    for index in blocks.indices { blocks[index].weights = try ones(blocks[index].count) }
    weights = try ones(capacity)
  }
}
