public import MillRuntime

extension RootedTree {
  /// A part of the tree as one line that goes down and up again through each branch, for charts: leaves stand side by
  /// side, one apart, an inner node in the middle between its outermost children, `depth` edges below `node`.
  ///
  /// - Parameters:
  ///   - node: The node on top, at depth 0.
  ///   - place: Leaves stand at `place + 1`, `place + 2`, ….
  /// - Returns: The points, depths as values of 0 and below.
  /// - Complexity: O(nodes below); safe for a chain of any depth.
  public func outline(of node: Int, from place: Double = 0) -> [Chart.Point] {
    let nodes = subtree(of: node)
    var number: [Int: Int] = [:]
    number.reserveCapacity(nodes.count)
    for (i, node) in nodes.enumerated() { number[node] = i }
    var x = [Double](repeating: 0, count: nodes.count)
    var depth = [Int](repeating: 0, count: nodes.count)
    let parts = nodes.map { children(of: $0).map { number[Int($0)]! } }
    var last = place
    for i in nodes.indices {
      for part in parts[i] { depth[part] = depth[i] + 1 }
      guard parts[i].isEmpty else { continue }
      last += 1
      x[i] = last
    }
    // Parts come behind their whole.
    for i in nodes.indices.reversed() where !parts[i].isEmpty { x[i] = (x[parts[i][0]] + x[parts[i].last!]) / 2 }

    var points: [Chart.Point] = []
    var stack = [(node: 0, next: 0)]
    while let (i, next) = stack.popLast() {
      let y = -Double(depth[i])
      if next > 0 { points.append(Chart.Point(x[parts[i][next - 1]], y)) }
      if next == 0 || next == parts[i].count { points.append(Chart.Point(x[i], y)) }
      guard next < parts[i].count else { continue }
      points.append(Chart.Point(x[parts[i][next]], y))
      stack.append((i, next + 1))
      stack.append((parts[i][next], 0))
    }
    return points
  }
}
