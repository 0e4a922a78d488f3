/// An axis of a picture: its range, where values stand along it, and its marks.
struct ChartAxis {
  /// A mark along the axis.
  struct Tick: Equatable {
    var value: Double
    var text: String
  }

  private let scale: Chart.Scale
  private let low: Double
  private let high: Double
  /// The marks, ascending.
  let ticks: [Tick]

  /// The axis that shows some values: all of them, where it was not told other limits.
  init(_ axis: Chart.Axis, _ values: [Double]) {
    scale = axis.scale
    let (least, most) = (values.min() ?? 1, values.max() ?? 10)
    if !axis.categories.isEmpty {
      low = axis.minimum ?? -0.6
      high = axis.maximum ?? Double(axis.categories.count) - 0.4
      ticks = axis.categories.enumerated().map { Tick(value: Double($0), text: Chart.oneLine($1)) }
    } else if scale == .logarithmic {
      var first = Self.exponent(axis.minimum ?? least, up: false)
      var last = Self.exponent(axis.maximum ?? most, up: true)
      if first == last { (first, last) = axis.maximum == nil ? (first, last + 1) : (first - 1, last) }
      (low, high) = (axis.minimum ?? Self.power(first), axis.maximum ?? Self.power(last))
      let step = (last - first + 6) / 7
      ticks = stride(from: first, through: last, by: max(1, step)).map {
        Tick(value: Self.power($0), text: Self.text(Self.power($0)))
      }
    } else {
      var (from, to) = (axis.minimum ?? least, axis.maximum ?? most)
      if !(from < to) {
        (from, to) = axis.minimum == nil && from != 0 ? (from - abs(from) / 2, from + abs(from) / 2) : (from, from + 1)
      }
      let step = Self.step((to - from) / 6)
      let (first, last) = ((from / step).rounded(.down), (to / step).rounded(.up))
      low = axis.minimum ?? first * step
      high = axis.maximum ?? last * step
      let (bottom, top) = (low, high)
      ticks = stride(from: first, through: last, by: 1).map { $0 * step }
        .filter { $0 >= bottom - 1e-9 * step && $0 <= top + 1e-9 * step }
        .map { Tick(value: $0, text: Self.text($0)) }
    }
  }

  /// The place of a value along the axis, 0 at its beginning, 1 at its end; values beyond stand beyond.
  func position(_ value: Double) -> Double {
    guard scale == .logarithmic else { return (value - low) / (high - low) }
    return SVGText.logarithm(value / low) / SVGText.logarithm(high / low)
  }

  /// 1, 2 or 5 times a power of ten, at least the wanted step.
  private static func step(_ wanted: Double) -> Double {
    let power = Self.power(exponent(wanted, up: false))
    return [1, 2, 5, 10].map { $0 * power }.first { $0 >= wanted * (1 - 1e-9) } ?? 10 * power
  }

  /// The exponent of the power of ten that is next below or above a value.
  private static func exponent(_ value: Double, up: Bool) -> Int {
    guard value > 0, value.isFinite else { return 0 }
    let exact = SVGText.logarithm(value) / 2.302585092994046
    return Int(up ? (exact - 1e-6).rounded(.up) : (exact + 1e-6).rounded(.down))
  }

  private static func power(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? 1 }

  /// A short text: `20k`, `1.5M`, `0.001`.
  static func text(_ value: Double) -> String {
    for (unit, letter) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where abs(value) >= max(unit, 1e4) {
      return NumberText.significant(value / unit, digits: 4) + letter
    }
    return NumberText.significant(value, digits: 4)
  }
}
