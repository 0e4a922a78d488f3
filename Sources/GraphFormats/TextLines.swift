package import MillRuntime

/// The lines of a text, also a compressed one, with their numbers; blank ones are left out.
///
/// - Throws: `MillError`: `unreadable`, `not-utf8`, with file and line.
package func readLines(_ path: String, context: RunContext = .init()) throws(MillError) -> [(text: String, line: Int)] {
  do throws(MillError) {
    var cursor = try TextCursor(ByteStream(path), context)
    var lines: [(text: String, line: Int)] = []
    while try cursor.peek() != nil {
      let line = cursor.line
      let bytes = try unsafe cursor.restOfLine()
      guard let text = unsafe String(validating: bytes, as: UTF8.self) else {
        throw MillError(.notUTF8, "a line that is not UTF-8", line: line)
      }
      if !text.isEmpty { lines.append((text, line)) }
    }
    return lines
  } catch {
    throw error.inFile(path)
  }
}
