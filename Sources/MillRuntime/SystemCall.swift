import Glibc

/// The text of an `errno` value.
package func errorText(_ number: Int32 = errno) -> String { unsafe String(cString: strerror(number)) }

extension MillError {
  /// An input that could not be opened or read, with the system's reason.
  package static func unreadable(_ path: String, _ number: Int32 = errno) -> MillError {
    MillError(.unreadable, "cannot read: \(errorText(number))", file: path)
  }

  /// A read or write that failed on the way, with the system's reason.
  package static func inputOutput(_ doing: String, _ path: String, _ number: Int32 = errno) -> MillError {
    MillError(.inputOutput, "\(doing): \(errorText(number))", file: path)
  }
}

/// Repeats a system call while a signal interrupts it.
package func retrying(_ call: () -> Int) -> Int {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}

/// What follows `prefix` on the first line of a small system file that starts with it; nil where there is none.
func firstLine(of path: String, startingWith prefix: String) -> String? {
  guard let file = unsafe fopen(path, "r") else { return nil }
  defer { unsafe fclose(file) }
  var line = [CChar](repeating: 0, count: 4096)
  while unsafe fgets(&line, Int32(line.count), file) != nil {
    let text = String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    if text.hasPrefix(prefix) { return String(text.dropFirst(prefix.count)) }
  }
  return nil
}
