internal import CZstd
public import MillRuntime

/// zstd by libzstd, frame after frame.
@safe final class ZstdDecoder: ByteDecoder {
  /// Frames may look back 2 GiB at most.
  private static let maximumWindowLog: Int32 = 31
  private let input: ByteSource
  private let context: OpaquePointer
  private var isBetweenFrames = true
  private var isOver = false
  /// Bytes of window that are counted against the memory budget.
  private var reserved = 0

  static func isSkippable(_ bytes: UnsafeRawBufferPointer) -> Bool {
    unsafe bytes.count >= 4 && bytes[0] & 0xf0 == 0x50 && bytes[1..<4].elementsEqual([0x2a, 0x4d, 0x18])
  }

  init(_ input: ByteSource) throws(MillError) {
    self.input = input
    guard let context = unsafe ZSTD_createDCtx() else { throw MillError(.overBudget, "no memory for decompression") }
    unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.maximumWindowLog)
    unsafe self.context = context
  }

  deinit {
    unsafe ZSTD_freeDCtx(context)
    MemoryBudget.release(reserved)
  }

  func decode(into target: UnsafeMutableRawBufferPointer) throws(MillError) -> Int {
    guard target.count > 0 else { return 0 }
    while !isOver {
      if isBetweenFrames, try !beginFrame() { break }
      try input.fill(atLeast: 1)
      let bytes = unsafe input.buffered
      var from = unsafe ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
      var to = unsafe ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
      let left = unsafe ZSTD_decompressStream(context, &to, &from)
      unsafe input.consume(from.pos)
      guard ZSTD_isError(left) == 0 else { throw Self.failure(left) }
      if left == 0 { isBetweenFrames = true }
      if unsafe to.pos > 0 { return unsafe to.pos }
      if left > 0, unsafe bytes.isEmpty { throw MillError(.truncated, "the zstd stream ends early") }
    }
    return 0
  }

  private static func failure(_ code: Int) -> MillError {
    let reason = unsafe String(cString: ZSTD_getErrorName(code))
    switch ZSTD_getErrorCode(code) {
    case ZSTD_error_dictionary_wrong:
      return MillError(
        .dictionaryNeeded, "the zstd stream needs a dictionary", hint: "decompress it with `zstd -D DICTIONARY` first")
    case ZSTD_error_memory_allocation, ZSTD_error_frameParameter_windowTooLarge:
      return MillError(.overBudget, "the zstd stream needs too much memory: \(reason)")
    default: return MillError(.corruptStream, "corrupt zstd stream: \(reason)")
    }
  }

  /// Looks at the next frame's header and reserves its window; false at the end of the source.
  private func beginFrame() throws(MillError) -> Bool {
    try input.fill(atLeast: 18)
    let header = unsafe input.buffered
    guard unsafe !header.isEmpty else {
      isOver = true
      return false
    }
    isBetweenFrames = false
    if unsafe Self.isSkippable(header) { return true }
    let magic: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd]
    guard header.count >= 4, unsafe header.starts(with: magic) else {
      // The beginning of a magic number, cut off?
      let skippable: [UInt8] = unsafe [header[0] & 0x0f | 0x50, 0x2a, 0x4d, 0x18]
      if header.count < 4, unsafe magic.starts(with: header) || skippable.starts(with: header) {
        throw MillError(.truncated, "the zstd stream ends early")
      }
      throw MillError(.trailingGarbage, "bytes behind the end of the zstd stream")
    }
    let window = unsafe Self.windowBytes(header)
    if window > reserved {
      try MemoryBudget.reserve(window - reserved)
      reserved = window
    }
    return true
  }

  /// How far a frame looks back, from its header (RFC 8878, section 3.1.1.1); 0 when the header is cut off.
  private static func windowBytes(_ header: UnsafeRawBufferPointer) -> Int {
    guard header.count >= 6 else { return 0 }
    let descriptor = unsafe header[4]
    let limit = 1 << Int(maximumWindowLog)  // a larger one is refused by the library
    let isSingleSegment = descriptor & 32 != 0
    if !isSingleSegment {
      let base = unsafe 1 << (10 + Int(header[5] >> 3))
      return unsafe min(limit, base + base / 8 * Int(header[5] & 7))
    }
    let start = 5 + [0, 1, 2, 4][Int(descriptor & 3)]
    let width = [1, 2, 4, 8][Int(descriptor >> 6)]
    guard header.count >= start + width else { return 0 }
    let size =
      (0..<width).reduce(UInt64(0)) { unsafe $0 | UInt64(header[start + $1]) << (8 * $1) } + (width == 2 ? 256 : 0)
    return Int(min(size, UInt64(limit)))
  }
}

/// Compresses with zstd into a file, with a checksum. The same bytes in the same pieces or others give the same file.
@safe public final class ZstdSink: ByteSink {
  private let file: OutputFile
  private let context: OpaquePointer
  private let buffer: UnsafeMutableRawBufferPointer

  /// A sink over a file.
  ///
  /// - Parameters:
  ///   - file: Receives the compressed bytes; must not be written otherwise.
  ///   - level: 1 (fast) to 19 (small).
  /// - Throws: `MillError` of kind `over-budget`.
  public init(_ file: OutputFile, level: Int = 3) throws(MillError) {
    precondition((1...19).contains(level))
    guard let context = unsafe ZSTD_createCCtx() else { throw MillError(.overBudget, "no memory for compression") }
    unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
    unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    self.file = file
    unsafe self.context = context
    unsafe buffer = .allocate(byteCount: ZSTD_CStreamOutSize(), alignment: 64)
  }

  deinit {
    unsafe ZSTD_freeCCtx(context)
    unsafe buffer.deallocate()
  }

  /// Appends bytes.
  ///
  /// - Throws: `MillError` of the file.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(MillError) { try unsafe push(bytes, ZSTD_e_continue) }

  /// Ends the frame and commits the file.
  ///
  /// - Throws: `MillError` of the file.
  public func finish() throws(MillError) {
    try unsafe push(UnsafeRawBufferPointer(start: nil, count: 0), ZSTD_e_end)
    try file.commit()
  }

  private func push(_ bytes: UnsafeRawBufferPointer, _ mode: ZSTD_EndDirective) throws(MillError) {
    var from = unsafe ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
    while true {
      var to = unsafe ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
      let left = unsafe ZSTD_compressStream2(context, &to, &from, mode)
      guard ZSTD_isError(left) == 0 else {
        throw MillError(.inputOutput, unsafe "zstd: \(String(cString: ZSTD_getErrorName(left)))", file: file.path)
      }
      try unsafe file.write(UnsafeRawBufferPointer(rebasing: buffer[..<to.pos]))
      if unsafe mode == ZSTD_e_end ? left == 0 : from.pos == from.size { return }
    }
  }
}
