import Glibc

/// Sizes and counts as people write them: `4096`, `10k`, `1.5M`, `4Gi`, `512MiB`.
///
/// `k M G T` are powers of 1000, `Ki Mi Gi Ti` powers of 1024, in either case, and a final `B` changes nothing.
public enum ByteSize {
  /// The whole number that `text` means; nil when it is not a size or beyond 64 bits. Fractions of one are cut off.
  public static func parse(_ text: String) -> Int? {
    var bytes = Array(text.utf8)
    var factor = 1
    var suffix: [UInt8] = []
    while let last = bytes.last, !isDigit(last), last != UInt8(ascii: ".") {
      suffix.insert(last | 0x20, at: 0)
      bytes.removeLast()
    }
    if suffix.last == UInt8(ascii: "b") { suffix.removeLast() }
    if let letter = suffix.first {
      guard let power = [UInt8]("kmgt".utf8).firstIndex(of: letter) else { return nil }
      guard suffix.count == 1 || (suffix.count == 2 && suffix[1] == UInt8(ascii: "i")) else { return nil }
      for _ in 0...power { factor *= suffix.count == 2 ? 1024 : 1000 }
    }
    return scaled(bytes, by: factor)
  }

  /// Digits with at most one point, times `factor`, in whole numbers until the last step.
  private static func scaled(_ digits: [UInt8], by factor: Int) -> Int? {
    let parts = digits.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, !first.isEmpty, first.allSatisfy(isDigit) else { return nil }
    var whole = 0
    for digit in first {
      let (tens, overflow) = whole.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(Int(digit) - 48)
      if overflow || carry { return nil }
      whole = sum
    }
    let (product, overflow) = whole.multipliedReportingOverflow(by: factor)
    if overflow { return nil }
    guard parts.count == 2 else { return product }
    guard !parts[1].isEmpty, parts[1].count <= 15, parts[1].allSatisfy(isDigit) else { return nil }
    let numerator = parts[1].reduce(0.0) { $0 * 10 + Double($1 - 48) }
    let rest = Int((numerator * Double(factor) / pow(10, Double(parts[1].count))).rounded(.down))
    let (sum, carry) = product.addingReportingOverflow(rest)
    return carry ? nil : sum
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

  /// A short form for people, in powers of 1024: `512 B`, `1.5 KiB`, `92.4 MiB`.
  public static func text(_ bytes: Int) -> String {
    if bytes < 1024 { return "\(bytes) B" }
    var value = Double(bytes)
    var unit = -1
    while value >= 1024, unit < 4 {
      value /= 1024
      unit += 1
    }
    return "\(rounded(value)) \(["KiB", "MiB", "GiB", "TiB", "PiB"][unit])"
  }

  /// A count in powers of 1000: `950`, `12.3 k`, `4.5 M`.
  public static func countText(_ count: Double) -> String {
    if count < 1000 { return "\(Int(count.rounded()))" }
    var value = count
    var unit = -1
    while value >= 1000, unit < 3 {
      value /= 1000
      unit += 1
    }
    return "\(rounded(value)) \(["k", "M", "G", "T"][unit])"
  }

  private static func rounded(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths >= 1000 ? "\((tenths + 5) / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}

/// How much memory a run may use: a size, a share of what the machine allows, or the default share.
public enum MemorySetting: Equatable, Sendable, CustomStringConvertible {
  /// Three quarters of what the control group or the machine allows.
  case automatic
  /// This many bytes.
  case bytes(Int)
  /// This share of what the control group or the machine allows, above 0, at most 100.
  case percent(Double)

  /// `auto`, a percentage such as `50%`, or a size such as `4Gi`; nil for anything else, and for nothing at all.
  public init?(_ text: String) {
    if text == "auto" {
      self = .automatic
    } else if text.hasSuffix("%") {
      guard let share = Double(text.dropLast()), share > 0, share <= 100 else { return nil }
      self = .percent(share)
    } else {
      guard let bytes = ByteSize.parse(text), bytes > 0 else { return nil }
      self = .bytes(bytes)
    }
  }

  /// The limit in bytes for a machine (or control group) that has `available` bytes.
  public func limit(available: Int) -> Int {
    switch self {
    case .automatic: available / 4 * 3
    case .bytes(let bytes): bytes
    case .percent(let share): Int(Double(available) * share / 100)
    }
  }

  /// The text that makes this setting.
  public var description: String {
    switch self {
    case .automatic: "auto"
    case .bytes(let bytes): String(bytes)
    case .percent(let share): share == share.rounded() ? "\(Int(share))%" : "\(share)%"
    }
  }
}
