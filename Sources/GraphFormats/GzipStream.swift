internal import CISAL
internal import CZlib
public import MillRuntime

/// gzip by ISA-L, member after member: some five times faster than zlib, checksums verified.
///
/// Headers are read here: ISA-L 2.30 takes the checksum of a header that comes in pieces for a wrong one.
@safe final class GzipDecoder: ByteDecoder {
  private let input: ByteSource
  private let state: UnsafeMutablePointer<inflate_state>
  private var isBetweenMembers = true
  private var isOver = false

  init(_ input: ByteSource) {
    self.input = input
    unsafe state = .allocate(capacity: 1)
    unsafe isal_inflate_init(state)
    unsafe state.pointee.crc_flag = UInt32(ISAL_GZIP_NO_HDR_VER)
  }

  deinit { unsafe state.deallocate() }

  func decode(into target: UnsafeMutableRawBufferPointer) throws(MillError) -> Int {
    guard let base = target.baseAddress, target.count > 0 else { return 0 }
    let room = min(target.count, 1 << 30)
    while !isOver {
      if isBetweenMembers, try !beginMember() { break }
      try input.fill(atLeast: 1)
      let bytes = unsafe input.buffered
      unsafe state.pointee.next_in = UnsafeMutablePointer(
        mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
      unsafe state.pointee.avail_in = UInt32(bytes.count)
      unsafe state.pointee.next_out = base.assumingMemoryBound(to: UInt8.self)
      unsafe state.pointee.avail_out = UInt32(room)
      let code = unsafe isal_inflate(state)
      guard code >= ISAL_DECOMP_OK, code != ISAL_NEED_DICT else { throw Self.corrupt(Self.reason(code)) }
      unsafe input.consume(bytes.count - Int(state.pointee.avail_in))
      let produced = unsafe room - Int(state.pointee.avail_out)
      isBetweenMembers = unsafe state.pointee.block_state == ISAL_BLOCK_FINISH
      if produced > 0 { return produced }
      if unsafe bytes.isEmpty, !isBetweenMembers { throw Self.truncated }
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
    if next == [0x1f] { throw Self.truncated }
    guard next == [0x1f, 0x8b] else { throw MillError(.trailingGarbage, "bytes behind the end of the gzip stream") }
    try readHeader()
    unsafe isal_inflate_reset(state)
    isBetweenMembers = false
    return true
  }

  /// Reads the header of a member (RFC 1952, section 2.3).
  private func readHeader() throws(MillError) {
    var sum = UInt(0)
    func next() throws(MillError) -> Int {
      try input.fill(atLeast: 1)
      guard var byte = unsafe input.buffered.first else { throw Self.truncated }
      unsafe sum = crc32(sum, &byte, 1)
      input.consume(1)
      return Int(byte)
    }
    func nextTwo() throws(MillError) -> Int { try next() | next() << 8 }
    _ = try nextTwo()
    guard try next() == Int(Z_DEFLATED) else { throw Self.corrupt("unknown compression method") }
    let flags = try next()
    guard flags & 0xe0 == 0 else { throw Self.corrupt("unknown flags") }
    // Time, extra flags, system.
    for _ in 0..<6 { _ = try next() }
    if flags & 4 != 0 { for _ in 0..<(try nextTwo()) { _ = try next() } }
    // Name and comment, each up to a zero.
    for flag in [8, 16] where flags & flag != 0 { while try next() != 0 {} }
    if flags & 2 != 0 {
      let expected = Int(sum & 0xffff)
      guard try nextTwo() == expected else { throw Self.corrupt("wrong checksum of the header") }
    }
  }

  private static var truncated: MillError { MillError(.truncated, "the gzip stream ends early") }

  private static func corrupt(_ reason: String) -> MillError {
    MillError(.corruptStream, "corrupt gzip stream: \(reason)")
  }

  private static func reason(_ code: Int32) -> String {
    switch code {
    case ISAL_INVALID_BLOCK: "invalid block"
    case ISAL_INVALID_SYMBOL: "invalid symbol"
    case ISAL_INVALID_LOOKBACK: "a distance behind the first byte"
    case ISAL_INCORRECT_CHECKSUM: "wrong checksum"
    default: "code \(code)"
    }
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
