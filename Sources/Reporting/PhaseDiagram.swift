/// A score over two parameters as a grid of cells, with lines that theory draws through it.
public struct PhaseDiagram: Sendable, Equatable {
  /// A line with a name.
  public struct Line: Sendable, Equatable {
    /// The name in the key.
    public var name: String
    /// Its points, by ascending x.
    public var points: [Chart.Point]
    /// Whether it is dashed.
    public var isDashed: Bool
    /// A line through some points.
    public init(name: String, points: [Chart.Point], isDashed: Bool) {
      self.name = name
      self.points = points
      self.isDashed = isDashed
    }
  }

  /// What the diagram shows.
  public var title: String
  /// What the columns vary.
  public var xName: String
  /// What the rows vary.
  public var yName: String
  /// The columns' values, ascending.
  public var xs: [Double]
  /// The rows' values, ascending from below, above 0.
  public var ys: [Double]
  /// Scores in 0...1, a row of columns for each y, the lowest first.
  public var values: [Double]
  /// The lines.
  public var lines: [Line]

  /// A diagram.
  ///
  /// - Precondition: a score for each pair of x and y.
  public init(
    title: String, xName: String, yName: String, xs: [Double], ys: [Double], values: [Double], lines: [Line] = []
  ) {
    precondition(values.count == xs.count * ys.count)
    self.title = title
    self.xName = xName
    self.yName = yName
    self.xs = xs
    self.ys = ys
    self.values = values
    self.lines = lines
  }

  private static let cell = (width: 54.0, height: 30.0)
  private static let origin = (x: 66.0, y: 34.0)

  /// The picture: cells of equal size whose darkness is the score, which stands in them; lines are placed between cell
  /// centers, along y by the logarithm.
  public var svg: String {
    let (cell, origin) = (Self.cell, Self.origin)
    let (width, height) = (cell.width * Double(xs.count), cell.height * Double(ys.count))
    var elements: [String] = []
    var numbers: [String] = []
    for (row, y) in ys.enumerated() {
      let top = origin.y + height - Double(row + 1) * cell.height
      elements.append(Self.text(origin.x - 8, top + 19, NumberText.significant(y, digits: 4), anchor: "end"))
      for column in xs.indices {
        let value = min(1, max(0, values[row * xs.count + column].isNaN ? 0 : values[row * xs.count + column]))
        let left = origin.x + Double(column) * cell.width
        elements.append(
          "<rect x=\"\(SVGText.number(left))\" y=\"\(SVGText.number(top))\" width=\"\(SVGText.number(cell.width - 1))\" "
            + "height=\"\(SVGText.number(cell.height - 1))\" fill=\"\(Chart.Color.series[0])\" "
            + "fill-opacity=\"\(SVGText.number(0.04 + 0.62 * value))\"/>")
        numbers.append(
          Self.text(left + cell.width / 2, top + 19, NumberText.fixed(value, decimals: 2), anchor: "middle"))
      }
    }
    for (column, x) in xs.enumerated() {
      elements.append(
        Self.text(
          origin.x + (Double(column) + 0.5) * cell.width, origin.y + height + 16, NumberText.significant(x, digits: 4),
          anchor: "middle"))
    }
    elements.append(Self.text(origin.x + width / 2, origin.y + height + 34, xName, anchor: "middle"))
    elements.append(
      Self.text(
        0, 0, yName, anchor: "middle", place: "translate(16 \(SVGText.number(origin.y + height / 2))) rotate(-90)"))
    for (index, line) in lines.enumerated() {
      let points = line.points.map { place($0, height) }.map { "\(SVGText.number($0.x)),\(SVGText.number($0.y))" }
      let style =
        "stroke=\"\(Chart.Color.series[1 + index % 5])\" stroke-width=\"2\" fill=\"none\""
        + (line.isDashed ? " stroke-dasharray=\"6 4\"" : "")
      if points.count > 1 {
        elements.append("<polyline points=\"\(points.joined(separator: " "))\" \(style) clip-path=\"url(#cells)\"/>")
      }
      let y = origin.y + height + 50 + 16 * Double(index)
      elements.append(
        "<line x1=\"\(SVGText.number(origin.x))\" y1=\"\(SVGText.number(y))\" x2=\"\(SVGText.number(origin.x + 30))\" "
          + "y2=\"\(SVGText.number(y))\" \(style)/>")
      elements.append(Self.text(origin.x + 38, y + 4, line.name, anchor: "start"))
    }
    let clip =
      "<clipPath id=\"cells\"><rect x=\"\(SVGText.number(origin.x))\" y=\"\(SVGText.number(origin.y))\" "
      + "width=\"\(SVGText.number(width))\" height=\"\(SVGText.number(height))\"/></clipPath>"
    return SVGText.document(
      title: title, width: origin.x + width + 20, height: origin.y + height + 50 + 16 * Double(lines.count),
      [clip] + elements + numbers)
  }

  /// Where a point of the axes is in the picture; beyond the outer cell centers the last step goes on.
  private func place(_ point: Chart.Point, _ height: Double) -> Chart.Point {
    let x = Self.position(point.x, in: xs)
    let y = Self.position(SVGText.logarithm(point.y), in: ys.map(SVGText.logarithm))
    return Chart.Point(
      Self.origin.x + (x + 0.5) * Self.cell.width, Self.origin.y + height - (y + 0.5) * Self.cell.height)
  }

  /// The fractional index of a value among ascending ones.
  private static func position(_ value: Double, in values: [Double]) -> Double {
    guard values.count > 1 else { return 0 }
    let upper = values.dropFirst().dropLast().firstIndex { $0 > value } ?? values.count - 1
    let (low, high) = (values[upper - 1], values[upper])
    return Double(upper - 1) + (high > low ? (value - low) / (high - low) : 0)
  }

  private static func text(_ x: Double, _ y: Double, _ text: String, anchor: String, place: String? = nil) -> String {
    "<text x=\"\(SVGText.number(x))\" y=\"\(SVGText.number(y))\" font-size=\"11\" text-anchor=\"\(anchor)\" "
      + "fill=\"\(Chart.Color.ink)\"\(place.map { " transform=\"\($0)\"" } ?? "")>\(escapedHTML(text))</text>"
  }
}
