import MillRuntime

/// Little-endian fields of a binary file.
@safe struct BinaryView {
  let bytes: UnsafeRawBufferPointer
  var count: Int { unsafe bytes.count }

  init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = unsafe bytes }

  /// An unsigned integer of 1, 2, 4 or 8 bytes. The range is the caller's to check.
  @inline(__always) func unsigned(at place: Int, width: Int, isBigEndian: Bool = false) -> UInt64 {
    switch width {
    case 1: return unsafe UInt64(bytes[place])
    case 2:
      let value = unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self)
      return UInt64(isBigEndian ? value.byteSwapped : value)
    case 4:
      let value = unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
      return UInt64(isBigEndian ? value.byteSwapped : value)
    default:
      let value = unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      return isBigEndian ? value.byteSwapped : value
    }
  }

  /// The bits of a double.
  func double(at place: Int) -> Double { Double(bitPattern: unsigned(at: place, width: 8)) }
}

/// Little-endian fields on their way to a file.
struct BinarySink {
  private let sink: any ByteSink
  private var buffer: [UInt8] = []

  init(_ sink: any ByteSink) { self.sink = sink }

  /// Appends an integer.
  mutating func put<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) throws(MillError) {
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe buffer.append(contentsOf: $0) }
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Appends bytes.
  mutating func put(_ bytes: [UInt8]) throws(MillError) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Hands everything out and commits the file.
  mutating func finish() throws(MillError) {
    try flush()
    try sink.finish()
  }

  private mutating func flush() throws(MillError) {
    try unsafe buffer.withUnsafeBufferPointer { bytes throws(MillError) in
      try unsafe sink.write(UnsafeRawBufferPointer(bytes))
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
