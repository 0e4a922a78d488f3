import GraphStore
import MillRuntime

extension GraphFormat {
  /// graph6, sparse6 and digraph6: small graphs as printable characters.
  public static let graph6 = GraphFormat(
    "graph6", "graph6, sparse6 or digraph6", endings: ["g6", "s6", "d6"],
    holds: [.directed, .undirected, .isolatedNodes, .loops], numbering: 0,
    recognizes: { $0.starts(">>graph6<<") || $0.starts(">>sparse6<<") || $0.starts(">>digraph6<<") },
    reader: { input throws(MillError) in try readGraph6(input) },
    writer: { output throws(MillError) in try writeGraph6(output) })
}

/// Reads one graph of graph6 (undirected, no loops), sparse6 (begins with `:`; loops, parallel edges) or digraph6
/// (begins with `&`). A file of several graphs is refused.
///
/// - Source: McKay, Description of graph6, sparse6 and digraph6 encodings, 2022.
private func readGraph6(_ input: GraphInput) throws(MillError) -> GraphReading {
  let buffer = try input.stream.readToEnd()
  defer { withExtendedLifetime(buffer) {} }
  var text = unsafe buffer.elements[...]
  for header in [">>graph6<<", ">>sparse6<<", ">>digraph6<<"] where unsafe text.starts(with: header.utf8) {
    unsafe text = text.dropFirst(header.utf8.count)
  }
  let line = unsafe text.prefix { $0 != 0x0a && $0 != 0x0d }
  guard unsafe text[line.endIndex...].allSatisfy({ $0 <= 0x20 }) else {
    throw MillError(
      .unsupportedContent, "the file holds several graphs", line: 2, hint: "give every graph a file of its own")
  }
  let kind = unsafe line.first
  var bits = unsafe SixBits(kind == UInt8(ascii: ":") || kind == UInt8(ascii: "&") ? line.dropFirst() : line)
  if let bad = unsafe bits.text.firstIndex(where: { $0 < 63 || $0 > 126 }) {
    throw unsafe MillError(
      .malformed, "a character that this format does not have", line: 1, byte: bad,
      field: excerpt([buffer.elements[bad]]))
  }
  guard let n = bits.size(), n < UInt64(UInt32.max) else {
    throw MillError(.malformed, "the number of nodes is cut off or beyond the format", line: 1)
  }
  let count = Int(n)
  try guardNodeCount(count, edges: bits.left, given: input.options.nodes)
  var found = FoundGraph(.numbered(count: count, first: 0), isDirected: kind == UInt8(ascii: "&"))
  if kind == UInt8(ascii: ":") {
    try readSparse6(&bits, count, &found)
  } else {
    let isDirected = kind == UInt8(ascii: "&")
    guard count < 1 << 31 else {
      throw MillError(.malformed, "\(count) nodes need more characters than there are", line: 1)
    }
    let cells = isDirected ? count * count : count * (count - 1) / 2
    guard bits.left == (cells + 5) / 6 * 6 else {
      throw MillError(
        .countMismatch, "\(count) nodes need \((cells + 5) / 6) characters, there are \(bits.left / 6)", line: 1)
    }
    for v in 0..<count {
      for u in 0..<(isDirected ? count : v) where bits.next() == 1 {
        if isDirected { try found.edges.add(UInt32(v), UInt32(u)) } else { try found.edges.add(UInt32(u), UInt32(v)) }
      }
    }
  }
  var report = GraphReadReport()
  report.lines = 1
  return try input.finish(found, report)
}

private func readSparse6(_ bits: inout SixBits, _ count: Int, _ found: inout FoundGraph) throws(MillError) {
  var width = 0
  while count > 1, (count - 1) >> width > 0 { width += 1 }
  var v = 0
  while bits.left > width {
    if bits.next() == 1 { v += 1 }
    var x = 0
    for _ in 0..<width { x = x << 1 | bits.next() }
    if x >= count || v >= count { break }  // the padding at the end
    if x > v { v = x } else { try found.edges.add(UInt32(x), UInt32(v)) }
  }
  guard bits.left < 6 + width + 1 else { throw MillError(.malformed, "characters behind the last edge", line: 1) }
}

/// Characters of six bits each.
@safe private struct SixBits {
  let text: Slice<UnsafeBufferPointer<UInt8>>
  private var place: Int
  private var bit = 5

  init(_ text: Slice<UnsafeBufferPointer<UInt8>>) {
    unsafe self.text = text
    place = unsafe text.startIndex
  }

  /// Bits that are left.
  var left: Int { unsafe 6 * (text.endIndex - place) - (5 - bit) }

  mutating func next() -> Int {
    let value = unsafe Int((text[place] - 63) >> UInt8(bit) & 1)
    bit -= 1
    if bit < 0 { (bit, place) = (5, place + 1) }
    return value
  }

  /// The number of nodes in front: one character, or 126 and three, or 126 twice and six.
  mutating func size() -> UInt64? {
    guard let first = unsafe text.first else { return nil }
    var characters = 1
    if first == 126 {
      let isLong = unsafe text.dropFirst().first == 126
      place += isLong ? 2 : 1
      characters = isLong ? 6 : 3
    }
    guard unsafe text.endIndex - place >= characters else { return nil }
    var value: UInt64 = 0
    for _ in 0..<characters {
      value = unsafe value << 6 | UInt64(text[place] - 63)
      place += 1
    }
    return value
  }
}

/// Writes graph6, digraph6 for directed graphs, sparse6 for undirected ones with loops or above 1,000 nodes.
private func writeGraph6(_ output: GraphOutput) throws(MillError) {
  let graph = output.graph
  let n = graph.nodeCount
  guard n < 1 << 20, !graph.isDirected || n <= 1 << 13 else {
    throw MillError(.notWritable, "graph6 is for small graphs; this one has \(n) nodes", hint: "choose another format")
  }
  var text: [UInt8] = []
  var group: (value: UInt8, bits: Int) = (0, 0)
  func put(_ bit: Int) {
    group.value = group.value << 1 | UInt8(bit)
    group.bits += 1
    if group.bits == 6 {
      text.append(group.value + 63)
      group = (0, 0)
    }
  }
  func putSize() {
    if n <= 62 {
      text.append(UInt8(n + 63))
    } else if n <= 258_047 {
      text.append(126)
      for shift in [12, 6, 0] { text.append(UInt8(n >> shift & 63) + 63) }
    } else {
      text += [126, 126]
      for shift in stride(from: 30, through: 0, by: -6) { text.append(UInt8(n >> shift & 63) + 63) }
    }
  }
  if !graph.isDirected, graph.hasLoops || n > 1000 {
    text.append(UInt8(ascii: ":"))
    putSize()
    var width = 0
    while n > 1, (n - 1) >> width > 0 { width += 1 }
    func putNumber(_ number: Int) {
      for shift in stride(from: width - 1, through: 0, by: -1) { put(number >> shift & 1) }
    }
    var current = 0
    for v in 0..<n {
      for arc in graph.arcs(of: v) where graph.targets[arc] <= v {
        if v == current {
          put(0)
        } else if v == current + 1 {
          put(1)
        } else {
          put(1)
          putNumber(v)
          put(0)
        }
        current = v
        putNumber(graph.targets[arc])
      }
    }
    if group.bits > 0 {
      // Ones at the end, but a zero first where ones alone would read as a loop of the last node.
      let left = 6 - group.bits
      if width < 6, n == 1 << width, left > width, current == n - 2 { put(0) }
      while group.bits > 0 { put(1) }
    }
  } else {
    if graph.isDirected { text.append(UInt8(ascii: "&")) }
    putSize()
    for v in 0..<n {
      var lists = graph.arcs(of: v).lazy.map { graph.targets[$0] }.makeIterator()
      var next = lists.next()
      for u in 0..<(graph.isDirected ? n : v) {
        put(next == u ? 1 : 0)
        if next == u { next = lists.next() }
      }
    }
    while group.bits > 0 { put(0) }
  }
  text.append(0x0a)
  var sink = BinarySink(try makeSink(for: output.file))
  try sink.put(text)
  try sink.finish()
}
