import Glibc

/// A file's bytes as read-only memory: mapped, or read into a buffer of its own.
///
/// A mapped file that another process shortens kills the reader with SIGBUS, unless the program handles that as the
/// command does; writers of this project therefore replace files and never change them in place. No ``OutputFile`` is
/// committed while such a file is mapped. `mapped: false` reads a copy, for folders where others write.
@safe public final class MappedFile: @unchecked Sendable {
  /// The first byte; valid as long as this object lives.
  public let base: UnsafeRawPointer
  /// The number of bytes.
  public let count: Int
  private let copy: FlatBuffer<UInt8>?

  /// Opens a regular file.
  ///
  /// - Throws: ``MillError`` of kind `unreadable` when it is missing, not a regular file or not permitted.
  /// - Complexity: O(1) when mapped.
  public init(path: String, mapped: Bool = true) throws(MillError) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(path) }
    var isKept = false
    defer { if !isKept { close(descriptor) } }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .unreadable(path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw MillError(.unreadable, "not a regular file", file: path)
    }
    let count = Int(status.st_size)
    self.count = count
    if mapped, count > 0 {
      let pages = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
      guard let pages = unsafe pages, unsafe pages != MAP_FAILED else { throw .unreadable(path) }
      unsafe base = UnsafeRawPointer(pages)
      copy = nil
      isKept = true
      unsafe MappedRanges.add(pages, count: count, path: path, descriptor: descriptor)
    } else {
      let buffer = try FlatBuffer<UInt8>(count: count)
      var done = 0
      while done < count {
        let got = retrying { unsafe pread(descriptor, buffer.base + done, min(count - done, 1 << 30), done) }
        guard got > 0 else {
          throw MillError(.inputOutput, got == 0 ? "the file shrank while it was read" : errorText(), file: path)
        }
        done += got
      }
      unsafe base = UnsafeRawPointer(buffer.base)
      copy = buffer
    }
  }

  deinit {
    guard copy == nil else { return }
    unsafe MappedRanges.remove(base)
    unsafe munmap(UnsafeMutableRawPointer(mutating: base), count)
  }

  /// All bytes.
  public var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: base, count: count) }
}
