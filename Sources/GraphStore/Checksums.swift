internal import CCrypto
internal import CXXHash
import Glibc
public import MillRuntime

/// CRC-32C (Castagnoli), as in RFC 3720 appendix B.4; `seed` continues an earlier sum.
package func crc32c(_ bytes: UnsafeRawBufferPointer, continuing seed: UInt32 = 0) -> UInt32 {
  var sum = ~seed
  for i in bytes.indices {
    unsafe sum = crc32cTable[Int(UInt8(truncatingIfNeeded: sum) ^ bytes[i])] ^ (sum >> 8)
  }
  return ~sum
}

private let crc32cTable: [UInt32] = (0..<256).map { index in
  (0..<8).reduce(UInt32(index)) { sum, _ in sum & 1 == 1 ? (sum >> 1) ^ 0x82f6_3b78 : sum >> 1 }
}

/// XXH3, 64 bits, seed 0.
package func xxh3(_ bytes: UnsafeRawBufferPointer) -> UInt64 { unsafe XXH3_64bits(bytes.baseAddress, bytes.count) }

/// XXH3, 128 bits, seed 0, over a stream of blocks.
@safe package struct XXH3Stream: ~Copyable {
  private let state: OpaquePointer

  package init() {
    guard let state = unsafe XXH3_createState() else { fatalError("out of memory") }
    unsafe XXH3_128bits_reset(state)
    unsafe self.state = state
  }

  deinit { unsafe XXH3_freeState(state) }

  package func update(_ bytes: UnsafeRawBufferPointer) {
    if bytes.count > 0 { unsafe XXH3_128bits_update(state, bytes.baseAddress, bytes.count) }
  }

  /// The canonical form: 32 hexadecimal digits, high half first.
  package func hexDigest() -> String {
    let hash = unsafe XXH3_128bits_digest(state)
    let words = [hash.high64, hash.low64]
    return hexadecimal(words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } })
  }
}

/// SHA-256 (FIPS 180-4) over a stream of blocks.
@safe package struct SHA256Stream: ~Copyable {
  private let context: OpaquePointer

  package init() {
    guard let context = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      fatalError("no SHA-256 in libcrypto")
    }
    unsafe self.context = context
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  package func update(_ bytes: UnsafeRawBufferPointer) {
    if bytes.count > 0 { unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }
  }

  /// 64 hexadecimal digits; ends the stream.
  package func hexDigest() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    unsafe EVP_DigestFinal_ex(context, &digest, &count)
    return hexadecimal(digest)
  }
}

/// The SHA-256 of some bytes, as 64 lower-case hexadecimal digits. O(bytes).
package func sha256Hex(_ bytes: UnsafeRawBufferPointer) -> String {
  let stream = SHA256Stream()
  unsafe stream.update(bytes)
  return stream.hexDigest()
}

/// Two lower-case digits a byte.
private func hexadecimal(_ bytes: [UInt8]) -> String {
  let digits = Array("0123456789abcdef".utf8)
  return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

/// The SHA-256 of a file's bytes, 64 hexadecimal digits.
///
/// - Throws: `MillError`: `unreadable` or `input-output`.
/// - Complexity: O(bytes) time, 1 MiB of memory. One thread.
public func fileSHA256(_ path: String) throws(MillError) -> String {
  let sha = SHA256Stream()
  try unsafe readBlocks(of: path) { unsafe sha.update($0) }
  return sha.hexDigest()
}
