internal import CBzip2
import MillRuntime

/// bzip2 by libbzip2, stream after stream.
@safe final class BzipDecoder: ByteDecoder {
  private let input: ByteSource
  private let stream: UnsafeMutablePointer<bz_stream>
  private var isBetweenStreams = true
  private var isBegun = false
  private var isOver = false

  init(_ input: ByteSource) {
    self.input = input
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: bz_stream())
  }

  deinit {
    if isBegun { unsafe BZ2_bzDecompressEnd(stream) }
    unsafe stream.deallocate()
  }

  func decode(into target: UnsafeMutableRawBufferPointer) throws(MillError) -> Int {
    guard let base = target.baseAddress, target.count > 0 else { return 0 }
    let room = min(target.count, 1 << 30)
    while !isOver {
      if isBetweenStreams, try !beginStream() { break }
      try input.fill(atLeast: 1)
      let bytes = unsafe input.buffered
      unsafe stream.pointee.next_in = UnsafeMutablePointer(
        mutating: bytes.baseAddress?.assumingMemoryBound(to: CChar.self))
      unsafe stream.pointee.avail_in = UInt32(bytes.count)
      unsafe stream.pointee.next_out = base.assumingMemoryBound(to: CChar.self)
      unsafe stream.pointee.avail_out = UInt32(room)
      let code = unsafe BZ2_bzDecompress(stream)
      unsafe input.consume(bytes.count - Int(stream.pointee.avail_in))
      let produced = unsafe room - Int(stream.pointee.avail_out)
      switch code {
      case BZ_OK:
        if unsafe bytes.isEmpty, produced == 0 { throw MillError(.truncated, "the bzip2 stream ends early") }
      case BZ_STREAM_END: isBetweenStreams = true
      case BZ_MEM_ERROR: throw MillError(.overBudget, "no memory for decompression")
      default: throw MillError(.corruptStream, "corrupt bzip2 stream (code \(code))")
      }
      if produced > 0 { return produced }
    }
    return 0
  }

  /// Looks for the next stream; false at the end of the source.
  private func beginStream() throws(MillError) -> Bool {
    try input.fill(atLeast: 4)
    let next = unsafe Array(input.buffered.prefix(4))
    if next.isEmpty {
      isOver = true
      return false
    }
    let magic = Array("BZh".utf8)
    guard next.count == 4, next.starts(with: magic), (0x31...0x39).contains(next[3]) else {
      throw next.count < 4 && magic.starts(with: next.prefix(3))
        ? MillError(.truncated, "the bzip2 stream ends early")
        : MillError(.trailingGarbage, "bytes behind the end of the bzip2 stream")
    }
    if isBegun { unsafe BZ2_bzDecompressEnd(stream) }
    unsafe stream.pointee = bz_stream()
    isBegun = unsafe BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK
    guard isBegun else { throw MillError(.overBudget, "no memory for decompression") }
    isBetweenStreams = false
    return true
  }
}
