public import GraphStore
public import MillRuntime

/// The settings of ``generateKronecker(_:context:)``.
public struct KroneckerOptions: Sendable, Equatable, Codable {
  /// A square matrix of numbers that are not negative, row by row: the chances of edges in the smallest graph.
  public var initiator: [[Double]]
  /// How often the matrix is multiplied with itself; there are k^levels nodes for a matrix of k rows.
  public var levels: Int
  /// Edges to draw; nil for the expected number: the sum of the matrix to the power of the levels, for an undirected graph
  /// half of that and of the same for its diagonal.
  public var edgeCount: Int?
  /// Whether each edge is an arc.
  public var isDirected: Bool
  /// What happens to self-loops in ``generateKroneckerGraph(_:context:)``.
  public var loops: LoopPolicy
  /// What happens to repeated edges there.
  public var duplicates: DuplicatePolicy
  /// The seed.
  public var seed: UInt64

  /// The matrix that was fitted to a network of autonomous systems, 14 times, unless told otherwise.
  public init(
    initiator: [[Double]] = [[0.987, 0.571], [0.571, 0.049]], levels: Int = 14, edgeCount: Int? = nil,
    isDirected: Bool = false, loops: LoopPolicy = .drop, duplicates: DuplicatePolicy = .sum, seed: UInt64 = 42
  ) {
    self.initiator = initiator
    self.levels = levels
    self.edgeCount = edgeCount
    self.isDirected = isDirected
    self.loops = loops
    self.duplicates = duplicates
    self.seed = seed
  }
}

/// Draws the edges of a stochastic Kronecker graph: each picks an entry of the matrix in proportion to the numbers, then
/// one of that entry's own copy of the matrix, level by level.
///
/// A matrix of two rows makes an R-MAT graph (``generateRMAT(_:context:)``). An undirected graph forgets which end came
/// first: give a symmetric matrix.
///
/// - Returns: Exactly as many edges as asked for or expected, loops and repeated ones among them.
/// - Throws: `MillError`: `bad-option`, `over-budget`, `interrupted`.
/// - Complexity: O(edges · levels · log k) time, 8 bytes an edge. Edge i depends on the options and i alone: the same edges
///   for every thread count.
/// - Source: Leskovec, Chakrabarti, Kleinberg, Faloutsos, Ghahramani, "Kronecker graphs: an approach to modeling networks",
///   Journal of Machine Learning Research 11, 2010, sections 3.3 and 3.6.
public func generateKronecker(
  _ options: KroneckerOptions = .init(), context: RunContext = .init()
) throws(MillError) -> GeneratedEdges {
  let matrix = options.initiator
  guard !matrix.isEmpty, matrix.count <= 1 << 10, matrix.allSatisfy({ $0.count == matrix.count }) else {
    throw Generator.refusal("the matrix must be square, with 1 to 1024 rows", "\(matrix.map(\.count))")
  }
  for entry in matrix.joined() where !(entry >= 0 && entry <= 0x1p64) {
    throw Generator.refusal("an entry of the matrix must not be negative, nor beyond 2^64", entry)
  }
  let sum = matrix.joined().reduce(0, +)
  guard sum > 0 else { throw Generator.refusal("the matrix must have an entry above 0", sum) }
  guard options.levels >= 0, options.levels <= 32 else {
    throw Generator.refusal("the number of levels must be in 0...32", options.levels)
  }
  var (nodeCount, expected, onDiagonal) = (1, 1.0, 1.0)
  let trace = matrix.indices.reduce(0) { $0 + matrix[$1][$1] }
  for _ in 0..<options.levels {
    nodeCount = min(nodeCount, Generator.maximumNodes + 1) * matrix.count
    (expected, onDiagonal) = (expected * sum, onDiagonal * trace)
  }
  try Generator.checkNodes(nodeCount)
  if !options.isDirected { expected = (expected + onDiagonal) / 2 }
  let edgeCount = options.edgeCount ?? Int(min(expected, 0x1p62).rounded())
  try Generator.checkEdges(edgeCount)
  let drawer = KroneckerDrawer(matrix, levels: options.levels, seed: options.seed)
  let blocks = try unsafe Generator.blocks(edgeCount: edgeCount, context: context) { edges, ids in
    for (i, edge) in edges.enumerated() { unsafe (ids[2 * i], ids[2 * i + 1]) = drawer.draw(edge) }
  }
  return GeneratedEdges(
    blocks: blocks, nodeCount: nodeCount, edgeCount: edgeCount, isDirected: options.isDirected)
}

/// The graph of ``generateKronecker(_:context:)``, with loops and repeated edges treated as the options say.
///
/// - Throws: `MillError`, as the generator and `freeze(_:options:context:)`.
public func generateKroneckerGraph(
  _ options: KroneckerOptions = .init(), context: RunContext = .init()
) throws(MillError) -> CSRGraph {
  try generateKronecker(options, context: context)
    .graph(loops: options.loops, duplicates: options.duplicates, context: context)
}

private struct KroneckerDrawer {
  private let size: Int
  private let levels: Int
  /// The chance of an entry up to each one above 0, row by row, and these entries.
  private let sums: [Double]
  private let entries: [Int]
  private let stream: RandomStream

  init(_ matrix: [[Double]], levels: Int, seed: UInt64) {
    size = matrix.count
    self.levels = levels
    var (sums, entries, sum): ([Double], [Int], Double) = ([], [], 0)
    for (place, entry) in matrix.joined().enumerated() where entry > 0 {
      sum += entry
      sums.append(sum)
      entries.append(place)
    }
    self.sums = sums.map { $0 / sum }
    self.entries = entries
    stream = RandomStream(seed: seed, stage: "kronecker")
  }

  func draw(_ edge: Int) -> (UInt32, UInt32) {
    var random = stream.item(UInt64(edge))
    var (row, column) = (0, 0)
    for _ in 0..<levels {
      let wanted = random.unit()
      let entry = entries[(0..<sums.count - 1).partitionPoint { sums[$0] > wanted }]
      row = row * size + entry / size
      column = column * size + entry % size
    }
    return (UInt32(row), UInt32(column))
  }
}
