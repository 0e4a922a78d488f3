import GraphStore
import MillRuntime

/// Banner and size line of a Matrix Market coordinate file (Boisvert, Pozo, Remington, NISTIR 5935, 1996).
struct MatrixMarketHeader {
  /// The comment with which our writer keeps names that begin with 0.
  static let zeroBased = "% ids from 0"

  enum Field: String {
    case pattern, integer, real, double
    case unsignedInteger = "unsigned-integer"
  }
  enum Symmetry: String {
    case general, symmetric
    case skewSymmetric = "skew-symmetric"
  }

  let field: Field
  let symmetry: Symmetry
  let rows: Int
  let columns: Int
  /// Entries that follow.
  let entries: Int
  /// Nodes: rows, or rows + columns for a bipartite reading.
  let nodeCount: Int
  /// Offset of the first line behind the size line, and the lines before it.
  let start: Int
  let lines: Int
  /// Whether a comment of ours says that the nodes are called 0, 1, … though the format counts from 1.
  private(set) var countsFromZero = false
  var warnings: [String] = []

  init(_ head: inout HeadLines, options: GraphReadOptions) throws(MillError) {
    guard let banner = try head.next() else {
      throw MillError(
        .emptyFile, "an empty file is no Matrix Market file", hint: "its first line is a %%MatrixMarket banner")
    }
    let words = LineProbe.fields(banner.bytes, .blanks).map { $0.lowercased() }
    guard words.count == 5, words[0] == "%%matrixmarket" else {
      throw MillError(
        .malformed, "no Matrix Market banner", line: 1, byte: 0, field: fieldText(banner),
        hint: "the first line is: %%MatrixMarket matrix coordinate FIELD SYMMETRY")
    }
    func refuse(_ word: String, _ allowed: String) -> MillError {
      MillError(.malformed, "this Matrix Market kind is not read", line: 1, byte: 0, field: word, hint: Hint(allowed))
    }
    guard words[1] == "matrix" else { throw refuse(words[1], "object matrix is read") }
    guard words[2] == "coordinate" else {
      throw refuse(words[2], "format coordinate is read: an array lists zeros too")
    }
    guard let field = Field(rawValue: words[3]) else {
      throw refuse(
        words[3], "fields pattern, integer, unsigned-integer, real are read: complex numbers are no weights")
    }
    guard let symmetry = Symmetry(rawValue: words[4]), !(symmetry == .skewSymmetric && field == .pattern) else {
      throw refuse(
        words[4],
        field == .pattern
          ? "a pattern matrix is general or symmetric: without values it cannot change sign"
          : "symmetries general, symmetric, skew-symmetric are read: a hermitian matrix has complex numbers")
    }
    self.field = field
    self.symmetry = symmetry

    var lines = 1
    var sizeLine: LineProbe.Line?
    while sizeLine == nil, let line = try head.next() {
      lines += 1
      let first = line.bytes.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0d }
      if first != nil, first != 0x25 { sizeLine = line }
      if line.bytes.elementsEqual(MatrixMarketHeader.zeroBased.utf8) { countsFromZero = true }
    }
    guard let sizeLine else { throw MillError(.malformed, "no size line", line: lines) }
    let sizes = LineProbe.fields(sizeLine.bytes, .blanks).map {
      $0.utf8.count < 16 && LineProbe.isInteger($0) ? Int($0) : nil
    }
    guard sizes.count == 3, let rows = sizes[0], let columns = sizes[1], let entries = sizes[2] else {
      throw MillError(
        .malformed, "the size line is not three counts: rows, columns, entries", line: lines, byte: sizeLine.start,
        field: fieldText(sizeLine))
    }
    guard rows == columns || options.isBipartite else {
      throw MillError(
        .malformed, "\(rows) rows and \(columns) columns: not the matrix of a graph", line: lines, byte: sizeLine.start,
        hint: "with \(setting: "isBipartite", "true") rows and columns are nodes")
    }
    guard !(options.isBipartite && symmetry != .general) else {
      throw MillError(.malformed, "a bipartite matrix has no symmetry", line: 1, byte: 0, field: symmetry.rawValue)
    }
    self.rows = rows
    self.columns = columns
    self.entries = entries
    self.lines = lines
    start = sizeLine.next
    nodeCount = options.isBipartite ? rows + columns : rows
    if field == .pattern, options.weights == .yes {
      throw MillError(.badOption, "weights were asked for, but a pattern matrix has none")
    }
    let meaningless = [
      (options.ids == .compact || options.ids == .string, "ids"),
      (options.base != nil && options.base != 1, "base"),
      (options.nodes != nil, "nodes"), (options.columns != nil, "columns"),
      (options.isDirected == true && symmetry == .symmetric, "directed"),
      (options.isDirected == false && symmetry == .skewSymmetric, "undirected"),
    ]
    warnings += withoutEffect(meaningless, on: "a Matrix Market file, whose header decides")
    if field != .pattern, options.weights == .no { warnings.append("the matrix's values are not read") }
  }

  /// Whether the graph has a direction: symmetric means no, anything else yes unless the caller decides.
  func isDirected(_ options: GraphReadOptions) -> Bool {
    switch symmetry {
    case .symmetric: false
    case .skewSymmetric: true
    case .general: options.isDirected ?? !options.isBipartite
    }
  }

  /// How the entry lines are read.
  func grammar(_ options: GraphReadOptions) -> LineGrammar {
    var grammar = LineGrammar()
    grammar.base = 1
    grammar.isSettled = true
    grammar.largestSource = UInt64(rows)
    grammar.largestTarget = UInt64(columns)
    grammar.targetShift = options.isBipartite ? UInt64(rows) : 0
    grammar.isLowerTriangle = symmetry != .general
    grammar.refusesDiagonal = symmetry == .skewSymmetric
    grammar.refusesLoops = options.loops == .error
    grammar.refusesNegativeWeights = options.refusesNegativeWeights
    grammar.refusesExtraColumns = options.weights != .no
    if field != .pattern, options.weights != .no {
      grammar.weightColumn = 2
      grammar.weightsAreIntegers = field == .integer || field == .unsignedInteger
      grammar.dropsZeros = options.dropsZeros
    }
    return grammar
  }
}

private func fieldText(_ line: LineProbe.Line) -> String {
  unsafe line.bytes.withUnsafeBufferPointer { unsafe fieldExcerpt($0) }
}
