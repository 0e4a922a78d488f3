import Glibc
import GraphStore
import MillRuntime

// Where the edge stands that occurs more than once, told only when that is an error.

extension EdgeListReader {
  /// Copies of the ids, since building the graph overwrites them; empty unless a repeat is an error.
  func copiesForRepeats(_ chunks: [ParsedChunk]) throws(MillError) -> [EdgeBlock?] {
    guard options.duplicates == .error else { return [] }
    var copies: [EdgeBlock?] = []
    for chunk in chunks {
      guard let block = chunk.block else {
        copies.append(nil)
        continue
      }
      let ids = try FlatBuffer<UInt64>(uninitializedCount: 2 * block.count)
      for i in 0..<block.count { (ids.base[2 * i], ids.base[2 * i + 1]) = block.edge(i) }
      copies.append(EdgeBlock(ids: .wide(ids), count: block.count))
    }
    return copies
  }

  /// The error for the first edge of the file that an earlier line has already, with its line.
  ///
  /// A text that came through a pipe is gone by now: then the error has no line.
  func placed(
    _ error: MillError, _ copies: [EdgeBlock?], lines: [Int], linesBefore: Int, _ grammar: LineGrammar, start: Int
  ) -> MillError {
    guard let (index, edge) = firstRepeat(copies), let chunk = try? chunkAgain(index)?.dropping(upTo: start),
      let parser = try? ChunkParser(grammar, interner: nil), let found = parser.place(ofEdge: edge, in: chunk)
    else { return error }
    return MillError(
      error.kind, "an earlier line has this edge already", file: name,
      line: linesBefore + lines.prefix(index).reduce(0, +) + found.line + 1, byte: found.byte, field: found.text,
      hint: error.hint)
  }

  /// The chunk and place in it of the first edge that occurred before.
  private func firstRepeat(_ blocks: [EdgeBlock?]) -> (chunk: Int, edge: Int)? {
    struct Occurrence {
      let low: UInt64
      let high: UInt64
      let ordinal: Int
    }
    var edges: [Occurrence] = []
    for block in blocks {
      for i in 0..<(block?.count ?? 0) {
        let (u, v) = block!.edge(i)
        let isTurned = options.isDirected != true && u > v
        edges.append(Occurrence(low: isTurned ? v : u, high: isTurned ? u : v, ordinal: edges.count))
      }
    }
    edges.sort { ($0.low, $0.high, $0.ordinal) < ($1.low, $1.high, $1.ordinal) }
    let repeats = zip(edges, edges.dropFirst()).lazy.filter { one, next in
      one.low == next.low && one.high == next.high && !(self.options.loops == .drop && one.low == one.high)
    }
    guard var ordinal = repeats.map(\.1.ordinal).min() else { return nil }
    for (index, block) in blocks.enumerated() {
      let count = block?.count ?? 0
      if ordinal < count { return (index, ordinal) }
      ordinal -= count
    }
    return nil
  }

  /// The text of a chunk once more; nil where the input was no regular file.
  private func chunkAgain(_ index: Int) throws(MillError) -> LineChunk? {
    var status = stat()
    guard name != "-", stat(name, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let again = TextSource(try ByteStream(name), name: name, chunkBytes: options.chunkBytes)
    let buffer = try TextSource.Buffer()
    if again.chunkCount != nil {
      try again.load(index, into: buffer)
    } else {
      for _ in 0...index where try !again.next(into: buffer) { return nil }
    }
    chunksHeld = buffer
    return buffer.chunk
  }
}

extension ChunkParser {
  /// The line (counted from 0 in the chunk), byte and text of edge number `edge` of a chunk that was parsed before.
  func place(ofEdge edge: Int, in chunk: LineChunk) -> (line: Int, byte: Int, text: String)? {
    self.chunk = chunk
    result = ParsedChunk()
    count = 0
    isWide = true
    parsesLabels = true
    takesSlowPath = true
    guard let capacity = try? FlatBuffer<LabelKey>(count: 2 * (edge + 2)) else { return nil }
    labels = capacity
    if weights != nil {
      guard let room = try? FlatBuffer<Double>(count: edge + 2) else { return nil }
      weights = room
    }
    var text = chunk.start
    while text < chunk.end {
      guard let next = try? line(text, chunk.end) else { return nil }
      if count > edge {
        var stop = next
        while stop > text, stop[-1] == 0x0a || stop[-1] == 0x0d { stop -= 1 }
        return (
          result.lines, chunk.offset + (text - chunk.start),
          fieldExcerpt(UnsafeBufferPointer(start: text, count: stop - text))
        )
      }
      result.lines += 1
      text = next
    }
    return nil
  }
}
