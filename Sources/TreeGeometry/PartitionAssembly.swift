import MillRuntime

/// Collects cuts and cells, and measures what has come out.
struct PartitionAssembly {
  var figures = PartitionFigures()
  var cuts: [PolygonPartition.Cut] = []
  private let tree: RootedTree
  private let options: PartitionOptions

  init(_ tree: RootedTree, _ options: PartitionOptions) {
    self.tree = tree
    self.options = options
  }

  /// The partition.
  ///
  /// - Parameters:
  ///   - pool: All polygons.
  ///   - weights: One a node, scaled by 2^-exponent.
  ///   - cell: The first vertex and the number of vertices of a node's cell.
  func finished(
    _ pool: PolygonPool, weights: [Double], exponent: Int, cell: (Int) -> (start: Int, count: Int32)
  ) throws(MillError) -> PolygonPartition {
    var figures = figures
    let count = tree.nodeCount
    let starts = try FlatBuffer<Int>(count: count)
    let counts = try FlatBuffer<Int32>(count: count)
    let areas = try FlatBuffer<Double>(count: count)
    let aspects = try FlatBuffer<Double>(count: count)
    let given = try FlatBuffer<Double>(count: count)
    let depths = tree.depths
    let frame = options.width * options.height
    let whole = weights[count - 1]
    let power = (exponent / 2, exponent - exponent / 2)
    var ratios: [Double] = []
    ratios.reserveCapacity(count)
    var meter = try ConvexCutter(vertices: 62)
    for node in 0..<count {
      unsafe given.base[node] =
        weights[node] * Double(sign: .plus, exponent: power.0, significand: 1)
        * Double(sign: .plus, exponent: power.1, significand: 1)
      unsafe aspects.base[node] = .nan
      figures.zeroWeight += weights[node] > 0 ? 0 : 1
      if weights[node] == 0 || depths[node] > options.maximumDepth ?? Int.max { continue }
      let place = cell(node)
      guard place.count > 0 else {
        figures.collapsed += 1
        continue
      }
      try meter.load(pool, at: place.start, count: Int(place.count))
      let area = meter.area
      let aspect = unsafe meter.ring.squaredDiameter / area
      unsafe starts.base[node] = place.start
      unsafe counts.base[node] = place.count
      unsafe areas.base[node] = area
      unsafe aspects.base[node] = aspect
      ratios.append(aspect)
      figures.verticesMax = max(figures.verticesMax, Int(place.count))
      let target = frame * (weights[node] / whole)
      figures.areaError = max(figures.areaError, abs(area - target) / target)
    }
    ratios.sort()
    figures.nodes = count
    figures.leaves = tree.leafCount
    figures.depth = depths.max() ?? 0
    figures.cuts = cuts.count
    figures.aspectMedian = ratios[(ratios.count - 1) / 2]
    figures.aspectP99 = ratios[(ratios.count * 99 - 1) / 100]
    figures.aspectWorst = ratios[ratios.count - 1]
    pool.points.truncate(to: 2 * pool.count)
    return PolygonPartition(
      tree: tree, options: options, weights: SharedArray(given), areas: SharedArray(areas),
      aspects: SharedArray(aspects), cuts: try SharedArray(copying: cuts), figures: figures,
      starts: SharedArray(starts), counts: SharedArray(counts), points: SharedArray(pool.points))
  }
}
