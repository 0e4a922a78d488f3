import MillRuntime

/// Room for one convex polygon: vertices counter-clockwise, and the direction of the edge that leaves each.
@unsafe struct ConvexRing {
  let x: UnsafeMutablePointer<Double>
  let y: UnsafeMutablePointer<Double>
  let direction: UnsafeMutablePointer<Int32>
  var count = 0

  mutating func append(_ vertexX: Double, _ vertexY: Double, _ leaving: Int32) {
    unsafe x[count] = vertexX
    unsafe y[count] = vertexY
    unsafe direction[count] = leaving
    unsafe count &+= 1
  }

  /// Twice a triangle's area for each pair of neighbors as seen from the first vertex, so that a small polygon far from
  /// the origin keeps its digits.
  var area: Double {
    var sum = 0.0
    for i in unsafe stride(from: 1, to: count - 1, by: 1) {
      let (ax, ay) = unsafe (x[i] - x[0], y[i] - y[0])
      let (bx, by) = unsafe (x[i + 1] - x[0], y[i + 1] - y[0])
      sum += ax * by - ay * bx
    }
    return sum / 2
  }

  /// The square of the largest distance of two vertices: all pairs of few, rotating calipers for many.
  var squaredDiameter: Double {
    var largest = 0.0
    if unsafe count <= 12 {
      for i in unsafe 1..<count {
        for j in 0..<i { largest = unsafe max(largest, squaredDistance(i, j)) }
      }
      return largest
    }
    var j = 1
    for i in unsafe 0..<count {
      let next = unsafe i + 1 == count ? 0 : i + 1
      let (edgeX, edgeY) = unsafe (x[next] - x[i], y[next] - y[i])
      // The vertex farthest from the edge; both neighbors stand for nearly parallel edges.
      for _ in unsafe 0..<count {
        let after = unsafe j + 1 == count ? 0 : j + 1
        largest = unsafe max(largest, squaredDistance(i, j), squaredDistance(next, j))
        largest = unsafe max(largest, squaredDistance(i, after), squaredDistance(next, after))
        guard unsafe edgeX * (y[after] - y[j]) - edgeY * (x[after] - x[j]) > 0 else { break }
        j = after
      }
    }
    return largest
  }

  private func squaredDistance(_ i: Int, _ j: Int) -> Double {
    let (dx, dy) = unsafe (x[i] - x[j], y[i] - y[j])
    return dx * dx + dy * dy
  }

  /// How many edges have a direction.
  func edges(along wanted: Int32) -> Int {
    var edges = 0
    for i in unsafe 0..<count where unsafe direction[i] == wanted { edges += 1 }
    return edges
  }
}

/// Polygons one behind the other, in memory that grows.
struct PolygonPool {
  /// The coordinates x and y of each vertex, in turn.
  private(set) var points: FlatBuffer<Double>
  /// The direction of the edge that leaves each vertex.
  private(set) var directions: FlatBuffer<Int32>
  /// Vertices so far.
  private(set) var count = 0

  init(capacity: Int) throws(MillError) {
    points = try FlatBuffer(uninitializedCount: 2 * max(64, capacity))
    directions = try FlatBuffer(uninitializedCount: max(64, capacity))
  }

  /// Appends a polygon; its first vertex has the number that is returned.
  mutating func append(_ ring: ConvexRing) throws(MillError) -> Int {
    let begin = count
    if unsafe begin + ring.count > directions.count { try unsafe grow(by: ring.count) }
    for i in unsafe 0..<ring.count {
      unsafe points.base[2 * (begin + i)] = ring.x[i]
      unsafe points.base[2 * (begin + i) + 1] = ring.y[i]
      unsafe directions.base[begin + i] = ring.direction[i]
    }
    unsafe count += ring.count
    return begin
  }

  private mutating func grow(by more: Int) throws(MillError) {
    let capacity = max(count + more, 2 * directions.count)
    let largerPoints = try FlatBuffer<Double>(uninitializedCount: 2 * capacity)
    let largerDirections = try FlatBuffer<Int32>(uninitializedCount: capacity)
    unsafe largerPoints.base.update(from: points.base, count: 2 * count)
    unsafe largerDirections.base.update(from: directions.base, count: count)
    (points, directions) = (largerPoints, largerDirections)
  }
}

/// Room for rectangles on their way into a pool.
@safe struct RectangleRing {
  private let numbers: FlatBuffer<Double>
  private let directions: FlatBuffer<Int32>
  private var ring: ConvexRing

  init() throws(MillError) {
    numbers = try FlatBuffer(count: 8)
    directions = try FlatBuffer(count: 4)
    unsafe ring = ConvexRing(x: numbers.base, y: numbers.base + 4, direction: directions.base)
  }

  /// Appends the rectangle between two corners.
  mutating func append(
    _ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double, to pool: inout PolygonPool
  ) throws(MillError) -> Int {
    let upright = LineDirections.count / 2
    unsafe ring.count = 0
    unsafe ring.append(x0, y0, 0)
    unsafe ring.append(x1, y0, upright)
    unsafe ring.append(x1, y1, 0)
    unsafe ring.append(x0, y1, upright)
    return try unsafe pool.append(ring)
  }
}
