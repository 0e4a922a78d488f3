import MillRuntime

// What stands on a line beside the ids and a weight: a dictionary of networkx, a direction of Gephi.

extension ChunkParser {
  /// Reads the dictionary at the end of a line and returns where the ids before it end.
  func attributes(
    _ start: UnsafePointer<UInt8>, _ stop: UnsafePointer<UInt8>
  ) throws(LineFailure) -> UnsafePointer<UInt8> {
    let line = unsafe UnsafeBufferPointer(start: start, count: stop - start)
    guard let open = unsafe AttributeText.start(in: line) else {
      throw unsafe fail(.missingField, "no attributes in braces, which the first lines have", at: start, field: line)
    }
    attributeWeight = 1
    if let text = unsafe AttributeText.value(of: "weight", in: line[open...]) {
      if grammar.readsAttributeWeight {
        attributeWeight = try unsafe text.withUnsafeBufferPointer { text throws(LineFailure) in
          try unsafe number(Field(start: text.baseAddress ?? start, count: text.count), at: start + open)
        }
      } else {
        result.unreadWeight = result.unreadWeight ?? result.lines
      }
    } else if grammar.readsAttributeWeight {
      result.missingWeights += 1
    }
    var end = unsafe start + open
    while unsafe end > start, unsafe [0x20, 0x09, 0x2c, 0x3b].contains(end[-1]) { unsafe end -= 1 }
    return unsafe end
  }

  /// Refuses a row that is directed where the first one is not, or the other way round.
  func checkDirection(_ field: Field) throws(LineFailure) {
    guard !grammar.directionWord.isEmpty else { return }
    let isSame =
      unsafe field.count == grammar.directionWord.count
      && zip(field.bytes, grammar.directionWord).allSatisfy { $0 | 0x20 == $1 }
    guard !isSame else { return }
    throw unsafe fail(
      .malformed, "the first row is \(String(decoding: grammar.directionWord, as: UTF8.self)), this one is not",
      at: unsafe field.start, field: unsafe field.bytes,
      hint: "a graph has one direction: \(setting: "isDirected", "true", "false") decides for all"
    )
  }
}
