import Glibc

/// Small to medium files that are written in one piece.
package enum WholeFile {
  /// Writes a file that appears at once, whole or not at all (``OutputFile``). An existing file is replaced.
  ///
  /// - Throws: ``MillError`` of kind `cannot-create` or `input-output`.
  package static func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws(MillError) {
    let file = try OutputFile(path, replaces: true)
    try unsafe file.write(bytes)
    try file.commit(isHeld: false)
  }

  /// The same for text, as UTF-8.
  package static func write(_ text: String, to path: String) throws(MillError) {
    try write(Array(text.utf8), to: path)
  }

  /// The same for bytes in an array.
  package static func write(_ bytes: [UInt8], to path: String) throws(MillError) {
    var failure: MillError?
    unsafe bytes.withUnsafeBytes { buffer in
      do throws(MillError) { try unsafe write(buffer, to: path) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Creates a folder and those above it; one that exists is fine.
  ///
  /// - Throws: ``MillError`` of kind `cannot-create`.
  package static func createFolder(_ path: String) throws(MillError) {
    var built = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      built += built.isEmpty || built == "/" ? String(part) : "/" + part
      if unsafe mkdir(built, 0o755) != 0, errno != EEXIST {
        throw MillError(.cannotCreate, "cannot create the folder: \(errorText())", file: built)
      }
    }
    var status = stat()
    guard unsafe path.isEmpty || (stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR) else {
      throw MillError(.cannotCreate, "not a folder", file: path)
    }
  }
}
