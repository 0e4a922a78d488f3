/// Values of one figure over seeds or draws, with their mean and standard deviation.
public struct Spread: Sendable, Equatable {
  /// The values, in the order in which they came.
  public private(set) var values: [Double]

  /// A spread of these values.
  public init(_ values: [Double] = []) { self.values = values }

  /// Adds a value.
  public mutating func add(_ value: Double) { values.append(value) }

  /// The mean; 0 of nothing.
  public var mean: Double { values.reduce(0, +) / Double(max(1, values.count)) }

  /// The mean of some values; 0 of none.
  public static func mean(_ values: [Double]) -> Double { Spread(values).mean }

  /// The standard deviation of a sample (n - 1); 0 of fewer than two values.
  public var deviation: Double {
    let mean = mean
    guard values.count > 1 else { return 0 }
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot()
  }

  /// `mean (deviation)` with a fixed number of decimals.
  public func text(_ decimals: Int) -> String { decimal(mean, decimals) + " (" + decimal(deviation, decimals) + ")" }
}
