/// A table of text and numbers that knows how to print itself.
///
/// Numbers stay numbers until they are printed: the forms for people round and group them as the column says, TSV keeps
/// them exact. Every form is a pure function of the table.
public struct Table: Sendable, Equatable {
  /// Where the cells of a column stand.
  public enum Alignment: Sendable, Equatable {
    case left, center, right
  }

  /// How the numbers of a column are printed for people; text cells are printed as they are.
  public enum Format: Sendable, Equatable {
    /// Integers with grouped digits, other numbers with up to 6 significant digits.
    case automatic
    /// This many decimals.
    case decimals(Int)
    /// Shares of 1 as a percentage with this many decimals.
    case percent(Int)
    /// This many significant digits.
    case significant(Int)
    /// Integers without grouping, such as years, seeds and ids.
    case plain
  }

  /// Which number of a column wins.
  public enum Winner: Sendable, Equatable {
    case highest, lowest
  }

  /// A column: its heading and how its cells are shown.
  public struct Column: Sendable, Equatable {
    /// The heading.
    public var heading: String
    /// Where its cells stand.
    public var alignment: Alignment
    /// How its numbers are printed.
    public var format: Format
    /// Which of its numbers is marked; nil for none.
    public var winner: Winner?

    /// A column; of numbers on the right unless told otherwise.
    public init(
      _ heading: String, _ alignment: Alignment = .right, format: Format = .automatic, winner: Winner? = nil
    ) {
      self.heading = heading
      self.alignment = alignment
      self.format = format
      self.winner = winner
    }

    /// A column of text, on the left.
    public static func text(_ heading: String) -> Column { Column(heading, .left) }
  }

  /// What one cell holds.
  public enum Cell: Sendable, Equatable, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral
  {
    case text(String)
    case integer(Int)
    /// Not-a-number and infinities are printed as `n/a`, empty in TSV.
    case number(Double)
    /// Nothing is known; printed as a dash, empty in TSV.
    case missing

    /// A text cell.
    public init(stringLiteral value: String) { self = .text(value) }
    /// An integer cell.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// A number cell.
    public init(floatLiteral value: Double) { self = .number(value) }
  }

  /// What the table shows, in one line; nil for no caption.
  public var caption: String?
  /// The columns.
  public let columns: [Column]
  /// The column whose equal cells tell which rows compete with each other; nil where all do.
  public var contest: Int?
  /// The rows, each with one cell a column.
  public private(set) var rows: [[Cell]] = []

  /// A table without rows.
  ///
  /// - Precondition: there is a column.
  public init(_ caption: String? = nil, columns: [Column]) {
    precondition(!columns.isEmpty, "a table needs a column")
    self.caption = caption
    self.columns = columns
  }

  /// Adds a row.
  ///
  /// - Precondition: as many cells as there are columns.
  public mutating func append(_ row: [Cell]) {
    precondition(row.count == columns.count, "a row needs one cell a column")
    rows.append(row)
  }

  /// The text of a cell for people.
  func text(_ cell: Cell, _ format: Format) -> String {
    switch (cell, format) {
    case (.text(let text), _): text
    case (.missing, _): "–"
    case (.integer(let value), .plain): String(value)
    case (.integer(let value), .percent(let decimals)): NumberText.percent(Double(value), decimals: decimals)
    case (.integer(let value), _): NumberText.grouped(value)
    case (.number(let value), .decimals(let decimals)): NumberText.fixed(value, decimals: decimals)
    case (.number(let value), .percent(let decimals)): NumberText.percent(value, decimals: decimals)
    case (.number(let value), .significant(let digits)): NumberText.significant(value, digits: digits)
    case (.number(let value), .automatic), (.number(let value), .plain): NumberText.significant(value, digits: 6)
    }
  }

  /// The texts of all cells for people, row by row.
  var texts: [[String]] { rows.map { row in zip(row, columns).map { text($0, $1.format) } } }

  /// Whether each cell is the best of its column, as that is shown: none is where all rivals are alike, or only one has
  /// a number.
  var winners: [[Bool]] {
    var result = rows.map { $0.map { _ in false } }
    let texts = self.texts
    for (column, rule) in columns.enumerated() {
      guard let winner = rule.winner else { continue }
      var rivals: [String: [Int]] = [:]
      for row in rows.indices where Self.value(rows[row][column]) != nil {
        rivals[contest.map { texts[row][$0] } ?? "", default: []].append(row)
      }
      for own in rivals.values {
        let values = own.compactMap { Self.value(rows[$0][column]) }
        guard let best = winner == .highest ? values.max() : values.min() else { continue }
        let shown = texts[own[values.firstIndex(of: best) ?? 0]][column]
        if own.allSatisfy({ texts[$0][column] == shown }) { continue }
        for row in own where texts[row][column] == shown { result[row][column] = true }
      }
    }
    return result
  }

  /// The number in a cell.
  private static func value(_ cell: Cell) -> Double? {
    switch cell {
    case .integer(let value): Double(value)
    case .number(let value): value.isFinite ? value : nil
    case .text, .missing: nil
    }
  }
}
