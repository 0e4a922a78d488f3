internal import CZstd
public import MillRuntime

/// Compression of sections: zstd in independent frames, so that both ways run in parallel, and variable-length
/// integers. Decoders check every length before they write, on any bytes.
package enum SectionCodecs {
  /// Bytes of input a zstd frame.
  static let frameBytes = 4 << 20
  private static let level: Int32 = 3
  /// No zstd frame expands more: a block of 128 KiB takes at least 4 bytes.
  private static let maximumExpansion = 1 << 16

  // MARK: zstd

  /// Compresses into one frame for every 4 MiB, each with its content size.
  ///
  /// - Complexity: O(bytes), parallel over frames; the bytes do not depend on the thread count.
  package static func zstdEncode(
    _ bytes: UnsafeRawBufferPointer, context: RunContext
  ) throws(MillError) -> FlatBuffer<UInt8> {
    let frames = max(1, Parallel.chunkCount(bytes.count, size: frameBytes))
    let room = ZSTD_compressBound(min(frameBytes, bytes.count))
    let scratch = try FlatBuffer<UInt8>(count: frames * room)
    let sizes = try FlatBuffer<Int>(count: frames)
    try Parallel.forEachThrowing(frames, threads: context.threads) { frame, _ throws(MillError) in
      try context.checkCancelled()
      let range = Parallel.range(ofChunk: frame, size: frameBytes, count: bytes.count)
      let part = unsafe UnsafeRawBufferPointer(rebasing: bytes[range])
      let size = unsafe ZSTD_compress(scratch.base + frame * room, room, part.baseAddress, part.count, level)
      guard ZSTD_isError(size) == 0 else { throw zstdFailure(size) }
      unsafe sizes.base[frame] = size
    }
    var end = 0
    for frame in 0..<frames {
      unsafe (scratch.base + end).update(from: scratch.base + frame * room, count: sizes.base[frame])
      unsafe end += sizes.base[frame]
    }
    scratch.truncate(to: end)
    return scratch
  }

  /// Decompresses any sequence of frames that state their content size, into exactly `target.count` bytes.
  ///
  /// - Throws: ``MillError`` of kind `corrupt-section`.
  package static func zstdDecode(
    _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, context: RunContext
  ) throws(MillError) {
    guard let source = bytes.baseAddress else {
      guard target.count == 0 else { throw corrupt("is empty") }
      return
    }
    var frames: [(from: Range<Int>, to: Range<Int>)] = []
    var at = 0
    var written = 0
    while at < bytes.count {
      let size = unsafe ZSTD_findFrameCompressedSize(source + at, bytes.count - at)
      guard ZSTD_isError(size) == 0, size > 0, size <= bytes.count - at else { throw corrupt("has a broken frame") }
      let content = unsafe ZSTD_getFrameContentSize(source + at, size)
      // The two largest values mean "unknown" and "error".
      guard content <= UInt64(target.count - written) else { throw corrupt("decodes to a wrong length") }
      frames.append((at..<at + size, written..<written + Int(content)))
      at += size
      written += Int(content)
    }
    guard written == target.count else { throw corrupt("decodes to a wrong length") }
    nonisolated(unsafe) let target = unsafe target
    try Parallel.forEachThrowing(frames.count, threads: context.threads) { i, _ throws(MillError) in
      try context.checkCancelled()
      let (from, to) = frames[i]
      guard !to.isEmpty, let base = unsafe target.baseAddress else { return }
      let size = unsafe ZSTD_decompress(base + to.lowerBound, to.count, source + from.lowerBound, from.count)
      guard size == to.count else { throw corrupt("has a broken frame") }
    }
  }

  /// Whether `length` stored bytes can hold `rawLength` at all; checked before memory is asked for.
  static func isPlausible(_ codec: SectionCodec, length: Int, rawLength: Int, count: Int) -> Bool {
    switch codec {
    case .raw: length == rawLength
    case .zstd: rawLength / maximumExpansion <= length
    case .varint: count <= length
    case .packed: count / 8 <= length
    }
  }

  static func corrupt(_ what: String) -> MillError { MillError(.corruptSection, "a compressed section \(what)") }

  private static func zstdFailure(_ code: Int) -> MillError {
    MillError(.inputOutput, unsafe "zstd: \(String(cString: ZSTD_getErrorName(code)))")
  }

  // MARK: Variable-length integers: seven bits a byte, low bits first, the high bit says that more follow.

  /// The differences of successive words (the first against 0), modulo 2^64.
  package static func varintEncode(
    differencesOf words: UnsafeBufferPointer<UInt64>
  ) throws(MillError) -> FlatBuffer<UInt8> {
    var size = 0
    var last: UInt64 = 0
    for i in words.indices {
      let word = unsafe words[i]
      size += varintBytes(word &- last)
      last = word
    }
    let out = try FlatBuffer<UInt8>(count: size)
    var cursor = unsafe out.base
    last = 0
    for i in words.indices {
      let word = unsafe words[i]
      unsafe putVarint(word &- last, &cursor)
      last = word
    }
    return out
  }

  /// Reads back ``varintEncode(differencesOf:)``; all bytes must be used.
  package static func varintDecode(
    _ bytes: UnsafeRawBufferPointer, differencesInto words: UnsafeMutableBufferPointer<UInt64>
  ) throws(MillError) {
    var at = 0
    var last: UInt64 = 0
    for i in 0..<words.count {
      last = try unsafe last &+ varint(bytes, &at)
      unsafe words[i] = last
    }
    guard at == bytes.count else { throw corrupt("has bytes left over") }
  }

  /// Per list the first target, then the differences of successive ones, modulo the width of a target.
  package static func varintEncode<Target: FixedWidthInteger & BitwiseCopyable>(
    lists targets: UnsafeBufferPointer<Target>, offsets: UnsafeBufferPointer<UInt64>
  ) throws(MillError) -> FlatBuffer<UInt8> {
    var size = 0
    for list in 0..<offsets.count - 1 {
      var last: Target = 0
      for arc in unsafe Int(offsets[list])..<Int(offsets[list + 1]) {
        unsafe size += varintBytes(UInt64(targets[arc] &- last))
        last = unsafe targets[arc]
      }
    }
    let out = try FlatBuffer<UInt8>(count: size)
    var cursor = unsafe out.base
    for list in 0..<offsets.count - 1 {
      var last: Target = 0
      for arc in unsafe Int(offsets[list])..<Int(offsets[list + 1]) {
        unsafe putVarint(UInt64(targets[arc] &- last), &cursor)
        last = unsafe targets[arc]
      }
    }
    return out
  }

  /// Reads back ``varintEncode(lists:offsets:)``; the offsets must be monotone and end at the count of targets.
  package static func varintDecode<Target: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, listsInto targets: UnsafeMutableBufferPointer<Target>,
    offsets: UnsafeBufferPointer<UInt64>
  ) throws(MillError) {
    var at = 0
    for list in 0..<offsets.count - 1 {
      var last: Target = 0
      for arc in unsafe Int(offsets[list])..<Int(offsets[list + 1]) {
        let difference = try unsafe varint(bytes, &at)
        guard difference <= UInt64(Target.max) else { throw corrupt("has a target out of range") }
        last &+= Target(truncatingIfNeeded: difference)
        unsafe targets[arc] = last
      }
    }
    guard at == bytes.count else { throw corrupt("has bytes left over") }
  }

  @inline(__always) private static func varintBytes(_ value: UInt64) -> Int {
    max(1, (70 - value.leadingZeroBitCount) / 7)
  }

  @inline(__always) private static func putVarint(_ value: UInt64, _ cursor: inout UnsafeMutablePointer<UInt8>) {
    var value = value
    while value >= 128 {
      unsafe cursor.pointee = UInt8(truncatingIfNeeded: value) | 128
      unsafe cursor += 1
      value &>>= 7
    }
    unsafe cursor.pointee = UInt8(truncatingIfNeeded: value)
    unsafe cursor += 1
  }

  @inline(__always) private static func varint(
    _ bytes: UnsafeRawBufferPointer, _ at: inout Int
  ) throws(MillError) -> UInt64 {
    if at &+ 8 <= bytes.count, let base = bytes.baseAddress {
      // Eight bytes at once: cut behind the first one below 128, then close the gaps of one bit a byte.
      var word = unsafe UInt64(littleEndian: (base + at).loadUnaligned(as: UInt64.self))
      let stop = ~word & 0x8080_8080_8080_8080
      if stop != 0 {
        let high = stop & (0 &- stop)  // the high bit of the number's last byte
        let number = word & (high &- 1)
        guard number < 128 || number & (high &- (high &>> 7)) != 0 else {
          throw corrupt("has a number in a longer form than needed")
        }
        word = number & 0x7f7f_7f7f_7f7f_7f7f
        word = (word & 0x007f_007f_007f_007f) | ((word & 0x7f00_7f00_7f00_7f00) &>> 1)
        word = (word & 0x0000_3fff_0000_3fff) | ((word & 0x3fff_0000_3fff_0000) &>> 2)
        word = (word & 0x0000_0000_0fff_ffff) | ((word & 0x0fff_ffff_0000_0000) &>> 4)
        at &+= (stop.trailingZeroBitCount &>> 3) &+ 1
        return word
      }
    }
    return try unsafe slowVarint(bytes, &at)
  }

  /// A number of more than eight bytes, or near the end.
  @inline(never) private static func slowVarint(
    _ bytes: UnsafeRawBufferPointer, _ at: inout Int
  ) throws(MillError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard at < bytes.count else { throw corrupt("ends inside a number") }
      let byte = unsafe UInt64(bytes[at])
      at += 1
      guard shift < 63 || byte <= 1 else { throw corrupt("has a number above 64 bits") }
      value |= (byte & 127) &<< shift
      if byte < 128 {
        guard byte > 0 || shift == 0 else { throw corrupt("has a number in a longer form than needed") }
        return value
      }
      shift += 7
    }
  }
}

extension MillError.Kind {
  /// A compressed section does not decode.
  public static let corruptSection = Self("corrupt-section", .badData)
}
