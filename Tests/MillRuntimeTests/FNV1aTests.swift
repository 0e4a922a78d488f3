import Testing

@testable import MillRuntime

@Suite struct FNV1aTests {
  /// Values of the test vectors in the draft's reference code.
  @Test(
    arguments: [
      ("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8),
    ] as [(String, UInt64)])
  func known(text: String, hash: UInt64) {
    #expect(FNV1a(text.utf8).value == hash)
    var parts = FNV1a()
    for byte in text.utf8 { parts.combine(CollectionOfOne(byte)) }
    #expect(parts.value == hash)
  }
}
