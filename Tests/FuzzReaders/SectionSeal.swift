import GraphStore
import MillRuntime

/// Makes length and checksums of the project's own containers fit what was changed, so that what lies behind them is
/// reached.
enum SectionSeal {
  static func seal(_ bytes: inout [UInt8]) {
    guard bytes.count >= 64 else { return }
    put(UInt64(bytes.count), at: 48, width: 8, &bytes)
    for entry in 0..<min(32, Int(word(bytes, 56) & 0xffff_ffff)) {
      let place = 64 + 40 * entry
      guard place + 40 <= bytes.count, let start = Int(exactly: word(bytes, place + 8)),
        let length = Int(exactly: word(bytes, place + 16)), start <= bytes.count, length <= bytes.count - start
      else { continue }
      put(bytes[start..<start + length].withUnsafeBytes { xxh3($0) }, at: place + 32, width: 8, &bytes)
    }
    let header = Int(word(bytes, 8) >> 32)
    guard header >= 64, header <= bytes.count else { return }
    put(0, at: 60, width: 4, &bytes)
    put(UInt64(bytes[..<header].withUnsafeBytes { crc32c($0) }), at: 60, width: 4, &bytes)
  }

  private static func word(_ bytes: [UInt8], _ place: Int) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
  }

  private static func put(_ value: UInt64, at place: Int, width: Int, _ bytes: inout [UInt8]) {
    for i in 0..<width { bytes[place + i] = UInt8(truncatingIfNeeded: value >> UInt64(8 * i)) }
  }
}
