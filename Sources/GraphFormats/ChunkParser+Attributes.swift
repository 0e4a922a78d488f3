import MillRuntime

// What stands on a line beside the ids and a weight: a dictionary of networkx, a direction of Gephi.

extension ChunkParser {
  /// Reads the dictionary at the end of a line and returns where the ids before it end.
  func attributes(
    _ start: UnsafePointer<UInt8>, _ stop: UnsafePointer<UInt8>
  ) throws(LineFailure) -> UnsafePointer<UInt8> {
    let line = UnsafeBufferPointer(start: start, count: stop - start)
    guard let open = AttributeText.start(in: line) else {
      throw fail(.missingField, "no attributes in braces, which the first lines have", at: start, field: line)
    }
    attributeWeight = 1
    if let text = AttributeText.value(of: "weight", in: line[open...]) {
      if grammar.readsAttributeWeight {
        attributeWeight = try text.withUnsafeBufferPointer { text throws(LineFailure) in
          try number(Field(start: text.baseAddress ?? start, count: text.count), at: start + open)
        }
      } else {
        result.unreadWeight = result.unreadWeight ?? result.lines
      }
    } else if grammar.readsAttributeWeight {
      result.missingWeights += 1
    }
    var end = start + open
    while end > start, [0x20, 0x09, 0x2c, 0x3b].contains(end[-1]) { end -= 1 }
    return end
  }

  /// Refuses a row that is directed where the first one is not, or the other way round.
  func checkDirection(_ field: Field) throws(LineFailure) {
    guard !grammar.directionWord.isEmpty else { return }
    let isSame =
      field.count == grammar.directionWord.count
      && zip(field.bytes, grammar.directionWord).allSatisfy { $0 | 0x20 == $1 }
    guard !isSame else { return }
    throw fail(
      .malformed, "the first row is \(String(decoding: grammar.directionWord, as: UTF8.self)), this one is not",
      at: field.start, field: field.bytes,
      hint: "a graph has one direction: \(setting: "isDirected", "true", "false") decides for all"
    )
  }
}
