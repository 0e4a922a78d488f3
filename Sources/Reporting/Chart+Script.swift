extension Chart {
  /// Colours of the script that the report page replaces by its own, light or dark.
  enum Colour {
    static let ink = "#22272e"
    static let grid = "#d0d5da"
    static let paper = "#fffffe"
    /// Series take these in turn.
    static let series = ["#0b7285", "#d9480f", "#6741d9", "#5c940d", "#c2255c", "#495057"]

    /// The colour of an area of a class and how much of it: the series' colours in turn, then darker, then paler; grey
    /// for no class, -1.
    static func fill(ofClass label: Int) -> (colour: String, opacity: Double) {
      let colour = label < 0 ? grid : series[label % series.count]
      return (colour, [0.35, 0.6, 0.18][max(0, label) / series.count % 3])
    }
  }

  /// The gnuplot script that draws the chart from `stem.csv` into `stem.svg`.
  ///
  /// Works with gnuplot 5.0 and later, run in the folder of the files.
  public func script(stem: String) -> String {
    let ink = "textcolor rgb \"\(Colour.ink)\""
    let size = "\(min(4_000, max(100, width))),\(min(4_000, max(100, height)))"
    var lines = [
      "# \(Self.oneLine(title))",
      "# gnuplot \(stem).gp",
      "set terminal svg size \(size) dynamic noenhanced rounded font \"sans-serif,14\" background rgb \"\(Colour.paper)\"",
      "set output \(Self.literal(stem + ".svg"))",
      "set encoding utf8",
      "set datafile separator \",\"",
      "set border 3 linecolor rgb \"\(Colour.ink)\" linewidth 1",
      "set tics nomirror scale 0.5 \(ink)",
      "set grid linetype 1 linewidth 0.6 linecolor rgb \"\(Colour.grid)\"",
      "set key above left Left reverse horizontal samplen 2 \(ink)",
      "set style fill solid 0.85 noborder",
      "set xlabel \(Self.literal(x.label)) \(ink)",
      "set ylabel \(Self.literal(y.label)) \(ink)",
    ]
    lines += axis("x", x) + axis("y", y)
    let plots = self.plots(stem)
    lines.append(plots.isEmpty ? "plot [1:10] [1:10] 100 notitle" : "plot \\\n  " + plots.joined(separator: ", \\\n  "))
    return lines.joined(separator: "\n") + "\n"
  }

  private func axis(_ name: String, _ axis: Axis) -> [String] {
    var lines: [String] = []
    if axis.scale == .logarithmic { lines.append("set logscale \(name) 10") }
    var low = axis.minimum.map(NumberText.exact) ?? "*"
    var high = axis.maximum.map(NumberText.exact) ?? "*"
    if axis.categories.isEmpty {
      lines.append("set format \(name) \"%g\"")
    } else {
      let tics = axis.categories.enumerated().map { "\(Self.literal($1.replacing("%", with: "%%"))) \($0)" }
      lines.append("set \(name)tics (\(tics.joined(separator: ", ")))")
      if axis.minimum == nil { low = "-0.6" }
      if axis.maximum == nil { high = NumberText.exact(Double(axis.categories.count) - 0.4) }
    }
    if low != "*" || high != "*" { lines.append("set \(name)range [\(low):\(high)]") }
    return lines
  }

  /// One plot clause a series that has a point to show.
  private func plots(_ stem: String) -> [String] {
    let bars = series.count { $0.style == .bars }
    let barWidth = 0.8 / Double(max(1, bars))
    var bar = 0
    var clauses: [String] = []
    for (index, entry) in series.enumerated() {
      let shift = (Double(bar) - Double(bars - 1) / 2) * barWidth
      if entry.style == .bars { bar += 1 }
      guard entry.points.contains(where: shows) else { continue }
      let name = Self.literal(entry.name)
      let key = Self.literal(Self.key(entry.name))
      let offset = entry.style == .bars && bars > 1 ? " + (\(NumberText.significant(shift, digits: 6)))" : ""
      var columns = "(strcol(1) eq \(key) ? column(2)\(offset) : NaN):3"
      if entry.style == .bars { columns += ":(\(NumberText.significant(barWidth * 0.9, digits: 6)))" }
      let colour = "linecolor rgb \"\(Colour.series[index % Colour.series.count])\""
      let style: String
      switch entry.style {
      case .line: style = "lines linewidth 2 \(colour)"
      case .points: style = "points pointtype 7 pointsize 0.5 \(colour)"
      case .linePoints: style = "linespoints linewidth 2 pointtype 7 pointsize 0.6 \(colour)"
      case .steps: style = "steps linewidth 2 \(colour)"
      case .bars: style = "boxes \(colour)"
      }
      clauses.append("\(Self.literal(stem + ".csv")) skip 1 using \(columns) with \(style) title \(name)")
    }
    return clauses
  }

  /// A gnuplot string in single quotes, in which only the quote itself is special.
  static func literal(_ text: String) -> String {
    "'" + oneLine(text).split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }
}
