/// A component's place on the page.
struct ComponentBox {
  let members: [Int32]
  private let left, bottom, width, height: Double

  /// The box around the points of a component.
  init(members: [Int32], points: UnsafeMutablePointer<Double>) {
    self.members = members
    var (low, high) = ((x: Double.infinity, y: Double.infinity), (x: -Double.infinity, y: -Double.infinity))
    for member in members {
      let (x, y) = unsafe (points[2 * Int(member)], points[2 * Int(member) + 1])
      low = (min(low.x, x), min(low.y, y))
      high = (max(high.x, x), max(high.y, y))
    }
    (left, bottom) = low
    (width, height) = (high.x - low.x + 1, high.y - low.y + 1)
  }

  /// Moves components beside each other on shelves, high ones first, on a page about half as high as it is wide.
  static func pack(_ parts: inout [ComponentBox], points: UnsafeMutablePointer<Double>) {
    parts.sort { ($0.height, $0.members.count, $1.members[0]) > ($1.height, $1.members.count, $0.members[0]) }
    let area = parts.reduce(0.0) { $0 + $1.width * $1.height }
    let page = max(parts.map(\.width).max() ?? 0, (1.8 * area).squareRoot())
    var (x, y, shelf) = (0.0, 0.0, 0.0)
    for part in parts {
      if x > 0, x + part.width > page { (x, y, shelf) = (0, y - shelf, 0) }
      for member in part.members {
        unsafe points[2 * Int(member)] += x - part.left
        unsafe points[2 * Int(member) + 1] += y - part.height - part.bottom
      }
      x += part.width
      shelf = max(shelf, part.height)
    }
  }
}
