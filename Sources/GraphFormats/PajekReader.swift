import GraphStore
import MillRuntime

extension GraphFormat {
  /// Pajek networks: vertices with labels, arcs, edges.
  public static let pajek = GraphFormat(
    "pajek", "Pajek network", endings: ["net", "paj"], holds: .everything,
    recognizes: { head in
      let line = head.text.split(separator: "\n").first { !$0.hasPrefix("%") && !$0.hasPrefix("/*") } ?? ""
      return ["*vertices", "*network", "*arcs", "*edges"].contains { line.hasPrefix($0) }
    },
    reader: { input throws(MillError) in
      var reader = try PajekReader(input)
      return try reader.read(input)
    }, writer: { output throws(MillError) in try writePajek(output) })
}

/// Reads a Pajek network: `*Vertices n`, then `*Arcs`, `*Edges`, `*Arcslist`, `*Edgeslist` in any number.
///
/// Nodes are called by their labels where every vertex has one and all differ, else 1…n. An edge without a value has
/// the value 1. Where there are arcs and edges, the graph is directed and an edge is two arcs (a warning says so).
/// `*Matrix` and a second network are refused; other sections (partitions, vectors) are passed over with a warning.
///
/// - Source: Batagelj, Mrvar, Pajek reference manual, section 5.3.
private struct PajekReader: ~Copyable {
  private enum Section { case none, vertices, arcs, edges, arcLists, edgeLists, ignored }

  private var cursor: TextCursor
  private var report = GraphReadReport()
  private let options: GraphReadOptions
  private var nodes: UInt64 = 0
  private var hasVertices = false
  private var labels = LabelsOfNodes()
  private var arcs = EdgeCollector()
  private var edges: [(UInt32, UInt32, Double?)] = []
  private var hasArcs = false
  private var relations = 0

  init(_ input: GraphInput) throws(MillError) {
    cursor = try TextCursor(input.stream, input.context)
    options = input.options
  }

  mutating func read(_ input: GraphInput) throws(MillError) -> GraphReading {
    var section = Section.none
    while let first = try cursor.peek() {
      if try cursor.isAtLineEnd() {
        report.blanks += 1
        try cursor.endLine()
      } else if first == UInt8(ascii: "%") || first == UInt8(ascii: "/") {
        report.comments += 1
        try cursor.skipLine()
      } else if try cursor.peek() == UInt8(ascii: "*") {
        section = try beginSection()
      } else {
        try readLine(of: section)
      }
    }
    guard hasVertices else { throw cursor.failure(.malformed, "there is no '*Vertices n'") }
    report.lines = cursor.line - 1
    report.separator = .space
    if relations > 1 { report.warnings.append("\(relations) relations are read as one") }
    var found = FoundGraph(.numbered(count: 0, first: 1), isDirected: hasArcs)
    found.countsOneWithoutWeight = true
    if hasArcs, !edges.isEmpty {
      report.warnings.append("\(edges.count) edges without direction among arcs: each was read as two arcs")
    }
    for (u, v, weight) in edges {
      try arcs.add(u, v, weight)
      if hasArcs, u != v { try arcs.add(v, u, weight) }
    }
    found.edges = arcs
    (arcs, edges) = (EdgeCollector(), [])
    // Before names are made, so that a declared number cannot ask for memory.
    try guardNodeCount(Int(nodes), edges: found.edges.count, given: options.nodes)
    if let table = try labels.table(Int(nodes)) {
      found.nodes = .named(table)
    } else {
      found.nodes = .numbered(count: Int(nodes), first: 1)
      if labels.count > 0 {
        report.warnings.append("labels of vertices are missing or repeat: nodes are called by their numbers")
      }
    }
    return try input.finish(found, report)
  }

  private mutating func beginSection() throws(MillError) -> Section {
    let word = unsafe String(decoding: try cursor.word(), as: UTF8.self).lowercased()
    switch word {
    case "*vertices":
      guard !hasVertices else {
        throw cursor.failure(
          .unsupportedContent, "the file holds several networks", hint: "give them files of their own")
      }
      guard let n = try cursor.unsigned(), n < UInt64(UInt32.max) else {
        throw unsafe cursor.failure(.malformed, "'*Vertices' needs their number", field: try cursor.word().text)
      }
      hasVertices = true
      nodes = n
      if let rows = try cursor.unsigned() {
        report.warnings.append(
          "a network of two modes (\(rows) and \(n - min(n, rows)) vertices) is read as one of one")
      }
      try cursor.skipLine()
      return .vertices
    case "*arcs", "*edges", "*arcslist", "*edgeslist":
      guard hasVertices else { throw cursor.failure(.malformed, "'*Vertices n' must come before", field: word) }
      if word.hasPrefix("*arcs") { hasArcs = true }
      if try !cursor.isAtLineEnd() { relations += 1 }
      try cursor.skipLine()
      return word == "*arcs" ? .arcs : word == "*edges" ? .edges : word == "*arcslist" ? .arcLists : .edgeLists
    case "*matrix":
      throw cursor.failure(
        .unsupportedContent, "a Pajek matrix is not read", hint: "save the network from Pajek as arcs and edges")
    case "*network":
      try cursor.skipLine()
      return .none
    default:
      report.warnings.append("the section \(word) is not read")
      try cursor.skipLine()
      return .ignored
    }
  }

  private mutating func readLine(of section: Section) throws(MillError) {
    switch section {
    case .none: throw unsafe cursor.failure(.malformed, "a line before any section", field: try cursor.word().text)
    case .ignored: try cursor.skipLine()
    case .vertices:
      let node = try node()
      if let label = try label() { labels.set(Int(node), label) }
      try cursor.skipLine()
    case .arcs, .edges:
      let (u, v) = (try node(), try node())
      var weight: Double?
      if try !cursor.isAtLineEnd(), let next = try cursor.peek(), isNumeric(next) {
        weight = try cursor.weight(options)
      }
      try cursor.skipLine()
      try add(u, v, weight, isArc: section == .arcs)
    case .arcLists, .edgeLists:
      let u = try node()
      while try !cursor.isAtLineEnd() { try add(u, try node(), nil, isArc: section == .arcLists) }
      try cursor.endLine()
    }
  }

  private mutating func add(_ u: UInt32, _ v: UInt32, _ weight: Double?, isArc: Bool) throws(MillError) {
    if isArc { try arcs.add(u, v, weight) } else { edges.append((u, v, weight)) }
  }

  private mutating func node() throws(MillError) -> UInt32 {
    guard let number = try cursor.unsigned() else {
      throw unsafe cursor.failure(.notAnInteger, "a vertex is a number", field: try cursor.word().text)
    }
    guard number >= 1, number <= nodes else {
      throw cursor.failure(.idOutOfRange, "a vertex outside 1...\(nodes)", field: String(number))
    }
    return UInt32(number - 1)
  }

  /// The label of a vertex, in quotes or not; nil where there is none.
  private mutating func label() throws(MillError) -> [UInt8]? {
    guard try !cursor.isAtLineEnd() else { return nil }
    guard try cursor.peek() == 0x22 else { return unsafe Array(try cursor.word()) }
    cursor.take()
    let text = unsafe Array(try cursor.token { $0 != 0x22 && $0 != 0x0a })
    guard try cursor.peek() == 0x22 else { throw cursor.failure(.badQuote, "a quote that does not end") }
    cursor.take()
    return resolvingEntities(text)
  }

  private func isNumeric(_ byte: UInt8) -> Bool {
    byte >= 0x30 && byte <= 0x39 || byte == 0x2d || byte == 0x2b || byte == 0x2e
  }
}
