public import GraphStore
public import MillRuntime

/// The settings of ``generateGrid(_:context:)``.
public struct GridOptions: Sendable, Equatable, Codable {
  /// The number of nodes along each direction, at least 1; one entry for a path, two for a mesh, three for a lattice.
  public var lengths: [Int]
  /// Whether the last node along a direction is joined to the first: rings instead of paths.
  public var isPeriodic: Bool

  /// Open at the rim, unless told otherwise.
  public init(lengths: [Int], isPeriodic: Bool = false) {
    self.lengths = lengths
    self.isPeriodic = isPeriodic
  }
}

/// The edges of a grid of any number of directions: every node is joined to the next one along each.
///
/// Nodes are numbered with the last direction fastest: in a mesh of r rows and c columns, node (i, j) is i · c + j. Along a
/// direction of two nodes a periodic grid has one edge, not two.
///
/// - Throws: `MillError`: `bad-option` for a length below 1 and too many nodes, `over-budget`, `interrupted`.
/// - Complexity: O(n · directions) time, 8 bytes an edge. There is nothing random about it.
/// - Source: The Cartesian product of paths or cycles; Harary, "Graph Theory", 1969, chapter 2.
public func generateGrid(_ options: GridOptions, context: RunContext = .init()) throws(MillError) -> GeneratedEdges {
  var n = 1
  for length in options.lengths {
    guard length >= 1 else { throw Generator.refusal("a grid must have a node along every direction", length) }
    let (product, overflow) = n.multipliedReportingOverflow(by: length)
    n = overflow ? Int.max : product
    try Generator.checkNodes(n)
  }
  if options.lengths.isEmpty { n = 0 }
  var directions: [GridDirection] = []
  var (stride, edgeCount) = (1, 0)
  for length in options.lengths.reversed() {
    let direction = GridDirection(
      length: length, stride: stride, isRing: options.isPeriodic && length > 2, nodeCount: n, firstEdge: edgeCount)
    directions.append(direction)
    edgeCount += direction.edgeCount
    stride *= length
  }
  try Generator.checkEdges(edgeCount)
  let ways = directions
  let blocks = try unsafe Generator.blocks(edgeCount: edgeCount, context: context) { edges, ids in
    for way in ways {
      for edge in edges.clamped(to: way.firstEdge..<way.firstEdge + way.edgeCount) {
        let place = 2 &* (edge &- edges.lowerBound)
        unsafe (ids[place], ids[place &+ 1]) = way.ends(of: edge)
      }
    }
  }
  return GeneratedEdges(blocks: blocks, nodeCount: n, edgeCount: edgeCount, isDirected: false)
}

/// The grid of ``generateGrid(_:context:)``.
///
/// - Throws: `MillError`, as the generator and `freeze(_:options:context:)`.
public func generateGridGraph(_ options: GridOptions, context: RunContext = .init()) throws(MillError) -> CSRGraph {
  try generateGrid(options, context: context).graph(loops: .error, duplicates: .error, context: context)
}

/// The edges along one direction: lines of `length` nodes that are `stride` apart.
private struct GridDirection {
  let length: Int
  let stride: Int
  let isRing: Bool
  let firstEdge: Int
  let edgeCount: Int
  /// Edges of a line.
  private let steps: Int

  init(length: Int, stride: Int, isRing: Bool, nodeCount: Int, firstEdge: Int) {
    self.length = length
    self.stride = stride
    self.isRing = isRing
    self.firstEdge = firstEdge
    steps = isRing ? length : length - 1
    edgeCount = nodeCount / length * steps
  }

  func ends(of edge: Int) -> (UInt32, UInt32) {
    let (line, place) = (edge - firstEdge).quotientAndRemainder(dividingBy: steps * stride)
    let (step, offset) = place.quotientAndRemainder(dividingBy: stride)
    let node = (line * length + step) * stride + offset
    let other = step + 1 < length ? node + stride : node - step * stride
    return (UInt32(node), UInt32(other))
  }
}
