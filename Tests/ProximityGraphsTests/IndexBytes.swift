import GraphStore
import MillRuntime

/// The bytes of an index file, changed from outside.
enum IndexBytes {
  static func read(_ path: String) throws -> [UInt8] {
    let file = try MappedFile(path: path)
    return withExtendedLifetime(file) { Array(file.bytes) }
  }

  static func put<Value: FixedWidthInteger>(_ value: Value, at place: Int, _ bytes: inout [UInt8]) {
    for i in 0..<Value.bitWidth / 8 where place + i < bytes.count {
      bytes[place + i] = UInt8(truncatingIfNeeded: value >> (8 * i))
    }
  }

  static func word(_ bytes: [UInt8], _ place: Int) -> UInt64 {
    var word: UInt64 = 0
    for i in 0..<8 { word |= UInt64(bytes[place + i]) << UInt64(8 * i) }
    return word
  }

  /// CRC-32C of the header with its own field as zero.
  static func fixHeader(_ bytes: inout [UInt8]) {
    let length = Int(bytes[12]) | Int(bytes[13]) << 8
    guard (64...bytes.count).contains(length) else { return }
    var sum = ~UInt32(0)
    for i in 0..<length {
      sum ^= (60..<64).contains(i) ? 0 : UInt32(bytes[i])
      for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0x82f6_3b78 : sum >> 1 }
    }
    put(~sum, at: 60, &bytes)
  }

  /// Makes the checksums of all sections inside the file good again, then the header's.
  static func fixAll(_ bytes: inout [UInt8]) {
    for i in 0..<Int(bytes[56]) where 104 + 40 * i <= bytes.count {
      let entry = 64 + 40 * i
      guard let start = Int(exactly: word(bytes, entry + 8)), let length = Int(exactly: word(bytes, entry + 16)),
        start <= bytes.count, length <= bytes.count - start
      else { continue }
      let sum = bytes[start..<start + length].withUnsafeBytes { xxh3($0) }
      put(sum, at: entry + 32, &bytes)
    }
    fixHeader(&bytes)
  }

  /// Where the sections begin and end.
  static func borders(_ bytes: [UInt8]) -> [Int] {
    (0..<Int(bytes[56])).flatMap { i in
      let entry = 64 + 40 * i
      let start = Int(word(bytes, entry + 8))
      return [start, start + Int(word(bytes, entry + 16))]
    }
  }
}
