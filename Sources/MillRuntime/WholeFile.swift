import Glibc

/// Small to medium files that are written in one piece.
package enum WholeFile {
  /// Writes a file that appears whole or not at all: a temporary name in the same folder, fsync, rename, fsync of the
  /// folder. An existing file is replaced.
  ///
  /// - Throws: ``MillError`` of kind `cannot-create` or `input-output`; the temporary file is removed.
  package static func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws(MillError) {
    let temporary = "\(path).tmp.\(getpid())"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw MillError(.cannotCreate, "cannot create: \(errorText())", file: path) }
    let failure = fill(descriptor, with: bytes)
    close(descriptor)
    if failure == 0, rename(temporary, path) == 0 {
      syncFolder(of: path)
      return
    }
    let number = failure == 0 ? errno : failure
    unlink(temporary)
    throw .inputOutput("cannot write", path, number)
  }

  /// The same for text, as UTF-8.
  package static func write(_ text: String, to path: String) throws(MillError) {
    try write(Array(text.utf8), to: path)
  }

  /// The same for bytes in an array.
  package static func write(_ bytes: [UInt8], to path: String) throws(MillError) {
    var failure: MillError?
    bytes.withUnsafeBytes { buffer in
      do throws(MillError) { try write(buffer, to: path) } catch { failure = error }
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
      if mkdir(built, 0o755) != 0, errno != EEXIST {
        throw MillError(.cannotCreate, "cannot create the folder: \(errorText())", file: built)
      }
    }
    var status = stat()
    guard path.isEmpty || (stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR) else {
      throw MillError(.cannotCreate, "not a folder", file: path)
    }
  }

  /// Writes all bytes and syncs; 0 or the error number.
  private static func fill(_ descriptor: Int32, with bytes: UnsafeRawBufferPointer) -> Int32 {
    var done = 0
    while done < bytes.count {
      let wrote = retrying { Glibc.write(descriptor, bytes.baseAddress! + done, min(bytes.count - done, 1 << 30)) }
      guard wrote > 0 else { return wrote == 0 ? EIO : errno }
      done += wrote
    }
    return fsync(descriptor) == 0 ? 0 : errno
  }

  private static func syncFolder(of path: String) {
    var folder = "."
    if let slash = path.lastIndex(of: "/") { folder = slash == path.startIndex ? "/" : String(path[..<slash]) }
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
