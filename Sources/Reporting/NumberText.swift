internal import Glibc

/// Numbers as people read them, the same in every locale.
public enum NumberText {
  /// An integer with a comma between groups of three digits: `1,234,567`.
  public static func grouped(_ value: Int) -> String {
    (value < 0 ? "-" : "") + grouped(digits: String(value.magnitude))
  }

  /// A number with a fixed count of decimals (0 to 17) and grouped digits before the point; `n/a` unless finite.
  ///
  /// Rounded as `printf` does: half to even of the exact binary value. A result of zero has no sign.
  public static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return "n/a" }
    let places = max(0, min(17, decimals))
    var text = formatted("%.\(places)f", value.magnitude)
    let split = text.firstIndex(of: ".") ?? text.endIndex
    text = grouped(digits: String(text[..<split])) + text[split...]
    let isZero = text.allSatisfy { $0 == "0" || $0 == "." }
    return (value < 0 && !isZero ? "-" : "") + text
  }

  /// A share as a percentage: 0.125 with one decimal is `12.5 %`.
  public static func percent(_ share: Double, decimals: Int) -> String {
    share.isFinite ? fixed(share * 100, decimals: decimals) + " %" : "n/a"
  }

  /// At most `digits` significant digits (1 to 17), with an exponent where it is shorter; `n/a` unless finite.
  public static func significant(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return "n/a" }
    return value == 0 ? "0" : formatted("%.\(max(1, min(17, digits)))g", value)
  }

  /// The shortest text that reads back as the same number; integers without `.0`, no sign on zero, empty unless finite.
  static func exact(_ value: Double) -> String {
    guard value.isFinite else { return "" }
    if value == 0 { return "0" }
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func grouped(digits: String) -> String {
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return text
  }

  private static func formatted(_ format: String, _ value: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 400)
    let count = unsafe withVaList([value]) { unsafe vsnprintf(&buffer, buffer.count, format, $0) }
    return String(decoding: buffer.prefix(Int(max(0, count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
