public import GraphStore
public import MillRuntime

/// The settings of ``generateGeometric(_:context:)``.
public struct GeometricOptions: Sendable, Equatable, Codable {
  /// The number of nodes, in 0...2^32 - 1.
  public var nodeCount: Int
  /// Nodes at most this far apart are joined; not negative.
  public var radius: Double
  /// Whether the square is closed to a torus, so that there is no rim.
  public var isPeriodic: Bool
  /// The seed.
  public var seed: UInt64

  /// Nodes in the unit square, with a rim unless told otherwise.
  public init(nodeCount: Int, radius: Double, isPeriodic: Bool = false, seed: UInt64 = 42) {
    self.nodeCount = nodeCount
    self.radius = radius
    self.isPeriodic = isPeriodic
    self.seed = seed
  }

  /// The radius at which nodes have `meanDegree` neighbors on average; fewer at a rim.
  public init(nodeCount: Int, meanDegree: Double, isPeriodic: Bool = false, seed: UInt64 = 42) {
    let others = Double(max(1, nodeCount - 1))
    self.init(
      nodeCount: nodeCount, radius: (meanDegree / (Double.pi * others)).squareRoot(), isPeriodic: isPeriodic, seed: seed
    )
  }
}

/// What ``generateGeometric(_:context:)`` made.
public struct GeometricSample: Sendable {
  /// Undirected, simple.
  public let graph: CSRGraph
  /// Where the nodes are, in the unit square: x and y of node 0, of node 1, …. Shape `[2n]`.
  public let positions: SharedArray<Double>
}

/// Puts nodes at random into the unit square and joins those that are near each other.
///
/// - Throws: `MillError`: `bad-option`, `over-budget`, `interrupted`.
/// - Complexity: O(n + m) expected time, 24 bytes a node and 8 an edge. A node's place depends on the seed and its number
///   alone: the same graph for every thread count.
/// - Source: Gilbert, "Random plane networks", Journal of the SIAM 9, 1961; Penrose, "Random geometric graphs", 2003.
public func generateGeometric(
  _ options: GeometricOptions, context: RunContext = .init()
) throws(MillError) -> GeometricSample {
  try Generator.checkNodes(options.nodeCount)
  guard options.radius >= 0 else { throw Generator.refusal("the radius must not be negative", options.radius) }
  let n = options.nodeCount
  let area = Double.pi * min(1, options.radius) * min(1, options.radius)
  try Generator.checkEdges(Int(min(Double(n) * Double(n) * area / 2, 0x1p62)))
  let positions = try FlatBuffer<Double>(uninitializedCount: 2 * n)
  let stream = RandomStream(seed: options.seed, stage: "geometric")
  Parallel.forEachRange(of: n, size: 1 << 14, threads: context.threads) { nodes, _ in
    for node in nodes {
      var random = stream.item(UInt64(node))
      unsafe (positions.base[2 * node], positions.base[2 * node + 1]) = (random.unit(), random.unit())
    }
  }
  let cells = try CellGrid(positions, options)
  var blocks = [EdgeBlock?](repeating: nil, count: cells.side)
  context.progress?.begin("generate", total: cells.side, unit: .items)
  defer { context.progress?.end() }
  try unsafe blocks.withUnsafeMutableBufferPointer { (blocks) throws(MillError) in
    let slots = blocks.baseAddress!
    try Parallel.forEachThrowing(cells.side, threads: context.threads) { (row, _) throws(MillError) in
      try context.checkCancelled()
      var pairs: [UInt32] = []
      for column in 0..<cells.side { cells.appendPairs(row, column, to: &pairs) }
      unsafe slots[row] = try EdgeBlock(copying: pairs)
      context.progress?.advance(by: 1)
    }
  }
  let freezing = FreezeOptions(duplicates: .error, loops: .error, naming: .dense(nodeCount: n))
  let drawn = blocks.compactMap { $0 }
  blocks = []
  return GeometricSample(
    graph: try freeze(drawn, options: freezing, context: context).graph, positions: SharedArray(positions))
}

/// The nodes by cells of a square grid, whose sides are not shorter than the radius: neighbors are in the same cell or one
/// next to it.
private struct CellGrid {
  /// Cells along each direction.
  let side: Int
  private let positions: FlatBuffer<Double>
  private let radius: Double
  private let isPeriodic: Bool
  /// The nodes of cell c are `nodes[starts[c]..<starts[c + 1]]`, ascending.
  private let starts: FlatBuffer<Int>
  private let nodes: FlatBuffer<UInt32>

  init(_ positions: FlatBuffer<Double>, _ options: GeometricOptions) throws(MillError) {
    let n = options.nodeCount
    self.positions = positions
    radius = options.radius
    isPeriodic = options.isPeriodic
    // No more cells than nodes; a little wider than the radius, so that rounding cannot part neighbors.
    let limit = max(1, Int(Double(n).squareRoot()))
    let side = radius * Double(limit) >= 1 ? max(1, Int((1 - 0x1p-40) / radius)) : limit
    self.side = side
    starts = try FlatBuffer(count: side * side + 1)
    nodes = try FlatBuffer(uninitializedCount: n)
    func cell(_ node: Int) -> Int {
      unsafe Int(positions.base[2 * node + 1] * Double(side)) * side + Int(positions.base[2 * node] * Double(side))
    }
    for node in 0..<n { unsafe starts.base[cell(node) + 1] += 1 }
    for i in 0..<side * side { unsafe starts.base[i + 1] += starts.base[i] }
    let cursors = try FlatBuffer<Int>(uninitializedCount: side * side)
    unsafe cursors.base.update(from: starts.base, count: side * side)
    for node in 0..<n {
      let own = cell(node)
      unsafe nodes.base[cursors.base[own]] = UInt32(truncatingIfNeeded: node)
      unsafe cursors.base[own] += 1
    }
  }

  /// Appends the pairs of nodes of a cell and others, of which the first is in the cell and the smaller one.
  func appendPairs(_ row: Int, _ column: Int, to pairs: inout [UInt32]) {
    let own = unsafe starts.base[row * side + column]..<starts.base[row * side + column + 1]
    if own.isEmpty { return }
    for otherRow in around(row) {
      for otherColumn in around(column) {
        let cell = otherRow * side + otherColumn
        for i in own {
          for j in unsafe starts.base[cell]..<starts.base[cell + 1] {
            let (u, v) = unsafe (nodes.base[i], nodes.base[j])
            guard u < v, isNear(Int(u), Int(v)) else { continue }
            pairs.append(u)
            pairs.append(v)
          }
        }
      }
    }
  }

  /// A row or column and those next to it, each once.
  private func around(_ place: Int) -> [Int] {
    guard isPeriodic else { return Array(max(0, place - 1)...min(side - 1, place + 1)) }
    return Set([(place + side - 1) % side, place, (place + 1) % side]).sorted()
  }

  private func isNear(_ u: Int, _ v: Int) -> Bool {
    let x = unsafe distance(positions.base[2 * u], positions.base[2 * v])
    let y = unsafe distance(positions.base[2 * u + 1], positions.base[2 * v + 1])
    return x * x + y * y <= radius * radius
  }

  private func distance(_ a: Double, _ b: Double) -> Double {
    let straight = abs(a - b)
    return isPeriodic ? min(straight, 1 - straight) : straight
  }
}
