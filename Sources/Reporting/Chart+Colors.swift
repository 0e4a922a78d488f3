extension Chart {
  /// Colors of pictures that the report page replaces by its own, light or dark.
  enum Color {
    static let ink = "#22272e"
    static let grid = "#d0d5da"
    static let paper = "#fffffe"
    /// Letters on areas that are light in every mode.
    static let letters = "#22262d"
    /// Series take these in turn.
    static let series = ["#0b7285", "#d9480f", "#6741d9", "#5c940d", "#c2255c", "#495057"]

    /// The color of an area of a class and how much of it: the series' colors in turn, then darker, then paler; grey
    /// for no class, -1.
    static func fill(ofClass label: Int) -> (color: String, opacity: Double) {
      let color = label < 0 ? grid : series[label % series.count]
      return (color, [0.35, 0.6, 0.18][max(0, label) / series.count % 3])
    }
  }
}
