import Glibc
import MillRuntime

// One line of any kind: blanks, comments, quotes, columns.

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
    // An empty field may stand before the first tab and behind the last one.
    let isTab = grammar.separator == .tab
    var text = start
    while text < stop, isBlank(text.pointee) { text += 1 }
    if text == stop {
      result.blanks += 1
      return next
    }
    while stop > text, stop[-1] == 0x20 || (stop[-1] == 0x09 && !isTab) { stop -= 1 }
    if text.pointee == 0x23 || text.pointee == 0x25, try !isRow(text, stop) {
      result.comments += 1
      if let hint = CountHint(comment: UnsafeBufferPointer(start: text, count: stop - text)) {
        result.hint = (hint, result.lines)
      }
    } else {
      if isTab { text = start }
      while text < stop, text.pointee == 0x20 { text += 1 }
      try edge(text, stop)
    }
    return next
  }

  /// Whether a line that begins as a comment is a row of a table whose names may begin so.
  private func isRow(_ start: UnsafePointer<UInt8>, _ stop: UnsafePointer<UInt8>) throws(LineFailure) -> Bool {
    guard let count = grammar.hashRowFields else { return false }
    let fields = LineProbe.fields(
      UnsafeBufferPointer(start: start, count: stop - start), grammar.separator, quotes: grammar.allowsQuotes)
    guard fields.count == count else { return false }
    if result.hashRow == nil { result.hashRow = (result.lines, fields[0]) }
    return true
  }

  @inline(__always) private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// Parses an edge line without blanks at its ends.
  func edge(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) throws(LineFailure) {
    let stop = grammar.hasAttributes ? try attributes(start, end) : end
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
    }
    if let limit = grammar.fieldLimit, columns > limit {
      throw fail(
        .malformed, "\(columns) fields, where the first row has \(limit)", at: start,
        field: UnsafeBufferPointer(start: start, count: stop - start),
        hint:
          "lists of neighbors are not read; \(setting: "columns", "source=0,target=1") reads two columns of rows of any length"
      )
    }
    if columns > grammar.usedColumns ?? grammar.lastColumn + 1 { result.extraColumnLines += 1 }
    if let column = grammar.directionColumn { try checkDirection(fields[column]) }
    let source = fields[grammar.sourceColumn]
    let target = fields[grammar.targetColumn]
    var weight = grammar.readsAttributeWeight ? attributeWeight : 1
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
    case .auto, .blanks, .space:
      let allowsTab = grammar.separator != .space
      while text < stop {
        var field = Field(start: text, count: 0)
        if grammar.allowsQuotes, text.pointee == 0x22 {
          field = try quotedField(&text, stop, isNeeded: isNeeded(columns))
          if text < stop, !isBlank(text.pointee) { throw textBehindQuote(text) }
        } else {
          while text < stop, text.pointee != 0x20, text.pointee != 0x09 { text += 1 }
          field.count = text - field.start
        }
        if columns < needed { fields[columns] = field }
        columns += 1
        while text < stop, isBlank(text.pointee) {
          if text.pointee == 0x09, !allowsTab {
            throw fail(
              .mixedSeparators, "a tab, but the first edge line is separated by spaces", at: text,
              hint: "\(setting: "separator", "blanks") takes runs of tabs and spaces")
          }
          text += 1
        }
      }
    case .tab, .comma, .semicolon, .pipe:
      let mark = grammar.separator.mark!
      while true {
        while text < stop, isBlank(text.pointee), text.pointee != mark { text += 1 }
        var field = Field(start: text, count: 0)
        if grammar.allowsQuotes, text < stop, text.pointee == 0x22 {
          field = try quotedField(&text, stop, isNeeded: isNeeded(columns))
          while text < stop, isBlank(text.pointee), text.pointee != mark { text += 1 }
          if text < stop, text.pointee != mark { throw textBehindQuote(text) }
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
    }
    for column in [grammar.sourceColumn, grammar.targetColumn, grammar.weightColumn ?? grammar.sourceColumn]
    where column < columns && fields[column].count == 0 {
      throw fail(
        .emptyField, "an empty field in column \(column)", at: fields[column].start,
        hint: grammar.separator == .tab ? "runs of tabs as one separator: \(setting: "separator", "blanks")" : nil)
    }
    return columns
  }

  private func isNeeded(_ column: Int) -> Bool {
    column == grammar.sourceColumn || column == grammar.targetColumn || column == grammar.weightColumn
      || column == grammar.directionColumn
  }

  private func textBehindQuote(_ text: UnsafePointer<UInt8>) -> LineFailure {
    fail(
      .badQuote, "text behind a closing quote", at: text,
      hint: "names that begin with a quote: \(setting: "honorsQuotes", "false")")
  }

  /// A field in quotes; doubled quotes inside become one (in the chunk's own memory, which is ours; what stood there is
  /// kept in ``overwritten``).
  ///
  /// - Parameter isNeeded: Whether anybody looks at the field.
  private func quotedField(
    _ text: inout UnsafePointer<UInt8>, _ stop: UnsafePointer<UInt8>, isNeeded: Bool
  ) throws(LineFailure) -> Field {
    let opening = text
    let start = UnsafeMutablePointer(mutating: text + 1)
    var kept = start
    var savesFrom: UnsafeMutablePointer<UInt8>?
    var saved: [UInt8] = []
    text += 1
    while text < stop {
      if text.pointee == 0x22 {
        guard text + 1 < stop, text[1] == 0x22 else {
          text += 1
          if let savesFrom { overwritten.append((savesFrom, saved)) }
          return Field(start: UnsafePointer(start), count: kept - start)
        }
        text += 1
      }
      // Bytes only move once a doubled quote was met.
      if UnsafePointer(kept) != text, isNeeded {
        if savesFrom == nil { savesFrom = kept }
        saved.append(kept.pointee)
        kept.pointee = text.pointee
      }
      kept += 1
      text += 1
    }
    if let savesFrom { overwritten.append((savesFrom, saved)) }
    throw fail(
      .badQuote, "a quote that does not end on its line", at: opening,
      hint: "names that begin with a quote: \(setting: "honorsQuotes", "false")")
  }
}
