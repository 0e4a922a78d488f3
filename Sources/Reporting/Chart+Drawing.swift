public import MillRuntime

extension Chart {
  /// The picture, with a key above it. A pure function of the chart; text is escaped.
  ///
  /// Points that are not finite, or not above 0 along a logarithmic axis, are left out; series that have no other are not
  /// in the key.
  ///
  /// - Complexity: O(points).
  public var svg: String {
    let size = (width: Double(min(4_000, max(100, width))), height: Double(min(4_000, max(100, height))))
    let shown = series.enumerated().filter { $0.element.points.contains(where: shows) }
    let key = ColorKey.drawing(
      shown.map { .init(name: $0.element.name, style: "fill=\"\(Self.color($0.offset))\"") }, left: 16, top: 34,
      width: size.width - 32)
    let points = shown.flatMap { $0.element.points.filter(shows) }
    let hasBars = shown.contains { $0.element.style == .bars }
    // Bars have half of their room on either side.
    let across = ChartAxis(x, points.flatMap { hasBars ? [$0.x - 0.5, $0.x + 0.5] : [$0.x] })
    let up = ChartAxis(y, points.map(\.y) + (hasBars && y.scale == .linear ? [0] : []))
    let plot = ChartFrame(
      left: 44 + 6.6 * Double(up.ticks.map(\.text.count).max() ?? 1), right: size.width - 18, top: 42 + key.height,
      bottom: size.height - 46, x: across, y: up)
    var elements = key.elements + plot.grid(x.label, y.label)
    let bars = shown.filter { $0.element.style == .bars }.map(\.offset)
    for (number, entry) in shown {
      let color = Self.color(number)
      let own = entry.points.filter(shows)
      switch entry.style {
      case .line: elements.append(plot.line(own, color, isStepped: false))
      case .steps: elements.append(plot.line(own, color, isStepped: true))
      case .points: elements.append(plot.dots(own, color))
      case .linePoints: elements += [plot.line(own, color, isStepped: false), plot.dots(own, color)]
      case .bars:
        elements.append(plot.bars(own, color, place: bars.firstIndex(of: number) ?? 0, of: bars.count))
      }
    }
    return SVGText.document(title: title, width: size.width, height: size.height, elements)
  }

  /// Writes the chart's data and its picture into a folder: `stem.csv` and `stem.svg`.
  ///
  /// - Parameters:
  ///   - folder: Where the files go; created when missing, files in it are replaced.
  ///   - stem: The name of the files without extension: letters, digits, `-`, `_` and `.`, not first.
  /// - Throws: `MillError`: `bad-option` for another stem, `cannot-create` or `input-output` for the files.
  public func draw(into folder: String, stem: String) throws(MillError) {
    guard Self.isFileStem(stem) else { throw MillError(.badOption, "not a name for a chart's files", field: stem) }
    try WholeFile.createFolder(folder)
    try WholeFile.write(csv, to: folder + "/" + stem + ".csv")
    try WholeFile.write(svg, to: folder + "/" + stem + ".svg")
  }

  private static func color(_ series: Int) -> String { Color.series[series % Color.series.count] }

  /// Whether a text can name files in every file system.
  private static func isFileStem(_ stem: String) -> Bool {
    guard let first = stem.utf8.first, stem.utf8.count <= 100 else { return false }
    func isLetterOrDigit(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
    return isLetterOrDigit(first)
      && stem.utf8.allSatisfy { isLetterOrDigit($0) || $0 == 0x2d || $0 == 0x2e || $0 == 0x5f }
  }
}

/// Where the points of a chart stand in its picture.
private struct ChartFrame {
  let left: Double
  let right: Double
  let top: Double
  let bottom: Double
  let x: ChartAxis
  let y: ChartAxis

  private func place(_ point: Chart.Point) -> (x: Double, y: Double) {
    (left + x.position(point.x) * (right - left), bottom - y.position(point.y) * (bottom - top))
  }

  /// Lines and numbers of both axes, and what they measure.
  func grid(_ xLabel: String, _ yLabel: String) -> [String] {
    var elements: [String] = []
    for tick in x.ticks {
      let place = left + x.position(tick.value) * (right - left)
      elements.append(Self.rule(place, top, place, bottom))
      elements.append(Self.text(place, bottom + 16, tick.text, "middle"))
    }
    for tick in y.ticks {
      let place = bottom - y.position(tick.value) * (bottom - top)
      elements.append(Self.rule(left, place, right, place))
      elements.append(Self.text(left - 6, place + 4, tick.text, "end"))
    }
    elements.append(
      "<path d=\"M\(Self.pair(left, top))L\(Self.pair(left, bottom))L\(Self.pair(right, bottom))\" fill=\"none\" "
        + "stroke=\"\(Chart.Color.ink)\"/>")
    elements.append(Self.text((left + right) / 2, bottom + 36, Chart.oneLine(xLabel), "middle"))
    elements.append(
      "<g transform=\"translate(22 \(SVGText.number((top + bottom) / 2))) rotate(-90)\">"
        + Self.text(0, 0, Chart.oneLine(yLabel), "middle") + "</g>")
    return elements
  }

  /// A line through points; points that fall on one another are drawn once.
  func line(_ points: [Chart.Point], _ color: String, isStepped: Bool) -> String {
    var path = ""
    var last = ""
    for (i, point) in points.enumerated() {
      let spot = place(point)
      let text = Self.pair(spot.x, spot.y)
      if text == last { continue }
      if isStepped, i > 0 { path += "H" + SVGText.number(spot.x) }
      path += (i == 0 ? "M" : "L") + text
      last = text
    }
    return "<path d=\"\(path)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\" stroke-linejoin=\"round\"/>"
  }

  func dots(_ points: [Chart.Point], _ color: String) -> String {
    let path = points.map { point in
      let spot = place(point)
      return "M\(Self.pair(spot.x, spot.y))h0"
    }
    return "<path d=\"\(path.joined())\" stroke=\"\(color)\" stroke-width=\"6\" stroke-linecap=\"round\"/>"
  }

  /// Bars of one of several series that share each place.
  func bars(_ points: [Chart.Point], _ color: String, place number: Int, of count: Int) -> String {
    let share = 0.8 / Double(max(1, count))
    let shift = (Double(number) - Double(count - 1) / 2) * share
    let half = 0.45 * share
    let foot = bottom - min(1, max(0, y.position(0))) * (bottom - top)
    let path = points.map { point in
      let from = place(Chart.Point(point.x + shift - half, point.y))
      let to = place(Chart.Point(point.x + shift + half, point.y))
      return "M\(Self.pair(from.x, foot))V\(SVGText.number(from.y))H\(SVGText.number(to.x))V\(SVGText.number(foot))z"
    }
    return "<path d=\"\(path.joined())\" fill=\"\(color)\"/>"
  }

  private static func pair(_ x: Double, _ y: Double) -> String { "\(SVGText.number(x)) \(SVGText.number(y))" }

  private static func rule(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
    "<path d=\"M\(pair(x1, y1))L\(pair(x2, y2))\" stroke=\"\(Chart.Color.grid)\" stroke-width=\"0.6\"/>"
  }

  private static func text(_ x: Double, _ y: Double, _ text: String, _ anchor: String) -> String {
    "<text x=\"\(SVGText.number(x))\" y=\"\(SVGText.number(y))\" font-size=\"12\" text-anchor=\"\(anchor)\" "
      + "fill=\"\(Chart.Color.ink)\">\(escapedHTML(text))</text>"
  }
}
