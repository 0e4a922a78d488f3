import GraphStore
import MillRuntime

/// Text on its way to a file, gathered into large pieces; compressed where the file's name asks for that.
struct TextSink {
  private let sink: any ByteSink
  private var buffer: [UInt8] = []

  private static let piece = 1 << 16

  init(_ file: OutputFile) throws(MillError) {
    sink = try makeSink(for: file)
    buffer.reserveCapacity(2 * Self.piece)
  }

  /// Appends a text.
  mutating func put(_ text: String) throws(MillError) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= Self.piece { try flush() }
  }

  /// Appends bytes.
  mutating func put(_ bytes: ArraySlice<UInt8>) throws(MillError) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.piece { try flush() }
  }

  /// Appends a number in decimal.
  mutating func put(_ number: Int) throws(MillError) {
    Decimal.append(number, to: &buffer)
    if buffer.count >= Self.piece { try flush() }
  }

  /// Hands everything out and commits the file.
  mutating func finish() throws(MillError) {
    try flush()
    try sink.finish()
  }

  private mutating func flush() throws(MillError) {
    try unsafe buffer.withUnsafeBufferPointer { bytes throws(MillError) in
      try unsafe sink.write(UnsafeRawBufferPointer(bytes))
    }
    buffer.removeAll(keepingCapacity: true)
  }
}

/// The names of a graph's nodes as a format spells them, back to back.
struct SpelledNames {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  /// Spells all names.
  ///
  /// - Parameters:
  ///   - spell: Appends the spelling of a name; false where the format cannot hold it.
  /// - Throws: `MillError` of kind `label-not-writable`, with the name.
  init(_ graph: CSRGraph, _ spell: (UnsafeBufferPointer<UInt8>, inout [UInt8]) -> Bool) throws(MillError) {
    ends.reserveCapacity(graph.nodeCount)
    for node in 0..<graph.nodeCount {
      var isSpelled = true
      switch graph.names {
      case .labels(let table): isSpelled = unsafe spell(table.bareLabel(node), &bytes)
      case .dense: bytes.append(contentsOf: String(node).utf8)
      case .ids(let ids): bytes.append(contentsOf: String(ids[node]).utf8)
      }
      guard isSpelled else {
        throw MillError(
          .labelNotWritable, "the label of node \(node) does not survive this format", field: graph.name(of: node),
          hint: "a container (gmg) keeps anything")
      }
      ends.append(bytes.count)
    }
  }

  /// The spelling of a node's name.
  subscript(node: Int) -> ArraySlice<UInt8> { bytes[(node == 0 ? 0 : ends[node - 1])..<ends[node]] }
}

extension CSRGraph {
  /// Hands out every edge once, ascending by source and target, source ≤ target where edges have no direction.
  func forEachEdge(_ body: (_ source: Int, _ target: Int, _ weight: Double?) throws(MillError) -> Void)
    throws(MillError)
  {
    for source in 0..<nodeCount {
      for arc in arcs(of: source) {
        let target = targets[arc]
        if isDirected || source <= target { try body(source, target, weights?[arc]) }
      }
    }
  }

  /// Whether the names are labels.
  var hasLabels: Bool {
    if case .labels = names { true } else { false }
  }
}

/// Whether a name is UTF-8 without control characters, which XML, GML and DOT cannot hold.
func isPlainText(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
  unsafe !name.isEmpty && !name.contains { $0 < 0x20 || $0 == 0x7f } && String(validating: name, as: UTF8.self) != nil
}

/// Appends a name with the five characters that XML reserves as entities; GML shares these spellings.
func spellForXML(_ name: UnsafeBufferPointer<UInt8>, _ out: inout [UInt8]) -> Bool {
  // U+FFFE and U+FFFF are no XML characters.
  guard unsafe isPlainText(name),
    unsafe !String(decoding: name, as: UTF8.self).unicodeScalars.contains(where: { $0.value & 0xfffe == 0xfffe })
  else { return false }
  for i in name.indices {
    let byte = unsafe name[i]
    switch byte {
    case UInt8(ascii: "&"): out.append(contentsOf: "&amp;".utf8)
    case UInt8(ascii: "<"): out.append(contentsOf: "&lt;".utf8)
    case UInt8(ascii: ">"): out.append(contentsOf: "&gt;".utf8)
    case UInt8(ascii: "\""): out.append(contentsOf: "&quot;".utf8)
    case UInt8(ascii: "'"): out.append(contentsOf: "&apos;".utf8)
    default: out.append(byte)
    }
  }
  return true
}
