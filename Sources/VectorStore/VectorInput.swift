import Glibc
import MillRuntime

/// A file of vectors on the way to a table: its bytes, and how they are to be read.
struct VectorInput: Sendable {
  /// The file as the user named it; `-` is standard input.
  let path: String
  /// The same without the name of a dataset.
  let file: String
  /// The dataset that is asked for, of a file that has several.
  let dataset: String?
  /// Whether the bytes are those of a regular file.
  let isRegular: Bool
  /// All of it.
  let bytes: SharedArray<UInt8>
  let options: VectorReadOptions
  let context: RunContext

  /// Maps a regular file; reads standard input and pipes to their end.
  ///
  /// - Throws: `MillError`: `unreadable`, `input-output`, `over-budget`.
  init(_ path: String, options: VectorReadOptions, context: RunContext) throws(MillError) {
    self.path = path
    self.options = options
    self.context = context
    let named = splittingDataset(path)
    file = named.path
    dataset = options.dataset ?? named.dataset
    var status = stat()
    let isStream = unsafe path == "-" || (stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    isRegular = !isStream
    guard isStream else {
      let file = try MappedFile(path: file, mapped: options.isMapped)
      bytes = unsafe SharedArray(base: file.base.assumingMemoryBound(to: UInt8.self), count: file.count, owner: file)
      return
    }
    let descriptor = unsafe path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unsafe MillError(.unreadable, String(cString: strerror(errno)), file: path) }
    defer { if path != "-" { close(descriptor) } }
    bytes = try Self.readToEnd(descriptor, context)
  }

  /// Bytes at hand, for tests.
  init(_ bytes: [UInt8], name: String, options: VectorReadOptions) throws(MillError) {
    path = name
    file = name
    dataset = options.dataset
    isRegular = false
    self.options = options
    context = RunContext(threads: 1)
    self.bytes = try SharedArray(copying: bytes)
  }

  private static func readToEnd(_ descriptor: Int32, _ context: RunContext) throws(MillError) -> SharedArray<UInt8> {
    var buffer = try FlatBuffer<UInt8>(uninitializedCount: 1 << 16)
    var count = 0
    while true {
      if count == buffer.count {
        let larger = try FlatBuffer<UInt8>(uninitializedCount: 2 * count)
        unsafe memcpy(larger.base, buffer.base, count)
        buffer = larger
      }
      let got = unsafe read(descriptor, buffer.base + count, min(buffer.count - count, 1 << 24))
      if got < 0 {
        if errno == EINTR { continue }
        throw unsafe MillError(.inputOutput, String(cString: strerror(errno)))
      }
      if got == 0 { break }
      count += got
      try context.checkCancelled()
    }
    buffer.truncate(to: count)
    return SharedArray(buffer)
  }

  /// The first byte, valid while the input lives.
  var base: UnsafeRawPointer { unsafe UnsafeRawPointer(bytes.base) }

  /// A little-endian number at a place that lies within the bytes.
  func load<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: Value.Type) -> Value {
    unsafe Value(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: Value.self))
  }

  /// Rows as they lie in the file, the last of which ends within it.
  func mapped(_ element: ElementType, at offset: Int, dimension: Int, stride: Int, count: Int) -> VectorTable {
    VectorTable(
      shared: bytes.shared(min(offset, bytes.count)..<bytes.count), element, dimension: dimension, stride: stride,
      count: count)
  }
}
