import GraphStore
import MillRuntime

/// Looks at the first lines of a text and decides how all of it is read.
struct LineProbe {
  /// Offset of the first byte that the parser shall see.
  var start = 0
  /// Lines before it.
  var skippedLines = 0
  /// The format, as asked for or guessed.
  var format: GraphFormat
  /// Whether a header row stands before `start`.
  var hadHeader = false
  var grammar = LineGrammar()
  /// Whether the first edge line has two fields and no more.
  var firstEdgeIsPair = false
  /// The number of the first edge line; nil where there is none.
  private(set) var firstEdgeLine: Int?
  /// Ids as they are reported: `dense`, `compact` or `string` (which `auto` may still become).
  var ids: GraphReadOptions.IDMode
  /// The first label of the first edge line and that line's number, where `auto` decided for labels there.
  var firstLabel: (text: String, line: Int)?

  /// A line of the head: where it starts and ends in the file, and its bytes.
  struct Line {
    let start: Int
    let next: Int
    let bytes: [UInt8]
  }

  private let name: String
  private let options: GraphReadOptions

  /// Probes a text whose head is `lines` (as far as needed).
  ///
  /// - Throws: ``MillError`` when the head contradicts the options.
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
    let first = try Self.nextEdgeLine(&lines)
    try decideSeparator(first?.bytes ?? [], wasAsked: format != nil)
    try decideColumns()
    if let first { try decideHeader(first, second: try Self.nextEdgeLine(&lines), lines: lines) }
    let firstEdge = hadHeader ? try Self.edgeLine(after: first!, lines: &lines) : first
    firstEdgeIsPair = firstEdge.map { Self.fields($0.bytes, grammar.separator).count == 2 } ?? false
    try decideIDs(firstEdge)
    firstEdgeLine = firstEdge.map { lines.number(ofLineAt: $0.start) }
    if let label = firstLabel, let firstEdgeLine { firstLabel = (label.text, firstEdgeLine) }
  }

  // MARK: Decisions

  private mutating func decideSeparator(_ line: [UInt8], wasAsked: Bool) throws(MillError) {
    switch options.separator {
    case .tab: grammar.separator = .blanks
    case .space: grammar.separator = .spaces
    case .comma: grammar.separator = .comma
    case .semicolon: grammar.separator = .semicolon
    case .auto:
      if format == .csv {
        grammar.separator = !line.contains(0x2c) && line.contains(0x3b) ? .semicolon : .comma
      } else if line.contains(0x09) {
        grammar.separator = .blanks
      } else if line.contains(0x2c) {
        grammar.separator = .comma
      } else if line.contains(0x3b) {
        grammar.separator = .semicolon
      } else {
        grammar.separator = line.isEmpty ? .blanks : .spaces
      }
    }
    // A comma-separated text whose first row is no pair of integers is CSV.
    if !wasAsked, format == .el, grammar.separator == .comma, !line.isEmpty {
      let fields = Self.fields(line, grammar.separator)
      if fields.prefix(2).contains(where: { !Self.isInteger($0) }) { format = .csv }
    }
    grammar.allowsQuotes = format == .csv
  }

  /// Columns counted from 0 must be below this.
  private static let columnLimit = 4096

  private mutating func decideColumns() throws(MillError) {
    if let columns = options.columns {
      for column in [columns.source, columns.target, columns.weight ?? 0] where !(0..<Self.columnLimit).contains(column)
      {
        throw MillError(.badOption, "columns must be in 0...\(Self.columnLimit - 1)", field: String(column))
      }
      grammar.sourceColumn = columns.source
      grammar.targetColumn = columns.target
      grammar.weightColumn = columns.weight
    }
    switch options.weights {
    case .no: grammar.weightColumn = nil
    case .yes: grammar.weightColumn = grammar.weightColumn ?? 2
    case .auto: if format == .wel, options.columns == nil { grammar.weightColumn = 2 }
    }
  }

  private static let headerWords: Set<String> = [
    "src", "dst", "source", "target", "from", "to", "u", "v", "node_1", "node_2", "id_1", "id_2",
  ]

  private mutating func decideHeader(_ first: Line, second: Line?, lines: HeadLines) throws(MillError) {
    let row = Self.fields(first.bytes, grammar.separator)
    switch options.header {
    case .no: return
    case .yes: hadHeader = true
    case .auto:
      guard format == .csv else { return }
      let ends = [grammar.sourceColumn, grammar.targetColumn].compactMap { row.indices.contains($0) ? row[$0] : nil }
      guard ends.contains(where: { !Self.isInteger($0) }) else { return }
      let areNames = ends.allSatisfy { Self.headerWords.contains($0.lowercased()) }
      let idsAreNumeric: Bool
      switch options.ids {
      case .dense, .compact: idsAreNumeric = true
      case .string: idsAreNumeric = false
      case .auto:
        let next = second.map { Self.fields($0.bytes, grammar.separator) } ?? []
        idsAreNumeric =
          second != nil
          && [grammar.sourceColumn, grammar.targetColumn].allSatisfy {
            next.indices.contains($0) && Self.isInteger(next[$0])
          }
      }
      hadHeader = areNames || idsAreNumeric
    }
    guard hadHeader else { return }
    start = first.next
    skippedLines = lines.number(ofLineAt: first.start)
    if options.weights == .auto, options.columns == nil, row.count > 2, row[2].lowercased() == "weight" {
      grammar.weightColumn = 2
    }
  }

  private mutating func decideIDs(_ line: Line?) throws(MillError) {
    let row = line.map { Self.fields($0.bytes, grammar.separator) } ?? []
    let ends = [grammar.sourceColumn, grammar.targetColumn].compactMap { row.indices.contains($0) ? row[$0] : nil }
    switch options.ids {
    case .string: grammar.ids = .labels
    case .dense, .compact: grammar.ids = .numeric
    case .auto:
      firstLabel = ends.first { Self.isLabel($0) }.map { ($0, 0) }
      grammar.ids = firstLabel != nil ? .labels : .numericOrLabels
      ids = firstLabel != nil ? .string : .compact
    }
    grammar.allowsByteLabels = options.allowsByteLabels
    grammar.refusesLoops = options.loops == .error
    grammar.refusesNegativeWeights = options.refusesNegativeWeights
    if options.ids == .dense {
      grammar.base = options.base ?? 0
      if let nodes = options.nodes {
        guard nodes > 0 || line == nil else {
          throw MillError(.badOption, "0 nodes leave no room for the edges of this file", file: name)
        }
        grammar.largestSource = UInt64(max(0, nodes - 1)) + grammar.base
        grammar.largestTarget = grammar.largestSource
      }
    }
  }

  // MARK: Lines and fields of the head

  static func isInteger(_ field: String) -> Bool {
    !field.isEmpty && field.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
  }

  /// Whether a field must be a label: neither an integer nor a number gone wrong.
  private static func isLabel(_ field: String) -> Bool {
    let isNumberLike =
      field.utf8.contains { $0 >= 0x30 && $0 <= 0x39 }
      && field.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || [0x2b, 0x2c, 0x2d, 0x2e, 0x3b].contains($0) }
    return !field.isEmpty && !isNumberLike
  }

  static func fields(_ line: [UInt8], _ separator: LineGrammar.Separator) -> [String] {
    let parts: [ArraySlice<UInt8>]
    switch separator {
    case .blanks, .spaces:
      parts = line.split(omittingEmptySubsequences: true) { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }
    case .comma: parts = line.split(separator: 0x2c, omittingEmptySubsequences: false)
    case .semicolon: parts = line.split(separator: 0x3b, omittingEmptySubsequences: false)
    }
    return parts.map { part in
      let blanks: Set<UInt8> = [0x20, 0x09, 0x0d]
      var trimmed = part.drop { blanks.contains($0) }
      while let last = trimmed.last, blanks.contains(last) { trimmed.removeLast() }
      if trimmed.count >= 2, trimmed.first == 0x22, trimmed.last == 0x22 { trimmed = trimmed.dropFirst().dropLast() }
      return String(decoding: trimmed, as: UTF8.self)
    }
  }

  private static func nextEdgeLine(_ lines: inout HeadLines) throws(MillError) -> Line? {
    while let line = try lines.next() {
      guard let first = line.bytes.first(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0d }) else { continue }
      if first != 0x23, first != 0x25 { return line }
    }
    return nil
  }

  private static func edgeLine(after header: Line, lines: inout HeadLines) throws(MillError) -> Line? {
    lines.rewind(to: header.next)
    return try nextEdgeLine(&lines)
  }
}

/// The first lines of a text, read as far as they are asked for.
struct HeadLines {
  private var lines: [LineProbe.Line] = []
  private var position = 0
  private let more: () throws(MillError) -> LineChunk?
  private var isAtEnd = false
  /// The chunk that is being cut, its place in the file, and how much of it is cut.
  private var bytes: [UInt8] = []
  private var offset = 0
  private var cut = 0

  /// - Parameter more: The next chunk of whole lines, nil at the end. Its memory need not outlive the call.
  init(_ more: @escaping () throws(MillError) -> LineChunk?) { self.more = more }

  /// The next line, without its line feed; nil at the end of the text.
  mutating func next() throws(MillError) -> LineProbe.Line? {
    if position == lines.count { try cutOne() }
    guard position < lines.count else { return nil }
    position += 1
    return lines[position - 1]
  }

  /// Goes back to the line that starts at `offset`.
  mutating func rewind(to offset: Int) {
    position = lines.firstIndex { $0.start >= offset } ?? lines.count
  }

  /// How many lines end before or with the one that starts at `offset`.
  func number(ofLineAt offset: Int) -> Int { (lines.firstIndex { $0.start == offset } ?? 0) + 1 }

  private mutating func cutOne() throws(MillError) {
    while cut == bytes.count {
      guard !isAtEnd, let chunk = try more() else {
        isAtEnd = true
        return
      }
      bytes = Array(UnsafeBufferPointer(start: chunk.start, count: chunk.end - chunk.start))
      offset = chunk.offset
      cut = 0
    }
    let stop = bytes[cut...].firstIndex(of: 0x0a) ?? bytes.count
    let next = min(bytes.count, stop + 1)
    lines.append(LineProbe.Line(start: offset + cut, next: offset + next, bytes: Array(bytes[cut..<stop])))
    cut = next
  }
}
