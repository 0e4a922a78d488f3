import MillRuntime

/// Divides cells along the cuts that ``CutChoice`` picks, from the frame down, without recursion.
struct PolygonLayout {
  private let tree: RootedTree
  private let options: PartitionOptions
  private let exponent: Int
  private let cutTree: CutTree

  init(_ tree: RootedTree, _ weights: [Double], _ exponent: Int, _ options: PartitionOptions) {
    self.tree = tree
    self.options = options
    self.exponent = exponent
    cutTree = CutTree(tree, leafWeights: weights) { _, sum in sum }
  }

  /// A cell that may be divided.
  private struct Cell {
    var node: Int
    var start: Int
    var count: Int
    var depth: Int
  }

  func partition(_ context: RunContext) throws(MillError) -> PolygonPartition {
    let (width, height) = (options.width, options.height)
    let rootAspect = (width * width + height * height) / (width * height)
    var choice = try CutChoice(options, rootAspect: rootAspect)
    var pool = try PolygonPool(capacity: 14 * cutTree.count)
    var assembly = PartitionAssembly(tree, options)
    var starts = [Int](repeating: 0, count: cutTree.count)
    var counts = [Int32](repeating: 0, count: cutTree.count)
    let depths = options.maximumDepth == nil ? [] : tree.depths
    let whole = cutTree.weights[cutTree.root]

    var frame = try RectangleRing()
    var stack = [Cell(node: cutTree.root, start: try frame.append(0, 0, width, height, to: &pool), count: 4, depth: 0)]
    var steps = 0
    while let cell = stack.popLast() {
      (starts[cell.node], counts[cell.node]) = (cell.start, Int32(cell.count))
      assembly.figures.binaryDepth = max(assembly.figures.binaryDepth, cell.depth)
      let (a, b) = (Int(cutTree.first[cell.node]), Int(cutTree.second[cell.node]))
      if a < 0 || cutTree.weights[cell.node] < 1e-16 * whole { continue }
      let owner = cutTree.owners[cell.node]
      if let limit = options.maximumDepth, depths[Int(owner)] >= limit { continue }
      steps += 1
      if steps & 1023 == 0 { try context.checkCancelled() }
      let (v, w) = (cutTree.weights[a], cutTree.weights[b])
      // A side of 2^-52 of the frame is the precision of coordinates.
      var isDivided = min(v, w) > 0x1p-104 * whole
      if isDivided {
        isDivided = try choice.divide(
          pool, at: cell.start, count: cell.count, shares: (v / (v + w), w / (v + w)))
      }
      guard isDivided else {
        // The smaller part cannot be told from nothing.
        stack.append(Cell(node: v < w ? b : a, start: cell.start, count: cell.count, depth: cell.depth))
        continue
      }
      let parts = unsafe choice.cutter.best
      let ends = unsafe (parts.first.count, parts.second.count)
      let one = try unsafe pool.append(parts.first)
      let other = try unsafe pool.append(parts.second)
      assembly.cuts.append(choice.cut(share: min(v, w) / whole, node: owner))
      stack.append(Cell(node: b, start: other, count: ends.1, depth: cell.depth + 1))
      stack.append(Cell(node: a, start: one, count: ends.0, depth: cell.depth + 1))
    }
    assembly.figures.directions = choice.mostDirections
    if options.method != .greedy {
      assembly.figures.aspectBound = max(
        2 * choice.roundness, 2 + 4 * LineDirections.cotangent(parts: max(2, choice.mostDirections)))
    }
    return try assembly.finished(
      pool, weights: cutTree.nodeWeights, exponent: exponent,
      cell: { node in
        let own = cutTree.nodes[node]
        return own < 0 ? (0, 0) : (starts[Int(own)], counts[Int(own)])
      })
  }
}
