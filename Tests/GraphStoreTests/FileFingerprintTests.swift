import Foundation
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct FileFingerprintTests {
  /// Reference values of xxh128sum (xxhsum 0.8).
  @Test("XXH3 of 128 bits of the bytes, in blocks of any number")
  func reference() throws {
    let place = TemporaryFolder()
    let path = place.url.appending(path: "f").path
    for (bytes, wanted) in [
      (Data(), "99aa06d3014798d86001c324468d497f"), (Data("abc".utf8), "06b05ab6733a618578af5f94892f3950"),
    ] {
      try bytes.write(to: URL(filePath: path))
      #expect(try fileFingerprint(path) == wanted)
    }
    let long = Data((0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
    try long.write(to: URL(filePath: path))
    let stream = StreamFingerprint()
    for begin in Swift.stride(from: 0, to: long.count, by: 70_001) {
      long[begin..<min(long.count, begin + 70_001)].withUnsafeBytes { stream.update($0) }
    }
    #expect(try fileFingerprint(path) == stream.hexadecimal)
  }

  @Test func missing() {
    #expect(throws: MillError.self) { try fileFingerprint("/nowhere/at/all") }
  }
}
