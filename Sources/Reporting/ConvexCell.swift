/// A convex polygon of a drawing, in pixels, y downwards.
struct ConvexCell {
  struct Point {
    var x: Double
    var y: Double
  }

  /// The corners, the inside on the right of each edge as the screen shows it.
  var corners: [Point]

  /// The middle of all corners' triangles.
  var centroid: Point {
    guard let first = corners.first else { return Point(x: 0, y: 0) }
    var (x, y, sum) = (0.0, 0.0, 0.0)
    for i in corners.indices.dropFirst().dropLast() {
      let (a, b) = (corners[i], corners[i + 1])
      let area = (a.x - first.x) * (b.y - first.y) - (a.y - first.y) * (b.x - first.x)
      x += area * (a.x + b.x + first.x) / 3
      y += area * (a.y + b.y + first.y) / 3
      sum += area
    }
    return sum == 0 ? first : Point(x: x / sum, y: y / sum)
  }

  /// The part that is at least `distance` away from all edges; nil where there is none.
  func inset(by distance: Double) -> ConvexCell? {
    var rest = corners
    for i in corners.indices {
      let (a, b) = (corners[i], corners[(i + 1) % corners.count])
      let (dx, dy) = (b.x - a.x, b.y - a.y)
      let length = (dx * dx + dy * dy).squareRoot()
      guard length > 0 else { continue }
      func depth(_ p: Point) -> Double { ((p.x - a.x) * dy - (p.y - a.y) * dx) / length - distance }
      var kept: [Point] = []
      for j in rest.indices {
        let (p, q) = (rest[j], rest[(j + 1) % rest.count])
        let (u, v) = (depth(p), depth(q))
        if u >= 0 { kept.append(p) }
        if (u < 0) != (v < 0) {
          let share = u / (u - v)
          kept.append(Point(x: p.x + share * (q.x - p.x), y: p.y + share * (q.y - p.y)))
        }
      }
      guard kept.count >= 3 else { return nil }
      rest = kept
    }
    return ConvexCell(corners: rest)
  }

  /// The middle of the deepest place, and how deep it is: the largest circle inside.
  var deepest: (center: Point, radius: Double) {
    var (low, high) = (0.0, 0.0)
    for p in corners {
      for q in corners {
        high = max(high, ((p.x - q.x) * (p.x - q.x) + (p.y - q.y) * (p.y - q.y)).squareRoot())
      }
    }
    var best = self
    for _ in 0..<24 {
      let middle = (low + high) / 2
      if let part = inset(by: middle) { (best, low) = (part, middle) } else { high = middle }
    }
    return (best.centroid, low)
  }

  /// The span of x in which a bar from `top` to `bottom` lies inside; nil where it does not.
  func span(top: Double, bottom: Double) -> ClosedRange<Double>? {
    guard let (a, b) = chord(top), let (c, d) = chord(bottom), max(a, c) <= min(b, d) else { return nil }
    return max(a, c)...min(b, d)
  }

  /// The ends of the chord at a height.
  private func chord(_ y: Double) -> (Double, Double)? {
    var (low, high) = (Double.infinity, -Double.infinity)
    for i in corners.indices {
      let (a, b) = (corners[i], corners[(i + 1) % corners.count])
      guard min(a.y, b.y) <= y, y <= max(a.y, b.y) else { continue }
      let x = a.y == b.y ? a.x : a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x)
      low = min(low, x)
      high = max(high, x)
      if a.y == b.y {
        low = min(low, b.x)
        high = max(high, b.x)
      }
    }
    return low <= high ? (low, high) : nil
  }
}
