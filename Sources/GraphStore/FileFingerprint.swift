import Glibc
public import MillRuntime

/// The fingerprint of bytes that come piece by piece: XXH3, 128 bits, seed 0, 32 hexadecimal digits.
///
/// For one thread at a time.
package final class StreamFingerprint: @unchecked Sendable {
  private let stream = XXH3Stream()

  package init() {}

  /// Adds bytes.
  package func update(_ bytes: UnsafeRawBufferPointer) { unsafe stream.update(bytes) }

  /// The fingerprint of all bytes so far.
  package var hexadecimal: String { stream.hexDigest() }
}

/// XXH3 (128 bits, seed 0) of a file's bytes, 32 hexadecimal digits: a name for files that hold no graph. The same as
/// `xxh128sum` prints.
///
/// - Throws: `MillError`: `unreadable` or `input-output`.
/// - Complexity: O(bytes) time, 1 MiB of memory. One thread.
public func fileFingerprint(_ path: String) throws(MillError) -> String {
  let fingerprint = StreamFingerprint()
  try unsafe readBlocks(of: path) { unsafe fingerprint.update($0) }
  return fingerprint.hexadecimal
}

/// Hands out the bytes of a file, from front to back, in blocks of up to 1 MiB.
func readBlocks(of path: String, _ body: (UnsafeRawBufferPointer) -> Void) throws(MillError) {
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .unreadable(path) }
  defer { close(descriptor) }
  let buffer = try FlatBuffer<UInt8>(count: 1 << 20)
  while true {
    let got = retrying { unsafe read(descriptor, buffer.base, buffer.count) }
    if got == 0 { return }
    guard got > 0 else { throw .inputOutput("cannot read", path) }
    unsafe body(UnsafeRawBufferPointer(start: buffer.base, count: got))
  }
}
