import MillRuntime

/// How well points keep the distances of an ultrametric.
public struct DistortionResult: Sendable, Equatable, Codable {
  /// The largest ratio of a distance of points to the ultrametric's over the smallest one; 1 for less than two points.
  public var distortion = 1.0
  /// What points must be multiplied with so that no distance shrinks.
  public var scale = 1.0
  /// The linear correlation of both distances; nil where one of them does not vary.
  public var correlation: Double?
  /// Pairs that were measured.
  public var pairs = 0
  /// Whether pairs were drawn; else all were measured.
  public var isSampled = false
}

/// Measures pairs of leaves: all of up to 5,000, else as many at each inner node in turn, drawn by a seed.
struct DistortionMeasure {
  private let ultrametric: Ultrametric
  private let seed: UInt64
  /// The leaves in the tree's order, and the first place below each node.
  private let order: [Int]
  private let begins: [Int32]
  private let counts: [Int]

  /// Leaves up to which all pairs are measured.
  static let exactLeaves = 5000
  /// Pairs that are drawn above.
  static let drawnPairs = 1 << 22
  /// Pairs that are drawn to compare choices.
  static let comparedPairs = 1 << 18
  private static let chunk = 64

  init(_ ultrametric: Ultrametric, seed: UInt64) {
    self.ultrametric = ultrametric
    self.seed = seed
    let tree = ultrametric.tree
    order = tree.leafOrder
    counts = tree.leafCounts
    var begins = [Int32](repeating: Int32.max, count: tree.nodeCount)
    for (place, leaf) in order.enumerated() { begins[leaf] = Int32(place) }
    for (node, parent) in tree.parents.enumerated() where parent >= 0 {
      begins[Int(parent)] = min(begins[Int(parent)], begins[node])
    }
    self.begins = begins
  }

  /// Sums over some pairs.
  private struct Sums {
    var least = Double.infinity
    var most = 0.0
    var pairs = 0
    var x = 0.0
    var y = 0.0
    var xx = 0.0
    var yy = 0.0
    var xy = 0.0

    mutating func add(_ x: Double, _ y: Double) {
      least = min(least, x / y)
      most = max(most, x / y)
      pairs += 1
      self.x += x
      self.y += y
      xx += x * x
      yy += y * y
      xy += x * y
    }

    mutating func add(_ other: Sums) {
      least = min(least, other.least)
      most = max(most, other.most)
      pairs += other.pairs
      x += other.x
      y += other.y
      xx += other.xx
      yy += other.yy
      xy += other.xy
    }
  }

  /// Measures points of shape `[leaves, dimensions]`; of many leaves as many pairs as told, a multiple of 4,096.
  func measure(
    _ points: SharedArray<Double>, dimensions: Int, drawing pairs: Int, _ context: RunContext
  ) throws(MillError) -> DistortionResult {
    let isSampled = order.count > Self.exactLeaves
    let items = isSampled ? pairs >> 12 : Parallel.chunkCount(order.count, size: Self.chunk)
    let parts = Lock([Sums](repeating: Sums(), count: items))
    let top = ultrametric.heights.last ?? 0
    let tree = ultrametric.tree
    let nodes =
      isSampled ? tree.innerNodes.filter { isApart(ultrametric.heights[$0]) && tree.children(of: $0).count > 1 } : []
    if isSampled, nodes.isEmpty { return DistortionResult() }
    try Parallel.forEachThrowing(items, threads: context.threads) { (item, _) throws(MillError) in
      try context.checkCancelled()
      let sums = unsafe points.withUnsafeBufferPointer { points in
        let distances = unsafe PointDistances(
          base: points.baseAddress, dimensions: dimensions, unit: 1 / max(top, .leastNormalMagnitude))
        return isSampled ? drawn(item, nodes, distances) : exact(item, distances)
      }
      parts.withLock { $0[item] = sums }
    }
    var sums = Sums()
    for part in parts.withLock({ $0 }) { sums.add(part) }
    return result(sums, isSampled: isSampled)
  }

  /// Whether leaves at a distance have points of their own: closer ones share a point on purpose.
  private func isApart(_ height: Double) -> Bool {
    height > 0 && height >= RoundedUltrametric.precision * (ultrametric.heights.last ?? 0)
  }

  /// All pairs whose first leaf is in a chunk: at each ancestor those behind its part of it.
  private func exact(_ chunk: Int, _ distances: PointDistances) -> Sums {
    let tree = ultrametric.tree
    var sums = Sums()
    for place in Parallel.range(ofChunk: chunk, size: Self.chunk, count: order.count) {
      let leaf = order[place]
      var node = leaf
      while tree.parents[node] >= 0 {
        let parent = Int(tree.parents[node])
        let rest = Int(begins[node]) + counts[node]..<Int(begins[parent]) + counts[parent]
        let height = ultrametric.heights[parent]
        if isApart(height) {
          for other in rest { sums.add(distances(leaf, order[other]), height * distances.unit) }
        }
        node = parent
      }
    }
    return sums
  }

  /// Pairs whose lowest common ancestor is one of the nodes in turn.
  private func drawn(_ chunk: Int, _ nodes: [Int], _ distances: PointDistances) -> Sums {
    let tree = ultrametric.tree
    let stream = RandomStream(seed: seed, stage: "ultrametric pairs")
    var sums = Sums()
    for pair in chunk << 12..<(chunk + 1) << 12 {
      let node = nodes[pair % nodes.count]
      var random = stream.item(UInt64(pair))
      let first = Int(begins[node]) + Int(random.below(UInt64(counts[node])))
      // The child of the node that holds the first leaf.
      let children = tree.children(of: node)
      let slot = (children.startIndex..<children.endIndex).partitionPoint {
        $0 + 1 == children.endIndex || Int(begins[Int(children[$0 + 1])]) > first
      }
      let child = Int(children[slot])
      var second = Int(begins[node]) + Int(random.below(UInt64(counts[node] - counts[child])))
      if second >= Int(begins[child]) { second += counts[child] }
      sums.add(distances(order[first], order[second]), ultrametric.heights[node] * distances.unit)
    }
    return sums
  }

  private func result(_ sums: Sums, isSampled: Bool) -> DistortionResult {
    var result = DistortionResult()
    guard sums.pairs > 0 else { return result }
    result.distortion = sums.most / sums.least
    result.scale = 1 / sums.least
    result.pairs = sums.pairs
    result.isSampled = isSampled
    let count = Double(sums.pairs)
    let (varianceX, varianceY) = (sums.xx - sums.x * sums.x / count, sums.yy - sums.y * sums.y / count)
    if varianceX > 1e-12 * sums.xx, varianceY > 1e-12 * sums.yy {
      result.correlation = (sums.xy - sums.x * sums.y / count) / (varianceX * varianceY).squareRoot()
    }
    return result
  }
}

/// Distances of points, in units of the tree's height so that no square leaves the range of a double.
@safe private struct PointDistances {
  let base: UnsafePointer<Double>?
  let dimensions: Int
  let unit: Double

  func callAsFunction(_ a: Int, _ b: Int) -> Double {
    guard let base = unsafe base else { return 0 }
    var sum = 0.0
    for axis in 0..<dimensions {
      let gap = unsafe (base[a * dimensions + axis] - base[b * dimensions + axis]) * unit
      sum += gap * gap
    }
    return sum.squareRoot()
  }
}
