public import GraphStore
public import MillRuntime

/// What a reader found, merged and guessed.
public struct GraphReadReport: Sendable, Equatable {
  /// The format that was read.
  public package(set) var format = GraphFormat.el
  /// How the file is compressed.
  public package(set) var compression = ByteStream.Compression.none
  /// Lines in all (text formats).
  public package(set) var lines = 0
  /// Comment lines.
  public package(set) var comments = 0
  /// Blank lines.
  public package(set) var blanks = 0
  /// Lines with columns that were not used.
  public package(set) var extraColumnLines = 0
  /// Edges read, merged, dropped; ids.
  public package(set) var edges = FreezeReport()
  /// How ids became nodes: dense, compact or string.
  public package(set) var ids = GraphReadOptions.IDMode.compact
  /// What stands between two fields; nil for formats that are no lines of fields.
  public package(set) var separator: GraphReadOptions.Separator?
  /// Whether a header row was skipped.
  public package(set) var hadHeader = false
  /// The columns that were read; nil for formats without columns.
  public package(set) var columns: Columns?
  /// Whether the graph is directed, and by whose word; nil where nothing was decided.
  public package(set) var direction: Direction?
  /// What was subtracted from ids in dense mode.
  public package(set) var base: UInt64 = 0
  /// The numbers of left and of right nodes, where the file has two sets of nodes.
  public package(set) var sides: Sides?
  /// What the user should know, one sentence each.
  public package(set) var warnings: [String] = []
  /// What the caller can say to settle warnings.
  public package(set) var hints: [Hint] = []

  /// An empty report.
  public init() {}

  /// A column that was read.
  public struct Column: Sendable, Equatable, Codable {
    /// Its place, counted from 0.
    public let number: Int
    /// What the header calls it.
    public let name: String?

    /// A column of a place and a name.
    package init(number: Int, name: String?) {
      self.number = number
      self.name = name
    }

    /// The name, or the number where there is none.
    var text: String { name.map { "'\($0)'" } ?? "column \(number)" }
  }

  /// The columns by their roles.
  public struct Columns: Sendable, Equatable, Codable {
    /// Where an edge begins.
    public let source: Column
    /// Where it ends.
    public let target: Column
    /// Its weight; nil where weights are not read.
    public let weight: Column?

    /// Columns by their roles.
    package init(source: Column, target: Column, weight: Column?) {
      self.source = source
      self.target = target
      self.weight = weight
    }
  }

  /// Whether a graph is directed, and why.
  public struct Direction: Sendable, Equatable, Codable {
    /// By whose word edges have a direction or none.
    public enum Source: String, Sendable, Codable, CaseIterable {
      /// The caller's.
      case option
      /// The file's own: a comment, a column, its format.
      case file
      /// Nobody's: edge lists are undirected.
      case convention
    }
    /// Whether edges have a direction.
    public let isDirected: Bool
    /// Why.
    public let source: Source

    /// A direction with its reason.
    package init(isDirected: Bool, source: Source) {
      self.isDirected = isDirected
      self.source = source
    }
  }

  /// Two sets of nodes in one graph: left ones are called 1 to `left`, right ones `left` + 1 to `left` + `right`.
  public struct Sides: Sendable, Equatable, Codable {
    /// Nodes of the first column.
    public let left: Int
    /// Nodes of the second column.
    public let right: Int

    /// Sizes of both sides.
    package init(left: Int, right: Int) {
      self.left = left
      self.right = right
    }
  }
}

extension GraphReadReport: CustomStringConvertible {
  /// What was understood of the file, in one line: format, separator, header, columns, direction, ids, weights.
  public var description: String {
    var parts = ["read as \(format.rawValue)"]
    if compression != .none { parts[0] += " in \(compression.rawValue)" }
    if let separator { parts.append("separated by \(separator.phrase)") }
    if let columns {
      parts.append(hadHeader ? "with a header row" : "without a header row")
      parts.append("source \(columns.source.text), target \(columns.target.text)")
    }
    if let direction {
      let word = direction.isDirected ? "directed" : "undirected"
      switch direction.source {
      case .option: parts.append("\(word) as asked")
      case .file: parts.append("\(word) as the file says")
      case .convention: parts.append("\(word) as nothing says otherwise")
      }
    }
    if let sides {
      parts.append(
        "two sides: nodes 1 to \(sides.left) are left, \(sides.left + 1) to \(sides.left + sides.right) right")
    }
    parts.append("\(ids.rawValue) ids" + (base > 0 ? " from \(base)" : ""))
    if let columns { parts.append(columns.weight.map { "weights from \($0.text)" } ?? "no weights") }
    return parts.joined(separator: ", ")
  }
}

extension GraphReadOptions.Separator {
  /// The separator in words.
  var phrase: String {
    switch self {
    case .auto: "what its first lines show"
    case .tab: "tabs"
    case .blanks: "runs of tabs and spaces"
    case .space: "spaces"
    case .comma: "commas"
    case .semicolon: "semicolons"
    case .pipe: "pipes"
    }
  }
}

/// A graph and what its reader found.
public struct GraphReading: Sendable {
  /// The graph.
  public let graph: CSRGraph
  /// What was found, merged, guessed.
  public let report: GraphReadReport

  /// A reading.
  public init(graph: CSRGraph, report: GraphReadReport) {
    self.graph = graph
    self.report = report
  }
}

/// A graph whose neighbor lists may still be packed, and what was found on the way.
public struct StoredGraphReading: Sendable {
  /// The graph.
  public let graph: StoredGraph
  /// As of ``GraphReading``.
  public let report: GraphReadReport

  /// A reading.
  public init(graph: StoredGraph, report: GraphReadReport) {
    self.graph = graph
    self.report = report
  }
}
