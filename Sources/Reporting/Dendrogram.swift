/// A drawing of a tree: leaves on the right, merges as brackets whose distance from them grows with the logarithm of the
/// similarity.
///
/// A pure function of its values; text is escaped.
public struct Dendrogram: Sendable, Equatable {
  /// What the drawing shows; its accessible name.
  public var title: String
  /// The parent of each node, larger than the node; -1 for the root, which is last.
  public var parents: [Int]
  /// Nodes 0..<leafCount are the leaves.
  public var leafCount: Int
  /// The similarity of each inner node; not positive ones stand at the left edge.
  public var similarities: [Double]
  /// The text beside each leaf.
  public var leafNames: [String]
  /// A class of each leaf, which gives its colour, -1 for none; nil for no colours.
  public var leafClasses: [Int]?

  /// A dendrogram of a tree.
  ///
  /// - Precondition: one name and one class a leaf.
  public init(
    title: String, parents: [Int], leafCount: Int, similarities: [Double], leafNames: [String],
    leafClasses: [Int]? = nil
  ) {
    precondition(leafNames.count == leafCount && (leafClasses?.count ?? leafCount) == leafCount)
    self.title = title
    self.parents = parents
    self.leafCount = leafCount
    self.similarities = similarities
    self.leafNames = leafNames
    self.leafClasses = leafClasses
  }

  /// The picture.
  public var svg: String {
    let names = leafNames.map { String($0.prefix(60)) }
    let rowHeight = leafCount > 60 ? 11.0 : 18
    let textWidth = 12 + 6.2 * Double(names.map(\.count).max() ?? 0)
    let (left, top, width) = (16.0, 30.0, 480.0)
    let height = top + rowHeight * Double(max(1, leafCount)) + 12
    var y = [Double](repeating: 0, count: parents.count)
    var children = [[Int]](repeating: [], count: parents.count)
    for (node, parent) in parents.enumerated() where parent >= 0 { children[parent].append(node) }
    var row = 0.0
    var stack = parents.isEmpty ? [] : [parents.count - 1]
    while let node = stack.popLast() {
      if node < leafCount {
        y[node] = top + rowHeight * (row + 0.5)
        row += 1
      }
      stack += children[node].reversed()
    }
    let x = positions(left: left, width: width)
    var lines: [String] = []
    for node in parents.indices.dropFirst(leafCount) {
      let parts = children[node]
      y[node] = parts.map { y[$0] }.reduce(0, +) / Double(max(1, parts.count))
      let (low, high) = (parts.map { y[$0] }.min() ?? y[node], parts.map { y[$0] }.max() ?? y[node])
      lines.append(Self.line(x[node], low, x[node], high, Chart.Colour.ink))
      for part in parts {
        let colour = part < leafCount ? self.colour(part) : Chart.Colour.ink
        lines.append(Self.line(x[node], y[part], x[part], y[part], colour))
      }
    }
    for leaf in 0..<leafCount {
      lines.append(
        "<text x=\"\(SVGText.number(x[leaf] + 6))\" y=\"\(SVGText.number(y[leaf] + 4))\" "
          + "font-size=\"\(leafCount > 60 ? 9 : 12)\" fill=\"\(colour(leaf))\">\(escapedHTML(names[leaf]))</text>")
    }
    return SVGText.document(title: title, width: left + width + textWidth, height: height, lines)
  }

  /// Similarities on a logarithmic scale, the tightest near the leaves.
  private func positions(left: Double, width: Double) -> [Double] {
    let inner = parents.indices.dropFirst(leafCount).map { similarities[$0] }.filter { $0 > 0 && $0.isFinite }
    let (low, high) = (inner.min() ?? 1, inner.max() ?? 1)
    let range = SVGText.logarithm(high / low)
    var x = [Double](repeating: left + width, count: parents.count)
    for node in parents.indices.dropFirst(leafCount) {
      let value = similarities[node]
      let share = value > 0 && value.isFinite ? (range > 0 ? SVGText.logarithm(value / low) / range : 0.5) : 0
      x[node] = left + (value > 0 ? 0.06 : 0) * width + share * 0.86 * width
    }
    return x
  }

  private func colour(_ leaf: Int) -> String {
    guard let classes = leafClasses, classes[leaf] >= 0 else { return Chart.Colour.ink }
    return Chart.Colour.series[classes[leaf] % Chart.Colour.series.count]
  }

  private static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String) -> String {
    let points = [x1, y1, x2, y2].map(SVGText.number)
    return
      "<line x1=\"\(points[0])\" y1=\"\(points[1])\" x2=\"\(points[2])\" y2=\"\(points[3])\" stroke=\"\(colour)\"/>"
  }
}

/// Pieces of hand-made pictures.
enum SVGText {
  /// A coordinate with two decimals, digits not grouped.
  static func number(_ value: Double) -> String { NumberText.fixed(value, decimals: 2).replacing(",", with: "") }

  /// A whole picture, at least as wide as its title.
  static func document(title: String, width: Double, height: Double, _ elements: [String]) -> String {
    let width = max(width, 32 + 7.2 * Double(title.count))
    let size = "\(number(width)) \(number(height))"
    return """
      <?xml version="1.0" encoding="utf-8"?>
      <svg width="\(number(width))" height="\(number(height))" viewBox="0 0 \(size)" xmlns="http://www.w3.org/2000/svg" \
      font-family="sans-serif">
      <title>\(escapedHTML(title))</title>
      <text x="16" y="20" font-size="13" fill="\(Chart.Colour.ink)">\(escapedHTML(title))</text>
      \(elements.joined(separator: "\n"))
      </svg>

      """
  }

  /// The natural logarithm to a millionth, enough for pixels: by halving until the series is short.
  static func logarithm(_ x: Double) -> Double {
    guard x > 0, x.isFinite else { return 0 }
    let s = (x.significand - 1) / (x.significand + 1)
    var sum = 0.0
    for k in stride(from: 19.0, through: 1, by: -2) { sum = sum * s * s + 1 / k }
    return 2 * s * sum + Double(x.exponent) * 0.6931471805599453
  }
}
