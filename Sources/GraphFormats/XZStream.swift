internal import CLzma
import MillRuntime

/// xz by liblzma, stream after stream; padding between streams is passed over.
@safe final class XZDecoder: ByteDecoder {
  /// What the dictionary of a stream may need; `xz -9` needs 65 MiB.
  private static let memoryLimit: UInt64 = 192 << 20
  /// LZMA_CONCATENATED.
  private static let concatenated: UInt32 = 0x08
  private let input: ByteSource
  private let stream: UnsafeMutablePointer<lzma_stream>
  private var isOver = false

  init(_ input: ByteSource) throws(MillError) {
    self.input = input
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: lzma_stream())
    guard unsafe lzma_stream_decoder(stream, Self.memoryLimit, Self.concatenated) == LZMA_OK else {
      unsafe stream.deallocate()
      throw MillError(.overBudget, "no memory for decompression")
    }
  }

  deinit {
    unsafe lzma_end(stream)
    unsafe stream.deallocate()
  }

  func decode(into target: UnsafeMutableRawBufferPointer) throws(MillError) -> Int {
    guard let base = target.baseAddress, target.count > 0 else { return 0 }
    while !isOver {
      try input.fill(atLeast: 1)
      let bytes = unsafe input.buffered
      unsafe stream.pointee.next_in = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe stream.pointee.avail_in = bytes.count
      unsafe stream.pointee.next_out = base.assumingMemoryBound(to: UInt8.self)
      unsafe stream.pointee.avail_out = target.count
      let code = unsafe lzma_code(stream, bytes.isEmpty ? LZMA_FINISH : LZMA_RUN)
      unsafe input.consume(bytes.count - stream.pointee.avail_in)
      let produced = unsafe target.count - stream.pointee.avail_out
      switch code {
      case LZMA_OK: break
      case LZMA_STREAM_END: isOver = true
      case LZMA_BUF_ERROR: if unsafe bytes.isEmpty { throw MillError(.truncated, "the xz stream ends early") }
      case LZMA_MEM_ERROR: throw MillError(.overBudget, "no memory for decompression")
      case LZMA_MEMLIMIT_ERROR: throw MillError(.overBudget, "the xz stream needs more than 192 MiB of memory")
      case LZMA_OPTIONS_ERROR: throw MillError(.unsupportedCompression, "the xz stream uses a filter that is not read")
      default: throw MillError(.corruptStream, "corrupt xz stream (code \(code.rawValue))")
      }
      if produced > 0 { return produced }
    }
    return 0
  }
}
