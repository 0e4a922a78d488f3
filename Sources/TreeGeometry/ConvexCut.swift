import MillRuntime

/// Cuts convex polygons in two of given areas by lines of given directions, without allocation a cut.
///
/// ``load(_:at:count:)`` takes a polygon, ``cut(along:flipped:shares:)`` tries one line, ``keep()`` makes the last try the
/// best one so far.
@safe struct ConvexCutter {
  /// The polygon that is cut.
  private(set) var ring: ConvexRing
  /// Its area.
  private(set) var area = 0.0
  /// The parts of the last try.
  private(set) var trial: (first: ConvexRing, second: ConvexRing)
  /// The parts that were kept.
  private(set) var best: (first: ConvexRing, second: ConvexRing)
  /// How far each vertex is along the normal.
  private let levels: UnsafeMutablePointer<Double>
  private let capacity: Int
  private let numbers: FlatBuffer<Double>
  private let indices: FlatBuffer<Int32>

  /// A cutter of polygons of at most `vertices` vertices.
  init(vertices: Int) throws(MillError) {
    capacity = vertices
    let room = vertices + 2
    numbers = try FlatBuffer(count: 11 * room)
    indices = try FlatBuffer(count: 5 * room)
    let (base, whole) = unsafe (numbers.base, indices.base)
    func ring(_ i: Int) -> ConvexRing {
      unsafe ConvexRing(x: base + 2 * i * room, y: base + (2 * i + 1) * room, direction: whole + i * room)
    }
    unsafe self.ring = ring(0)
    unsafe trial = (ring(1), ring(2))
    unsafe best = (ring(3), ring(4))
    unsafe levels = base + 10 * room
  }

  /// Takes a polygon of a pool.
  mutating func load(_ pool: PolygonPool, at start: Int, count: Int) throws(MillError) {
    if count > capacity { self = try ConvexCutter(vertices: 2 * count) }
    unsafe ring.count = 0
    for i in start..<start + count {
      unsafe ring.append(pool.points.base[2 * i], pool.points.base[2 * i + 1], pool.directions.base[i])
    }
    unsafe area = ring.area
  }

  /// Keeps the parts of the last try.
  mutating func keep() { unsafe swap(&trial, &best) }

  /// A place on an edge of the polygon, and which of its ends it is one with.
  private struct EdgePoint {
    var x: Double
    var y: Double
    var isLower = false
    var isUpper = false
  }

  /// Cuts the polygon by a line; false when that leaves less than two polygons.
  ///
  /// - Parameters:
  ///   - direction: The direction of the line.
  ///   - isFlipped: The first part lies on the low side of the normal that is a quarter turn left of the direction;
  ///     flipped on its high side.
  ///   - shares: Those of the first and the second part, each exact, since 1 - s loses the digits of a small one.
  /// - Complexity: O(vertices).
  mutating func cut(along direction: Int32, flipped isFlipped: Bool, shares: (first: Double, second: Double)) -> Bool {
    // The smaller part is cut off at the low side.
    let isSwapped = shares.first > 0.5
    let target = (isSwapped ? shares.second : shares.first) * area
    let table = LineDirections.table
    var (ux, uy) = (table[2 * Int(direction)], table[2 * Int(direction) + 1])
    if isFlipped != isSwapped { (ux, uy) = (-ux, -uy) }
    let count = unsafe ring.count
    setLevels(direction, nx: -uy, ny: ux)

    // Both chains from the lowest vertex or edge up.
    var right = 0
    for i in 1..<count where unsafe levels[i] < levels[right] { right = i }
    var left = right
    if unsafe levels[following(right)] == levels[left] {
      right = following(right)
    } else if unsafe levels[preceding(left)] == levels[right] {
      left = preceding(left)
    }
    var low = unsafe levels[left]
    var width = unsafe (ring.x[right] - ring.x[left]) * ux + (ring.y[right] - ring.y[left]) * uy
    var missing = target
    for _ in 0..<count {
      let (rightUp, leftUp) = (following(right), preceding(left))
      let high = unsafe max(low, min(levels[rightUp], levels[leftUp]))
      let (r, l) = (place(from: right, to: rightUp, high), place(from: left, to: leftUp, high))
      let nextWidth = (r.x - l.x) * ux + (r.y - l.y) * uy
      let slice = (high - low) * (width + nextWidth) / 2
      if slice >= missing {
        let root = (width * width + 2 * missing * (nextWidth - width) / max(high - low, .leastNormalMagnitude))
        let step = 2 * missing / (width + max(0, root).squareRoot())
        let level = step < high - low ? low + step : high
        return finish(
          direction, (right, rightUp), (left, leftUp), level, low...high, (ux, uy), target, isSwapped)
      }
      missing -= slice
      // Where the top is reached, rounding has eaten what was left.
      if rightUp == leftUp || rightUp == left { return false }
      if unsafe levels[rightUp] <= high { right = rightUp }
      if unsafe levels[leftUp] <= high { left = leftUp }
      (low, width) = (high, nextWidth)
    }
    return false
  }

  private func following(_ i: Int) -> Int { unsafe i &+ 1 == ring.count ? 0 : i &+ 1 }
  private func preceding(_ i: Int) -> Int { unsafe i == 0 ? ring.count &- 1 : i &- 1 }

  /// Levels along the normal, relative to the first vertex; those of an edge along the line are one number.
  private func setLevels(_ direction: Int32, nx: Double, ny: Double) {
    let count = unsafe ring.count
    for i in 0..<count { unsafe levels[i] = nx * (ring.x[i] - ring.x[0]) + ny * (ring.y[i] - ring.y[0]) }
    for i in 0..<count where unsafe ring.direction[i] == direction { unsafe levels[following(i)] = levels[i] }
  }

  /// Where an edge passes a level.
  @inline(__always) private func place(from lower: Int, to upper: Int, _ level: Double) -> EdgePoint {
    let (start, end) = unsafe (levels[lower], levels[upper])
    if level >= end { return unsafe EdgePoint(x: ring.x[upper], y: ring.y[upper]) }
    if level <= start { return unsafe EdgePoint(x: ring.x[lower], y: ring.y[lower]) }
    let share = (level - start) / (end - start)
    return unsafe EdgePoint(
      x: ring.x[lower] + share * (ring.x[upper] - ring.x[lower]),
      y: ring.y[lower] + share * (ring.y[upper] - ring.y[lower]))
  }

  /// A place that is as good as an end of its edge becomes that end: near-double vertices would break convexity.
  private func snapped(_ point: EdgePoint, _ lower: Int, _ upper: Int) -> EdgePoint {
    func isNear(_ i: Int) -> Bool {
      let size = unsafe max(abs(ring.x[i]), abs(ring.y[i]), abs(point.x), abs(point.y))
      return unsafe max(abs(ring.x[i] - point.x), abs(ring.y[i] - point.y)) <= 0x1p-49 * size
    }
    if isNear(lower) { return unsafe EdgePoint(x: ring.x[lower], y: ring.y[lower], isLower: true) }
    if isNear(upper) { return unsafe EdgePoint(x: ring.x[upper], y: ring.y[upper], isUpper: true) }
    return point
  }

  /// Ends a cut at a level: one step of Newton's method towards the area, then the two polygons.
  private mutating func finish(
    _ direction: Int32, _ right: (lower: Int, upper: Int), _ left: (lower: Int, upper: Int), _ level: Double,
    _ slice: ClosedRange<Double>, _ u: (x: Double, y: Double), _ target: Double, _ isSwapped: Bool
  ) -> Bool {
    var r = place(from: right.lower, to: right.upper, level)
    var l = place(from: left.lower, to: left.upper, level)
    let chord = (r.x - l.x) * u.x + (r.y - l.y) * u.y
    let better = level + (target - lowArea(l, r, from: left.lower, to: right.lower)) / chord
    if chord > 0, slice.contains(better) {
      r = place(from: right.lower, to: right.upper, better)
      l = place(from: left.lower, to: left.upper, better)
    }
    r = snapped(r, right.lower, right.upper)
    l = snapped(l, left.lower, left.upper)

    var (lowPart, highPart) = unsafe (trial.first, trial.second)
    unsafe lowPart.count = 0
    unsafe highPart.count = 0
    if !l.isLower { unsafe lowPart.append(l.x, l.y, ring.direction[left.upper]) }
    unsafe copy(from: left.lower, to: right.lower, into: &lowPart)
    unsafe close(&lowPart, at: r, isCorner: r.isLower, direction)
    if !r.isUpper { unsafe highPart.append(r.x, r.y, ring.direction[right.lower]) }
    unsafe copy(from: right.upper, to: left.upper, into: &highPart)
    unsafe close(&highPart, at: l, isCorner: l.isUpper, direction)
    unsafe trial = isSwapped ? (highPart, lowPart) : (lowPart, highPart)
    return unsafe lowPart.count >= 3 && highPart.count >= 3
  }

  /// Goes on along the cut from a place: from the last vertex where the cut ends in that, else from a new one.
  private func close(_ part: inout ConvexRing, at point: EdgePoint, isCorner: Bool, _ direction: Int32) {
    if isCorner {
      unsafe part.direction[part.count - 1] = direction
    } else {
      unsafe part.append(point.x, point.y, direction)
    }
  }

  private func copy(from begin: Int, to end: Int, into part: inout ConvexRing) {
    var i = begin
    while true {
      unsafe part.append(ring.x[i], ring.y[i], ring.direction[i])
      if i == end { return }
      i = following(i)
    }
  }

  /// The area of the low side of a chord, as seen from its left end.
  private func lowArea(_ l: EdgePoint, _ r: EdgePoint, from begin: Int, to end: Int) -> Double {
    var sum = 0.0
    var i = begin
    var (ax, ay) = unsafe (ring.x[i] - l.x, ring.y[i] - l.y)
    while true {
      let isLast = i == end
      i = following(i)
      let (bx, by) = unsafe isLast ? (r.x - l.x, r.y - l.y) : (ring.x[i] - l.x, ring.y[i] - l.y)
      sum += ax * by - ay * bx
      if isLast { return sum / 2 }
      (ax, ay) = (bx, by)
    }
  }
}
