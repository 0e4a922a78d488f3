/// Which column of a text holds what, by number or by the header's name.
///
/// What is nil is taken from the names of a header row, and without such names source and target are the first two
/// columns.
///
/// ```swift
/// var options = GraphReadOptions()
/// options.columns = ColumnRoles(source: "from", target: "to", weight: 3)
/// ```
public struct ColumnRoles: Sendable, Equatable, Codable {
  /// A column.
  public enum Column: Sendable, Equatable, Codable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    /// By its place, counted from 0.
    case number(Int)
    /// By its name in the header row: exactly, or else without regard to case.
    case name(String)

    /// The column of this number.
    public init(integerLiteral value: Int) { self = .number(value) }
    /// The column of this name.
    public init(stringLiteral value: String) { self = .name(value) }
  }

  /// Where an edge begins.
  public var source: Column?
  /// Where an edge ends.
  public var target: Column?
  /// The weight of an edge; a column given here is read unless weights are switched off.
  public var weight: Column?

  /// Roles; what is left out is found by the header, or by place.
  public init(source: Column? = nil, target: Column? = nil, weight: Column? = nil) {
    self.source = source
    self.target = target
    self.weight = weight
  }

  /// Whether a header row is needed to find a column.
  var needsHeader: Bool {
    [source, target, weight].contains { if case .name = $0 { true } else { false } }
  }
  /// Whether both ends of an edge are given.
  var hasBothEnds: Bool { source != nil && target != nil }
}
