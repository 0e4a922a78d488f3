import Glibc
import MillRuntime

// One line of any kind: blanks, comments, quotes, extra columns.

extension ChunkParser {
  // MARK: Any line

  func allLines() throws(LineFailure) {
    var text = chunk.start
    while text < chunk.end {
      text = try line(text, chunk.end)
      result.lines += 1
    }
  }

  /// Parses one line of any kind and returns where the next one starts.
  func line(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) throws(LineFailure)
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
      if let hint = CountHint(comment: UnsafeBufferPointer(start: text, count: stop - text)) {
        result.hint = (hint, result.lines)
      }
    } else {
      try edge(text, stop)
    }
    return next
  }

  @inline(__always) private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// Parses an edge line without blanks at its ends.
  func edge(_ start: UnsafePointer<UInt8>, _ stop: UnsafePointer<UInt8>) throws(LineFailure) {
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
  func split(_ start: UnsafePointer<UInt8>, _ stop: UnsafePointer<UInt8>) throws(LineFailure) -> Int {
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
              hint: "\(setting: "separator", "tab") takes runs of tabs and spaces")
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
  func quotedField(_ text: inout UnsafePointer<UInt8>, _ stop: UnsafePointer<UInt8>) throws(LineFailure)
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
}
