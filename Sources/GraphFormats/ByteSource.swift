import Glibc
import MillRuntime

/// A descriptor with a window of bytes that were read ahead.
@safe final class ByteSource {
  let descriptor: Int32
  /// The size of a regular file.
  let size: Int?
  /// Whether reading began at the first byte of the file.
  let startsAtZero: Bool
  /// Bytes taken from the descriptor.
  private(set) var taken = 0

  private static let capacity = 1 << 18
  private let path: String
  private let ownsDescriptor: Bool
  private let window: UnsafeMutableRawPointer
  private var low = 0
  private var high = 0
  private var isAtEnd = false

  init(_ path: String) throws(MillError) {
    var descriptor = STDIN_FILENO
    if path != "-" {
      repeat { descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC) } while descriptor < 0 && errno == EINTR
      guard descriptor >= 0 else { throw .unreadable(path) }
    }
    var status = stat()
    let failed = unsafe fstat(descriptor, &status) == 0 ? 0 : errno
    let kind = status.st_mode & S_IFMT
    guard failed == 0, kind != S_IFDIR else {
      if path != "-" { close(descriptor) }
      throw .unreadable(path, failed == 0 ? EISDIR : failed)
    }
    self.path = path
    self.descriptor = descriptor
    ownsDescriptor = path != "-"
    size = kind == S_IFREG ? Int(status.st_size) : nil
    startsAtZero = lseek(descriptor, 0, SEEK_CUR) == 0
    unsafe window = .allocate(byteCount: Self.capacity, alignment: 64)
  }

  deinit {
    if ownsDescriptor { close(descriptor) }
    unsafe window.deallocate()
  }

  /// The bytes that were read ahead.
  var buffered: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: window + low, count: high - low) }

  /// Drops bytes from the front of ``buffered``.
  func consume(_ count: Int) { low += count }

  /// Reads until at least `count` bytes (at most the window) are buffered, or the source ends.
  func fill(atLeast count: Int) throws(MillError) {
    if high - low >= count || isAtEnd { return }
    unsafe memmove(window, window + low, high - low)
    high -= low
    low = 0
    while high < count, !isAtEnd {
      unsafe high += try take(window + high, Self.capacity - high)
    }
  }

  /// Bytes as they are: first those read ahead, then straight from the descriptor. 0 at the end.
  func read(into target: UnsafeMutableRawBufferPointer) throws(MillError) -> Int {
    guard let base = target.baseAddress, target.count > 0 else { return 0 }
    if high > low {
      let count = min(high - low, target.count)
      unsafe base.copyMemory(from: window + low, byteCount: count)
      low += count
      return count
    }
    return unsafe isAtEnd ? 0 : try take(base, target.count)
  }

  private func take(_ target: UnsafeMutableRawPointer, _ room: Int) throws(MillError) -> Int {
    while true {
      let got = retrying { unsafe Glibc.read(descriptor, target, min(room, 1 << 30)) }
      if got < 0, errno == EAGAIN {
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        unsafe poll(&wait, 1, -1)
        continue
      }
      guard got >= 0 else { throw .inputOutput("cannot read", path) }
      if got == 0 { isAtEnd = true }
      taken += got
      return got
    }
  }
}

/// A decompressor over a ``ByteSource``.
protocol ByteDecoder: AnyObject {
  /// At least one byte, unless the stream is over (0) or the target empty.
  func decode(into target: UnsafeMutableRawBufferPointer) throws(MillError) -> Int
}
