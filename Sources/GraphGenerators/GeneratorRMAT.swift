public import GraphStore
public import MillRuntime

/// The settings of ``generateRMAT(_:context:)``.
public struct RMATOptions: Sendable, Equatable, Codable {
  /// The number of nodes, in 1...2^32 - 1 where there are edges. Any number: pairs outside are drawn again.
  public var nodeCount: Int
  /// Edges to draw, in 0...2^40; the graph has fewer where they repeat or are loops.
  public var edgeCount: Int
  /// Chance of the upper left quadrant.
  public var a: Double
  /// Chance of the upper right quadrant.
  public var b: Double
  /// Chance of the lower left quadrant; the lower right one has what is left of 1.
  public var c: Double
  /// Whether nodes get random numbers; else small numbers have large degrees.
  public var scramblesNodes: Bool
  /// Whether each edge is an arc.
  public var isDirected: Bool
  /// What happens to self-loops in ``generateRMATGraph(_:context:)``.
  public var loops: LoopPolicy
  /// What happens to repeated edges in ``generateRMATGraph(_:context:)``.
  public var duplicates: DuplicatePolicy
  /// The seed.
  public var seed: UInt64

  /// 2^16 nodes, 2^20 edges, the usual 0.57, 0.19, 0.19, unless told otherwise.
  public init(
    nodeCount: Int = 1 << 16, edgeCount: Int = 1 << 20, a: Double = 0.57, b: Double = 0.19, c: Double = 0.19,
    scramblesNodes: Bool = false, isDirected: Bool = false, loops: LoopPolicy = .drop,
    duplicates: DuplicatePolicy = .sum, seed: UInt64 = 42
  ) {
    self.nodeCount = nodeCount
    self.edgeCount = edgeCount
    self.a = a
    self.b = b
    self.c = c
    self.scramblesNodes = scramblesNodes
    self.isDirected = isDirected
    self.loops = loops
    self.duplicates = duplicates
    self.seed = seed
  }

  /// 2^scale nodes, and edges.
  ///
  /// - Parameters:
  ///   - scale: In 0...31.
  ///   - edgeCount: Edges to draw.
  ///   - seed: The seed.
  /// - Throws: `MillError`: `bad-option` for another scale.
  public init(scale: Int, edgeCount: Int, seed: UInt64 = 42) throws(MillError) {
    guard scale >= 0, scale <= 31 else { throw Generator.refusal("the scale must be in 0...31", scale) }
    self.init(nodeCount: 1 << scale, edgeCount: edgeCount, seed: seed)
  }
}

/// Draws the edges of a recursive-matrix graph: each picks one of four quadrants of the adjacency matrix, then of that
/// quadrant, down to one entry.
///
/// The chances are rounded to multiples of 2^-32. With a number of nodes that is no power of two, entries outside are
/// drawn again: the distribution is that of the next power of two on condition of being inside. (That is the case with
/// a chance of at least a, which therefore must not be too small.)
///
/// - Returns: Exactly `edgeCount` edges, loops and repeated ones among them.
/// - Throws: `MillError`: `bad-option`, `over-budget`, `interrupted`.
/// - Complexity: O(edges · log n) time, 8 bytes an edge. Edge i depends on the seed and i alone: the same edges for
///   every thread count.
/// - Source: Chakrabarti, Zhan, Faloutsos, "R-MAT: a recursive model for graph mining", SDM 2004, section 3.
public func generateRMAT(
  _ options: RMATOptions = .init(), context: RunContext = .init()
) throws(MillError) -> GeneratedEdges {
  try Generator.checkNodes(options.nodeCount)
  try Generator.checkEdges(options.edgeCount)
  guard options.nodeCount > 0 || options.edgeCount == 0 else {
    throw Generator.refusal("a graph without nodes has no edges", options.edgeCount)
  }
  for chance in [options.a, options.b, options.c] where !(chance >= 0 && chance <= 1) {
    throw Generator.refusal("the chance of a quadrant must be in 0...1", chance)
  }
  guard options.a + options.b + options.c <= 1 + 1e-9 else {
    throw Generator.refusal("a, b and c must not exceed 1 together", options.a + options.b + options.c)
  }
  guard options.a >= 0.01 || options.nodeCount & (options.nodeCount - 1) == 0 else {
    throw Generator.refusal("a must be at least 0.01 where the number of nodes is no power of two", options.a)
  }
  let drawer = RMATDrawer(options)
  let blocks = try unsafe Generator.blocks(edgeCount: options.edgeCount, context: context) { edges, ids in
    unsafe drawer.draw(edges, ids)
  }
  return GeneratedEdges(
    blocks: blocks, nodeCount: options.nodeCount, edgeCount: options.edgeCount, isDirected: options.isDirected)
}

/// The recursive-matrix graph of ``generateRMAT(_:context:)``, with loops and repeated edges treated as the options
/// say.
///
/// - Throws: `MillError`, as the generator and `freeze(_:options:context:)`.
public func generateRMATGraph(
  _ options: RMATOptions = .init(), context: RunContext = .init()
) throws(MillError) -> CSRGraph {
  try generateRMAT(options, context: context)
    .graph(loops: options.loops, duplicates: options.duplicates, context: context)
}

private struct RMATDrawer {
  private let nodeCount: UInt64
  private let levels: Int
  /// Sums of the chances in units of 2^-32: a, a + b, a + b + c.
  private let limits: (UInt64, UInt64, UInt64)
  private let stream: RandomStream
  private let scramble: SeededPermutation?

  init(_ options: RMATOptions) {
    nodeCount = UInt64(options.nodeCount)
    levels = Int.bitWidth - max(0, options.nodeCount - 1).leadingZeroBitCount
    func fixed(_ chance: Double) -> UInt64 { UInt64((min(1, chance) * 0x1p32).rounded()) }
    limits = (
      fixed(options.a), fixed(options.a + options.b), fixed(options.a + options.b + options.c)
    )
    stream = RandomStream(seed: options.seed, stage: "rmat")
    scramble =
      options.scramblesNodes
      ? SeededPermutation(count: nodeCount, stream: RandomStream(seed: options.seed, stage: "rmat-nodes")) : nil
  }

  func draw(_ edges: Range<Int>, _ ids: UnsafeMutablePointer<UInt32>) {
    var place = 0
    for edge in edges {
      var random = stream.item(UInt64(edge))
      var row: UInt64
      var column: UInt64
      repeat {
        row = 0
        column = 0
        var level = 0
        while level < levels {
          let bits = random.next()
          step(bits & 0xffff_ffff, &row, &column)
          level &+= 1
          if level < levels {
            step(bits &>> 32, &row, &column)
            level &+= 1
          }
        }
      } while row >= nodeCount || column >= nodeCount
      if let scramble {
        row = scramble(row)
        column = scramble(column)
      }
      unsafe ids[place] = UInt32(truncatingIfNeeded: row)
      unsafe ids[place &+ 1] = UInt32(truncatingIfNeeded: column)
      place &+= 2
    }
  }

  /// One quadrant: lower means a row bit of 1, right a column bit of 1.
  @inline(__always) private func step(_ draw: UInt64, _ row: inout UInt64, _ column: inout UInt64) {
    let (a, ab, abc) = limits
    let isPastA: UInt64 = draw >= a ? 1 : 0
    let isPastB: UInt64 = draw >= ab ? 1 : 0
    let isPastC: UInt64 = draw >= abc ? 1 : 0
    row = row &<< 1 | isPastB
    column = column &<< 1 | (isPastA ^ isPastB ^ isPastC)
  }
}
