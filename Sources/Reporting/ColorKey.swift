/// The key of a drawing: a patch of each color with what it stands for, in rows.
enum ColorKey {
  /// One color.
  struct Entry {
    /// What it stands for.
    var name: String
    /// The attributes of its patch.
    var style: String
  }

  /// Entries that are shown at most, and characters of a name.
  private static let (limit, longest) = (36, 28)
  private static let rowHeight = 18.0

  /// The key in rows of at most `width` pixels.
  ///
  /// - Returns: Its elements, and how high it is; nothing for no entries.
  static func drawing(
    _ entries: [Entry], left: Double, top: Double, width: Double
  ) -> (elements: [String], height: Double) {
    var elements: [String] = []
    var (x, y) = (left, top)
    for entry in entries.prefix(limit) {
      let text = SVGText.shortened(entry.name, to: longest)
      let step = 26 + 7.2 * Double(text.count)
      if x + step > left + width, x > left { (x, y) = (left, y + rowHeight) }
      elements.append(
        "<rect x=\"\(SVGText.number(x))\" y=\"\(SVGText.number(y))\" width=\"11\" height=\"11\" \(entry.style)/>")
      elements.append(
        "<text x=\"\(SVGText.number(x + 15))\" y=\"\(SVGText.number(y + 10))\" font-size=\"12\" "
          + "fill=\"\(Chart.Color.ink)\">\(escapedHTML(text))</text>")
      x += step
    }
    return (elements, entries.isEmpty ? 0 : y + rowHeight - top)
  }
}
