import GraphStore
import MillRuntime

extension GraphFormat {
  /// GML as networkx, igraph and Gephi write it.
  public static let gml = GraphFormat(
    "gml", "GML", endings: ["gml"], holds: .everything,
    recognizes: { head in
      let lines = head.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
      let words = lines.joined(separator: " ").split { $0.isWhitespace || $0 == "[" }
      guard ["graph", "creator", "version", "comment"].contains(words.first ?? "") else { return false }
      return lines.joined(separator: " ").contains(/(^|\s)graph\s*\[/)
    },
    reader: { input throws(MillError) in
      var reader = try GMLReader(input)
      return try reader.read(input)
    }, writer: { output throws(MillError) in try writeGML(output) })
}

/// Reads GML: `graph [ directed 1 node [ id 1 label "a" ] edge [ source 1 target 2 weight 0.5 ] ]`.
///
/// Nodes are called by their labels, else by their names (igraph), where every node has one and all differ; else by
/// their ids. The weight of an edge is its `weight`, else its `value` (Gephi). Lists deeper than 64 are refused.
///
/// - Source: Himsolt, GML: A portable graph file format, University of Passau, 1997.
private struct GMLReader: ~Copyable {
  private var cursor: TextCursor
  private var report = GraphReadReport()
  private let options: GraphReadOptions
  private var ids = NameTable()
  private var declared = DeclaredNodes()
  private var labels = LabelsOfNodes()
  private var names = LabelsOfNodes()
  private var edges = EdgeCollector()
  private var isDirected = false

  private static let depthLimit = 64

  init(_ input: GraphInput) throws(MillError) {
    cursor = try TextCursor(input.stream, input.context)
    options = input.options
  }

  mutating func read(_ input: GraphInput) throws(MillError) -> GraphReading {
    var graphs = 0
    while let key = try nextKey() {
      if key == "graph" {
        graphs += 1
        guard graphs == 1 else {
          throw cursor.failure(
            .unsupportedContent, "the file holds several graphs", hint: "give them files of their own")
        }
        try openList()
        try readGraph()
      } else {
        try skipValue(depth: 0)
      }
    }
    guard graphs == 1 else { throw cursor.failure(.malformed, "there is no 'graph ['") }
    try declared.check(ids.text)
    report.lines = cursor.line
    var table = ids
    for other in [labels, names] {
      if let chosen = try other.table(ids.count) {
        table = chosen
        break
      } else if other.count > 0 {
        report.warnings.append("labels of nodes are missing or repeat: nodes are called by their ids")
        break
      }
    }
    var found = FoundGraph(.named(table), isDirected: isDirected)
    found.edges = edges
    edges = EdgeCollector()
    return try input.finish(found, report)
  }

  private mutating func readGraph() throws(MillError) {
    while let key = try nextKeyInList() {
      switch key {
      case "directed": isDirected = try scalar() == "1"
      case "node":
        try openList()
        try readNode()
      case "edge":
        try openList()
        try readEdge()
      case "graph": throw cursor.failure(.unsupportedContent, "nested graphs are not read")
      default: try skipValue(depth: 1)
      }
    }
  }

  private mutating func readNode() throws(MillError) {
    var id: String?
    var label: [UInt8]?
    var name: [UInt8]?
    while let key = try nextKeyInList() {
      switch key {
      case "id": id = try scalar()
      case "label": label = try textValue()
      case "name": name = try textValue()
      default: try skipValue(depth: 2)
      }
    }
    guard let id else { throw cursor.failure(.missingField, "a node without an id") }
    let node = try number(of: id)
    guard declared.declare(node) else { throw cursor.failure(.malformed, "a second node of this id", field: id) }
    if let label { labels.set(node, label) }
    if let name { names.set(node, name) }
  }

  private mutating func readEdge() throws(MillError) {
    var ends: (source: String?, target: String?) = (nil, nil)
    var weight: Double?
    var value: Double?
    while let key = try nextKeyInList() {
      switch key {
      case "source": ends.source = try scalar()
      case "target": ends.target = try scalar()
      case "weight": weight = try weightValue()
      case "value": value = try weightValue()
      default: try skipValue(depth: 2)
      }
    }
    guard let source = ends.source, let target = ends.target else {
      throw cursor.failure(.missingField, "an edge without source or target")
    }
    try edges.add(UInt32(try number(of: source)), UInt32(try number(of: target)), weight ?? value)
  }

  private mutating func number(of id: String) throws(MillError) -> Int {
    do throws(MillError) {
      let (number, isNew) = try ids.insert(Array(id.utf8))
      if isNew { declared.note(line: cursor.line) }
      return Int(number)
    } catch {
      throw cursor.failure(error.kind, error.message, field: error.field)
    }
  }

  // MARK: Tokens

  private mutating func skipSpace() throws(MillError) {
    try cursor.skipWhitespace()
    while try cursor.peek() == UInt8(ascii: "#") {
      try cursor.skipLine()
      report.comments += 1
      try cursor.skipWhitespace()
    }
  }

  /// The next key; nil at the end of the text.
  private mutating func nextKey() throws(MillError) -> String? {
    try skipSpace()
    guard let first = try cursor.peek() else { return nil }
    guard isLetter(first) else {
      throw unsafe cursor.failure(.malformed, "a key is a word", field: try cursor.token { $0 > 0x20 }.text)
    }
    let word = try unsafe cursor.token { isLetter($0) || $0 >= 0x30 && $0 <= 0x39 || $0 == 0x5f }
    return unsafe String(decoding: word, as: UTF8.self).lowercased()
  }

  /// The next key of a list; nil at its end, which is taken.
  private mutating func nextKeyInList() throws(MillError) -> String? {
    try skipSpace()
    if try cursor.peek() == UInt8(ascii: "]") {
      cursor.take()
      return nil
    }
    guard let key = try nextKey() else { throw cursor.failure(.truncated, "the text ends inside a list") }
    return key
  }

  private mutating func openList() throws(MillError) {
    try skipSpace()
    guard try cursor.peek() == UInt8(ascii: "[") else { throw cursor.failure(.malformed, "a list '[' must stand here") }
    cursor.take()
  }

  private mutating func skipValue(depth: Int) throws(MillError) {
    var open = 0
    repeat {
      try skipSpace()
      switch try cursor.peek() {
      case UInt8(ascii: "["):
        open += 1
        guard depth + open <= Self.depthLimit else { throw cursor.failure(.malformed, "lists deeper than 64") }
        cursor.take()
      case UInt8(ascii: "\""): try skipText()
      case nil: throw cursor.failure(.truncated, "the text ends where a value must stand")
      default: _ = try scalar()
      }
      // Behind a value come the ends of lists, or a key whose value is next.
      while open > 0, try nextKeyInList() == nil { open -= 1 }
    } while open > 0
  }

  /// A number or bare word.
  private mutating func scalar() throws(MillError) -> String {
    try skipSpace()
    let word = try unsafe cursor.token { $0 > 0x20 && $0 != 0x5b && $0 != 0x5d && $0 != 0x22 }
    guard !word.isEmpty else { throw cursor.failure(.malformed, "a number must stand here") }
    return unsafe String(decoding: word, as: UTF8.self)
  }

  private mutating func weightValue() throws(MillError) -> Double {
    try skipSpace()
    let isQuoted = try cursor.peek() == 0x22
    let field = isQuoted ? try textValue() : Array(try scalar().utf8)
    guard let value = unsafe field.withUnsafeBufferPointer({ unsafe FloatParser.finite($0) }),
      value >= 0 || !options.refusesNegativeWeights
    else { throw cursor.failure(.badWeight, "the weight is no finite number, or negative", field: excerpt(field)) }
    return value
  }

  private mutating func skipText() throws(MillError) {
    cursor.take()
    while let next = try cursor.peek() {
      cursor.take()
      if next == 0x22 { return }
    }
    throw cursor.failure(.badQuote, "a quote that does not end")
  }

  /// A quoted text with its entities resolved, or a bare number as text.
  private mutating func textValue() throws(MillError) -> [UInt8] {
    try skipSpace()
    guard try cursor.peek() == 0x22 else { return Array(try scalar().utf8) }
    cursor.take()
    let text = unsafe Array(try cursor.token { $0 != 0x22 })
    guard try cursor.peek() == 0x22 else { throw cursor.failure(.badQuote, "a quote that does not end") }
    cursor.take()
    return resolvingEntities(text)
  }
}

private func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a }

/// Labels that some nodes have.
struct LabelsOfNodes {
  private var labels: [Int: [UInt8]] = [:]
  /// The number of nodes with a label.
  var count: Int { labels.count }

  mutating func set(_ node: Int, _ label: [UInt8]) { labels[node] = label }

  /// The labels as names, where each of the `nodes` nodes has one and all differ; nil else.
  func table(_ nodes: Int) throws(MillError) -> NameTable? {
    guard count == nodes, nodes > 0 else { return nil }
    var table = NameTable()
    for node in 0..<nodes {
      guard let label = labels[node], !label.isEmpty, try table.insert(label).isNew else { return nil }
    }
    return table
  }
}

/// A text with `&amp;`, `&lt;`, `&gt;`, `&quot;`, `&apos;` and `&#N;` resolved; what is no such entity stays.
func resolvingEntities(_ text: [UInt8]) -> [UInt8] {
  guard text.contains(UInt8(ascii: "&")) else { return text }
  let named: [String: UInt8] = ["amp": 0x26, "lt": 0x3c, "gt": 0x3e, "quot": 0x22, "apos": 0x27]
  var result: [UInt8] = []
  var place = 0
  while place < text.count {
    let rest = text[place...].prefix(12)
    if text[place] == 0x26, let stop = rest.firstIndex(of: UInt8(ascii: ";")) {
      let name = String(decoding: text[(place + 1)..<stop], as: UTF8.self)
      var scalar = named[name].map { Unicode.Scalar($0) }
      if name.hasPrefix("#x") || name.hasPrefix("#X") {
        scalar = UInt32(name.dropFirst(2), radix: 16).flatMap { Unicode.Scalar($0) }
      } else if name.hasPrefix("#") {
        scalar = UInt32(name.dropFirst()).flatMap { Unicode.Scalar($0) }
      }
      if let scalar {
        result.append(contentsOf: String(Character(scalar)).utf8)
        place = stop + 1
        continue
      }
    }
    result.append(text[place])
    place += 1
  }
  return result
}
