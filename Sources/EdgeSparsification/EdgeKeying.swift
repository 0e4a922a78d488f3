import CMillKernels
import GraphStore
import MillRuntime

/// An edge score in the form that the loops use: a 64-bit key that is ordered as the score is.
///
/// Keys are computed where they are needed and not stored. The key of an undirected edge is the same from both ends,
/// bit for bit.
protocol EdgeKeying: EdgeValue {
  /// Bounds of all keys, inclusive; the upper one is below `UInt64.max`.
  var keyRange: ClosedRange<UInt64> { get }
  /// The key of the edge at `arc`, which is no loop.
  func key(_ node: Int, _ target: Int, _ arc: Int) -> UInt64
  /// The score that a key stands for.
  func score(ofKey key: UInt64) -> Double
  /// The smallest key whose score is not below `score`.
  func firstKey(notBelow score: Double) -> UInt64
  /// The bits of the arcs, at most 64 from `arc` on, whose keys are above a range, and of those whose keys are in it.
  func compare<Target: NodeIndex>(
    _ node: Int, _ targets: UnsafePointer<Target>, _ arc: Int, _ count: Int, to range: ClosedRange<UInt64>,
    _ scratch: UnsafeMutablePointer<UInt64>
  ) -> (above: UInt64, inside: UInt64)
}

extension EdgeKeying {
  @inline(__always) func fill<Target: NodeIndex>(
    _ values: UnsafeMutablePointer<UInt64>, _ node: Int, _ targets: UnsafePointer<Target>, _ arc: Int, _ count: Int
  ) {
    for i in 0..<count { unsafe values[i] = unsafe key(node, Int(truncatingIfNeeded: targets[i]), arc &+ i) }
  }

  @inline(__always) func compare<Target: NodeIndex>(
    _ node: Int, _ targets: UnsafePointer<Target>, _ arc: Int, _ count: Int, to range: ClosedRange<UInt64>,
    _ scratch: UnsafeMutablePointer<UInt64>
  ) -> (above: UInt64, inside: UInt64) {
    unsafe compareFilled(node, targets, arc, count, to: range, scratch)
  }

  /// The comparison of any keys, computed in one go.
  @inline(__always) func compareFilled<Target: NodeIndex>(
    _ node: Int, _ targets: UnsafePointer<Target>, _ arc: Int, _ count: Int, to range: ClosedRange<UInt64>,
    _ scratch: UnsafeMutablePointer<UInt64>
  ) -> (above: UInt64, inside: UInt64) {
    unsafe fill(scratch, node, targets, arc, count)
    var above: UInt64 = 0
    var notBelow: UInt64 = 0
    for i in 0..<count {
      let bit = UInt64(truncatingIfNeeded: i)
      unsafe above |= (scratch[i] > range.upperBound ? 1 : 0) &<< bit
      unsafe notBelow |= (scratch[i] >= range.lowerBound ? 1 : 0) &<< bit
    }
    return (above, notBelow & ~above)
  }

  func score(ofKey key: UInt64) -> Double { OrderedDouble.value(ofKey: key) }
  func firstKey(notBelow score: Double) -> UInt64 { OrderedDouble.key(of: score) }
}

/// Doubles as integers of the same order.
enum OrderedDouble {
  static let signBit: UInt64 = 1 << 63

  /// The key of any double but NaN; both zeros have the same.
  @inline(__always) static func key(of value: Double) -> UInt64 {
    let bits = (value + 0).bitPattern
    return bits ^ (UInt64(bitPattern: Int64(bitPattern: bits) &>> 63) | signBit)
  }

  static func value(ofKey key: UInt64) -> Double {
    Double(bitPattern: key & signBit != 0 ? key ^ signBit : ~key)
  }
}

/// source[u] · target[v], or its negative.
@safe struct ProductKeying: EdgeKeying {
  let source: UnsafePointer<Double>
  let target: UnsafePointer<Double>
  /// Turns the bits of a positive double into the key of it, or of its negative.
  let mask: UInt64
  let keyRange: ClosedRange<UInt64>

  init(_ scores: NodeScoreBuffers, isNegated: Bool) {
    unsafe source = UnsafePointer(scores.source.base)
    unsafe target = UnsafePointer(scores.target.base)
    let mask = Self.mask(isNegated: isNegated)
    self.mask = mask
    let out = positiveRange(scores.source)
    let into = scores.source === scores.target ? out : positiveRange(scores.target)
    let ends = [out.lowerBound * into.lowerBound, out.upperBound * into.upperBound].map { $0.bitPattern ^ mask }
    keyRange = min(ends[0], ends[1])...max(ends[0], ends[1])
  }

  static func mask(isNegated: Bool) -> UInt64 { isNegated ? ~OrderedDouble.signBit : OrderedDouble.signBit }

  @inline(__always) func key(_ node: Int, _ target: Int, _ arc: Int) -> UInt64 {
    unsafe (source[node] * self.target[target]).bitPattern ^ mask
  }

  @inline(__always) func fill<Target: NodeIndex>(
    _ values: UnsafeMutablePointer<UInt64>, _ node: Int, _ targets: UnsafePointer<Target>, _ arc: Int, _ count: Int
  ) {
    let (own, others, mask) = unsafe (source[node], target, mask)
    for i in 0..<count {
      unsafe values[i] = unsafe (own * others[Int(truncatingIfNeeded: targets[i])]).bitPattern ^ mask
    }
  }
  @inline(__always) func compare<Target: NodeIndex>(
    _ node: Int, _ targets: UnsafePointer<Target>, _ arc: Int, _ count: Int, to range: ClosedRange<UInt64>,
    _ scratch: UnsafeMutablePointer<UInt64>
  ) -> (above: UInt64, inside: UInt64) {
    guard Target.bitWidth == 32 else { return unsafe compareFilled(node, targets, arc, count, to: range, scratch) }
    var inside: UInt64 = 0
    let above = unsafe mill_compare_products(
      source[node], target, UnsafeRawPointer(targets).assumingMemoryBound(to: UInt32.self), Int64(count), mask,
      range.lowerBound, range.upperBound, &inside)
    return (above, inside)
  }
}

/// weight · (source[u] · target[v]), or its negative.
@safe struct WeightedProductKeying: EdgeKeying {
  let source: UnsafePointer<Double>
  let target: UnsafePointer<Double>
  let weights: UnsafePointer<Double>
  let mask: UInt64
  let keyRange: ClosedRange<UInt64>

  init(
    _ scores: NodeScoreBuffers, _ weights: UnsafePointer<Double>, arcCount: Int, isNegated: Bool
  ) throws(MillError) {
    unsafe source = UnsafePointer(scores.source.base)
    unsafe target = UnsafePointer(scores.target.base)
    unsafe self.weights = weights
    mask = ProductKeying.mask(isNegated: isNegated)
    var heaviest = 0.0
    for arc in 0..<arcCount where unsafe weights[arc] > heaviest { heaviest = unsafe weights[arc] }
    // Rounding is monotone: no score is above the product of the three maxima.
    let bound = heaviest * (positiveRange(scores.source).upperBound * positiveRange(scores.target).upperBound)
    guard bound < .infinity else { throw .weightsTooExtreme }
    let ends = [mask, bound.bitPattern ^ mask]
    keyRange = min(ends[0], ends[1])...max(ends[0], ends[1])
  }

  @inline(__always) func key(_ node: Int, _ target: Int, _ arc: Int) -> UInt64 {
    unsafe (weights[arc] * (source[node] * self.target[target])).bitPattern ^ mask
  }
}

/// 1 / (source[u] · target[v]): edges of equal degree products have equal scores.
@safe struct InverseProductKeying: EdgeKeying {
  let source: UnsafePointer<Double>
  let target: UnsafePointer<Double>
  let keyRange: ClosedRange<UInt64>

  init(_ degrees: NodeScoreBuffers) {
    unsafe source = UnsafePointer(degrees.source.base)
    unsafe target = UnsafePointer(degrees.target.base)
    let (out, into) = (positiveRange(degrees.source), positiveRange(degrees.target))
    let low = OrderedDouble.key(of: 1 / (out.upperBound * into.upperBound))
    keyRange = low...max(low, OrderedDouble.key(of: 1 / (out.lowerBound * into.lowerBound)))
  }

  @inline(__always) func key(_ node: Int, _ target: Int, _ arc: Int) -> UInt64 {
    unsafe (1 / (source[node] * self.target[target])).bitPattern ^ OrderedDouble.signBit
  }
}

/// 53 random bits of (seed, u, v): the score times 2^53.
struct RandomKeying: EdgeKeying {
  let hash: EdgeHash
  let isDirected: Bool
  let keyRange: ClosedRange<UInt64> = 0...(1 << 53 - 1)

  init(seed: UInt64, isDirected: Bool) {
    hash = EdgeHash(RandomStream(seed: seed, stage: "sparsify.random"))
    self.isDirected = isDirected
  }

  @inline(__always) func key(_ node: Int, _ target: Int, _ arc: Int) -> UInt64 {
    let isForward = isDirected || node < target
    return hash(isForward ? node : target, isForward ? target : node) &>> 11
  }

  func score(ofKey key: UInt64) -> Double { Double(key) * 0x1p-53 }
  func firstKey(notBelow score: Double) -> UInt64 { UInt64((min(max(score, 0), 1) * 0x1p53).rounded(.up)) }
}

/// A score at every arc.
@safe struct StoredKeying: EdgeKeying {
  let scores: UnsafePointer<Double>
  let keyRange: ClosedRange<UInt64>

  init(_ buffer: FlatBuffer<Double>) {
    unsafe scores = UnsafePointer(buffer.base)
    var low = Double.infinity
    var high = -Double.infinity
    let entries = unsafe buffer.elements
    for i in entries.indices {
      let score = unsafe entries[i]
      low = min(low, score)
      high = max(high, score)
    }
    keyRange = OrderedDouble.key(of: low)...OrderedDouble.key(of: high)
  }

  @inline(__always) func key(_ node: Int, _ target: Int, _ arc: Int) -> UInt64 {
    unsafe OrderedDouble.key(of: scores[arc])
  }
}

/// 64 random bits of an edge (smaller end first unless directed); the same for both widths of targets.
struct EdgeHash {
  private let streamKey: UInt64

  init(_ stream: RandomStream) { streamKey = stream.rawKey }

  @inline(__always) func callAsFunction(_ u: Int, _ v: Int) -> UInt64 {
    var generator = CounterRandom(
      streamKey: streamKey,
      item: CounterRandom.mix(UInt64(truncatingIfNeeded: u)) ^ UInt64(truncatingIfNeeded: v))
    return generator.next()
  }
}

/// The least and the largest value above 0; 0...0 where there is none.
private func positiveRange(_ buffer: FlatBuffer<Double>) -> ClosedRange<Double> {
  var low = Double.infinity
  var high = 0.0
  let entries = unsafe buffer.elements
  for i in entries.indices {
    let value = unsafe entries[i]
    guard value > 0 else { continue }
    low = min(low, value)
    high = max(high, value)
  }
  return high > 0 ? low...high : 0...0
}
