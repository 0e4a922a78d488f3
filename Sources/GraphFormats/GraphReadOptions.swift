public import GraphStore

/// How to read a graph. The defaults guess what can be guessed from the content, and say what they guessed.
///
/// Direction: what the caller says goes first, then what the file says of itself (`# Directed graph …` of SNAP, `% asym`
/// of KONECT, a `Type` column of Gephi, the header of Neo4j's importer, our own `# directed`), and an edge list that says
/// nothing is undirected. A file that says it is directed and is read as undirected by the caller's wish merges the two
/// directions of an edge as `CSRGraph` does elsewhere: the larger weight counts, so that equal ones stay.
public struct GraphReadOptions: Sendable, Equatable, Codable {
  /// How ids become nodes.
  public enum IDMode: String, Sendable, CaseIterable, Codable {
    /// Compact when every field is an unsigned integer, strings otherwise; dense for Matrix Market.
    case auto
    /// Ids are nodes; gaps are isolated nodes.
    case dense
    /// Only ids that occur, in ascending order.
    case compact
    /// Labels, in bytewise ascending order.
    case string
  }
  /// The order in which string labels become nodes.
  public enum LabelOrder: String, Sendable, CaseIterable, Codable {
    case sorted
    case firstSeen = "first-seen"
  }
  /// What stands between two fields.
  public enum Separator: String, Sendable, CaseIterable, Codable {
    /// Decided on the first lines.
    case auto
    /// One tab; a field may hold spaces.
    case tab
    /// Runs of tabs and spaces.
    case blanks
    /// Runs of spaces.
    case space
    case comma
    case semicolon
    case pipe
  }
  /// Whether the first row is a header.
  public enum Header: String, Sendable, CaseIterable, Codable {
    case auto
    case yes
    case no
  }
  /// Whether weights are read.
  public enum Weights: String, Sendable, CaseIterable, Codable {
    /// From `wel`, Matrix Market values, a weight column that was named, a file that says it has weights, containers.
    case auto
    /// From the column that the header calls weight, else the third one.
    case yes
    /// Never.
    case no
  }

  /// The format; nil guesses from magic bytes, content, then the file name.
  public var format: GraphFormat?
  /// Whether each line is an arc; nil is what the file says, and undirected where it says nothing.
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
  /// Columns chosen by the caller; nil for what the header says, else the first two.
  public var columns: ColumnRoles?
  /// Whether a field that begins with a quote ends with one (RFC 4180); else quotes are part of names.
  public var honorsQuotes = true
  /// Whether weights are read.
  public var weights = Weights.auto
  /// Whether a negative weight in a text is an error, told with its line.
  public var refusesNegativeWeights = false
  /// What happens to repeated edges; nil adds their weights, or keeps them where the file says that it has parallel
  /// edges.
  public var duplicates: DuplicatePolicy?
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

  /// Options; what is left out has the default above.
  public init(
    format: GraphFormat? = nil, isDirected: Bool? = nil, ids: IDMode = .auto, base: UInt64? = nil, nodes: Int? = nil,
    labelOrder: LabelOrder = .sorted, separator: Separator = .auto, header: Header = .auto,
    columns: ColumnRoles? = nil, honorsQuotes: Bool = true, weights: Weights = .auto,
    refusesNegativeWeights: Bool = false, duplicates: DuplicatePolicy? = nil, loops: LoopPolicy = .keep,
    skipLines: Int = 0, isStrict: Bool = false, allowsByteLabels: Bool = false, isBipartite: Bool = false,
    dropsZeros: Bool = false, isMapped: Bool = true, chunkBytes: Int = 1 << 20, forcesWideTargets: Bool = false
  ) {
    self.format = format
    self.isDirected = isDirected
    self.ids = ids
    self.base = base
    self.nodes = nodes
    self.labelOrder = labelOrder
    self.separator = separator
    self.header = header
    self.columns = columns
    self.honorsQuotes = honorsQuotes
    self.weights = weights
    self.refusesNegativeWeights = refusesNegativeWeights
    self.duplicates = duplicates
    self.loops = loops
    self.skipLines = skipLines
    self.isStrict = isStrict
    self.allowsByteLabels = allowsByteLabels
    self.isBipartite = isBipartite
    self.dropsZeros = dropsZeros
    self.isMapped = isMapped
    self.chunkBytes = chunkBytes
    self.forcesWideTargets = forcesWideTargets
  }
}

/// How to write a graph.
public struct GraphWriteOptions: Sendable, Equatable, Codable {
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

  /// Options; what is left out has the default above.
  public init(
    format: GraphFormat? = nil, codec: ContainerCodec = .raw, hasHeader: Bool = false, replaces: Bool = false,
    isStrict: Bool = false
  ) {
    self.format = format
    self.codec = codec
    self.hasHeader = hasHeader
    self.replaces = replaces
    self.isStrict = isStrict
  }
}
