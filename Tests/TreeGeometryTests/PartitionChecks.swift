import MillRuntime
import TreeGeometry

/// What is wrong with a partition: every promise that holds for all trees and weights, checked from its cells alone.
struct PartitionChecks {
  private let partition: PolygonPartition
  private(set) var faults: [String] = []
  private static let epsilon = 0x1p-52

  init(_ partition: PolygonPartition) {
    self.partition = partition
    let tree = partition.tree
    let cuts = cutsAbove(tree)
    for node in 0..<tree.nodeCount where partition.hasCell(node) {
      checkArea(node, cuts: cuts[node])
      checkShape(node)
      if tree.parents[node] >= 0 { checkInside(node, Int(tree.parents[node])) }
    }
    for node in tree.innerNodes where partition.hasCell(node) { checkTiling(node) }
    for node in 0..<tree.nodeCount {
      let isWanted = partition.weights[node] > 0
      if !isWanted, partition.hasCell(node) { faults.append("node \(node) of weight 0 has a cell") }
    }
    let figures = partition.figures
    let cells = (0..<tree.nodeCount).count { partition.hasCell($0) }
    if partition.options.maximumDepth == nil, cells + figures.collapsed + figures.zeroWeight != tree.nodeCount {
      faults.append("\(cells) cells, \(figures.collapsed) collapsed, \(figures.zeroWeight) of weight 0")
    }
    if let bound = figures.aspectBound, figures.aspectWorst > bound {
      faults.append("aspect \(figures.aspectWorst) above its bound \(bound)")
    }
  }

  /// Cuts above a cell are at most those of all nodes on the way: children of a node less one each.
  private func cutsAbove(_ tree: RootedTree) -> [Int] {
    var cuts = [Int](repeating: 0, count: tree.nodeCount)
    for node in (0..<tree.nodeCount).reversed() where tree.parents[node] >= 0 {
      let parent = Int(tree.parents[node])
      cuts[node] = cuts[parent] + tree.children(of: parent).count - 1
    }
    return cuts
  }

  private func vertices(_ node: Int) -> [(x: Double, y: Double)] {
    let cell = partition.cell(of: node)
    return stride(from: 0, to: cell.count, by: 2).map { (cell[$0], cell[$0 + 1]) }
  }

  private var frame: Double { max(partition.options.width, partition.options.height) }

  private mutating func checkArea(_ node: Int, cuts: Int) {
    let points = vertices(node)
    var area = 0.0
    for i in 1..<points.count - 1 {
      let (a, b) = (points[i], points[i + 1])
      area +=
        ((a.x - points[0].x) * (b.y - points[0].y) - (a.y - points[0].y) * (b.x - points[0].x)) / 2
    }
    let tree = partition.tree
    let share = partition.weights[node] / partition.weights[tree.nodeCount - 1]
    let target = partition.options.width * partition.options.height * share
    let error = abs(area - target) / target
    let stretch = max(
      partition.options.width / partition.options.height, partition.options.height / partition.options.width)
    // Coordinates are rounded to the frame's, and each sum of weights to itself.
    var allowed = Self.epsilon * (32 / share.squareRoot() * stretch.squareRoot() + Double(cuts))
    if share >= 1e-6, cuts <= 100, stretch <= 4 { allowed = min(allowed, 1e-12) }
    // Rectangles of all shapes lose digits where they are thin.
    if partition.options.method.isRectangular { allowed *= partition.aspects[node].squareRoot() * 4 }
    if !(error <= allowed) { faults.append("area of node \(node), share \(share): off by \(error), not \(allowed)") }
    if abs(partition.areas[node] - area) > 1e-9 * area { faults.append("area of node \(node) told as another") }
  }

  private mutating func checkShape(_ node: Int) {
    let points = vertices(node)
    if points.count < 3 { faults.append("node \(node) has \(points.count) vertices") }
    var diameter = 0.0
    for i in points.indices {
      let (a, b, c) = (points[i], points[(i + 1) % points.count], points[(i + 2) % points.count])
      let (ex, ey, fx, fy) = (b.x - a.x, b.y - a.y, c.x - b.x, c.y - b.y)
      let scale = ((ex * ex + ey * ey) * (fx * fx + fy * fy)).squareRoot()
      if !(scale > 0) { faults.append("node \(node) repeats a vertex") }
      if ex * fy - ey * fx < -1e-9 * scale { faults.append("node \(node) is not convex at vertex \(i + 1)") }
      for j in points.indices {
        let (dx, dy) = (points[j].x - a.x, points[j].y - a.y)
        diameter = max(diameter, dx * dx + dy * dy)
      }
    }
    let aspect = diameter / partition.areas[node]
    if abs(aspect - partition.aspects[node]) > 1e-12 * aspect {
      faults.append("aspect of node \(node): \(partition.aspects[node]), not \(aspect)")
    }
  }

  private mutating func checkInside(_ node: Int, _ parent: Int) {
    let outer = vertices(parent)
    for point in vertices(node) {
      for i in outer.indices {
        let (a, b) = (outer[i], outer[(i + 1) % outer.count])
        let (ex, ey) = (b.x - a.x, b.y - a.y)
        let height = (ex * (point.y - a.y) - ey * (point.x - a.x)) / (ex * ex + ey * ey).squareRoot()
        if height < -4 * Self.epsilon * frame { faults.append("node \(node) leaves its parent by \(-height)") }
      }
    }
  }

  private mutating func checkTiling(_ node: Int) {
    let children = partition.tree.children(of: node).map { Int($0) }.filter { partition.weights[$0] > 0 }
    guard children.allSatisfy({ partition.hasCell($0) }) else { return }
    let sum = Self.pairwiseSum(children.map { partition.areas[$0] }[...])
    let share = partition.weights[node] / partition.weights[partition.tree.nodeCount - 1]
    let allowed = 64 * Self.epsilon / share.squareRoot() * Double(max(4, partition.figures.verticesMax))
    if abs(sum - partition.areas[node]) > allowed * partition.areas[node] {
      faults.append("children of node \(node) fill \(sum) of \(partition.areas[node])")
    }
  }

  private static func pairwiseSum(_ values: ArraySlice<Double>) -> Double {
    if values.count <= 8 { return values.reduce(0, +) }
    let middle = values.startIndex + values.count / 2
    return pairwiseSum(values[..<middle]) + pairwiseSum(values[middle...])
  }
}
