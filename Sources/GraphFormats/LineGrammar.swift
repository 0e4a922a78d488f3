public import MillRuntime

/// Everything the parser must know about a file before it can take its lines apart in any order.
///
/// Decided once, by the caller's options and the first edge line (``LineProbe``), then shared by all chunks.
struct LineGrammar: Sendable {
  typealias Separator = GraphReadOptions.Separator
  /// What an id field may hold.
  enum IDs: Sendable {
    /// Unsigned integers only.
    case numeric
    /// Labels only.
    case labels
    /// Unsigned integers; a chunk with anything else is parsed again as labels.
    case numericOrLabels
  }

  var separator = Separator.blanks
  /// Whether a header of the file has settled all of this, so that no option can help.
  var isSettled = false
  var ids = IDs.numeric
  var sourceColumn = 0
  var targetColumn = 1
  var weightColumn: Int?
  /// Gephi's `Type`, and what it says in the first row, which must be the same in all.
  var directionColumn: Int?
  var directionWord: [UInt8] = []
  /// Columns with a role, where they are not the first ones; a line with more has columns that are not used.
  var usedColumns: Int?
  /// More fields than this are refused; nil takes any number.
  var fieldLimit: Int?
  /// Fields behind the ids are a Python dictionary, as networkx writes it, with a weight under this key.
  var hasAttributes = false
  var readsAttributeWeight = false
  /// A field that begins with a quote ends with one (RFC 4180).
  var allowsQuotes = false
  /// Lines of this many fields are rows even where they begin with `#`.
  var hashRowFields: Int?
  /// Subtracted from numeric ids.
  var base: UInt64 = 0
  /// Numeric ids must be at least this.
  var smallest: UInt64 = 0
  /// Numeric source ids must be at most this before the base is subtracted.
  var largestSource = UInt64.max
  /// The same for targets.
  var largestTarget = UInt64.max
  /// Added to the target id (second node set of a bipartite matrix).
  var targetShift: UInt64 = 0
  /// Refuses an entry above the diagonal (symmetric matrices hold the lower triangle).
  var isLowerTriangle = false
  /// Refuses an entry on the diagonal.
  var refusesDiagonal = false
  /// Skips edges of weight zero.
  var dropsZeros = false
  var refusesLoops = false
  var refusesExtraColumns = false
  var weightsAreIntegers = false
  var refusesNegativeWeights = false
  var allowsByteLabels = false

  /// Whether a fast loop takes lines of the ids in the first two fields and nothing special behind.
  private var isSimple: Bool {
    sourceColumn == 0 && targetColumn == 1 && directionColumn == nil && !hasAttributes && separator != .auto
  }
  /// Whether the fast loop for two integers, or two integers and a weight, a line applies.
  var isPlain: Bool {
    ids != .labels && isSimple && (weightColumn == nil || (weightColumn == 2 && !dropsZeros && !weightsAreIntegers))
  }
  /// Whether the fast loop for two labels a line applies.
  var isPlainLabels: Bool {
    ids == .labels && isSimple && weightColumn == nil && !refusesLoops && hashRowFields == nil
      && (separator == .blanks || separator == .space || separator == .tab)
  }
  /// Whether ids have a condition beyond being integers.
  var restrictsIDs: Bool {
    base > 0 || smallest > 0 || largestSource < .max || largestTarget < .max || isLowerTriangle || refusesDiagonal
      || refusesLoops
      || targetShift > 0
  }

  var lastColumn: Int { max(sourceColumn, targetColumn, weightColumn ?? 0, directionColumn ?? 0) }

  static let longestLine = 1 << 20
  static let longestLabel = 65_535
}

extension MillError.Kind {
  /// Too few columns on a line.
  public static let missingField = Self("missing-field", .badData)
  /// A field without content.
  public static let emptyField = Self("empty-field", .badData)
  /// A field that is not an unsigned integer where one is needed.
  public static let notAnInteger = Self("not-an-integer", .badData)
  /// A label that is not UTF-8.
  public static let notUTF8 = Self("not-utf8", .badData)
  /// A NUL byte in a text file.
  public static let nulByte = Self("nul-byte", .badData)
  /// A carriage return that no line feed follows.
  public static let loneCarriageReturn = Self("lone-carriage-return", .badData)
  /// A line beyond 1 MiB.
  public static let lineTooLong = Self("line-too-long", .badData)
  /// A label beyond 64 KiB.
  public static let labelTooLong = Self("label-too-long", .badData)
  /// A line that needs another separator than the first edge line.
  public static let mixedSeparators = Self("mixed-separators", .badData)
  /// A quote that does not end, or text behind its end.
  public static let badQuote = Self("bad-quote", .badData)
  /// A file without any edge where its format needs at least a header.
  public static let emptyFile = Self("empty-file", .badData)
}
