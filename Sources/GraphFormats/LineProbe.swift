import GraphStore
import MillRuntime

/// Looks at the first lines of a text and decides how all of it is read.
///
/// What is decided depends on the options and on the first lines alone (``sampleRows`` rows at most), never on how the
/// text is cut into chunks; a later line that contradicts is refused by the parser.
struct LineProbe {
  typealias Line = HeadLine
  /// Offset of the first byte that the parser shall see.
  var start = 0
  /// Lines before it, and what they were.
  var skippedLines = 0
  private(set) var skippedComments = 0
  private(set) var skippedBlanks = 0
  /// What the last comment before `start` counts, with its line.
  private(set) var skippedHint: (counts: CountHint, line: Int)?
  /// The format, as asked for or guessed.
  var format: GraphFormat
  /// Whether a header row stands before `start`.
  var hadHeader = false
  /// The names of that row, with empty ones in front where rows have more fields.
  var names: [String] = []
  /// Columns without a role that hold nothing but row numbers.
  var indexColumns: Set<Int> = []
  var grammar = LineGrammar()
  /// What the file says of itself.
  private(set) var claims = FileClaims()
  /// What the columns say about direction.
  var columnsSayDirected: Bool?
  /// Whether the first edge line has two fields and no more.
  var firstEdgeIsPair = false
  /// The number of the first edge line; nil where there is none.
  private(set) var firstEdgeLine: Int?
  /// A first row of words that was read as an edge.
  var doubtfulRow: DoubtfulRow?
  /// Ids as they are reported: dense, compact or string (which `auto` may still become).
  var ids: GraphReadOptions.IDMode
  /// The first label of the first edge line and that line's number, where `auto` decided for labels there.
  var firstLabel: (text: String, line: Int)?
  var warnings: [String] = []
  /// What the caller can say to settle them.
  var hints: [Hint] = []
  static let headerHint: Hint = "\(setting: "header", "yes", "no") says whether the first row is one"

  /// A first row that may be a header and may be an edge.
  struct DoubtfulRow {
    let text: String
    let source: String
    let target: String
  }

  let name: String
  let options: GraphReadOptions

  /// Rows that are looked at, as long as they are this many bytes in all.
  static let sampleRows = 200
  static let sampleBytes = 1 << 16

  /// Probes a text whose head is `lines` (as far as needed).
  ///
  /// - Throws: ``MillError`` when the head contradicts the options, or is no edge list.
  init(
    name: String, lines: inout HeadLines, options: GraphReadOptions, format: GraphFormat?
  ) throws(MillError) {
    self.name = name
    self.options = options
    self.format = format ?? .el
    ids = options.ids
    for _ in 0..<options.skipLines {
      guard let line = try lines.next() else { break }
      start = line.next
      skippedLines += 1
    }
    var sample = try Sample(&lines)
    for comment in sample.commentsBefore { claims.add(comment.bytes) }
    takeAttributesApart(&sample)
    decideSeparator(sample.rows.map(\.bytes), wasAsked: format != nil)
    let rows = sample.rows.map { Self.fields($0.bytes, grammar.separator, quotes: options.honorsQuotes) }
    try decideHeader(rows)
    if hadHeader { skip(to: sample.rows[0], sample, lines) }
    let data = Array(rows.dropFirst(hadHeader ? 1 : 0))
    try refuseAdjacency(data, isWhole: sample.isWhole)
    try refuseLookalikes(data, isWhole: sample.isWhole)
    decideRowsBehindHashes(&sample, data.first)
    let firstEdge = hadHeader ? sample.firstRow(after: sample.rows[0]) : sample.rows.first
    let first = firstEdge.map { Self.fields($0.bytes, grammar.separator, quotes: options.honorsQuotes) }
    firstEdgeIsPair = first?.count == 2
    try decideIDs(first)
    try decideSides()
    grammar.hashRowFields = grammar.ids == .labels ? grammar.hashRowFields : nil
    firstEdgeLine = firstEdge.map { lines.number(ofLineAt: $0.start) }
    if let label = firstLabel, let firstEdgeLine { firstLabel = (label.text, firstEdgeLine) }
  }

  /// The first rows and comments of a text.
  struct Sample {
    var rows: [HeadLine] = []
    /// Comments before the first row.
    var commentsBefore: [HeadLine] = []
    /// Comments between the rows.
    var commentsBetween: [HeadLine] = []
    var blanksBefore = 0
    /// Whether these are all rows of the text.
    var isWhole = false

    init(_ lines: inout HeadLines) throws(MillError) {
      var bytes = 0
      while rows.count < 2 || (rows.count < LineProbe.sampleRows && bytes < LineProbe.sampleBytes) {
        guard let line = try lines.next() else {
          isWhole = true
          return
        }
        bytes += line.bytes.count
        if line.marker == nil {
          if rows.isEmpty { blanksBefore += 1 }
        } else if !line.isComment {
          rows.append(line)
        } else if rows.isEmpty {
          commentsBefore.append(line)
        } else {
          commentsBetween.append(line)
        }
      }
    }

    /// The first edge line behind a header, which may be one that looks like a comment.
    func firstRow(after header: HeadLine) -> HeadLine? { rows.first { $0.start > header.start } }
  }

  /// Lets the parser begin behind a header row.
  private mutating func skip(to header: HeadLine, _ sample: Sample, _ lines: HeadLines) {
    start = header.next
    skippedLines = lines.number(ofLineAt: header.start)
    skippedComments = sample.commentsBefore.count
    skippedBlanks = sample.blanksBefore
    for comment in sample.commentsBefore {
      let text = comment.bytes.drop { $0 == 0x20 || $0 == 0x09 }
      if let hint = unsafe text.withUnsafeBufferPointer({ unsafe CountHint(comment: $0) }) {
        skippedHint = (hint, lines.number(ofLineAt: comment.start))
      }
    }
  }

  /// Under a header, a line that begins with `#` and has a field a column is a row: names may begin so.
  private mutating func decideRowsBehindHashes(_ sample: inout Sample, _ first: [String]?) {
    guard hadHeader, grammar.separator.mark != nil else { return }
    grammar.hashRowFields = names.count
    let isRow = { [grammar, options, names] (line: HeadLine) in
      line.isComment
        && Self.fields(line.bytes, grammar.separator, quotes: options.honorsQuotes).count == names.count
    }
    // Where the first other row holds numbers, such a line is a comment like any other.
    if let first, ends(of: first).allSatisfy({ !Self.isLabel($0) }) { return }
    sample.rows += sample.commentsBetween.filter(isRow)
    sample.rows.sort { $0.start < $1.start }
  }

  /// The fields of a row that name the ends of its edge, as far as it has them.
  func ends(of row: [String]) -> [String] {
    [grammar.sourceColumn, grammar.targetColumn].compactMap { row.indices.contains($0) ? row[$0] : nil }
  }

  // MARK: Ids

  private mutating func decideIDs(_ row: [String]?) throws(MillError) {
    var mode = options.ids
    var nodes = options.nodes
    if mode == .auto, claims.hasLabels { mode = .string }
    if mode == .auto, nodes == nil, let count = claims.nodeCount {
      mode = .dense
      nodes = count
      firstNode = claims.firstNode
    }
    switch mode {
    case .string: grammar.ids = .labels
    case .dense, .compact: grammar.ids = .numeric
    case .auto:
      firstLabel = row.flatMap { ends(of: $0).first { Self.isLabel($0) } }.map { ($0, 0) }
      grammar.ids = firstLabel != nil ? .labels : .numericOrLabels
      mode = firstLabel != nil ? .string : .compact
    }
    ids = mode
    nodeCount = nodes
    grammar.allowsByteLabels = options.allowsByteLabels
    grammar.refusesLoops = options.loops == .error
    grammar.refusesNegativeWeights = options.refusesNegativeWeights
    guard mode == .dense else { return }
    grammar.base = options.base ?? firstNode
    guard let nodes else { return }
    guard nodes > 0 || row == nil else {
      throw MillError(.badOption, "0 nodes leave no room for the edges of this file", file: name)
    }
    grammar.largestSource = UInt64(max(0, nodes - 1)) + grammar.base
    grammar.largestTarget = grammar.largestSource
  }

  /// The number of nodes in dense mode, by option or by the file; nil takes the largest id + 1.
  private(set) var nodeCount: Int?
  /// What the file calls its first node in dense mode, where it says so.
  private(set) var firstNode: UInt64 = 0

  /// A bipartite network of KONECT: the right ids are raised above the left ones.
  private mutating func decideSides() throws(MillError) {
    guard claims.isBipartite else { return }
    guard let sides = claims.sides, sides.left >= 1, sides.right >= 1 else {
      throw MillError(
        .malformed, "a bipartite network without a size line '% edges left right': both columns count from 1",
        file: name,
        hint: "add the size line; or drop the line that says 'bip' where both columns name the same nodes")
    }
    guard grammar.ids != .labels, ids == .compact else {
      throw MillError(
        .malformed, "a bipartite network's ids are numbers of two sets of nodes: ids as \(ids.rawValue) mix them",
        file: name, hint: "leave \(setting: "ids"), \(setting: "nodes") and \(setting: "base") as they are")
    }
    grammar.ids = .numeric
    grammar.smallest = 1
    grammar.largestSource = UInt64(sides.left)
    grammar.largestTarget = UInt64(sides.right)
    grammar.targetShift = UInt64(sides.left)
  }
}
