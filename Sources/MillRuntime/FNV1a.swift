/// The FNV-1a hash of 64 bits, byte by byte: short names and short texts, where a few lines matter more than speed.
///
/// Not for tables that others fill: it is easy to find texts of one hash. Source: Fowler, Noll, Vo, "The FNV
/// Non-Cryptographic Hash Algorithm", IETF draft-eastlake-fnv.
package struct FNV1a: Sendable {
  /// The hash of what was fed so far.
  package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  /// The hash of nothing.
  package init() {}

  /// The hash of `bytes`.
  package init(_ bytes: some Sequence<UInt8>) { combine(bytes) }

  /// Feeds bytes.
  package mutating func combine(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
  }
}
