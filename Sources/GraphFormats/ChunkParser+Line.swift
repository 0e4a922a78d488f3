import Glibc
import MillRuntime

// One line of any kind: blanks, comments, quotes, columns.

extension ChunkParser {
  // MARK: Any line

  func allLines() throws(LineFailure) {
    var text = unsafe chunk.start
    while unsafe text < chunk.end {
      unsafe text = try unsafe line(text, chunk.end)
      result.lines += 1
    }
  }

  /// Parses one line of any kind and returns where the next one starts.
  func line(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) throws(LineFailure)
    -> UnsafePointer<UInt8>
  {
    let feed = unsafe memchr(start, 0x0a, end - start).map {
      unsafe UnsafePointer($0.assumingMemoryBound(to: UInt8.self))
    }
    let next = unsafe feed.map { unsafe $0 + 1 } ?? end
    var stop = unsafe feed ?? end
    guard unsafe stop - start <= LineGrammar.longestLine else {
      throw unsafe fail(.lineTooLong, "a line is longer than 1 MiB", at: start)
    }
    if unsafe stop > start, unsafe stop[-1] == 0x0d, unsafe feed != nil { unsafe stop -= 1 }
    if let stray = unsafe memchr(start, 0x0d, stop - start) {
      throw unsafe fail(
        .loneCarriageReturn, "a carriage return without a line feed", at: stray.assumingMemoryBound(to: UInt8.self),
        hint: "convert the line ends, for instance with tr '\\r' '\\n'")
    }
    if let nul = unsafe memchr(start, 0, stop - start) {
      throw unsafe fail(
        .nulByte, "a NUL byte", at: nul.assumingMemoryBound(to: UInt8.self), hint: "is this a text file?")
    }
    // An empty field may stand before the first tab and behind the last one.
    let isTab = grammar.separator == .tab
    var text = unsafe start
    while unsafe text < stop, unsafe isBlank(text.pointee) { unsafe text += 1 }
    if unsafe text == stop {
      result.blanks += 1
      return unsafe next
    }
    while unsafe stop > text, unsafe stop[-1] == 0x20 || (stop[-1] == 0x09 && !isTab) { unsafe stop -= 1 }
    if unsafe text.pointee == 0x23 || text.pointee == 0x25, try unsafe !isRow(text, stop) {
      result.comments += 1
      if let hint = unsafe CountHint(comment: UnsafeBufferPointer(start: text, count: stop - text)) {
        result.hint = (hint, result.lines)
      }
    } else {
      if isTab { unsafe text = unsafe start }
      while unsafe text < stop, unsafe text.pointee == 0x20 { unsafe text += 1 }
      try unsafe edge(text, stop)
    }
    return unsafe next
  }

  /// Whether a line that begins as a comment is a row of a table whose names may begin so.
  private func isRow(_ start: UnsafePointer<UInt8>, _ stop: UnsafePointer<UInt8>) throws(LineFailure) -> Bool {
    guard let count = grammar.hashRowFields else { return false }
    let fields = unsafe LineProbe.fields(
      UnsafeBufferPointer(start: start, count: stop - start), grammar.separator, quotes: grammar.allowsQuotes)
    guard fields.count == count else { return false }
    if result.hashRow == nil { result.hashRow = (result.lines, fields[0]) }
    return true
  }

  @inline(__always) private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// Parses an edge line without blanks at its ends.
  func edge(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) throws(LineFailure) {
    let stop = unsafe grammar.hasAttributes ? try attributes(start, end) : end
    let columns = try unsafe split(start, stop)
    guard columns > grammar.lastColumn else {
      throw unsafe fail(
        .missingField, "\(grammar.lastColumn + 1) fields are needed, this line has \(columns)", at: unsafe start,
        field: unsafe UnsafeBufferPointer(start: start, count: stop - start), hint: unsafe separatorHint(start, stop))
    }
    if columns > grammar.lastColumn + 1 {
      if grammar.refusesExtraColumns {
        throw unsafe fail(
          .malformed, "more fields than the file's header allows", at: fields[grammar.lastColumn + 1].start)
      }
    }
    if let limit = grammar.fieldLimit, columns > limit {
      throw unsafe fail(
        .malformed, "\(columns) fields, where the first row has \(limit)", at: unsafe start,
        field: unsafe UnsafeBufferPointer(start: start, count: stop - start),
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
      weight = try unsafe number(fields[column])
      if weight == 0, grammar.dropsZeros {
        result.droppedZeros += 1
        return
      }
    }
    if parsesLabels {
      try checkLabel(source)
      try checkLabel(target)
      if grammar.refusesLoops, unsafe source.bytes.elementsEqual(target.bytes) { throw loop(source) }
      unsafe labels.base[2 * count] = LabelKey(source.start, source.count, text: chunk.start)
      unsafe labels.base[2 * count + 1] = LabelKey(target.start, target.count, text: chunk.start)
    } else {
      var u = try integer(source, limit: grammar.largestSource)
      var v = try integer(target, limit: grammar.largestTarget)
      if grammar.isLowerTriangle, v > u {
        throw unsafe fail(
          .malformed, "a symmetric matrix holds entries on or below the diagonal only", at: source.start,
          field: UnsafeBufferPointer(start: start, count: stop - start))
      }
      if u == v, grammar.refusesDiagonal {
        throw unsafe fail(.malformed, "a skew-symmetric matrix has no diagonal entries", at: source.start)
      }
      if u == v, grammar.refusesLoops { throw loop(source) }
      if takesSlowPath {
        u -= grammar.base
        v = v - grammar.base + grammar.targetShift
      }
      if isWide {
        unsafe ids.base[2 * count] = u
        unsafe ids.base[2 * count + 1] = v
      } else {
        if (u | v) > UInt64(UInt32.max) { throw .needsWideIDs }
        let narrow = unsafe UnsafeMutableRawPointer(ids.base).assumingMemoryBound(to: UInt32.self)
        unsafe narrow[2 * count] = UInt32(truncatingIfNeeded: u)
        unsafe narrow[2 * count + 1] = UInt32(truncatingIfNeeded: v)
      }
    }
    unsafe weights?.base[count] = weight
    count += 1
  }

  /// Cuts a line into ``fields``; returns how many there are (only the first few beyond the last needed are kept).
  func split(_ start: UnsafePointer<UInt8>, _ stop: UnsafePointer<UInt8>) throws(LineFailure) -> Int {
    let needed = grammar.lastColumn + 2
    while fields.count < needed { fields.append(Field()) }
    var columns = 0
    var text = unsafe start
    switch grammar.separator {
    case .auto, .blanks, .space:
      let allowsTab = grammar.separator != .space
      while unsafe text < stop {
        var field = unsafe Field(start: text, count: 0)
        if grammar.allowsQuotes, unsafe text.pointee == 0x22 {
          field = try unsafe quotedField(&text, stop, isNeeded: isNeeded(columns))
          if unsafe text < stop, unsafe !isBlank(text.pointee) { throw unsafe textBehindQuote(text) }
        } else {
          while unsafe text < stop, unsafe text.pointee != 0x20, unsafe text.pointee != 0x09 { unsafe text += 1 }
          field.count = unsafe text - field.start
        }
        if columns < needed { fields[columns] = field }
        columns += 1
        while unsafe text < stop, unsafe isBlank(text.pointee) {
          if unsafe text.pointee == 0x09, !allowsTab {
            throw unsafe fail(
              .mixedSeparators, "a tab, but the first edge line is separated by spaces", at: text,
              hint: "\(setting: "separator", "blanks") takes runs of tabs and spaces")
          }
          unsafe text += 1
        }
      }
    case .tab, .comma, .semicolon, .pipe:
      let mark = grammar.separator.mark!
      while true {
        while unsafe text < stop, unsafe isBlank(text.pointee), unsafe text.pointee != mark { unsafe text += 1 }
        var field = unsafe Field(start: text, count: 0)
        if grammar.allowsQuotes, unsafe text < stop, unsafe text.pointee == 0x22 {
          field = try unsafe quotedField(&text, stop, isNeeded: isNeeded(columns))
          while unsafe text < stop, unsafe isBlank(text.pointee), unsafe text.pointee != mark { unsafe text += 1 }
          if unsafe text < stop, unsafe text.pointee != mark { throw unsafe textBehindQuote(text) }
        } else {
          while unsafe text < stop, unsafe text.pointee != mark { unsafe text += 1 }
          var fieldEnd = unsafe text
          while unsafe fieldEnd > field.start, unsafe isBlank(fieldEnd[-1]) { unsafe fieldEnd -= 1 }
          field.count = unsafe fieldEnd - field.start
        }
        if columns < needed { fields[columns] = field }
        columns += 1
        if unsafe text >= stop { break }
        unsafe text += 1
      }
    }
    for column in [grammar.sourceColumn, grammar.targetColumn, grammar.weightColumn ?? grammar.sourceColumn]
    where column < columns && fields[column].count == 0 {
      throw unsafe fail(
        .emptyField, "an empty field in column \(column)", at: unsafe fields[column].start,
        hint: grammar.separator == .tab ? "runs of tabs as one separator: \(setting: "separator", "blanks")" : nil)
    }
    return columns
  }

  private func isNeeded(_ column: Int) -> Bool {
    column == grammar.sourceColumn || column == grammar.targetColumn || column == grammar.weightColumn
      || column == grammar.directionColumn
  }

  private func textBehindQuote(_ text: UnsafePointer<UInt8>) -> LineFailure {
    unsafe fail(
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
    let opening = unsafe text
    let start = unsafe UnsafeMutablePointer(mutating: text + 1)
    var kept = unsafe start
    var savesFrom: UnsafeMutablePointer<UInt8>?
    var saved: [UInt8] = []
    unsafe text += 1
    while unsafe text < stop {
      if unsafe text.pointee == 0x22 {
        guard unsafe text + 1 < stop, unsafe text[1] == 0x22 else {
          unsafe text += 1
          if let savesFrom = unsafe savesFrom { unsafe overwritten.append((savesFrom, saved)) }
          return unsafe Field(start: UnsafePointer(start), count: kept - start)
        }
        unsafe text += 1
      }
      // Bytes only move once a doubled quote was met.
      if unsafe UnsafePointer(kept) != text, isNeeded {
        if unsafe savesFrom == nil { unsafe savesFrom = unsafe kept }
        unsafe saved.append(kept.pointee)
        unsafe kept.pointee = text.pointee
      }
      unsafe kept += 1
      unsafe text += 1
    }
    if let savesFrom = unsafe savesFrom { unsafe overwritten.append((savesFrom, saved)) }
    throw unsafe fail(
      .badQuote, "a quote that does not end on its line", at: opening,
      hint: "names that begin with a quote: \(setting: "honorsQuotes", "false")")
  }
}
