import MillRuntime

// One field: integers, labels, weights, and what is wrong with them.

extension ChunkParser {
  // MARK: Fields

  func integer(_ field: Field, limit: UInt64) throws(LineFailure) -> UInt64 {
    guard let value = unsafe Digits.unsignedInteger(field.bytes) else {
      let isInteger = unsafe field.bytes.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
      if !isInteger, grammar.ids == .numericOrLabels, !parsesLabels, unsafe !NumberLike.test(field.bytes) {
        result.firstLabel = unsafe (result.lines, excerpt(field.bytes))
        throw .needsLabels
      }
      if isInteger {
        throw unsafe fail(
          .idOutOfRange, "an id beyond 2^64 - 1", at: field.start, field: field.bytes,
          hint: grammar.isSettled ? nil : "labels: \(setting: "ids", "string")")
      }
      throw unsafe fail(
        .notAnInteger, "not an unsigned integer", at: field.start, field: field.bytes,
        hint: separatorHint(field.start, field.start + field.count)
          ?? (grammar.isSettled ? nil : "labels: \(setting: "ids", "string")"))
    }
    if value > limit {
      throw unsafe fail(.idOutOfRange, "the id is beyond \(limit)", at: unsafe field.start, field: unsafe field.bytes)
    }
    if value < max(grammar.base, grammar.smallest), !parsesLabels {
      throw unsafe fail(
        .idOutOfRange, "the id is below \(max(grammar.base, grammar.smallest))", at: unsafe field.start,
        field: unsafe field.bytes,
        hint: grammar.isSettled
          ? "rows and columns count from 1"
          : grammar.smallest > 0 ? "both sides count from 1" : "0-based ids: \(setting: "base", "0")"
      )
    }
    if field.count > 1, unsafe field.start.pointee == 0x30 { sawLeadingZero = true }
    return value
  }

  /// A weight.
  ///
  /// - Parameter place: Where the field stands in the chunk, if it is a copy of what stands there.
  func number(_ field: Field, at place: UnsafePointer<UInt8>? = nil) throws(LineFailure) -> Double {
    let place = unsafe place ?? field.start
    guard let value = unsafe FloatParser.finite(field.bytes) else {
      throw unsafe fail(.badWeight, "not a finite number", at: place, field: field.bytes)
    }
    if abs(value) >= 0x1p53, unsafe !FloatParser.isExact(field.bytes, value) {
      if result.inexactWeight == nil { result.inexactWeight = unsafe (result.lines, excerpt(field.bytes)) }
      result.inexactWeights += 1
    }
    if grammar.weightsAreIntegers, value != value.rounded() {
      throw unsafe fail(.badWeight, "not an integer, as the header promises", at: place, field: field.bytes)
    }
    if grammar.refusesNegativeWeights, value < 0 {
      throw unsafe fail(.badWeight, "a negative weight", at: place, field: field.bytes)
    }
    return value == 0 ? 0 : value
  }

  func checkLabel(_ field: Field) throws(LineFailure) {
    guard field.count <= LineGrammar.longestLabel else {
      throw unsafe fail(.labelTooLong, "a label is longer than 65,535 bytes", at: field.start)
    }
    guard field.count > 0 else { throw unsafe fail(.emptyField, "an empty label", at: field.start) }
    if grammar.ids == .numericOrLabels {
      // The same refusals as in chunks that hold integers only.
      let isInteger = unsafe field.bytes.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
      if unsafe isInteger || NumberLike.test(field.bytes) { _ = try integer(field, limit: .max) }
    }
    if !grammar.allowsByteLabels, unsafe !isUTF8(field.bytes) {
      throw unsafe fail(
        .notUTF8, "a label that is not UTF-8", at: field.start, field: field.bytes,
        hint: "with \(setting: "allowsByteLabels", "true") labels are any bytes")
    }
  }

  func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if unsafe bytes.allSatisfy({ $0 < 0x80 }) { return true }
    return unsafe String(validating: bytes, as: UTF8.self) != nil
  }

  // MARK: Errors

  func loop(_ field: Field) -> LineFailure {
    unsafe fail(
      .selfLoop, "a self-loop", at: field.start, field: field.bytes, hint: "drop them with \(setting: "loops", "drop")")
  }

  func separatorHint(_ start: UnsafePointer<UInt8>, _ stop: UnsafePointer<UInt8>) -> Hint? {
    guard !grammar.isSettled else { return nil }
    let bytes = unsafe UnsafeBufferPointer(start: start, count: stop - start)
    let candidates: [(UInt8, GraphReadOptions.Separator)] = [
      (0x09, .tab), (0x2c, .comma), (0x3b, .semicolon), (0x7c, .pipe), (0x20, .blanks),
    ]
    for (byte, other) in candidates where unsafe bytes.contains(byte) && other != grammar.separator {
      return
        "the file's separator is \(grammar.separator.rawValue); choose with \(setting: "separator", other.rawValue)"
    }
    return nil
  }

  func excerpt(_ bytes: UnsafeBufferPointer<UInt8>) -> String { unsafe fieldExcerpt(bytes) }

  func fail(
    _ kind: MillError.Kind, _ message: String, at place: UnsafePointer<UInt8>,
    field: UnsafeBufferPointer<UInt8>? = nil, hint: Hint? = nil
  ) -> LineFailure {
    unsafe .error(
      MillError(
        kind, message, line: result.lines, byte: chunk.offset + (place - chunk.start), field: field.map(excerpt),
        hint: hint))
  }
}
