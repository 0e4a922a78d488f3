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

  /// From now on a file that is committed is whole and durable, but gets its name with ``nameHeld()`` only: the files of
  /// a run appear together or not at all.
  package static func holdNames() { FinishedOutput.held.withLock { $0 = $0 ?? [] } }

  /// Gives the files that were committed since ``holdNames()`` their names, in the order of their commits, and holds
  /// names no longer.
  ///
  /// - Throws: ``MillError`` as ``commit()`` does; the files after the one that failed stay without a name.
  package static func nameHeld() throws(MillError) {
    let files = FinishedOutput.held.withLock { held in
      defer { held = nil }
      return held ?? []
    }
    for file in files { try file.takeName() }
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
  public func commit() throws(MillError) { try commit(isHeld: true) }

  /// The same; `isHeld` false gives the file its name at once, also while names are held.
  package func commit(isHeld: Bool) throws(MillError) {
    precondition(isOpen, "committed twice")
    try flush()
    try MappedRanges.refuseShortened()
    if place.temporary != nil {
      guard fsync(place.descriptor) == 0 else { throw .inputOutput("cannot write", path) }
      let finished = FinishedOutput(place: place, path: path, replaces: replaces)
      if !(isHeld && FinishedOutput.hold(finished)) { try finished.takeName() }
      isOpen = false
      close(place.descriptor)
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
