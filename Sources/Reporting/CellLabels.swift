/// Puts names into cells where they fit and overlap no other.
struct CellLabels {
  /// A name in its place.
  struct Label: Equatable {
    var text: String
    var x: Double
    var y: Double
    var size: Double
    var isInner: Bool
  }

  /// What the text of a label takes on the page: estimates for a sans serif.
  private static func letterWidth(isBold: Bool) -> Double { isBold ? 0.68 : 0.6 }
  private static let lineHeight = 1.15
  /// Labels at most, characters of one at most, and the smallest type in pixels.
  private static let limit = 160
  private static let longest = 24
  private static let smallest = 8.5

  private struct Box {
    var left: Double
    var right: Double
    var top: Double
    var bottom: Double
    func overlaps(_ other: Box) -> Bool {
      left < other.right && other.left < right && top < other.bottom && other.top < bottom
    }
  }

  private(set) var labels: [Label] = []
  private var boxes: [Box] = []

  var isFull: Bool { labels.count >= Self.limit }

  /// Adds a name to a cell, in the largest type that fits somewhere; leaves it out where none does.
  mutating func add(_ name: String, to cell: ConvexCell, area: Double, isInner: Bool) {
    let (center, radius) = cell.deepest
    var size = min(isInner ? 34 : 15, max(Self.smallest, 0.085 * area.squareRoot()), 0.9 * radius)
    let text = SVGText.shortened(name, to: Self.longest)
    while size >= Self.smallest, !text.isEmpty, !isFull {
      let (width, height) = (
        Self.letterWidth(isBold: isInner) * size * Double(text.count), Self.lineHeight * size
      )
      for shift in [0, 0.3, -0.3, 0.55, -0.55, 0.75, -0.75, 0.88, -0.88] {
        let y = center.y + shift * radius
        guard let span = cell.span(top: y - height / 2, bottom: y + height / 2),
          span.upperBound - span.lowerBound >= width
        else { continue }
        let room = span.lowerBound + width / 2...span.upperBound - width / 2
        for x in [min(max(center.x, room.lowerBound), room.upperBound), room.lowerBound, room.upperBound] {
          let box = Box(left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2)
          if boxes.contains(where: box.overlaps) { continue }
          boxes.append(box)
          labels.append(Label(text: text, x: x, y: y + 0.35 * size, size: size, isInner: isInner))
          return
        }
      }
      size *= 0.82
    }
  }
}
