public import GraphStore

/// How to read a graph. The defaults guess what can be guessed from the content, and say what they guessed.
public struct GraphReadOptions: Sendable {
  /// How ids become nodes.
  public enum IDMode: String, Sendable, CaseIterable {
    /// Compact when every field is an unsigned integer, strings otherwise; in formats that number nodes, such as
    /// Matrix Market and METIS, nodes are called by the file's own numbers.
    case auto
    /// Ids are nodes; gaps are isolated nodes.
    case dense
    /// Only ids that occur, in ascending order.
    case compact
    /// Labels, in bytewise ascending order.
    case string
  }
  /// The order in which string labels become nodes.
  public enum LabelOrder: String, Sendable, CaseIterable {
    case sorted
    case firstSeen = "first-seen"
  }
  /// What stands between two fields.
  public enum Separator: String, Sendable, CaseIterable {
    /// Decided on the first edge line.
    case auto
    /// Runs of tabs and spaces.
    case tab
    /// Runs of spaces.
    case space
    case comma
    case semicolon
  }
  /// Whether the first row is a header.
  public enum Header: String, Sendable, CaseIterable {
    case auto
    case yes
    case no
  }
  /// Which columns hold what, counted from 0.
  public struct Columns: Sendable, Equatable {
    /// Column of the source id.
    public var source = 0
    /// Column of the target id.
    public var target = 1
    /// Column of the weight; nil for none.
    public var weight: Int?
    /// Source 0, target 1, no weight.
    public init() {}
  }
  /// Whether weights are read.
  public enum Weights: String, Sendable, CaseIterable {
    /// From `wel`, Matrix Market values, a weight column that was named, and containers.
    case auto
    /// From the third column of any text format.
    case yes
    /// Never.
    case no
  }

  /// The format; nil guesses from magic bytes, content, then the file name.
  public var format: GraphFormat?
  /// Whether each line is an arc; nil is undirected for edge lists and what the file says elsewhere.
  public var isDirected: Bool?
  /// How ids become nodes.
  public var ids = IDMode.auto
  /// Subtracted from ids in dense mode; 0 or 1 (nil: 1 for Matrix Market, else 0).
  public var base: UInt64?
  /// The number of nodes in dense mode; nil takes the largest id + 1.
  public var nodes: Int?
  /// How labels are ordered.
  public var labelOrder = LabelOrder.sorted
  /// What stands between two fields.
  public var separator = Separator.auto
  /// Whether the first row is a header.
  public var header = Header.auto
  /// Columns chosen by the caller; nil for source 0, target 1.
  public var columns: Columns?
  /// Whether weights are read.
  public var weights = Weights.auto
  /// Whether a negative weight in a text is an error, told with its line.
  public var refusesNegativeWeights = false
  /// What happens to repeated edges.
  public var duplicates = DuplicatePolicy.sum
  /// What happens to self-loops.
  public var loops = LoopPolicy.keep
  /// Lines dropped at the start of a text file.
  public var skipLines = 0
  /// Whether what is otherwise warned about is refused: counts that contradict the file's own header, columns that
  /// are not used, ids that are partly labels, an input without edges, options without effect.
  public var isStrict = false
  /// Whether labels may be any bytes instead of UTF-8.
  public var allowsByteLabels = false
  /// Matrix Market: rows and columns are two node sets.
  public var isBipartite = false
  /// Matrix Market: explicit zeros are not edges.
  public var dropsZeros = false
  /// Whether containers are mapped (else read).
  public var isMapped = true
  /// Bytes a worker parses at a time. No influence on results.
  public var chunkBytes = 1 << 20
  /// 64-bit targets even where 32 bits would do.
  public var forcesWideTargets = false

  /// The defaults above.
  public init() {}
}

/// What a reader found, merged and guessed.
public struct GraphReadReport: Sendable, Equatable {
  /// The format that was read.
  public var format = GraphFormat.el
  /// `none`, `gzip`, `zstd`, `bzip2` or `xz`.
  public var compression = "none"
  /// Lines in all (text formats).
  public var lines = 0
  /// Comment lines.
  public var comments = 0
  /// Blank lines.
  public var blanks = 0
  /// Lines with columns that were not used.
  public var extraColumnLines = 0
  /// Edges read, merged, dropped; ids.
  public var edges = FreezeReport()
  /// How ids became nodes: `dense`, `compact` or `string`.
  public var ids = "compact"
  /// The separator that was used.
  public var separator = "tab"
  /// Whether a header row was skipped.
  public var hadHeader = false
  /// What the user should know, one sentence each.
  public var warnings: [String] = []

  /// An empty report.
  public init() {}
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

/// How to write a graph.
public struct GraphWriteOptions: Sendable {
  /// The format; nil guesses from the file name, then an edge list.
  public var format: GraphFormat?
  /// How the container stores its arrays.
  public var codec = ContainerCodec.raw
  /// Whether text gets a header row (always in csv).
  public var hasHeader = false
  /// Whether an existing file is replaced.
  public var replaces = false
  /// Whether a graph that the format cannot hold in full is refused instead of warned about.
  public var isStrict = false

  /// The defaults above.
  public init() {}
}
