import MillRuntime

/// Layouts of rectangles, to compare with: their areas are right, their shapes have no bound.
///
/// - Source: Shneiderman, "Tree visualization with tree-maps", ACM TOG 11(1), 1992 (slice); Bruls, Huizing, van Wijk,
///   "Squarified treemaps", VisSym 2000; Bederson, Shneiderman, Wattenberg, "Ordered and quantum treemaps", ACM TOG
///   21(4), 2002 (strip).
struct RectangleLayout {
  private let tree: RootedTree
  private let options: PartitionOptions
  private let exponent: Int
  private let weights: [Double]
  private let cutTree: CutTree?
  private var boxes: [Box?]
  private var assembly: PartitionAssembly

  private struct Box {
    var x0: Double
    var y0: Double
    var x1: Double
    var y1: Double
    var width: Double { x1 - x0 }
    var height: Double { y1 - y0 }
    /// The box between two fractions of its width, or of its height; nil where it has no extent left.
    func part(alongX: Bool, _ low: Double, _ high: Double) -> Box? {
      var part = self
      if alongX {
        part.x0 = x0 + width * low
        if high < 1 { part.x1 = x0 + width * high }
      } else {
        part.y0 = y0 + height * low
        if high < 1 { part.y1 = y0 + height * high }
      }
      return part.width > 0 && part.height > 0 ? part : nil
    }
  }

  init(_ tree: RootedTree, _ leafWeights: [Double], _ exponent: Int, _ options: PartitionOptions) {
    self.tree = tree
    self.options = options
    self.exponent = exponent
    assembly = PartitionAssembly(tree, options)
    boxes = [Box?](repeating: nil, count: tree.nodeCount)
    if options.method == .binary {
      let cutTree = CutTree(tree, leafWeights: leafWeights, hasBudget: false) { _, sum in sum }
      self.cutTree = cutTree
      weights = cutTree.nodeWeights
    } else {
      cutTree = nil
      var sums = leafWeights + repeatElement(0, count: tree.nodeCount - tree.leafCount)
      for (node, parent) in tree.parents.enumerated() where parent >= 0 { sums[Int(parent)] += sums[node] }
      weights = sums
    }
  }

  mutating func partition(_ context: RunContext) throws(MillError) -> PolygonPartition {
    let depths = tree.depths
    if let cutTree {
      boxes = halve(cutTree, depths)
    } else {
      try fill(depths, context)
    }
    var pool = try PolygonPool(capacity: 4 * tree.nodeCount)
    var frame = try RectangleRing()
    var starts = [Int](repeating: 0, count: tree.nodeCount)
    for node in 0..<tree.nodeCount {
      guard let box = boxes[node] else { continue }
      starts[node] = try frame.append(box.x0, box.y0, box.x1, box.y1, to: &pool)
    }
    return try assembly.finished(pool, weights: weights, exponent: exponent) { node in
      boxes[node] == nil ? (0, 0) : (starts[node], 4)
    }
  }

  private mutating func fill(_ depths: [Int], _ context: RunContext) throws(MillError) {
    let root = tree.nodeCount - 1
    boxes[root] = Box(x0: 0, y0: 0, x1: options.width, y1: options.height)
    // Parents have larger numbers than their children.
    for node in stride(from: root, through: tree.leafCount, by: -1)
    where depths[node] < options.maximumDepth ?? Int.max {
      if node & 1023 == 0 { try context.checkCancelled() }
      guard let box = boxes[node] else { continue }
      var children = tree.children(of: node).filter { weights[Int($0)] > 0 }
      switch options.method {
      case .slice: slice(children[...], in: box, alongX: depths[node].isMultiple(of: 2), node)
      case .strip: fillRows(children, in: box, node, isSquarified: false)
      default:
        children.sort { a, b in
          let (v, w) = (weights[Int(a)], weights[Int(b)])
          return v != w ? v > w : a < b
        }
        fillRows(children, in: box, node, isSquarified: true)
      }
    }
  }

  /// Puts parts side by side, each as wide as its share.
  private mutating func slice(_ parts: ArraySlice<Int32>, in box: Box, alongX: Bool, _ node: Int) {
    let sum = parts.reduce(0.0) { $0 + weights[Int($1)] }
    var prefix = 0.0
    for (i, part) in parts.enumerated() {
      let weight = weights[Int(part)]
      let low = prefix / sum
      prefix += weight
      boxes[Int(part)] = box.part(alongX: alongX, low, i == parts.count - 1 ? 1 : prefix / sum)
      if i > 0 { addCut(in: box, alongX: alongX, at: low, weight: min(prefix - weight, sum - (prefix - weight)), node) }
    }
  }

  /// Fills rows one after the other. Squarified: along the shorter side of what is left, as long as the worst ratio of
  /// the row gets no worse; else strips of the whole width, as long as their mean ratio gets no worse.
  private mutating func fillRows(_ parts: [Int32], in box: Box, _ node: Int, isSquarified: Bool) {
    var rest = box
    // What is left at each part, summed from the end: differences would lose the digits of small weights.
    var sums = parts.map { weights[Int($0)] }
    for i in parts.indices.dropLast().reversed() { sums[i] += sums[i + 1] }
    var begin = 0
    while begin < parts.count {
      let sum = sums[begin]
      // Rows stand beside each other along the longer side.
      let alongX = isSquarified && rest.width >= rest.height
      let (side, depth) = alongX ? (rest.height, rest.width) : (rest.width, rest.height)
      var row = 0.0
      var best = Double.infinity
      var end = begin
      while end < parts.count {
        let next = row + weights[Int(parts[end])]
        let thickness = depth * next / sum
        let score = rowScore(parts[begin...end], side, thickness, next, isSquarified)
        if score > best { break }
        (best, row, end) = (score, next, end + 1)
      }
      let isLast = end == parts.count
      guard let strip = rest.part(alongX: alongX, 0, isLast ? 1 : row / sum) else { return }
      slice(parts[begin..<end], in: strip, alongX: !alongX, node)
      if isLast { return }
      addCut(in: rest, alongX: alongX, at: row / sum, weight: min(row, sums[end]), node)
      guard let left = rest.part(alongX: alongX, row / sum, 1) else { return }
      rest = left
      begin = end
    }
  }

  private func rowScore(
    _ row: ArraySlice<Int32>, _ side: Double, _ thickness: Double, _ sum: Double, _ isSquarified: Bool
  ) -> Double {
    func ratio(_ part: Int32) -> Double {
      let length = side * weights[Int(part)] / sum
      return max(length / thickness, thickness / length)
    }
    // By falling weight the worst one is the first or the last.
    if isSquarified { return max(ratio(row[row.startIndex]), ratio(row[row.endIndex - 1])) }
    return row.reduce(0.0) { $0 + ratio($1) } / Double(row.count)
  }

  /// Divides boxes along their longer sides, half by half; gives those of the tree's nodes.
  private mutating func halve(_ cutTree: CutTree, _ depths: [Int]) -> [Box?] {
    var halves = [Box?](repeating: nil, count: cutTree.count)
    var stack = [(cutTree.root, Box(x0: 0, y0: 0, x1: options.width, y1: options.height))]
    while let (half, box) = stack.popLast() {
      halves[half] = box
      let (a, b) = (Int(cutTree.first[half]), Int(cutTree.second[half]))
      let owner = Int(cutTree.owners[half])
      if a < 0 || depths[owner] >= options.maximumDepth ?? Int.max { continue }
      let (v, w) = (cutTree.weights[a], cutTree.weights[b])
      let alongX = box.width >= box.height
      addCut(in: box, alongX: alongX, at: v / (v + w), weight: min(v, w), owner)
      if let place = box.part(alongX: alongX, v / (v + w), 1) { stack.append((b, place)) }
      if let place = box.part(alongX: alongX, 0, v / (v + w)) { stack.append((a, place)) }
    }
    return cutTree.nodes.map { $0 < 0 ? nil : halves[Int($0)] }
  }

  private mutating func addCut(in box: Box, alongX: Bool, at share: Double, weight: Double, _ node: Int) {
    let x = alongX ? box.x0 + box.width * share : box.x0
    let y = alongX ? box.y0 : box.y0 + box.height * share
    assembly.cuts.append(
      PolygonPartition.Cut(
        startX: x, startY: y, endX: alongX ? x : box.x1, endY: alongX ? box.y1 : y,
        share: weight / weights[weights.count - 1], node: Int32(node)))
  }
}
