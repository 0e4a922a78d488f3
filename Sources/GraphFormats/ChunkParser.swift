import Glibc
import GraphStore
import MillRuntime

/// A stretch of whole lines in memory. 32 readable bytes follow `end`.
struct LineChunk: @unchecked Sendable {
  let start: UnsafePointer<UInt8>
  let end: UnsafePointer<UInt8>
  /// Where `start` lies in the decompressed file.
  let offset: Int
}

/// Parses the lines of one chunk into edges. One object a worker; its buffers are reused.
///
/// Two loops: ``plainLines(_:)`` takes lines of two integers, ``line(_:_:)`` everything else, one line at a time.
final class ChunkParser {
  private let grammar: LineGrammar
  private let interner: LabelInterner?
  private var ids: FlatBuffer<UInt64>
  private var weights: FlatBuffer<Double>?
  private var fields = [Field](repeating: Field(), count: 4)
  private var quoted: [UInt8] = []

  // The state of one chunk.
  private var chunk = LineChunk(start: ChunkParser.nothing, end: ChunkParser.nothing, offset: 0)
  private var result = ParsedChunk()
  private var count = 0
  private var isWide = false
  private var parsesLabels = false
  private var takesSlowPath = false
  private var sawLeadingZero = false
  private var labels: FlatBuffer<LabelKey>
  private let scratch: LabelInterner.Scratch

  private nonisolated(unsafe) static let nothing = UnsafePointer(UnsafeMutablePointer<UInt8>.allocate(capacity: 64))

  /// A stretch of the chunk that holds one field, without quotes around it.
  struct Field {
    var start = ChunkParser.nothing
    var count = 0
    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }
  }

  /// Thrown inside to end the chunk, or to ask for another go at it with other settings.
  private enum LineFailure: Error {
    case error(MillError)
    case needsWideIDs
    case needsLabels
    case needsEveryCheck
  }

  init(_ grammar: LineGrammar, interner: LabelInterner?) throws(MillError) {
    self.grammar = grammar
    self.interner = interner
    ids = try FlatBuffer<UInt64>(count: 0)
    labels = try FlatBuffer<LabelKey>(count: 0)
    scratch = try LabelInterner.Scratch()
    weights = grammar.weightColumn == nil ? nil : try FlatBuffer<Double>(count: 0)
  }

  /// Parses a chunk. An error is part of the result: it becomes the file's error if no earlier chunk has one.
  func parse(_ chunk: LineChunk) throws(MillError) -> ParsedChunk {
    self.chunk = chunk
    let capacity = (chunk.end - chunk.start) / 4 + 2
    if grammar.ids != .labels, ids.count < 2 * capacity { ids = try FlatBuffer<UInt64>(count: 2 * capacity) }
    if interner != nil, labels.count < 2 * capacity { labels = try FlatBuffer<LabelKey>(count: 2 * capacity) }
    if weights != nil, weights!.count < capacity { weights = try FlatBuffer<Double>(count: capacity) }
    isWide = false
    parsesLabels = grammar.ids == .labels
    takesSlowPath = !grammar.isPlain
    var firstLabel: (line: Int, text: String)?
    while true {
      result = ParsedChunk()
      result.offset = chunk.offset
      count = 0
      sawLeadingZero = false
      do throws(LineFailure) {
        if grammar.isPlainLabels {
          try plainLabels()
        } else if parsesLabels || takesSlowPath {
          try allLines()
        } else if isWide {
          try plainLines(UInt64.self)
        } else {
          try plainLines(UInt32.self)
        }
      } catch {
        switch error {
        case .error(let error): result.error = error
        case .needsWideIDs:
          isWide = true
          continue
        case .needsLabels:
          firstLabel = result.firstLabel
          parsesLabels = true
          continue
        case .needsEveryCheck:
          takesSlowPath = true
          continue
        }
      }
      break
    }
    if firstLabel != nil { result.firstLabel = firstLabel }
    if result.error == nil { try finish() }
    return result
  }

  /// Copies the edges out of the scratch buffers.
  private func finish() throws(MillError) {
    guard count > 0 else { return }
    if parsesLabels, let interner {
      result.hasLabels = true
      let narrow = try FlatBuffer<UInt32>(uninitializedCount: 2 * count)
      try interner.intern(
        labels.base, count: 2 * count, text: chunk.start, into: narrow.base, chunkOffset: chunk.offset,
        scratch: scratch)
      result.block = EdgeBlock(ids: .narrow(narrow), count: count)
    } else if isWide {
      let wide = try FlatBuffer<UInt64>(uninitializedCount: 2 * count)
      memcpy(wide.base, ids.base, 16 * count)
      result.block = EdgeBlock(ids: .wide(wide), count: count)
    } else {
      let narrow = try FlatBuffer<UInt32>(uninitializedCount: 2 * count)
      memcpy(narrow.base, ids.base, 8 * count)
      result.block = EdgeBlock(ids: .narrow(narrow), count: count)
    }
    if let weights {
      let copy = try FlatBuffer<Double>(uninitializedCount: count)
      memcpy(copy.base, weights.base, 8 * count)
      result.block?.weights = copy
    }
    if sawLeadingZero, grammar.ids == .numericOrLabels, !parsesLabels {
      result.keptText = Array(UnsafeBufferPointer(start: chunk.start, count: chunk.end - chunk.start))
    }
  }

  // MARK: Lines of two integers

  /// The fast loop: `digits blanks digits [blanks decimal] LF`; any other line goes through ``line(_:_:)``.
  private func plainLines<ID: FixedWidthInteger & UnsignedInteger>(_: ID.Type) throws(LineFailure) {
    let end = chunk.end
    var text = chunk.start
    let allowsTab = grammar.separator == .blanks
    let out = UnsafeMutableRawPointer(ids.base).assumingMemoryBound(to: ID.self)
    let weightOut = weights?.base
    var filled = 0
    var lines = 0
    var zeros = false
    defer { result.lines += lines }
    while text < end {
      let start = text
      fast: do {
        var u: UInt64 = 0
        var v: UInt64 = 0
        guard Self.integer(&text, &u, &zeros) else { break fast }
        guard Self.skipBlanks(&text, allowsTab), Self.integer(&text, &v, &zeros) else { break fast }
        if let weightOut {
          guard Self.skipBlanks(&text, allowsTab), let weight = Self.decimal(&text) else { break fast }
          weightOut[filled &>> 1] = weight
        }
        guard text.pointee == 0x0a, text < end else { break fast }
        text += 1
        if ID.self == UInt32.self, (u | v) > UInt64(UInt32.max) { throw .needsWideIDs }
        out[filled] = ID(truncatingIfNeeded: u)
        out[filled &+ 1] = ID(truncatingIfNeeded: v)
        filled &+= 2
        lines &+= 1
        continue
      }
      count = filled / 2
      result.lines += lines
      lines = 0
      text = try line(start, end)
      result.lines += 1
      filled = 2 * count
    }
    count = filled / 2
    if zeros { sawLeadingZero = true }
    if grammar.restrictsIDs { try restrict(out) }
  }

  /// Applies the grammar's conditions to all ids at once; a violation sends the chunk through ``line(_:_:)``,
  /// which names its place.
  private func restrict<ID: FixedWidthInteger & UnsignedInteger>(_ ids: UnsafeMutablePointer<ID>) throws(LineFailure) {
    let grammar = self.grammar
    for i in 0..<count {
      let u = UInt64(ids[2 * i])
      let v = UInt64(ids[2 * i + 1])
      let isFine =
        u >= grammar.base && v >= grammar.base && u <= grammar.largestSource && v <= grammar.largestTarget
        && !(grammar.isLowerTriangle && v > u) && !(u == v && (grammar.refusesDiagonal || grammar.refusesLoops))
      let shifted = v &- grammar.base &+ grammar.targetShift
      guard isFine, shifted <= UInt64(ID.max) else { throw .needsEveryCheck }
      ids[2 * i] = ID(truncatingIfNeeded: u &- grammar.base)
      ids[2 * i + 1] = ID(truncatingIfNeeded: shifted)
    }
  }

  /// Moves `text` over one blank or more; false where there is none.
  @inline(__always)
  private static func skipBlanks(_ text: inout UnsafePointer<UInt8>, _ allowsTab: Bool) -> Bool {
    let start = text
    while text.pointee == 0x20 || (text.pointee == 0x09 && allowsTab) { text += 1 }
    return text > start
  }

  /// A decimal of at most 15 digits, which one division makes exact (``FloatParser``); nil for anything else.
  @inline(__always)
  private static func decimal(_ text: inout UnsafePointer<UInt8>) -> Double? {
    let isNegative = text.pointee == 0x2d
    if isNegative { text += 1 }
    let start = text
    var digits: UInt64 = 0
    while text.pointee &- 0x30 < 10 {
      digits = digits &* 10 &+ UInt64(text.pointee &- 0x30)
      text += 1
    }
    var count = text - start
    var scale = 0
    if text.pointee == 0x2e {
      text += 1
      let point = text
      while text.pointee &- 0x30 < 10 {
        digits = digits &* 10 &+ UInt64(text.pointee &- 0x30)
        text += 1
      }
      scale = text - point
      count += scale
    }
    guard count >= 1, count <= 15 else { return nil }
    let value = scale == 0 ? Double(digits) : Double(digits) / FloatParser.powersOfTen[scale]
    return isNegative && digits != 0 ? -value : value
  }

  /// Up to 15 digits at `text`; false (with `text` moved) when there are none or more.
  @inline(__always)
  private static func integer(_ text: inout UnsafePointer<UInt8>, _ value: inout UInt64, _ zeros: inout Bool) -> Bool {
    let first = Digits.load(text)
    let run = Digits.run(first)
    if run == 0 { return false }
    if first & 0xff == 0x30, run > 1 { zeros = true }
    value = Digits.value(first, run)
    text += run
    if run == 8 {
      let second = Digits.load(text)
      let more = Digits.run(second)
      if more == 8 { return false }
      if more > 0 {
        value = value &* Self.powersOfTen[more] &+ Digits.value(second, more)
        text += more
      }
    }
    return true
  }

  private static let powersOfTen: InlineArray<9, UInt64> = [
    1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000,
  ]

  // MARK: Lines of two labels

  /// The fast loop: `label blanks label LF`, ASCII; any other line goes through ``line(_:_:)``.
  private func plainLabels() throws(LineFailure) {
    let end = chunk.end
    let base = chunk.start
    var text = base
    let allowsTab = grammar.separator == .blanks
    let out = labels.base
    let allowsBytes = grammar.allowsByteLabels
    var filled = 0
    var lines = 0
    defer { result.lines += lines }
    while text < end {
      let start = text
      fast: do {
        guard start.pointee != 0x23, start.pointee != 0x25 else { break fast }
        var isASCII = true
        let first = Self.label(&text, &isASCII)
        guard first > 0, text.pointee == 0x20 || (text.pointee == 0x09 && allowsTab) else { break fast }
        text += 1
        while text.pointee == 0x20 || (text.pointee == 0x09 && allowsTab) { text += 1 }
        let second = text
        let count = Self.label(&text, &isASCII)
        guard count > 0, text.pointee == 0x0a, text < end, isASCII || allowsBytes else { break fast }
        guard first <= LineGrammar.longestLabel, count <= LineGrammar.longestLabel else { break fast }
        out[filled] = LabelKey(start, first, text: base)
        out[filled &+ 1] = LabelKey(second, count, text: base)
        filled &+= 2
        lines &+= 1
        text += 1
        continue
      }
      count = filled / 2
      result.lines += lines
      lines = 0
      text = try line(start, end)
      result.lines += 1
      filled = 2 * count
    }
    count = filled / 2
  }

  /// Moves `text` behind a run of bytes above a blank and returns its length.
  @inline(__always)
  private static func label(_ text: inout UnsafePointer<UInt8>, _ isASCII: inout Bool) -> Int {
    let start = text
    var high: UInt64 = 0
    while true {
      let eight = Digits.load(text)
      // The lowest byte below 0x21 has its high bit set here; bytes from 0x80 on never have.
      let stops = (eight &- 0x2121_2121_2121_2121) & ~eight & 0x8080_8080_8080_8080
      if stops != 0 {
        let run = stops.trailingZeroBitCount &>> 3
        high |= eight & (1 &<< UInt64(8 &* run) &- 1)
        if high & 0x8080_8080_8080_8080 != 0 { isASCII = false }
        text += run
        return text - start
      }
      high |= eight
      text += 8
    }
  }

  // MARK: Any line

  private func allLines() throws(LineFailure) {
    var text = chunk.start
    while text < chunk.end {
      text = try line(text, chunk.end)
      result.lines += 1
    }
  }

  /// Parses one line of any kind and returns where the next one starts.
  private func line(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) throws(LineFailure)
    -> UnsafePointer<UInt8>
  {
    let feed = memchr(start, 0x0a, end - start).map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) }
    let next = feed.map { $0 + 1 } ?? end
    var stop = feed ?? end
    guard stop - start <= LineGrammar.longestLine else {
      throw fail(.lineTooLong, "a line is longer than 1 MiB", at: start)
    }
    if stop > start, stop[-1] == 0x0d, feed != nil { stop -= 1 }
    if let stray = memchr(start, 0x0d, stop - start) {
      throw fail(
        .loneCarriageReturn, "a carriage return without a line feed", at: stray.assumingMemoryBound(to: UInt8.self),
        hint: "convert the line ends, for instance with tr '\\r' '\\n'")
    }
    if let nul = memchr(start, 0, stop - start) {
      throw fail(.nulByte, "a NUL byte", at: nul.assumingMemoryBound(to: UInt8.self), hint: "is this a text file?")
    }
    var text = start
    while text < stop, isBlank(text.pointee) { text += 1 }
    while stop > text, isBlank(stop[-1]) { stop -= 1 }
    if text == stop {
      result.blanks += 1
    } else if grammar.hasComments, text.pointee == 0x23 || text.pointee == 0x25 {
      result.comments += 1
      if let hint = CountHint(comment: UnsafeBufferPointer(start: text, count: stop - text)) { result.hint = hint }
    } else {
      try edge(text, stop)
    }
    return next
  }

  @inline(__always) private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// Parses an edge line without blanks at its ends.
  private func edge(_ start: UnsafePointer<UInt8>, _ stop: UnsafePointer<UInt8>) throws(LineFailure) {
    let columns = try split(start, stop)
    guard columns > grammar.lastColumn else {
      throw fail(
        .missingField, "\(grammar.lastColumn + 1) fields are needed, this line has \(columns)", at: start,
        field: UnsafeBufferPointer(start: start, count: stop - start), hint: separatorHint(start, stop))
    }
    if columns > grammar.lastColumn + 1 {
      if grammar.refusesExtraColumns {
        throw fail(.malformed, "more fields than the file's header allows", at: fields[grammar.lastColumn + 1].start)
      }
      result.extraColumnLines += 1
    }
    let source = fields[grammar.sourceColumn]
    let target = fields[grammar.targetColumn]
    var weight = 1.0
    if let column = grammar.weightColumn {
      weight = try number(fields[column])
      if weight == 0, grammar.dropsZeros {
        result.droppedZeros += 1
        return
      }
    }
    if parsesLabels {
      try checkLabel(source)
      try checkLabel(target)
      if grammar.refusesLoops, source.bytes.elementsEqual(target.bytes) { throw loop(source) }
      labels.base[2 * count] = LabelKey(source.start, source.count, text: chunk.start)
      labels.base[2 * count + 1] = LabelKey(target.start, target.count, text: chunk.start)
    } else {
      var u = try integer(source, limit: grammar.largestSource)
      var v = try integer(target, limit: grammar.largestTarget)
      if grammar.isLowerTriangle, v > u {
        throw fail(
          .malformed, "a symmetric matrix holds entries on or below the diagonal only", at: source.start,
          field: UnsafeBufferPointer(start: start, count: stop - start))
      }
      if u == v, grammar.refusesDiagonal {
        throw fail(.malformed, "a skew-symmetric matrix has no diagonal entries", at: source.start)
      }
      if u == v, grammar.refusesLoops { throw loop(source) }
      if takesSlowPath {
        u -= grammar.base
        v = v - grammar.base + grammar.targetShift
      }
      if isWide {
        ids.base[2 * count] = u
        ids.base[2 * count + 1] = v
      } else {
        if (u | v) > UInt64(UInt32.max) { throw .needsWideIDs }
        let narrow = UnsafeMutableRawPointer(ids.base).assumingMemoryBound(to: UInt32.self)
        narrow[2 * count] = UInt32(truncatingIfNeeded: u)
        narrow[2 * count + 1] = UInt32(truncatingIfNeeded: v)
      }
    }
    weights?.base[count] = weight
    count += 1
  }

  /// Cuts a line into ``fields``; returns how many there are (only the first few beyond the last needed are kept).
  private func split(_ start: UnsafePointer<UInt8>, _ stop: UnsafePointer<UInt8>) throws(LineFailure) -> Int {
    let needed = grammar.lastColumn + 2
    while fields.count < needed { fields.append(Field()) }
    var columns = 0
    var text = start
    switch grammar.separator {
    case .blanks, .spaces:
      let allowsTab = grammar.separator == .blanks
      while text < stop {
        let fieldStart = text
        while text < stop, text.pointee != 0x20, text.pointee != 0x09 { text += 1 }
        if columns < needed { fields[columns] = Field(start: fieldStart, count: text - fieldStart) }
        columns += 1
        while text < stop, isBlank(text.pointee) {
          if text.pointee == 0x09, !allowsTab {
            throw fail(
              .mixedSeparators, "a tab, but the first edge line is separated by spaces", at: text,
              hint: "--separator tab takes runs of tabs and spaces")
          }
          text += 1
        }
      }
    case .comma, .semicolon:
      let mark: UInt8 = grammar.separator == .comma ? 0x2c : 0x3b
      while true {
        while text < stop, isBlank(text.pointee) { text += 1 }
        var field = Field(start: text, count: 0)
        if grammar.allowsQuotes, text < stop, text.pointee == 0x22 {
          field = try quotedField(&text, stop)
          while text < stop, isBlank(text.pointee) { text += 1 }
          if text < stop, text.pointee != mark {
            throw fail(.badQuote, "text behind a closing quote", at: text)
          }
        } else {
          while text < stop, text.pointee != mark { text += 1 }
          var fieldEnd = text
          while fieldEnd > field.start, isBlank(fieldEnd[-1]) { fieldEnd -= 1 }
          field.count = fieldEnd - field.start
        }
        if columns < needed { fields[columns] = field }
        columns += 1
        if text >= stop { break }
        text += 1
      }
      for column in [grammar.sourceColumn, grammar.targetColumn, grammar.weightColumn ?? 0]
      where column < columns && fields[column].count == 0 {
        throw fail(.emptyField, "an empty field in column \(column)", at: fields[column].start)
      }
    }
    return columns
  }

  /// A field in quotes; doubled quotes inside become one (in the chunk's own memory, which is ours).
  private func quotedField(_ text: inout UnsafePointer<UInt8>, _ stop: UnsafePointer<UInt8>) throws(LineFailure)
    -> Field
  {
    let opening = text
    let start = UnsafeMutablePointer(mutating: text + 1)
    var kept = start
    text += 1
    while text < stop {
      if text.pointee == 0x22 {
        if text + 1 < stop, text[1] == 0x22 {
          text += 1
        } else {
          text += 1
          return Field(start: UnsafePointer(start), count: kept - start)
        }
      }
      // Only moves bytes once a doubled quote was met; before that it writes what is there.
      if UnsafePointer(kept) != text { kept.pointee = text.pointee }
      kept += 1
      text += 1
    }
    throw fail(.badQuote, "a quote that does not end on its line", at: opening)
  }

  // MARK: Fields

  private func integer(_ field: Field, limit: UInt64) throws(LineFailure) -> UInt64 {
    guard let value = Digits.unsignedInteger(field.bytes) else {
      let isInteger = field.bytes.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
      if !isInteger, grammar.ids == .numericOrLabels, !parsesLabels, !looksLikeNumber(field) {
        result.firstLabel = (result.lines, excerpt(field.bytes))
        throw .needsLabels
      }
      if isInteger {
        throw fail(
          .idOutOfRange, "an id beyond 2^64 - 1", at: field.start, field: field.bytes,
          hint: "labels: --ids string")
      }
      throw fail(
        .notAnInteger, "not an unsigned integer", at: field.start, field: field.bytes,
        hint: separatorHint(field.start, field.start + field.count) ?? "labels: --ids string")
    }
    if value > limit {
      throw fail(.idOutOfRange, "the id is beyond \(limit)", at: field.start, field: field.bytes)
    }
    if value < grammar.base, !parsesLabels {
      throw fail(
        .idOutOfRange, "the id is below \(grammar.base)", at: field.start, field: field.bytes,
        hint: "0-based ids: --base 0")
    }
    if field.count > 1, field.start.pointee == 0x30 { sawLeadingZero = true }
    return value
  }

  /// Signed, fractional or separator-laden numbers: never taken for labels by guessing.
  private func looksLikeNumber(_ field: Field) -> Bool {
    guard field.bytes.contains(where: { $0 >= 0x30 && $0 <= 0x39 }) else { return false }
    return field.bytes.allSatisfy {
      ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2b || $0 == 0x2c || $0 == 0x2d || $0 == 0x2e || $0 == 0x3b
    }
  }

  private func number(_ field: Field) throws(LineFailure) -> Double {
    guard let value = FloatParser.finite(field.bytes) else {
      throw fail(.badWeight, "not a finite number", at: field.start, field: field.bytes)
    }
    if grammar.weightsAreIntegers, value != value.rounded() {
      throw fail(.badWeight, "not an integer, as the header promises", at: field.start, field: field.bytes)
    }
    return value == 0 ? 0 : value
  }

  private func checkLabel(_ field: Field) throws(LineFailure) {
    guard field.count <= LineGrammar.longestLabel else {
      throw fail(.labelTooLong, "a label is longer than 65,535 bytes", at: field.start)
    }
    guard field.count > 0 else { throw fail(.emptyField, "an empty label", at: field.start) }
    if grammar.ids == .numericOrLabels {
      // The same refusals as in chunks that hold integers only.
      let isInteger = field.bytes.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
      if isInteger || looksLikeNumber(field) { _ = try integer(field, limit: .max) }
    }
    if !grammar.allowsByteLabels, !isUTF8(field.bytes) {
      throw fail(
        .notUTF8, "a label that is not UTF-8", at: field.start, field: field.bytes,
        hint: "--bytes-labels takes any bytes")
    }
  }

  private func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if bytes.allSatisfy({ $0 < 0x80 }) { return true }
    return String(validating: bytes, as: UTF8.self) != nil
  }

  // MARK: Errors

  private func loop(_ field: Field) -> LineFailure {
    fail(.selfLoop, "a self-loop", at: field.start, field: field.bytes, hint: "drop them with --loops drop")
  }

  private func separatorHint(_ start: UnsafePointer<UInt8>, _ stop: UnsafePointer<UInt8>) -> String? {
    let bytes = UnsafeBufferPointer(start: start, count: stop - start)
    let candidates: [(UInt8, String)] = [(0x09, "tab"), (0x2c, "comma"), (0x3b, "semicolon"), (0x20, "space")]
    for (byte, name) in candidates where bytes.contains(byte) && name != grammar.separator.name {
      return "the file's separator is \(grammar.separator.name); choose with --separator \(name)"
    }
    return nil
  }

  private func excerpt(_ bytes: UnsafeBufferPointer<UInt8>) -> String { fieldExcerpt(bytes) }

  private func fail(
    _ kind: MillError.Kind, _ message: String, at place: UnsafePointer<UInt8>,
    field: UnsafeBufferPointer<UInt8>? = nil, hint: String? = nil
  ) -> LineFailure {
    .error(
      MillError(
        kind, message, line: result.lines, byte: chunk.offset + (place - chunk.start), field: field.map(excerpt),
        hint: hint))
  }
}

/// The text of a field for a message: at most 40 bytes, control characters and broken UTF-8 replaced.
func fieldExcerpt(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
  let shown = String(decoding: bytes.prefix(40), as: UTF8.self)
  let clean = String(String.UnicodeScalarView(shown.unicodeScalars.map { $0.value < 0x20 ? "\u{fffd}" : $0 }))
  return bytes.count > 40 ? clean + "…" : clean
}
