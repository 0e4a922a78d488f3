public import GraphStore
public import MillRuntime

/// The settings of ``hyperBall(of:options:context:)``.
public struct HyperBallOptions: Sendable, Equatable, Codable {
  /// A counter has 2^registerBits registers, in 4...16: one byte each, and the more the less error.
  public var registerBits: Int
  /// Rounds at most, at least 1: distances beyond are not seen.
  public var maximumRounds: Int
  /// Decides the hash of every node.
  public var seed: UInt64

  /// 128 registers, as many rounds as it takes, unless told otherwise.
  public init(registerBits: Int = 7, maximumRounds: Int = Int.max, seed: UInt64 = 42) {
    self.registerBits = registerBits
    self.maximumRounds = maximumRounds
    self.seed = seed
  }
}

/// What ``hyperBall(of:options:context:)`` estimated.
public struct HyperBallResult: Sendable, Equatable {
  /// The number of pairs (u, v) with a path of at most t steps from u to v, for t = 0, 1, …; u = v counts. Does not fall.
  public let neighborhoodFunction: SharedArray<Double>
  /// The mean over all other nodes of one over the distance to them, 0 for those not reached. Shape `[n]`.
  public let harmonic: SharedArray<Double>
  /// Whether the counters came to rest; false when the rounds ran out first.
  public let isComplete: Bool
  /// The relative standard error of the size of one ball: 1.04 over the root of the number of registers.
  public let relativeError: Double

  /// Rounds run; the last of a complete run changed nothing and is not counted.
  public var rounds: Int { max(0, neighborhoodFunction.count - 1) }

  /// The mean distance of all pairs of different nodes with a path; 0 where there is none.
  public var averageDistance: Double {
    guard let first = neighborhoodFunction.first, let last = neighborhoodFunction.last, last > first else { return 0 }
    var sum = 0.0
    for t in 1..<neighborhoodFunction.count {
      sum += Double(t) * (neighborhoodFunction[t] - neighborhoodFunction[t - 1])
    }
    return sum / (last - first)
  }

  /// The distance within which a share of the pairs with a path lies, interpolated between whole steps.
  ///
  /// - Parameter share: In 0...1; 0.9 by custom.
  public func effectiveDiameter(share: Double = 0.9) -> Double {
    let wanted = share * (neighborhoodFunction.last ?? 0)
    let t = (0..<neighborhoodFunction.count).partitionPoint { neighborhoodFunction[$0] >= wanted }
    guard t > 0, t < neighborhoodFunction.count else { return 0 }
    let (low, high) = (neighborhoodFunction[t - 1], neighborhoodFunction[t])
    return Double(t - 1) + (wanted - low) / (high - low)
  }
}

/// Estimates how many nodes are within t steps of each, for all t at once, with a small counter a node.
///
/// A counter stands for the set of nodes in the ball around its node; the ball of radius t + 1 is the union of the balls of
/// radius t around the neighbors, and a union costs a maximum a register. From the sizes follow the number of pairs by
/// distance, the average distance, the effective diameter, and every node's harmonic centrality. Exact, and slower:
/// ``closeness(of:options:context:)``, ``diameter(of:context:)``.
///
/// - Parameters:
///   - graph: Any graph. Distances are steps along arcs, away from the node; weights, loops and parallel edges do not
///     matter.
///   - options: Registers, rounds, seed.
///   - context: Threads, progress, a way to stop.
/// - Throws: `MillError`: `bad-option`, `over-budget`, `interrupted`.
/// - Complexity: O((n + m) · 2^registerBits) time a round at most, as many rounds as the largest distance; 2^(registerBits +
///   1) + 26 bytes a node. Sums are added up in a fixed order: the same bits for every thread count.
/// - Source: Boldi, Vigna, "In-core computation of geometric centralities with HyperBall", ICDM Workshops 2013, section V;
///   Boldi, Rosa, Vigna, "HyperANF", WWW 2011 (the neighborhood function); the size of a set from its registers after
///   Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", arXiv 1702.01284, section 2.3.
public func hyperBall(
  of graph: CSRGraph, options: HyperBallOptions = .init(), context: RunContext = .init()
) throws(MillError) -> HyperBallResult {
  guard (4...16).contains(options.registerBits) else {
    throw MillError(.badOption, "the bits of a register number must be in 4...16", field: "\(options.registerBits)")
  }
  guard options.maximumRounds >= 1 else {
    throw MillError(.badOption, "there must be a round", field: "\(options.maximumRounds)")
  }
  return try graph.withoutWeights().withRows(context: context, GrowingBalls(options: options))
}

private struct GrowingBalls: RowsVisitor {
  let options: HyperBallOptions

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> HyperBallResult {
    let n = rows.nodeCount
    let counters = try BallCounters(count: n, bits: options.registerBits)
    var (old, new) = (try counters.registers(), try counters.registers())
    let sizes = try FlatBuffer<Double>(uninitializedCount: n)
    let harmonic = try FlatBuffer<Double>(count: n)
    // Whether the counter of a node changed in this round, and in the one before.
    var (changes, changed) = (try FlatBuffer<Bool>(count: n), try FlatBuffer<Bool>(count: n))
    let partial = try FlatBuffer<Double>(count: rows.chunkCount)
    let touched = try FlatBuffer<Bool>(count: rows.chunkCount)
    let stream = RandomStream(seed: options.seed, stage: "hyperball")
    var function: [Double] = []
    function.append(
      try rows.nodeSum(partial) { nodes in
        var sum = 0.0
        for node in nodes {
          var random = stream.item(UInt64(node))
          counters.insert(random.next(), into: old, node)
          unsafe changed.base[node] = true
          unsafe sizes.base[node] = counters.size(old, node)
          unsafe sum += sizes.base[node]
        }
        return sum
      })
    rows.context.progress?.begin("hyperball", total: nil, unit: .items)
    defer { rows.context.progress?.end() }
    var isComplete = n == 0
    while !isComplete, function.count - 1 < options.maximumRounds {
      let step = Double(function.count)
      let (before, after, wasChanged, isChanged) = (old, new, changed, changes)
      try rows.forEachChunk { nodes, chunk, _ in
        var (sum, hasChanges) = (0.0, false)
        for node in nodes {
          // Both sides are equal where nothing changed for two rounds.
          var isCopied = unsafe wasChanged.base[node]
          if isCopied { counters.copy(node, from: before, to: after) }
          for arc in rows.arcs(node) {
            let other = rows.target(arc)
            guard unsafe wasChanged.base[other], other != node else { continue }
            if !isCopied { counters.copy(node, from: before, to: after) }
            isCopied = true
            counters.unite(node, of: after, with: other, of: before)
          }
          let grows = isCopied && counters.differ(node, before, after)
          unsafe isChanged.base[node] = grows
          if grows {
            let size = counters.size(after, node)
            unsafe harmonic.base[node] += (size - sizes.base[node]) / step
            unsafe sizes.base[node] = size
            hasChanges = true
          }
          unsafe sum += sizes.base[node]
        }
        unsafe partial.base[chunk] = sum
        unsafe touched.base[chunk] = hasChanges
      }
      isComplete = unsafe !touched.elements.contains(true)
      if !isComplete { unsafe function.append(partial.elements.reduce(0, +)) }
      swap(&old, &new)
      swap(&changed, &changes)
      rows.context.progress?.advance(by: 1)
    }
    for node in 0..<n where n > 1 { unsafe harmonic.base[node] /= Double(n - 1) }
    return HyperBallResult(
      neighborhoodFunction: try SharedArray(copying: n == 0 ? [] : function), harmonic: SharedArray(harmonic),
      isComplete: isComplete, relativeError: 1.04 / Double(counters.registerCount).squareRoot())
  }
}

/// Counters of distinct elements, a node each: 2^bits bytes, of which each holds the longest run of zeros, plus 1, that
/// the hashes of its elements begin with.
@safe private struct BallCounters {
  let registerCount: Int
  private let count: Int
  private let bits: UInt64
  /// 2^-r for every value r of a register.
  private let inverse: FlatBuffer<Double>
  /// What registers without an element add, by their number.
  private let empty: FlatBuffer<Double>

  init(count: Int, bits: Int) throws(MillError) {
    self.count = count
    self.bits = UInt64(bits)
    registerCount = 1 << bits
    inverse = try FlatBuffer(count: 66)
    for r in 0..<66 { unsafe inverse.base[r] = Double(sign: .plus, exponent: -r, significand: 1) }
    empty = try FlatBuffer(count: registerCount)
    for zeros in 1..<registerCount {
      // m σ(zeros / m) with σ(x) = x + x² + 2 x⁴ + 4 x⁸ + …
      var x = Double(zeros) / Double(registerCount)
      var (sum, factor, last) = (x, 1.0, 0.0)
      while sum != last {
        last = sum
        x *= x
        sum += x * factor
        factor *= 2
      }
      unsafe empty.base[zeros] = sum * Double(registerCount)
    }
  }

  /// Registers of all nodes.
  func registers() throws(MillError) -> FlatBuffer<UInt8> { try FlatBuffer(count: count * registerCount) }

  func insert(_ hash: UInt64, into registers: FlatBuffer<UInt8>, _ node: Int) {
    let place = Int(hash & UInt64(registerCount - 1))
    let run = ((hash &>> bits) | 1 &<< (64 &- bits)).trailingZeroBitCount + 1
    unsafe registers.base[node * registerCount + place] = UInt8(truncatingIfNeeded: run)
  }

  @inline(__always) private func registers(of node: Int, _ all: FlatBuffer<UInt8>) -> UnsafeMutablePointer<UInt8> {
    unsafe all.base + node &* registerCount
  }

  @inline(__always) func copy(_ node: Int, from old: FlatBuffer<UInt8>, to new: FlatBuffer<UInt8>) {
    unsafe registers(of: node, new).update(from: registers(of: node, old), count: registerCount)
  }

  @inline(__always) func unite(_ node: Int, of new: FlatBuffer<UInt8>, with other: Int, of old: FlatBuffer<UInt8>) {
    let (target, source) = unsafe (registers(of: node, new), registers(of: other, old))
    for i in 0..<registerCount { unsafe target[i] = max(target[i], source[i]) }
  }

  func differ(_ node: Int, _ one: FlatBuffer<UInt8>, _ two: FlatBuffer<UInt8>) -> Bool {
    let (a, b) = unsafe (registers(of: node, one), registers(of: node, two))
    for i in 0..<registerCount where unsafe a[i] != b[i] { return true }
    return false
  }

  /// The estimated number of elements.
  func size(_ registers: FlatBuffer<UInt8>, _ node: Int) -> Double {
    let own = unsafe self.registers(of: node, registers)
    var (sum, zeros) = (0.0, 0)
    for i in 0..<registerCount {
      let register = unsafe own[i]
      unsafe sum += inverse.base[Int(register)]
      zeros &+= register == 0 ? 1 : 0
    }
    let m = Double(registerCount)
    // 1 / (2 ln 2) is what the constant of the estimate tends to.
    return unsafe 0.7213475204444817 * m * m / (sum - Double(zeros) + empty.base[zeros])
  }
}
