/// A chart: lines, points or bars over one pair of axes.
///
/// `draw(into:stem:)` keeps its data beside the picture, so that a reader can draw it another way.
public struct Chart: Sendable, Equatable {
  /// How an axis is divided.
  public enum Scale: Sendable, Equatable {
    case linear
    /// Powers of ten; values that are not above 0 are left out.
    case logarithmic
  }

  /// How a series is drawn.
  public enum Style: Sendable, Equatable {
    case line
    case points
    case linePoints
    /// Level until the next x: for distributions.
    case steps
    /// Bars beside those of other series at the same x.
    case bars
  }

  /// Some points under one name.
  public struct Series: Sendable, Equatable {
    /// The name in the key.
    public var name: String
    /// How it is drawn.
    public var style: Style
    /// Its points, in the order in which a line joins them.
    public var points: [Point]

    /// A series of points.
    public init(_ name: String, _ style: Style = .line, points: [Point]) {
      self.name = name
      self.style = style
      self.points = points
    }
  }

  /// A point of a series.
  public struct Point: Sendable, Equatable {
    /// Position along the x axis.
    public var x: Double
    /// Position along the y axis.
    public var y: Double

    /// The point (x, y).
    public init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// An axis.
  public struct Axis: Sendable, Equatable {
    /// What it measures, with its unit.
    public var label: String
    /// How it is divided.
    public var scale: Scale
    /// Names of the positions 0, 1, 2, … along it (for bars); empty for numbers.
    public var categories: [String]
    /// The lowest value shown; nil for what the values need.
    public var minimum: Double?
    /// The highest value shown; nil for what the values need.
    public var maximum: Double?

    /// An axis.
    public init(
      _ label: String, _ scale: Scale = .linear, categories: [String] = [], minimum: Double? = nil,
      maximum: Double? = nil
    ) {
      self.label = label
      self.scale = scale
      self.categories = categories
      self.minimum = minimum
      self.maximum = maximum
    }
  }

  /// What the chart shows; the picture's accessible name.
  public var title: String
  /// The horizontal axis.
  public var x: Axis
  /// The vertical axis.
  public var y: Axis
  /// The series, in the order of the key.
  public var series: [Series]
  /// Width in pixels, 100 to 4,000.
  public var width = 560
  /// Height in pixels, 100 to 4,000.
  public var height = 360

  /// A chart of some series.
  public init(_ title: String, x: Axis, y: Axis, series: [Series]) {
    self.title = title
    self.x = x
    self.y = y
    self.series = series
  }

  /// The data: a header and one row a point with the columns series, x, y (LF, exact numbers; commas and quotes in a name
  /// become semicolons and apostrophes, so that no field needs quotes).
  ///
  /// Points that are not finite, or not above 0 along a logarithmic axis, are left out.
  public var csv: String {
    var text = "series,x,y\n"
    for entry in series {
      let name = Self.key(entry.name)
      for point in entry.points where shows(point) {
        text += "\(name),\(NumberText.exact(point.x)),\(NumberText.exact(point.y))\n"
      }
    }
    return text
  }

  /// Whether a point can be drawn.
  func shows(_ point: Point) -> Bool {
    point.x.isFinite && point.y.isFinite && (x.scale == .linear || point.x > 0) && (y.scale == .linear || point.y > 0)
  }

  /// A series' name as it stands in the data.
  static func key(_ name: String) -> String {
    oneLine(name).replacing(",", with: ";").replacing("\"", with: "'")
  }

  /// The text with line breaks and other control characters as spaces.
  static func oneLine(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
  }
}
