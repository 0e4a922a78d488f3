import Glibc
import MillRuntime

/// Walks over a text from front to back, byte by byte or token by token, with the place for messages.
///
/// For formats whose lines may be of any length or whose tokens do not end with lines; holds a window of the stream.
/// Behind the last byte of the window stand zeros, so that numbers can be taken eight digits at a time.
@safe struct TextCursor: ~Copyable {
  /// The line, counted from 1, in which the cursor stands.
  private(set) var line = 1
  private let stream: ByteStream
  private let context: RunContext
  private var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var position = 0
  private var limit = 0
  private var isAtEnd = false
  /// Bytes of the stream before the window.
  private var before = 0

  private static let padding = 64

  init(_ stream: ByteStream, _ context: RunContext) throws(MillError) {
    self.stream = stream
    self.context = context
    capacity = 1 << 18
    unsafe base = .allocate(capacity: capacity + Self.padding)
    context.progress?.begin("parse", total: stream.sourceSize, unit: .bytes)
    try refill(3)
    if limit >= 3, unsafe base[0] == 0xef, unsafe base[1] == 0xbb, unsafe base[2] == 0xbf { position = 3 }
  }

  deinit {
    unsafe base.deallocate()
    context.progress?.end()
  }

  /// The offset of the next byte in the stream.
  var byte: Int { before + position }

  /// The next byte, without taking it; nil at the end.
  @inline(__always) mutating func peek() throws(MillError) -> UInt8? {
    if position == limit {
      if isAtEnd { return nil }
      try refill(1)
      if position == limit { return nil }
    }
    return unsafe base[position]
  }

  /// Takes the byte that ``peek()`` showed.
  @inline(__always) mutating func take() {
    if unsafe base[position] == 0x0a { line &+= 1 }
    position &+= 1
  }

  /// Passes spaces and tabs, and a carriage return before a line feed.
  @inline(__always) mutating func skipBlanks() throws(MillError) {
    while let next = try peek() {
      if next == 0x20 || next == 0x09 {
        position &+= 1
      } else if next == 0x0d {
        try ensure(2)
        guard unsafe position + 1 == limit || base[position + 1] == 0x0a else {
          throw failure(.loneCarriageReturn, "a carriage return without a line feed")
        }
        position &+= 1
      } else {
        return
      }
    }
  }

  /// Passes all white space, line ends too.
  mutating func skipWhitespace() throws(MillError) {
    while let next = try peek(), next == 0x20 || (next >= 0x09 && next <= 0x0d) { take() }
  }

  /// Whether the line has no further token; blanks are passed.
  @inline(__always) mutating func isAtLineEnd() throws(MillError) -> Bool {
    try skipBlanks()
    let next = try peek()
    return next == nil || next == 0x0a
  }

  /// Takes what is left of the line and its end.
  mutating func skipLine() throws(MillError) {
    while try peek() != nil {
      if let feed = unsafe memchr(base + position, 0x0a, limit - position) {
        position = unsafe UnsafeRawPointer(feed) - UnsafeRawPointer(base) + 1
        line += 1
        return
      }
      position = limit
    }
  }

  /// Takes the end of the line.
  ///
  /// - Throws: `MillError` of kind `malformed` when something else stands there.
  @inline(__always) mutating func endLine() throws(MillError) {
    guard try isAtLineEnd() else {
      throw unsafe failure(.malformed, "more on the line than belongs there", field: try word().text)
    }
    if try peek() != nil { take() }
  }

  /// An unsigned integer, behind blanks; nil, with nothing but blanks taken, where none stands. It must end at white
  /// space.
  @inline(__always) mutating func unsigned() throws(MillError) -> UInt64? {
    try skipBlanks()
    if limit - position < 24 { try ensure(24) }
    var place = position
    var eight = unsafe Digits.load(base + place)
    var run = Digits.run(eight)
    guard run > 0 else { return nil }
    var value = Digits.value(eight, run)
    place += run
    while run == 8 {
      eight = unsafe Digits.load(base + place)
      run = Digits.run(eight)
      if run == 0 { break }
      let (product, overflow) = value.multipliedReportingOverflow(by: Self.powers[run])
      let (sum, carry) = product.addingReportingOverflow(Digits.value(eight, run))
      if overflow || carry || place + run - position > 20 { return nil }
      value = sum
      place += run
    }
    guard unsafe place >= limit || base[place] <= 0x20 else { return nil }
    position = place
    return value
  }

  private static let powers: [UInt64] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000]

  /// The bytes up to the next white space, behind blanks; empty at the end of a line. Valid until the cursor moves on.
  mutating func word() throws(MillError) -> UnsafeBufferPointer<UInt8> {
    try skipBlanks()
    return try unsafe token { $0 > 0x20 }
  }

  /// The longest run of bytes that fit, which are taken; at most 64 KiB. Valid until the cursor moves on.
  mutating func token(_ fits: (UInt8) -> Bool) throws(MillError) -> UnsafeBufferPointer<UInt8> {
    var length = 0
    while true {
      if position + length == limit {
        if isAtEnd { break }
        try refill(length + 1)
        if position + length == limit { break }
      }
      guard unsafe fits(base[position + length]) else { break }
      length += 1
      if length > LineGrammar.longestLabel { throw failure(.labelTooLong, "a word of more than 64 KiB") }
    }
    let start = unsafe base + position
    position += length
    return unsafe UnsafeBufferPointer(start: start, count: length)
  }

  /// The rest of the line without its end, which is taken; at most 1 MiB. Valid until the cursor moves on.
  mutating func restOfLine() throws(MillError) -> UnsafeBufferPointer<UInt8> {
    var searched = 0
    while true {
      if let feed = unsafe memchr(base + position + searched, 0x0a, limit - position - searched) {
        let end = unsafe UnsafeRawPointer(feed) - UnsafeRawPointer(base)
        return unsafe takeLine(to: end, next: end + 1)
      }
      searched = limit - position
      if searched > LineGrammar.longestLine { throw failure(.lineTooLong, "a line of more than 1 MiB") }
      if isAtEnd { return unsafe takeLine(to: limit, next: limit) }
      try refill(searched + 1)
    }
  }

  private mutating func takeLine(to end: Int, next: Int) -> UnsafeBufferPointer<UInt8> {
    let start = position
    var end = end
    if end > start, unsafe base[end - 1] == 0x0d { end -= 1 }
    position = next
    if next > start, unsafe base[next - 1] == 0x0a { line += 1 }
    return unsafe UnsafeBufferPointer(start: base + start, count: end - start)
  }

  /// A finite number, behind blanks.
  ///
  /// - Throws: `MillError` of kind `bad-weight`, also for a negative one where those are refused.
  @inline(__always) mutating func weight(_ options: GraphReadOptions) throws(MillError) -> Double {
    try skipBlanks()
    // Afterwards an integer is taken without moving the window, and can be given back.
    try ensure(24)
    let start = position
    if let whole = try unsigned(), whole < 1 << 53 { return Double(whole) }
    position = start
    return try weightWord(options)
  }

  private mutating func weightWord(_ options: GraphReadOptions) throws(MillError) -> Double {
    try skipBlanks()
    let place = (line, byte)
    let field = try unsafe word()
    guard let value = unsafe FloatParser.finite(field) else {
      throw unsafe MillError(
        .badWeight, "the weight is no finite number", line: place.0, byte: place.1, field: fieldExcerpt(field))
    }
    if value < 0, options.refusesNegativeWeights {
      throw unsafe MillError(
        .badWeight, "the weight is negative", line: place.0, byte: place.1, field: fieldExcerpt(field))
    }
    return value
  }

  /// An error at the place where the cursor stands.
  func failure(_ kind: MillError.Kind, _ message: String, field: String? = nil, hint: Hint? = nil) -> MillError {
    MillError(kind, message, line: line, byte: byte, field: field, hint: hint)
  }

  /// Makes `count` bytes available, unless the text ends before.
  @inline(__always) private mutating func ensure(_ count: Int) throws(MillError) {
    if limit - position < count, !isAtEnd { try refill(count) }
  }

  private mutating func refill(_ count: Int) throws(MillError) {
    try context.checkCancelled()
    let kept = limit - position
    if count > capacity {
      let wider = max(count, 2 * capacity)
      let room = UnsafeMutablePointer<UInt8>.allocate(capacity: wider + Self.padding)
      unsafe memcpy(room, base + position, kept)
      unsafe base.deallocate()
      unsafe base = room
      capacity = wider
    } else {
      unsafe memmove(base, base + position, kept)
    }
    before += position
    position = 0
    limit = kept
    while limit < count, !isAtEnd {
      let room = unsafe UnsafeMutableRawBufferPointer(start: base + limit, count: capacity - limit)
      let got = try unsafe stream.read(into: room)
      context.progress?.advance(by: got)
      if got < room.count { isAtEnd = true }
      limit += got
    }
    unsafe memset(base + limit, 0, Self.padding)
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The bytes as text for a message.
  var text: String { unsafe fieldExcerpt(self) }
}
