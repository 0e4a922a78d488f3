import GraphStore
import MillRuntime

/// The distances of a component's nodes to some of them, the pivots.
struct PivotTable {
  /// Which nodes are pivots.
  enum Choice {
    /// Each as far as possible from those before it.
    case far
    /// Drawn by a seed, so that they stand for the nodes as these are spread; all nodes where there are few.
    case drawn(seed: UInt64)
  }

  /// Places of the pivots among the component's nodes.
  let pivots: [Int]
  /// Steps to each pivot, shape `[nodes, pivots]`.
  let distances: FlatBuffer<Int32>
  private let count: Int

  init<ID>(
    rows: GraphRows<ID>, members: [Int32], places: UnsafePointer<Int32>, pivots wanted: Int, _ choice: Choice
  ) throws(MillError) {
    count = members.count
    let wanted = min(wanted, count)
    distances = try FlatBuffer(count: count * wanted)
    var pivots: [Int] = []
    var nearest = [Int32](repeating: .max, count: count)
    var queue = [Int32](repeating: 0, count: count)
    var steps = [Int32](repeating: -1, count: count)
    // The far ones begin with the node of most neighbors.
    var first = 0
    for i in 1..<count where rows.degree(Int(members[i])) > rows.degree(Int(members[first])) { first = i }
    if case .drawn(let seed) = choice { pivots = Self.draw(wanted, of: members, seed: seed) }
    for p in 0..<wanted {
      try rows.context.checkCancelled()
      if case .far = choice {
        var next = p == 0 ? first : 0
        if p > 0 { for i in 1..<count where nearest[i] > nearest[next] { next = i } }
        pivots.append(next)
      }
      for i in 0..<count { steps[i] = -1 }
      (queue[0], steps[pivots[p]]) = (Int32(pivots[p]), 0)
      var (read, written) = (0, 1)
      while read < written {
        let i = Int(queue[read])
        read += 1
        for arc in rows.arcs(Int(members[i])) {
          let j = unsafe Int(places[rows.target(arc)])
          if steps[j] >= 0 { continue }
          steps[j] = steps[i] + 1
          queue[written] = Int32(j)
          written += 1
        }
      }
      for i in 0..<count {
        unsafe distances.base[i * wanted + p] = steps[i]
        nearest[i] = min(nearest[i], steps[i])
      }
    }
    self.pivots = pivots
  }

  /// Places of different nodes, ascending.
  private static func draw(_ wanted: Int, of members: [Int32], seed: UInt64) -> [Int] {
    var places = (0..<members.count).map { $0 }
    guard wanted < places.count else { return places }
    var random = RandomStream(seed: seed, stage: "layout pivots").item(UInt64(members[0]))
    for i in 0..<wanted { places.swapAt(i, i + Int(random.below(UInt64(places.count - i)))) }
    return places.prefix(wanted).sorted()
  }

  private func distance(_ node: Int, _ pivot: Int) -> Double {
    unsafe Double(distances.base[node * pivots.count + pivot])
  }

  /// The weight of a pivot at each distance, shape `[longest + 1]`: it stands for an even share of all nodes, over the
  /// square of the distance.
  func weights() -> [Double] {
    var longest: Int32 = 0
    for i in unsafe distances.elements.indices { longest = unsafe max(longest, distances.elements[i]) }
    let share = Double(count) / Double(pivots.count)
    return (0...Int(longest)).map { share / Double(max(1, $0 * $0)) }
  }

  /// The first drawing: classical scaling of the distances to pivots, in units of one edge, shape `[nodes, 2]`.
  func scaled() throws(MillError) -> [Double] {
    let k = pivots.count
    var columns = [Double](repeating: 0, count: k)
    for i in 0..<count {
      for p in 0..<k { columns[p] += distance(i, p) * distance(i, p) / Double(count) }
    }
    let whole = columns.reduce(0, +) / Double(k)
    var row = [Double](repeating: 0, count: k)
    func center(_ i: Int) {
      var mean = 0.0
      for p in 0..<k {
        row[p] = distance(i, p) * distance(i, p)
        mean += row[p] / Double(k)
      }
      for p in 0..<k { row[p] = (mean + columns[p] - row[p] - whole) / 2 }
    }
    var products = [Double](repeating: 0, count: k * k)
    for i in 0..<count {
      center(i)
      for p in 0..<k {
        for q in 0...p { products[p * k + q] += row[p] * row[q] }
      }
    }
    for p in 0..<k {
      for q in 0..<p { products[q * k + p] = products[p * k + q] }
    }
    let vectors = SymmetricEigen.decompose(products, size: k).vectors
    var points = [Double](repeating: 0, count: 2 * count)
    for i in 0..<count {
      center(i)
      for p in 0..<k {
        points[2 * i] += row[p] * vectors[p * k + k - 1]
        points[2 * i + 1] += row[p] * vectors[p * k + k - 2]
      }
    }
    return scaledToEdges(points)
  }

  /// The same points at the scale at which distances to pivots are right in the mean.
  private func scaledToEdges(_ points: [Double]) -> [Double] {
    var (found, square) = (0.0, 0.0)
    for i in 0..<count {
      for (p, pivot) in pivots.enumerated() where pivot != i {
        let (dx, dy) = (points[2 * i] - points[2 * pivot], points[2 * i + 1] - points[2 * pivot + 1])
        let length = (dx * dx + dy * dy).squareRoot()
        let wanted = distance(i, p)
        found += length / wanted
        square += length * length / (wanted * wanted)
      }
    }
    let factor = square > 0 ? found / square : 1
    return points.map { $0 * factor }
  }
}
