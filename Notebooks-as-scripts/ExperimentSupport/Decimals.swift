import Reporting

/// A number with a fixed number of decimals and grouped digits, as reports show it: `12,345.7`.
public func decimal(_ value: Double, _ places: Int) -> String { NumberText.fixed(value, decimals: places) }

/// A number that is not negative with a fixed number of decimals, digits not grouped, halves rounded up.
public func plainDecimal(_ value: Double, _ places: Int) -> String {
  let unit = (0..<places).reduce(1) { product, _ in product * 10 }
  let scaled = Int((value * Double(unit)).rounded())
  let rest = String(scaled % unit)
  return places == 0 ? "\(scaled)" : "\(scaled / unit).\(String(repeating: "0", count: places - rest.count))\(rest)"
}
