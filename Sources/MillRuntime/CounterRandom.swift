/// Names a source of random numbers: a seed and the step of an algorithm that draws.
///
/// Streams of different stages are unrelated, so adding a stage never changes another one's numbers.
public struct RandomStream: Sendable {
  private let key: UInt64

  /// The stream of a seed and a stage name such as `"rmat"`.
  public init(seed: UInt64, stage: StaticString) {
    let hash = stage.withUTF8Buffer { unsafe FNV1a($0) }
    key = CounterRandom.mix(CounterRandom.mix(seed &+ 0x9e37_79b9_7f4a_7c15) ^ hash.value)
  }

  /// The generator that belongs to one item (an edge, a node, a chunk) of this stage.
  @inlinable public func item(_ item: UInt64) -> CounterRandom { CounterRandom(streamKey: rawKey, item: item) }

  /// The mixed key of seed and stage.
  public var rawKey: UInt64 { key }
}

/// A counter-based random number generator: draw i of (seed, stage, item) is a pure function of those four.
///
/// So a parallel loop draws the same numbers for every thread count and chunking. Two rounds of a 64-bit finaliser
/// with independent keys per item (the mixer is David Stafford's "Mix13", known from SplitMix64; Steele, Lea, Flood,
/// OOPSLA 2014). Not for cryptography.
public struct CounterRandom: RandomNumberGenerator, Sendable {
  @usableFromInline let additive: UInt64
  @usableFromInline let toggle: UInt64
  /// The number of draws made.
  @usableFromInline var counter: UInt64 = 0

  /// The generator of one item of a stream; prefer ``RandomStream/item(_:)``.
  @inlinable public init(streamKey: UInt64, item: UInt64) {
    additive = CounterRandom.mix(streamKey ^ (item &* 0xd1b5_4a32_d192_ed03))
    toggle = CounterRandom.mix(additive &+ item &+ 0x8cb9_2ba7_2f3d_8dd7)
  }

  /// The generator of (seed, stage, item).
  public init(seed: UInt64, stage: StaticString, item: UInt64 = 0) {
    self = RandomStream(seed: seed, stage: stage).item(item)
  }

  /// A bijective mixer of 64 bits.
  @inlinable public static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z &>> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z &>> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z &>> 31)
  }

  /// The next 64 random bits.
  @inlinable public mutating func next() -> UInt64 {
    counter &+= 1
    let first = CounterRandom.mix(additive &+ counter &* 0x9e37_79b9_7f4a_7c15)
    return CounterRandom.mix(first ^ toggle)
  }

  /// A uniform integer in `0..<bound`, without bias (Lemire, ACM TOMACS 2019).
  @inlinable public mutating func below(_ bound: UInt64) -> UInt64 {
    precondition(bound > 0)
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return product.high
  }

  /// A uniform double in `0..<1` with 53 random bits.
  @inlinable public mutating func unit() -> Double { Double(next() &>> 11) * 0x1p-53 }

  /// Puts the elements into a random order, each with the same chance (Fisher, Yates; Knuth's Algorithm P): position
  /// i, from the last down to 1, is exchanged with position `below(i + 1)`.
  ///
  /// Not the standard library's `shuffle(using:)`, which may draw in another way with the next toolchain: what a seed
  /// gives must not change with the compiler.
  ///
  /// - Complexity: O(count), as many draws.
  @inlinable public mutating func shuffle<Element>(_ elements: inout [Element]) {
    unsafe elements.withUnsafeMutableBufferPointer { unsafe shuffle($0) }
  }

  /// The same for elements in bare memory.
  @inlinable package mutating func shuffle<Element>(_ elements: UnsafeMutableBufferPointer<Element>) {
    for i in stride(from: elements.count - 1, to: 0, by: -1) { unsafe elements.swapAt(i, Int(below(UInt64(i + 1)))) }
  }
}
