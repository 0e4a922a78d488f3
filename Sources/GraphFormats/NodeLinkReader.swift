import GraphStore
import MillRuntime

extension GraphFormat {
  /// Node-link JSON of networkx and D3.
  public static let json = GraphFormat(
    "json", "node-link JSON", endings: ["json"], holds: .everything,
    recognizes: { head in
      let text = head.text
      guard text.first == "{" else { return false }
      let next = text.dropFirst().first { !$0.isWhitespace }
      return next == nil || next == "\"" || next == "}"
    },
    reader: { input throws(MillError) in
      var reader = try NodeLinkReader(input)
      return try reader.read(input)
    }, writer: { output throws(MillError) in try writeNodeLink(output) })
}

/// Reads node-link JSON as a stream: an object with `nodes` (objects with an `id`) and `links` or `edges` (objects with
/// `source`, `target` and perhaps `weight`), in any order, and `directed`.
///
/// Ids that are texts or numbers are names. Where no node has an id, edges name nodes by their positions (D3, version
/// 3), and nodes are called by their `name`, where all have one, else by position. Refused by name: adjacency data,
/// Cytoscape, graphology, JSON Graph Format.
private struct NodeLinkReader: ~Copyable {
  private var scanner: JSONScanner
  private let options: GraphReadOptions
  private var ids = NameTable()
  private var declared = DeclaredNodes()
  private var nodes = 0
  private var nodesWithID = 0
  private var names = LabelsOfNodes()
  private var edges = EdgeCollector()
  private var isDirected: Bool?
  private var hasEdges = false

  init(_ input: GraphInput) throws(MillError) {
    scanner = JSONScanner(try TextCursor(input.stream, input.context))
    options = input.options
  }

  mutating func read(_ input: GraphInput) throws(MillError) -> GraphReading {
    try scanner.expect(UInt8(ascii: "{"))
    var isFirst = true
    var hasNodes = false
    while let key = try scanner.nextKey(isFirst: &isFirst) {
      switch key {
      case "directed": isDirected = try flag(key)
      case "nodes":
        hasNodes = true
        try readList(key) { reader throws(MillError) in try reader.readNode() }
      case "links", "edges":
        guard !hasEdges else { throw scanner.cursor.failure(.malformed, "a second list of edges", field: key) }
        hasEdges = true
        try readList(key) { reader throws(MillError) in try reader.readEdge() }
      case "adjacency": throw refusal("adjacency data", "node_link_data of networkx is read")
      case "elements": throw refusal("Cytoscape JSON", "node_link_data of networkx is read, and GraphML")
      case "options": throw refusal("a graphology graph", "write it as GraphML or GEXF, then CSV")
      default: try scanner.skipValue()
      }
    }
    guard hasNodes, hasEdges else {
      throw MillError(
        .unsupportedContent, "JSON without 'nodes' and 'links' or 'edges' is no node-link graph",
        hint: "node_link_data of networkx is read; write records as CSV")
    }
    if try scanner.peek() != nil { throw scanner.cursor.failure(.trailingGarbage, "text behind the end of the object") }
    var report = GraphReadReport()
    report.lines = scanner.cursor.line
    if isDirected == nil, options.isDirected == nil {
      report.warnings.append("the file does not say whether edges are directed: they were read without directions")
    }
    let table = try settledNames()
    var found = FoundGraph(.named(table), isDirected: isDirected)
    found.edges = edges
    edges = EdgeCollector()
    return try input.finish(found, report)
  }

  /// The names of all nodes; edges are renumbered where they name positions.
  private mutating func settledNames() throws(MillError) -> NameTable {
    if nodesWithID == nodes {
      try declared.check(ids.text)
      return ids
    }
    guard nodesWithID == 0 else { throw MillError(.missingField, "some nodes have an id and some have none") }
    var positions: [UInt32] = []
    for number in 0..<ids.count {
      guard let position = Int(ids.text(number)), position >= 0, position < nodes else {
        throw MillError(.noSuchNode, "an edge names a position that no node has", field: ids.text(number))
      }
      positions.append(UInt32(position))
    }
    edges.renumber { positions[Int($0)] }
    if let table = try names.table(nodes) { return table }
    var table = NameTable()
    for node in 0..<nodes { _ = try table.insert(Array(String(node).utf8)) }
    return table
  }

  private mutating func readList(
    _ key: String, _ element: (inout NodeLinkReader) throws(MillError) -> Void
  ) throws(MillError) {
    guard try scanner.peek() == UInt8(ascii: "[") else {
      if try scanner.peek() == UInt8(ascii: "{") { throw refusal("JSON whose '\(key)' is an object", "a list is read") }
      throw scanner.cursor.failure(.malformed, "'\(key)' must be a list")
    }
    scanner.cursor.take()
    var isFirst = true
    while try scanner.hasElement(isFirst: &isFirst) { try element(&self) }
  }

  private mutating func readNode() throws(MillError) {
    try scanner.expect(UInt8(ascii: "{"))
    var isFirst = true
    var id: [UInt8]?
    while let key = try scanner.nextKey(isFirst: &isFirst) {
      switch key {
      case "id": id = try name(key)
      case "name":
        guard let next = try scanner.peek(), next == 0x22 else {
          try scanner.skipValue()
          continue
        }
        names.set(nodes, try scanner.text())
      default: try scanner.skipValue()
      }
    }
    if let id {
      let node = try number(of: id)
      guard declared.declare(node) else {
        throw scanner.cursor.failure(.malformed, "a second node of this id", field: excerpt(id))
      }
      nodesWithID += 1
    }
    nodes += 1
  }

  private mutating func readEdge() throws(MillError) {
    try scanner.expect(UInt8(ascii: "{"))
    var isFirst = true
    var source: [UInt8]?
    var target: [UInt8]?
    var weight: Double?
    var value: Double?
    while let key = try scanner.nextKey(isFirst: &isFirst) {
      switch key {
      case "source": source = try name(key)
      case "target": target = try name(key)
      case "weight": weight = try number()
      case "value":
        // An attribute of any kind; a number is the weight in D3.
        guard let next = try scanner.peek(), next == 0x2d || (next >= 0x30 && next <= 0x39) else {
          try scanner.skipValue()
          continue
        }
        value = try number()
      default: try scanner.skipValue()
      }
    }
    guard let source, let target else {
      throw scanner.cursor.failure(.missingField, "an edge without source or target")
    }
    try edges.add(UInt32(try number(of: source)), UInt32(try number(of: target)), weight ?? value)
  }

  private mutating func number(of name: [UInt8]) throws(MillError) -> Int {
    do throws(MillError) {
      let (number, isNew) = try ids.insert(name)
      if isNew { declared.note(line: scanner.cursor.line) }
      return Int(number)
    } catch {
      throw scanner.cursor.failure(error.kind, error.message, field: error.field)
    }
  }

  private mutating func name(_ key: String) throws(MillError) -> [UInt8] {
    if let next = try scanner.peek(), next == UInt8(ascii: "{") || next == UInt8(ascii: "[") {
      throw scanner.cursor.failure(
        .unsupportedContent, "'\(key)' is a list or object, not a name", hint: "write names as texts or numbers")
    }
    switch try scanner.scalar() {
    case .text(let text), .number(let text): return text
    case .bool, .null: throw scanner.cursor.failure(.malformed, "'\(key)' is neither a text nor a number")
    }
  }

  private mutating func number() throws(MillError) -> Double? {
    switch try scanner.scalar() {
    case .null: return nil
    case .number(let text):
      guard let value = unsafe text.withUnsafeBufferPointer({ unsafe FloatParser.finite($0) }),
        value >= 0 || !options.refusesNegativeWeights
      else {
        throw scanner.cursor.failure(
          .badWeight, "the weight is no finite number, or negative", field: excerpt(text))
      }
      return value
    case .text, .bool: throw scanner.cursor.failure(.badWeight, "the weight is no number")
    }
  }

  private mutating func flag(_ key: String) throws(MillError) -> Bool {
    switch try scanner.scalar() {
    case .bool(let value): return value
    case .number(let text) where text == [0x30] || text == [0x31]: return text == [0x31]
    default: throw scanner.cursor.failure(.malformed, "'\(key)' is neither true nor false")
    }
  }

  private func refusal(_ what: String, _ hint: Hint) -> MillError {
    scanner.cursor.failure(.unsupportedContent, "\(what) is not read", hint: hint)
  }
}
