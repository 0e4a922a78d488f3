import MillRuntime

/// Chooses the line along which a polygon is cut, by the shapes that the parts get.
///
/// - Source: the three kinds of candidates are this library's; that a fresh direction keeps away from those in use, as
///   the middle of the widest gap does, is the idea of de Berg, Onak and Sidiropoulos, section 3.
@safe struct CutChoice {
  let method: PartitionMethod
  /// Directions that are tried beside those of the polygon.
  let directionCount: Int32
  /// What the aspect ratio of a part with two parallel edges along the cut may be.
  let roundness: Double
  /// The same with what rounding adds: a right triangle of equal legs has 4 and is round enough for 4.
  private var limit: Double { roundness * (1 + 1e-12) }
  private(set) var cutter: ConvexCutter
  /// The most distinct directions of a polygon that was cut.
  private(set) var mostDirections = 0
  /// Those of the present polygon, ascending.
  private var directions: [Int32] = []
  private var lengths: [Double] = []
  private var candidates: [Int32] = []
  private var bestScore = Double.infinity

  init(_ options: PartitionOptions, rootAspect: Double) throws(MillError) {
    method = options.method
    directionCount = Int32(options.directions)
    roundness = max(options.roundness, rootAspect)
    cutter = try ConvexCutter(vertices: 62)
  }

  /// Whether a direction keeps a quarter of an even share away from those in use: the nearest two decide.
  private func isFresh(_ direction: Int32) -> Bool {
    let place = (0..<directions.count).partitionPoint { directions[$0] >= direction }
    let above = directions[place == directions.count ? 0 : place]
    let below = directions[place == 0 ? directions.count - 1 : place - 1]
    let gap = min(LineDirections.gap(direction, above), LineDirections.gap(direction, below))
    return Int(gap) * 4 * directions.count >= Int(LineDirections.count)
  }

  /// Cuts a polygon of the pool as well as the method can; the parts are `cutter.best`. False when no line divides it
  /// within the precision of its coordinates.
  mutating func divide(
    _ pool: PolygonPool, at start: Int, count: Int, shares: (first: Double, second: Double)
  ) throws(MillError) -> Bool {
    try cutter.load(pool, at: start, count: count)
    listDirections()
    mostDirections = max(mostDirections, directions.count)
    bestScore = .infinity
    let quarter = LineDirections.count / 2
    switch method {
    case .angular:
      listGaps(limit: 1)
      for direction in candidates { attempt(direction, shares) }
    case .greedy: attemptGrid(shares, isGuarded: false)
    default:
      if method == .polygons {
        for direction in [0, quarter] where directions.contains(direction) || isFresh(direction) {
          attempt(direction, shares)
        }
        if bestScore <= limit { return true }
      }
      listLongEdges(limit: 8)
      for direction in candidates { attempt(direction, shares) }
      if method == .polygons, bestScore <= limit { return true }
      attemptGrid(shares, isGuarded: true)
      listGaps(limit: 8)
      for direction in candidates where isFresh(direction) { attempt(direction, shares) }
    }
    return bestScore < .infinity
  }

  private mutating func attemptGrid(_ shares: (first: Double, second: Double), isGuarded: Bool) {
    for k in 0..<directionCount {
      let direction = Int32(Int(k) * Int(LineDirections.count) / Int(directionCount))
      if !isGuarded || isFresh(direction) { attempt(direction, shares) }
    }
  }

  /// Tries both parts on both sides, and keeps what is better than all before; the first of equals wins.
  private mutating func attempt(_ direction: Int32, _ shares: (first: Double, second: Double)) {
    for isFlipped in [false, true] where cutter.cut(along: direction, flipped: isFlipped, shares: shares) {
      let one = unsafe cutter.trial.first.squaredDiameter / (shares.first * cutter.area)
      let other = unsafe cutter.trial.second.squaredDiameter / (shares.second * cutter.area)
      if method != .greedy, max(one, other) > limit {
        if one > limit, unsafe cutter.trial.first.edges(along: direction) > 1 { continue }
        if other > limit, unsafe cutter.trial.second.edges(along: direction) > 1 { continue }
      }
      let score = max(one, other)
      guard bestScore == .infinity || score < bestScore * (1 - 1e-12) else { continue }
      bestScore = score
      cutter.keep()
    }
  }

  /// The distinct directions of the polygon with the length of the longest edge along each.
  private mutating func listDirections() {
    directions.removeAll(keepingCapacity: true)
    lengths.removeAll(keepingCapacity: true)
    let count = unsafe cutter.ring.count
    for i in 0..<count {
      let next = i + 1 == count ? 0 : i + 1
      let ring = unsafe cutter.ring
      let (dx, dy) = unsafe (ring.x[next] - ring.x[i], ring.y[next] - ring.y[i])
      let (direction, length) = unsafe (ring.direction[i], dx * dx + dy * dy)
      var place = directions.count
      while place > 0, directions[place - 1] >= direction { place -= 1 }
      if place < directions.count, directions[place] == direction {
        lengths[place] = max(lengths[place], length)
      } else {
        directions.insert(direction, at: place)
        lengths.insert(length, at: place)
      }
    }
  }

  /// The directions of the longest edges, longest first, of equal ones the smaller number first.
  private mutating func listLongEdges(limit: Int) {
    select(limit) { choice, i in (choice.directions[i], choice.lengths[i]) }
  }

  /// The middles of the widest gaps between neighboring directions, widest first.
  private mutating func listGaps(limit: Int) {
    select(limit) { choice, i in
      let (low, last) = (choice.directions[i], i + 1 == choice.directions.count)
      let gap = last ? choice.directions[0] + LineDirections.count - low : choice.directions[i + 1] - low
      return ((low + gap / 2) % LineDirections.count, Double(gap))
    }
  }

  /// Fills the candidates with those of the greatest values, the first of equals first.
  private mutating func select(_ limit: Int, _ entry: (Self, Int) -> (Int32, Double)) {
    candidates.removeAll(keepingCapacity: true)
    var values: [Double] = []
    values.reserveCapacity(limit + 1)
    for i in directions.indices {
      let (direction, value) = entry(self, i)
      var place = values.count
      while place > 0, values[place - 1] < value { place -= 1 }
      guard place < limit else { continue }
      values.insert(value, at: place)
      candidates.insert(direction, at: place)
      if values.count > limit {
        values.removeLast()
        candidates.removeLast()
      }
    }
  }
}

extension CutChoice {
  /// The line between the parts that were kept: the last edge of both.
  func cut(share: Double, node: Int32) -> PolygonPartition.Cut {
    let part = unsafe cutter.best.first
    let last = unsafe part.count - 1
    return unsafe PolygonPartition.Cut(
      startX: part.x[last], startY: part.y[last], endX: part.x[0], endY: part.y[0], share: share, node: node)
  }
}
