import MillRuntime

/// The first lines of a text, read as far as they are asked for.
struct HeadLines {
  private var lines: [HeadLine] = []
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
  mutating func next() throws(MillError) -> HeadLine? {
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
      bytes = unsafe Array(UnsafeBufferPointer(start: chunk.start, count: chunk.end - chunk.start))
      offset = chunk.offset
      cut = 0
    }
    let stop = bytes[cut...].firstIndex(of: 0x0a) ?? bytes.count
    let next = min(bytes.count, stop + 1)
    lines.append(HeadLine(start: offset + cut, next: offset + next, bytes: Array(bytes[cut..<stop])))
    cut = next
  }
}

/// A line of the head: where it starts and ends in the file, and its bytes without the line feed.
struct HeadLine {
  let start: Int
  let next: Int
  let bytes: [UInt8]

  /// The first byte that is no blank; nil for a blank line.
  var marker: UInt8? { bytes.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0d } }
  /// Whether the line begins with the mark of a comment.
  var isComment: Bool { marker == 0x23 || marker == 0x25 }
}
