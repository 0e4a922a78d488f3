import Glibc
import GraphStore
import MillRuntime

/// Tells where the edge stands that occurs more than once; made only where that is an error.
struct RepeatFinder {
  /// The ids of each chunk, copied, since building the graph overwrites them.
  private var copies: [EdgeBlock?] = []
  /// The number of lines of each chunk.
  private let lines: [Int]
  private let linesBefore: Int
  private let start: Int
  private let grammar: LineGrammar
  private let isDirected: Bool
  private let options: GraphReadOptions

  /// Nil unless a repeat is an error.
  ///
  /// - Parameters:
  ///   - linesBefore: Lines before the first one that was parsed, at byte `start`.
  ///   - isDirected: Whether (u, v) and (v, u) are two edges.
  init?(
    _ chunks: [ParsedChunk], linesBefore: Int, start: Int, _ grammar: LineGrammar, isDirected: Bool,
    _ options: GraphReadOptions
  ) throws(MillError) {
    guard options.duplicates == .error else { return nil }
    lines = chunks.map(\.lines)
    self.linesBefore = linesBefore
    self.start = start
    self.grammar = grammar
    self.isDirected = isDirected
    self.options = options
    for chunk in chunks {
      guard let block = chunk.block else {
        copies.append(nil)
        continue
      }
      let ids = try FlatBuffer<UInt64>(uninitializedCount: 2 * block.count)
      for i in 0..<block.count { unsafe (ids.base[2 * i], ids.base[2 * i + 1]) = block.edge(i) }
      copies.append(EdgeBlock(ids: .wide(ids), count: block.count))
    }
  }

  /// The error for the first edge of the file that an earlier line has already, with its line.
  ///
  /// Nil for an error of another kind, and where the input was no regular file: a text that came through a pipe is gone
  /// by now.
  func placed(_ error: MillError, in file: String) -> MillError? {
    guard error.kind == .duplicateEdge, let (index, edge) = firstRepeat(),
      let buffer = try? chunkAgain(index, of: file),
      let parser = try? ChunkParser(grammar, interner: nil)
    else { return nil }
    return withExtendedLifetime(buffer) {
      guard let found = parser.place(ofEdge: edge, in: buffer.chunk.dropping(upTo: start)) else { return nil }
      return MillError(
        error.kind, "an earlier line has this edge already", file: file,
        line: linesBefore + lines.prefix(index).reduce(0, +) + found.line + 1, byte: found.byte, field: found.text,
        hint: error.hint)
    }
  }

  /// The chunk and place in it of the first edge that occurred before.
  private func firstRepeat() -> (chunk: Int, edge: Int)? {
    struct Occurrence {
      let low: UInt64
      let high: UInt64
      let ordinal: Int
    }
    var edges: [Occurrence] = []
    for block in copies {
      for i in 0..<(block?.count ?? 0) {
        let (u, v) = block!.edge(i)
        let isTurned = !isDirected && u > v
        edges.append(Occurrence(low: isTurned ? v : u, high: isTurned ? u : v, ordinal: edges.count))
      }
    }
    edges.sort { ($0.low, $0.high, $0.ordinal) < ($1.low, $1.high, $1.ordinal) }
    let repeats = zip(edges, edges.dropFirst()).lazy.filter { one, next in
      one.low == next.low && one.high == next.high && !(self.options.loops == .drop && one.low == one.high)
    }
    guard var ordinal = repeats.map(\.1.ordinal).min() else { return nil }
    for (index, block) in copies.enumerated() {
      let count = block?.count ?? 0
      if ordinal < count { return (index, ordinal) }
      ordinal -= count
    }
    return nil
  }

  /// A chunk's text once more; nil where the input was no regular file.
  private func chunkAgain(_ index: Int, of file: String) throws(MillError) -> TextSource.Buffer? {
    var status = stat()
    guard file != "-", unsafe stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let again = TextSource(try ByteStream(file), name: file, chunkBytes: options.chunkBytes)
    let buffer = try TextSource.Buffer()
    if again.chunkCount != nil {
      try again.load(index, into: buffer)
    } else {
      for _ in 0...index where try !again.next(into: buffer) { return nil }
    }
    return buffer
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
    var text = unsafe chunk.start
    while unsafe text < chunk.end {
      guard let next = try? unsafe line(text, chunk.end) else { return nil }
      if count > edge {
        var stop = unsafe next
        while unsafe stop > text, unsafe stop[-1] == 0x0a || stop[-1] == 0x0d { unsafe stop -= 1 }
        return unsafe (
          result.lines, chunk.offset + (text - chunk.start),
          fieldExcerpt(UnsafeBufferPointer(start: text, count: stop - text))
        )
      }
      result.lines += 1
      unsafe text = next
    }
    return nil
  }
}
