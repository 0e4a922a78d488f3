internal import CZlib
import Glibc
public import MillRuntime

/// gzip by zlib, member after member.
@safe final class GzipDecoder: ByteDecoder {
  private let input: ByteSource
  private let stream: UnsafeMutablePointer<z_stream>
  private var isBetweenMembers = false
  private var isOver = false

  init(_ input: ByteSource) throws(MillError) {
    self.input = input
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 15 bits of window, 16 more for the gzip wrapper.
    guard unsafe inflateInit2_(stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      unsafe stream.deallocate()
      throw MillError(.overBudget, "no memory for decompression")
    }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  func decode(into target: UnsafeMutableRawBufferPointer) throws(MillError) -> Int {
    guard let base = target.baseAddress, target.count > 0 else { return 0 }
    let room = min(target.count, 1 << 30)
    while !isOver {
      if isBetweenMembers, try !beginMember() { break }
      try input.fill(atLeast: 1)
      let bytes = unsafe input.buffered
      unsafe stream.pointee.next_in = UnsafeMutablePointer(
        mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
      unsafe stream.pointee.avail_in = UInt32(bytes.count)
      unsafe stream.pointee.next_out = base.assumingMemoryBound(to: UInt8.self)
      unsafe stream.pointee.avail_out = UInt32(room)
      let code = unsafe inflate(stream, Z_NO_FLUSH)
      unsafe input.consume(bytes.count - Int(stream.pointee.avail_in))
      let produced = unsafe room - Int(stream.pointee.avail_out)
      switch code {
      case Z_OK: break
      case Z_STREAM_END: isBetweenMembers = true
      case Z_BUF_ERROR:
        if unsafe bytes.isEmpty { throw MillError(.truncated, "the gzip stream ends early") }
      case Z_MEM_ERROR: throw MillError(.overBudget, "no memory for decompression")
      default:
        let reason = unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "code \(code)"
        throw MillError(.corruptStream, "corrupt gzip stream: \(reason)")
      }
      if produced > 0 { return produced }
    }
    return 0
  }

  /// Looks for the next member; false at the end of the source.
  private func beginMember() throws(MillError) -> Bool {
    try input.fill(atLeast: 2)
    let next = unsafe Array(input.buffered.prefix(2))
    if next.isEmpty {
      isOver = true
      return false
    }
    if next == [0x1f] { throw MillError(.truncated, "the gzip stream ends early") }
    guard next == [0x1f, 0x8b] else { throw MillError(.trailingGarbage, "bytes behind the end of the gzip stream") }
    unsafe inflateReset(stream)
    isBetweenMembers = false
    return true
  }
}

/// Compresses with gzip into a file. The same bytes give the same file: the header has neither time nor name.
@safe public final class GzipSink: ByteSink {
  private let file: OutputFile
  private let stream: UnsafeMutablePointer<z_stream>
  private let buffer: UnsafeMutableRawBufferPointer

  /// A sink over a file.
  ///
  /// - Parameters:
  ///   - file: Receives the compressed bytes; must not be written otherwise.
  ///   - level: 1 (fast) to 9 (small).
  /// - Throws: `MillError` of kind `over-budget`.
  public init(_ file: OutputFile, level: Int = 6) throws(MillError) {
    precondition((1...9).contains(level))
    self.file = file
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    unsafe buffer = .allocate(byteCount: 1 << 16, alignment: 64)
    let code = unsafe deflateInit2_(
      stream, Int32(level), Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw MillError(.overBudget, "no memory for compression") }
  }

  deinit {
    unsafe deflateEnd(stream)
    unsafe stream.deallocate()
    unsafe buffer.deallocate()
  }

  /// Appends bytes.
  ///
  /// - Throws: `MillError` of the file.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(MillError) {
    var done = 0
    while done < bytes.count {
      let part = unsafe UnsafeRawBufferPointer(rebasing: bytes[done..<min(bytes.count, done + 1 << 30)])
      try unsafe push(part, Z_NO_FLUSH)
      done += part.count
    }
  }

  /// Ends the member and commits the file.
  ///
  /// - Throws: `MillError` of the file.
  public func finish() throws(MillError) {
    try unsafe push(UnsafeRawBufferPointer(start: nil, count: 0), Z_FINISH)
    try file.commit()
  }

  private func push(_ bytes: UnsafeRawBufferPointer, _ mode: Int32) throws(MillError) {
    unsafe stream.pointee.next_in = UnsafeMutablePointer(
      mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    unsafe stream.pointee.avail_in = UInt32(bytes.count)
    repeat {
      unsafe stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe stream.pointee.avail_out = UInt32(buffer.count)
      let code = unsafe deflate(stream, mode)
      guard code != Z_STREAM_ERROR else { throw MillError(.inputOutput, "zlib refused to compress", file: file.path) }
      try unsafe file.write(UnsafeRawBufferPointer(rebasing: buffer[..<(buffer.count - Int(stream.pointee.avail_out))]))
    } while unsafe stream.pointee.avail_out == 0
  }
}
