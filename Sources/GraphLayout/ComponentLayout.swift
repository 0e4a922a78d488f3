import GraphStore
import MillRuntime

/// Places the nodes of one component.
@safe struct ComponentLayout<ID: NodeIndex> {
  private let rows: GraphRows<ID>
  private let members: [Int32]
  /// The place of each node of the graph among its component's.
  private let places: UnsafePointer<Int32>
  /// Of all nodes of the graph.
  private let points: UnsafeMutablePointer<Double>

  /// Pivots of the first drawing.
  private static var farPivots: Int { 50 }

  init(
    rows: GraphRows<ID>, members: [Int32], places: UnsafeMutablePointer<Int32>, points: UnsafeMutablePointer<Double>
  ) {
    self.rows = rows
    self.members = members
    unsafe self.places = UnsafePointer(places)
    unsafe self.points = points
  }

  /// Writes the places of the component's nodes; tells how many rounds that took.
  func place(_ options: GraphLayoutOptions) throws(MillError) -> Int {
    let count = members.count
    if count == 1 { return 0 }
    if count == 2 {
      unsafe points[2 * Int(members[1])] = 1
      return 0
    }
    let far = try unsafe PivotTable(rows: rows, members: members, places: places, pivots: Self.farPivots, .far)
    var local = try far.scaled()
    // Nodes with the same distances to all pivots lie on each other: a step aside gives them directions to part.
    let stream = RandomStream(seed: options.seed, stage: "layout offsets")
    for i in 0..<count {
      var random = stream.item(UInt64(members[i]))
      local[2 * i] += 0.1 * (random.unit() - 0.5)
      local[2 * i + 1] += 0.1 * (random.unit() - 0.5)
    }
    let drawn = try unsafe PivotTable(
      rows: rows, members: members, places: places, pivots: options.pivots, .drawn(seed: options.seed))
    let rounds = try improve(&local, drawn, options)
    for i in 0..<count {
      let node = Int(members[i])
      unsafe points[2 * node] = local[2 * i]
      unsafe points[2 * node + 1] = local[2 * i + 1]
    }
    return rounds
  }

  /// Moves each node in turn to the weighted mean of where its neighbors and the pivots want it.
  private func improve(
    _ local: inout [Double], _ table: PivotTable, _ options: GraphLayoutOptions
  ) throws(MillError) -> Int {
    let weights = table.weights()
    for round in 0..<options.rounds {
      try rows.context.checkCancelled()
      let (moved, size) = unsafe local.withUnsafeMutableBufferPointer { local in
        unsafe weights.withUnsafeBufferPointer { unsafe improveOnce(local.baseAddress!, table, $0.baseAddress!) }
      }
      if moved <= options.tolerance * options.tolerance * size { return round + 1 }
    }
    return options.rounds
  }

  /// One round; the sum of squared steps, and of squared distances from the middle.
  private func improveOnce(
    _ local: UnsafeMutablePointer<Double>, _ table: PivotTable, _ weights: UnsafePointer<Double>
  ) -> (Double, Double) {
    let pivots = table.pivots
    var moved = 0.0
    var (meanX, meanY, square) = (0.0, 0.0, 0.0)
    for i in 0..<members.count {
      let (x, y) = unsafe (local[2 * i], local[2 * i + 1])
      var (sumX, sumY, sum) = (0.0, 0.0, 0.0)
      for arc in rows.arcs(Int(members[i])) {
        let j = unsafe Int(places[rows.target(arc)])
        let (jx, jy) = unsafe (local[2 * j], local[2 * j + 1])
        let (dx, dy) = (x - jx, y - jy)
        let factor = 1 / max(1e-9, (dx * dx + dy * dy).squareRoot())
        sumX += jx + factor * dx
        sumY += jy + factor * dy
        sum += 1
      }
      let row = unsafe table.distances.base + i * pivots.count
      for p in 0..<pivots.count {
        let distance = unsafe row[p]
        // The pivot itself, and neighbors, who have had their say.
        if distance <= 1 { continue }
        let weight = unsafe weights[Int(distance)]
        let j = pivots[p]
        let (jx, jy) = unsafe (local[2 * j], local[2 * j + 1])
        let (dx, dy) = (x - jx, y - jy)
        let factor = Double(distance) / max(1e-9, (dx * dx + dy * dy).squareRoot())
        sumX += weight * (jx + factor * dx)
        sumY += weight * (jy + factor * dy)
        sum += weight
      }
      let (newX, newY) = (sumX / sum, sumY / sum)
      unsafe local[2 * i] = newX
      unsafe local[2 * i + 1] = newY
      moved += (newX - x) * (newX - x) + (newY - y) * (newY - y)
      meanX += newX
      meanY += newY
      square += newX * newX + newY * newY
    }
    let count = Double(members.count)
    return (moved, square - (meanX * meanX + meanY * meanY) / count)
  }
}
