public import GraphStore
public import MillRuntime

/// The settings of ``generateConfigurationModel(_:context:)``.
public struct ConfigurationModelOptions: Sendable, Equatable, Codable {
  /// The degree of each node, not negative, with an even sum; a loop counts 2.
  public var degrees: [Int]
  /// What happens to self-loops in ``generateConfigurationModelGraph(_:context:)``.
  public var loops: LoopPolicy
  /// What happens to parallel edges there; `sum` merges them.
  public var duplicates: DuplicatePolicy
  /// The seed.
  public var seed: UInt64

  /// Loops dropped and parallel edges merged, so that few nodes lose a neighbor or two, unless told otherwise.
  public init(degrees: [Int], loops: LoopPolicy = .drop, duplicates: DuplicatePolicy = .sum, seed: UInt64 = 42) {
    self.degrees = degrees
    self.loops = loops
    self.duplicates = duplicates
    self.seed = seed
  }
}

/// Draws the edges of a graph with given degrees: every node has as many stubs as its degree, and all stubs are paired at
/// random.
///
/// - Returns: Half as many edges as the sum of degrees, loops and repeated ones among them.
/// - Throws: `MillError`: `bad-option` for negative degrees and an odd sum, `over-budget`, `interrupted`.
/// - Complexity: O(n + m) time; 4 bytes a stub and 8 bytes an edge. The same edges for every thread count.
/// - Source: Bollobás, "A probabilistic proof of an asymptotic formula for the number of labelled regular graphs",
///   European Journal of Combinatorics 1, 1980; Newman, Strogatz, Watts, Physical Review E 64, 2001; without loops and
///   repetitions "erased" after Britton, Deijfen, Martin-Löf, Journal of Statistical Physics 124, 2006.
public func generateConfigurationModel(
  _ options: ConfigurationModelOptions, context: RunContext = .init()
) throws(MillError) -> GeneratedEdges {
  let degrees = options.degrees
  try Generator.checkNodes(degrees.count)
  var stubCount = 0
  for degree in degrees {
    guard degree >= 0 else { throw Generator.refusal("a degree must not be negative", degree) }
    let (sum, overflow) = stubCount.addingReportingOverflow(degree)
    stubCount = overflow ? Int.max : sum
    try Generator.checkEdges(stubCount / 2)
  }
  guard stubCount % 2 == 0 else { throw Generator.refusal("the sum of all degrees must be even", stubCount) }
  let owners = try FlatBuffer<UInt32>(uninitializedCount: stubCount)
  var place = 0
  for (node, degree) in degrees.enumerated() {
    for _ in 0..<degree {
      unsafe owners.base[place] = UInt32(truncatingIfNeeded: node)
      place += 1
    }
  }
  let order = SeededPermutation(
    count: UInt64(stubCount), stream: RandomStream(seed: options.seed, stage: "configuration-model"))
  let blocks = try unsafe Generator.blocks(edgeCount: stubCount / 2, context: context) { edges, ids in
    for (i, stub) in (2 * edges.lowerBound..<2 * edges.upperBound).enumerated() {
      unsafe ids[i] = owners.base[Int(order(UInt64(stub)))]
    }
  }
  return GeneratedEdges(blocks: blocks, nodeCount: degrees.count, edgeCount: stubCount / 2, isDirected: false)
}

/// The graph of ``generateConfigurationModel(_:context:)``, with loops and parallel edges treated as the options say.
///
/// - Throws: `MillError`, as the generator and `freeze(_:options:context:)`.
public func generateConfigurationModelGraph(
  _ options: ConfigurationModelOptions, context: RunContext = .init()
) throws(MillError) -> CSRGraph {
  try generateConfigurationModel(options, context: context)
    .graph(loops: options.loops, duplicates: options.duplicates, context: context)
}
