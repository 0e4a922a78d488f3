public import MillRuntime

/// A drawing of a tree: leaves on the right, merges as brackets whose distance from them grows with the logarithm of the
/// similarity, which a scale below shows.
///
/// Classes take the series' colors in turn; where these begin again, the leaves' lines are dashed, then dotted. A pure
/// function of its values; text is escaped.
public struct Dendrogram: Sendable, Equatable {
  /// What the drawing shows; its accessible name.
  public var title: String
  /// The tree; a forest is drawn tree by tree. Similarities that are not positive stand at the left edge, and without
  /// any a merge stands as many steps from the leaves as it is high.
  public var tree: RootedTree
  /// The text beside each leaf.
  public var leafNames: [String]
  /// A class of each leaf, which gives its color, -1 for none; nil for no colors.
  public var leafClasses: [Int]?
  /// The names of the classes, for a key below the drawing.
  public var classNames: [String] = []
  /// From the left edge to the leaves, in pixels.
  public var width = 480.0

  /// A dendrogram of a tree.
  ///
  /// - Parameters:
  ///   - title: What stands above it.
  ///   - tree: Any tree.
  ///   - leafNames: One a leaf; nil for the tree's own names, or numbers.
  ///   - leafClasses: One a leaf; nil for no colors.
  /// - Precondition: one name and one class a leaf.
  public init(title: String, tree: RootedTree, leafNames: [String]? = nil, leafClasses: [Int]? = nil) {
    let leafNames = leafNames ?? tree.names ?? (0..<tree.leafCount).map { String($0) }
    precondition(leafNames.count == tree.leafCount && (leafClasses?.count ?? tree.leafCount) == tree.leafCount)
    self.title = title
    self.tree = tree
    self.leafNames = leafNames
    self.leafClasses = leafClasses
  }

  /// The picture.
  public var svg: String {
    let names = leafNames.map { String($0.prefix(60)) }
    let leafCount = tree.leafCount
    let rowHeight = leafCount > 60 ? 13.0 : 18
    let textWidth = 12 + 6.2 * Double(names.map(\.count).max() ?? 0)
    let (left, top) = (16.0, 30.0)
    let bottom = top + rowHeight * Double(max(1, leafCount)) + 6
    var y = [Double](repeating: 0, count: tree.nodeCount)
    for (row, leaf) in tree.leafOrder.enumerated() { y[leaf] = top + rowHeight * (Double(row) + 0.5) }
    let heights = tree.similarities == nil ? tree.heights : []
    // A step is a factor of two: the logarithmic scale puts equal steps at equal distances.
    let similarities =
      tree.similarities ?? heights.map { Double(sign: .plus, exponent: -min($0, 1000), significand: 1) }
    let scale = SimilarityScale(tree.innerNodes.map { similarities[$0] }, left: left, width: width)
    let x = similarities.indices.map { $0 < leafCount ? left + width : scale.position(similarities[$0]) }
    var lines: [String] = []
    for node in tree.innerNodes {
      let parts = tree.children(of: node).map { Int($0) }
      y[node] = parts.map { y[$0] }.reduce(0, +) / Double(max(1, parts.count))
      let (low, high) = (parts.map { y[$0] }.min() ?? y[node], parts.map { y[$0] }.max() ?? y[node])
      lines.append(Self.line(x[node], low, x[node], high, Chart.Color.ink))
      for part in parts {
        let style = part < leafCount ? self.style(part) : (Chart.Color.ink, "")
        lines.append(Self.line(x[node], y[part], x[part], y[part], style.0, style.1))
      }
    }
    for leaf in 0..<leafCount {
      lines.append(
        "<text x=\"\(SVGText.number(x[leaf] + 6))\" y=\"\(SVGText.number(y[leaf] + 4))\" "
          + "font-size=\"\(leafCount > 60 ? 11 : 12)\" fill=\"\(style(leaf).color)\">\(escapedHTML(names[leaf]))</text>"
      )
    }
    if !tree.innerNodes.isEmpty, tree.similarities != nil { lines += scale.drawing(at: bottom) }
    let key = ColorKey.drawing(
      classNames.enumerated().map { .init(name: $1, style: "fill=\"\(Self.classStyle($0).color)\"") }, left: left,
      top: bottom + 44, width: width + textWidth)
    return SVGText.document(
      title: title, width: left + width + textWidth, height: bottom + 42 + key.height, lines + key.elements)
  }

  /// The color of a leaf, and how its line is broken.
  private func style(_ leaf: Int) -> (color: String, dashes: String) {
    guard let classes = leafClasses, classes[leaf] >= 0 else { return (Chart.Color.ink, "") }
    return Self.classStyle(classes[leaf])
  }

  private static func classStyle(_ label: Int) -> (color: String, dashes: String) {
    let (round, place) = label.quotientAndRemainder(dividingBy: Chart.Color.series.count)
    return (Chart.Color.series[place], ["", "6 3", "2 3"][round % 3])
  }

  fileprivate static func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ color: String, _ dashes: String = ""
  ) -> String {
    let points = [x1, y1, x2, y2].map(SVGText.number)
    return "<line x1=\"\(points[0])\" y1=\"\(points[1])\" x2=\"\(points[2])\" y2=\"\(points[3])\" stroke=\"\(color)\""
      + (dashes.isEmpty ? "" : " stroke-dasharray=\"\(dashes)\"") + "/>"
  }
}

/// Similarities on a logarithmic scale, the tightest near the leaves; those that are not positive at the left edge.
private struct SimilarityScale {
  let low: Double
  let high: Double
  let left: Double
  let width: Double
  let hasZero: Bool

  init(_ similarities: [Double], left: Double, width: Double) {
    let positive = similarities.filter { $0 > 0 && $0.isFinite }
    (low, high) = (positive.min() ?? 1, positive.max() ?? 1)
    hasZero = positive.count < similarities.count
    self.left = left
    self.width = width
  }

  func position(_ value: Double) -> Double {
    guard value > 0, value.isFinite else { return left }
    let range = SVGText.logarithm(high / low)
    return left + (0.06 + 0.86 * (range > 0 ? SVGText.logarithm(value / low) / range : 0.5)) * width
  }

  /// 1, 2 and 5 times the powers of ten in the range, or the powers alone where these are many, else both ends.
  private var ticks: [Double] {
    var (all, powers): ([Double], [Double]) = ([], [])
    for exponent in -30...30 {
      var power = 1.0
      for _ in 0..<exponent.magnitude { power = exponent < 0 ? power / 10 : power * 10 }
      let own = [power, 2 * power, 5 * power].filter { $0 >= low && $0 <= high }
      all += own
      if own.first == power { powers.append(power) }
    }
    if (2...8).contains(all.count) { return all }
    if powers.count >= 2 {
      let step = (powers.count + 7) / 8
      return powers.indices.filter { $0.isMultiple(of: step) }.map { powers[$0] }
    }
    return low < high ? [low, high] : [low]
  }

  /// A line with marks, and what it measures.
  func drawing(at y: Double) -> [String] {
    var elements = [Dendrogram.line(left, y, left + width, y, Chart.Color.grid)]
    func mark(_ x: Double, _ label: String) {
      elements.append(Dendrogram.line(x, y, x, y + 4, Chart.Color.ink))
      elements.append(text(x, y + 15, label))
    }
    if hasZero { mark(left, "0") }
    for value in ticks { mark(position(value), NumberText.significant(value, digits: 2)) }
    return elements + [text(left + width / 2, y + 30, "similarity, logarithmic")]
  }

  private func text(_ x: Double, _ y: Double, _ text: String) -> String {
    "<text x=\"\(SVGText.number(x))\" y=\"\(SVGText.number(y))\" font-size=\"11\" text-anchor=\"middle\" "
      + "fill=\"\(Chart.Color.ink)\">\(text)</text>"
  }
}

/// Pieces of hand-made pictures.
enum SVGText {
  /// A coordinate with two decimals, digits not grouped.
  static func number(_ value: Double) -> String { NumberText.fixed(value, decimals: 2).replacing(",", with: "") }

  /// A text of at most so many characters, the last of them an ellipsis where some are left out.
  static func shortened(_ text: String, to length: Int) -> String {
    text.count <= length ? text : String(text.prefix(length - 1)) + "…"
  }

  /// A whole picture, at least as wide as its title.
  static func document(title: String, width: Double, height: Double, _ elements: [String]) -> String {
    let width = max(width, 32 + 7.2 * Double(title.count))
    let size = "\(number(width)) \(number(height))"
    return """
      <?xml version="1.0" encoding="utf-8"?>
      <svg width="\(number(width))" height="\(number(height))" viewBox="0 0 \(size)" xmlns="http://www.w3.org/2000/svg" \
      font-family="sans-serif">
      <title>\(escapedHTML(title))</title>
      \(InlineSVG.titleMark) x="16" y="20" font-size="13" fill="\(Chart.Color.ink)">\(escapedHTML(title))</text>
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
