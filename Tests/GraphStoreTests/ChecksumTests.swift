import Foundation
import TestSupport
import Testing

@testable import GraphStore

@Suite struct ChecksumTests {
  private func sum(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { crc32c($0) } }

  @Test("CRC-32C, the vectors of RFC 3720 appendix B.4")
  func crc() {
    #expect(sum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
    #expect(sum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
    #expect(sum(Array(0..<32)) == 0x46dd_794e)
    #expect(sum(Array((0..<32).reversed())) == 0x113f_db5c)
    var command = [UInt8](repeating: 0, count: 48)
    (command[0], command[1], command[16], command[20]) = (0x01, 0xc0, 0x14, 0x00)
    (command[22], command[27], command[31], command[32], command[40]) = (0x04, 0x14, 0x18, 0x28, 0x02)
    #expect(sum(command) == 0xd996_3a56)
    #expect(sum(Array("123456789".utf8)) == 0xe306_9283)
    #expect(sum([]) == 0)
  }

  @Test func crcContinues() {
    let bytes = Array(0..<200 as Range<UInt8>)
    for cut in [0, 1, 60, 199, 200] {
      let first = sum(Array(bytes[..<cut]))
      #expect(bytes[cut...].withUnsafeBytes { crc32c($0, continuing: first) } == sum(bytes))
    }
  }

  @Test("XXH3 against published values")
  func xxhash() {
    func short(_ text: String) -> UInt64 { Array(text.utf8).withUnsafeBytes { xxh3($0) } }
    #expect(short("") == 0x2d06_8005_38d3_94c2)
    #expect(short("a") == 0xe6c6_32b6_1e96_4e1f)
    #expect(short("abc") == 0x78af_5f94_892f_3950)
    func long(_ pieces: [String]) -> String {
      let stream = XXH3Stream()
      for piece in pieces { Array(piece.utf8).withUnsafeBytes { stream.update($0) } }
      return stream.hexDigest()
    }
    #expect(long([]) == "99aa06d3014798d86001c324468d497f")
    #expect(long(["a"]) == "a96faf705af16834e6c632b61e964e1f")
    #expect(long(["a", "", "bc"]) == "06b05ab6733a618578af5f94892f3950")
  }

  @Test("SHA-256, the vectors of FIPS 180-4's examples")
  func sha() throws {
    func digest(_ text: String) -> String {
      let stream = SHA256Stream()
      Array(text.utf8).withUnsafeBytes { stream.update($0) }
      return stream.hexDigest()
    }
    #expect(digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    let folder = TemporaryFolder()
    try Data(repeating: UInt8(ascii: "a"), count: 1_000_000).write(to: URL(fileURLWithPath: folder.file("a")))
    #expect(
      try fileSHA256(folder.file("a")) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    #expect(throws: (any Error).self) { try fileSHA256(folder.file("b")) }
  }
}
