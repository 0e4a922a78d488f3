import Glibc

/// A file that appears whole or not at all.
///
/// Bytes go to `NAME.tmp.PID` in the folder of the target; ``commit()`` makes them durable and renames. Without a
/// commit (an error on the way, say) the temporary file is removed and the target stays what it was. `-` and
/// `/dev/stdout` are standard output; FIFOs, character devices and `/dev/fd/N` are written directly, since they
/// cannot be replaced. A symbolic link is followed, so that it stays a link.
///
/// Writing to a pipe whose reader is gone throws `broken-pipe`, provided that the process ignores SIGPIPE.
/// For one thread at a time.
@safe public final class OutputFile {
  /// The target as the caller named it.
  public let path: String
  /// Bytes that were handed to ``write(_:)-(UnsafeRawBufferPointer)``.
  public private(set) var bytesWritten = 0
  /// Whether the bytes go straight to a stream or device, so that nothing can be taken back.
  public var isDirect: Bool { place.temporary == nil }

  private static let capacity = 1 << 18
  private let place: OutputPlace
  private let replaces: Bool
  private let buffer: UnsafeMutableRawPointer
  private var used = 0
  private var isOpen = true

  /// Opens a temporary file beside the target, or the target itself where it is a stream or device.
  ///
  /// - Parameters:
  ///   - path: The target; `-` is standard output.
  ///   - replaces: Whether an existing file may be replaced.
  /// - Throws: ``MillError`` of kind `cannot-create`.
  public init(_ path: String, replaces: Bool = false) throws(MillError) {
    place = try OutputPlace.open(path, replaces: replaces)
    self.path = path
    self.replaces = replaces
    unsafe buffer = .allocate(byteCount: Self.capacity, alignment: 64)
  }

  deinit {
    if isOpen { place.abandon() }
    unsafe buffer.deallocate()
  }

  private static let observer = unsafe Lock.survivingFork((@Sendable (UnsafeRawBufferPointer) -> Void)?.none)

  /// Shows all bytes that go to standard output by way of files of this kind to somebody else too, such as a checksum.
  package static func observeStandardOutput(_ body: @escaping @Sendable (UnsafeRawBufferPointer) -> Void) {
    unsafe observer.withLock { unsafe $0 = body }
  }

  /// Removes the temporary files of all objects that are open, for a process that is about to end without unwinding.
  public static func removeTemporaries() {
    OutputPlace.temporaries.withLock { owners in
      for (name, owner) in owners where owner == getpid() { unsafe unlink(name) }
      owners = [:]
    }
  }

  /// Appends bytes.
  ///
  /// - Throws: ``MillError``: `input-output` (a full disk, say) or `broken-pipe`.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(MillError) {
    precondition(isOpen, "written after the commit")
    guard let base = bytes.baseAddress, bytes.count > 0 else { return }
    bytesWritten += bytes.count
    if used + bytes.count > Self.capacity { try flush() }
    if bytes.count >= Self.capacity {
      try unsafe writeOut(base, bytes.count)
    } else {
      unsafe (buffer + used).copyMemory(from: base, byteCount: bytes.count)
      used += bytes.count
    }
  }

  /// Appends the UTF-8 bytes of a text.
  public func write(_ text: String) throws(MillError) {
    var text = text
    let failure: MillError? = text.withUTF8 { bytes in
      do throws(MillError) {
        try unsafe write(UnsafeRawBufferPointer(bytes))
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }

  /// Appends the bytes of an array.
  package func write(_ bytes: [UInt8]) throws(MillError) {
    try unsafe bytes.withUnsafeBufferPointer { bytes throws(MillError) in
      try unsafe write(UnsafeRawBufferPointer(bytes))
    }
  }

  /// Appends zero bytes.
  package func writeZeros(_ count: Int) throws(MillError) {
    precondition(count >= 0 && isOpen)
    var left = count
    while left > 0 {
      if used == Self.capacity { try flush() }
      let part = min(left, Self.capacity - used)
      unsafe memset(buffer + used, 0, part)
      used += part
      left -= part
    }
    bytesWritten += count
  }

  /// Makes the file durable and gives it its name: flush, fsync, rename, fsync of the folder.
  ///
  /// For a stream or device only the flush. Nothing may be written afterwards.
  ///
  /// - Throws: ``MillError``: `input-output`, also when a file that is mapped was shortened meanwhile, `broken-pipe`, or
  ///   `cannot-create` when a file of that name appeared meanwhile and may not be replaced.
  public func commit() throws(MillError) {
    precondition(isOpen, "committed twice")
    try flush()
    try MappedRanges.refuseShortened()
    if let temporary = place.temporary {
      guard fsync(place.descriptor) == 0 else { throw .inputOutput("cannot write", path) }
      if replaces {
        guard unsafe rename(temporary, place.target) == 0 else { throw .inputOutput("cannot rename", path) }
      } else {
        try place.renameWithoutReplacing(path)
      }
      isOpen = false
      place.forgetTemporary()
      close(place.descriptor)
      try place.syncFolder(path)
    } else {
      isOpen = false
      if place.ownsDescriptor, close(place.descriptor) != 0, errno != EINTR { throw .inputOutput("cannot write", path) }
    }
  }

  private func flush() throws(MillError) {
    let count = used
    used = 0
    if count > 0 { try unsafe writeOut(buffer, count) }
  }

  private func writeOut(_ base: UnsafeRawPointer, _ count: Int) throws(MillError) {
    if place.descriptor == STDOUT_FILENO {
      unsafe Self.observer.withLock { unsafe $0?(UnsafeRawBufferPointer(start: base, count: count)) }
    }
    var done = 0
    while done < count {
      let put = retrying { unsafe Glibc.write(place.descriptor, base + done, min(count - done, 1 << 30)) }
      if put >= 0 {
        done += put
      } else if errno == EAGAIN {
        var wait = pollfd(fd: place.descriptor, events: Int16(POLLOUT), revents: 0)
        unsafe poll(&wait, 1, -1)
      } else if errno == EPIPE {
        throw MillError(.brokenPipe, "the reader of the output is gone", file: path)
      } else if errno == EFAULT, let source = unsafe MappedRanges.path(at: UInt(bitPattern: base + done)) {
        throw MappedRanges.shortened(source)
      } else {
        throw .inputOutput("cannot write", path)
      }
    }
  }
}

/// Where the bytes of an ``OutputFile`` go.
private struct OutputPlace {
  var descriptor: Int32
  var ownsDescriptor = true
  /// The temporary name; nil where the target is written directly.
  var temporary: String?
  /// The final name, links resolved.
  var target = ""

  /// The temporary files that are there now, with the processes that made them: a child after `fork` must leave those
  /// of its parent alone.
  static let temporaries = Lock<[String: pid_t]>.survivingFork([:])

  /// Takes the temporary file off the list; whether this process made it.
  @discardableResult
  func forgetTemporary() -> Bool {
    guard let temporary else { return false }
    return Self.temporaries.withLock { $0.removeValue(forKey: temporary) == getpid() }
  }

  static func open(_ path: String, replaces: Bool) throws(MillError) -> OutputPlace {
    if path == "-" || path == "/dev/stdout" { return OutputPlace(descriptor: STDOUT_FILENO, ownsDescriptor: false) }
    if path == "/dev/stderr" { return OutputPlace(descriptor: STDERR_FILENO, ownsDescriptor: false) }
    for prefix in ["/dev/fd/", "/proc/self/fd/"] where path.hasPrefix(prefix) {
      let copy = Int32(path.dropFirst(prefix.count)).map { fcntl($0, F_DUPFD_CLOEXEC, 0) } ?? -1
      guard copy >= 0 else { throw refusal(path, "no such open descriptor") }
      return OutputPlace(descriptor: copy)
    }
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      guard errno == ENOENT else { throw refusal(path, errorText()) }
      guard unsafe lstat(path, &status) != 0 else { throw refusal(path, "a symbolic link that leads nowhere") }
      return try temporary(for: path, named: path, mode: nil)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG:
      guard replaces else { throw exists(path) }
      guard let resolved = unsafe realpath(path, nil) else { throw refusal(path, errorText()) }
      defer { unsafe free(resolved) }
      return try unsafe temporary(for: String(cString: resolved), named: path, mode: status.st_mode & 0o777)
    case S_IFIFO, S_IFCHR:
      var descriptor: Int32
      repeat { descriptor = unsafe Glibc.open(path, O_WRONLY | O_CLOEXEC) } while descriptor < 0 && errno == EINTR
      guard descriptor >= 0 else { throw refusal(path, errorText()) }
      return OutputPlace(descriptor: descriptor)
    case S_IFDIR: throw refusal(path, "is a folder")
    default: throw refusal(path, "neither a file nor a pipe")
    }
  }

  /// A new file `target.tmp.PID`; where a crashed run left that name, a number is added.
  private static func temporary(
    for target: String, named path: String, mode: mode_t?
  ) throws(MillError) -> OutputPlace {
    for attempt in 0..<100 {
      let name = "\(target).tmp.\(getpid())" + (attempt == 0 ? "" : ".\(attempt)")
      let descriptor = unsafe Glibc.open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 {
        if let mode { fchmod(descriptor, mode) }
        temporaries.withLock { $0[name] = getpid() }
        return OutputPlace(descriptor: descriptor, temporary: name, target: target)
      }
      guard errno == EEXIST else { break }
    }
    throw refusal(path, errorText())
  }

  static func refusal(_ path: String, _ reason: String) -> MillError {
    MillError(.cannotCreate, "cannot create: \(reason)", file: path)
  }

  static func exists(_ path: String) -> MillError {
    MillError(.cannotCreate, "the file exists", file: path, hint: "\(setting: "replaces", "true") replaces it")
  }

  /// Renames unless the target exists by now: a hard link never replaces; where links are not possible, a look
  /// before the jump.
  func renameWithoutReplacing(_ path: String) throws(MillError) {
    guard let temporary else { return }
    if unsafe link(temporary, target) == 0 {
      unsafe unlink(temporary)
      return
    }
    if errno == EEXIST { throw Self.exists(path) }
    guard [EPERM, EOPNOTSUPP, ENOSYS, EMLINK].contains(errno) else { throw .inputOutput("cannot rename", path) }
    guard unsafe access(target, F_OK) != 0 else { throw Self.exists(path) }
    guard unsafe rename(temporary, target) == 0 else { throw .inputOutput("cannot rename", path) }
  }

  func syncFolder(_ path: String) throws(MillError) {
    var folder = "."
    if let slash = target.utf8.lastIndex(of: UInt8(ascii: "/")) {
      folder = slash == target.startIndex ? "/" : String(target[..<slash])
    }
    let descriptor = unsafe Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }  // a folder that may be written but not read
    defer { close(descriptor) }
    if fsync(descriptor) != 0, errno != EINVAL { throw .inputOutput("cannot write the folder", path) }
  }

  func abandon() {
    if ownsDescriptor { close(descriptor) }
    if forgetTemporary(), let temporary { unsafe unlink(temporary) }
  }
}
