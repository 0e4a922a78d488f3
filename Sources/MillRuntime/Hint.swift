/// What a caller can do about a failure: a sentence, in which settings are data and not words of some front end.
///
/// ```swift
/// throw MillError(.selfLoop, "a self-loop", hint: "drop them with \(setting: "loops", "drop")")
/// ```
///
/// A library user reads `drop them with loops = drop`; the command words the same hint `drop them with --loops drop`
/// (``worded(_:)``), and other doors word it in their way.
public struct Hint: Sendable, Hashable {
  /// An option of the library that would help.
  public struct Setting: Sendable, Hashable {
    /// The name of the option's property, such as `loops` of `GraphReadOptions`.
    public let name: String
    /// Values that would help, any one of them; empty where the caller has to find one.
    public let values: [String]

    /// `loops = drop`, `duplicates = first, min or max`, `nodes`.
    public var libraryWords: String {
      guard let last = values.last else { return name }
      let others = values.dropLast().joined(separator: ", ")
      return "\(name) = " + (others.isEmpty ? last : "\(others) or \(last)")
    }
  }

  fileprivate enum Part: Sendable, Hashable {
    case words(String)
    case setting(Setting)
  }
  fileprivate var parts: [Part]

  /// A hint of plain words.
  public init(_ text: String) { parts = text.isEmpty ? [] : [.words(text)] }

  /// The settings that the hint names, in its order.
  public var settings: [Setting] {
    parts.compactMap { part in
      if case .setting(let setting) = part { setting } else { nil }
    }
  }

  /// The sentence with every setting as `word` puts it.
  public func worded(_ word: (Setting) -> String) -> String {
    parts.reduce(into: "") { text, part in
      switch part {
      case .words(let words): text += words
      case .setting(let setting): text += word(setting)
      }
    }
  }
}

extension Hint: CustomStringConvertible {
  /// The sentence in the library's words.
  public var description: String { worded(\.libraryWords) }
}

extension Hint: ExpressibleByStringInterpolation {
  /// Collects words and settings.
  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var parts: [Part] = []

    /// Nothing yet.
    public init(literalCapacity: Int, interpolationCount: Int) {}

    /// Appends words.
    public mutating func appendLiteral(_ literal: String) {
      if !literal.isEmpty { parts.append(.words(literal)) }
    }

    /// Appends a value as words.
    public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      parts.append(.words(value.description))
    }

    /// Appends a setting by the name of its property, with values that would help.
    public mutating func appendInterpolation(setting name: String, _ values: String...) {
      parts.append(.setting(Setting(name: name, values: values)))
    }
  }

  /// A hint of plain words.
  public init(stringLiteral value: String) { self.init(value) }

  /// A hint of words and settings.
  public init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }
}
