import Glibc
public import MillRuntime

/// The bytes of a file, a pipe or standard input, decompressed, from front to back.
///
/// Compression is told by the first bytes, never by the name: gzip (RFC 1952, several members, also BGZF), zstd
/// (RFC 8878, several frames, skippable frames), bzip2 and xz (several streams). Refused with a typed error: anything
/// compressed inside compressed, Parquet, garbage behind the last member or frame, streams that end early, corrupt streams, zstd frames
/// that need a dictionary.
///
/// After an error every further read throws the same error. For one thread at a time.
public final class ByteStream {
  /// How the source is compressed.
  public enum Compression: String, Sendable { case none, gzip, zstd, bzip2, xz }

  /// The source as the caller named it; `-` is standard input.
  public let path: String
  /// How the source is compressed.
  public let compression: Compression
  /// Decompressed bytes that were handed out.
  public private(set) var offset = 0
  /// Bytes taken from the source so far, for progress; they run ahead of what was handed out.
  public var sourceOffset: Int { input.taken }
  /// The size of the source, nil for pipes and devices.
  public var sourceSize: Int? { input.size }
  /// The descriptor and size of an uncompressed regular file, for readers that take it in parts with `pread`; nil for
  /// all else, and for a standard input that does not stand at its beginning. The descriptor is open as long as this
  /// object lives.
  public var seekableFile: (descriptor: Int32, size: Int)? {
    guard compression == .none, input.startsAtZero, let size = input.size else { return nil }
    return (input.descriptor, size)
  }

  private let input: ByteSource
  private let decoder: (any ByteDecoder)?
  /// Decompressed bytes that were looked at and not handed out yet.
  private var head: [UInt8] = []
  private var failure: MillError?

  /// Opens a source and looks at its first bytes.
  ///
  /// - Parameter path: A file, FIFO or device; `-` is standard input.
  /// - Throws: `MillError`: `unreadable`; `unsupported-compression` and `unsupported-content` for what is refused by
  ///   its first bytes; errors of the first compressed block.
  public init(_ path: String) throws(MillError) {
    self.path = path
    input = try ByteSource(path)
    try input.fill(atLeast: 16)
    let start = unsafe input.buffered
    switch unsafe Magic(start) {
    case .gzip:
      compression = .gzip
      decoder = GzipDecoder(input)
    case .zstd:
      compression = .zstd
      decoder = try ZstdDecoder(input)
    case .bzip2:
      compression = .bzip2
      decoder = BzipDecoder(input)
    case .xz:
      compression = .xz
      decoder = try XZDecoder(input)
    case let magic:
      if let magic { throw magic.refusal.inFile(path) }
      compression = .none
      decoder = nil
    }
    guard decoder != nil else { return }
    let inner = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 1)
    defer { unsafe inner.deallocate() }
    head = unsafe Array(inner[..<(try fill(inner))])
    if let magic = unsafe head.withUnsafeBytes({ unsafe Magic($0) }) {
      throw MillError(
        .unsupportedCompression, "\(magic.rawValue) inside \(compression.rawValue)", file: path, byte: 0,
        hint: "decompress once more before reading")
    }
  }

  /// The next bytes. The target is filled, unless the stream ends before.
  ///
  /// - Returns: The number of bytes; 0 only at the end (or for an empty target).
  /// - Throws: `MillError`: `truncated`, `trailing-garbage`, `corrupt-stream`, `dictionary-needed`, `over-budget`,
  ///   `input-output`.
  public func read(into target: UnsafeMutableRawBufferPointer) throws(MillError) -> Int {
    if let failure { throw failure }
    var done = 0
    if !head.isEmpty {
      done = min(head.count, target.count)
      unsafe target.copyBytes(from: head[..<done])
      head.removeFirst(done)
    }
    do throws(MillError) {
      unsafe done += try fill(UnsafeMutableRawBufferPointer(rebasing: target[done...]))
    } catch {
      failure = error.inFile(path)
      throw error.inFile(path)
    }
    offset += done
    return done
  }

  /// The next bytes, at most `count`, without taking them; fewer only at the end of the stream.
  ///
  /// - Throws: As ``read(into:)``.
  public func peek(_ count: Int) throws(MillError) -> [UInt8] {
    if head.count < count {
      let room = UnsafeMutableRawBufferPointer.allocate(byteCount: count - head.count, alignment: 1)
      defer { unsafe room.deallocate() }
      do throws(MillError) {
        unsafe head += room[..<(try fill(room))]
      } catch {
        failure = error
        throw error
      }
    }
    return Array(head.prefix(count))
  }

  /// All bytes from here to the end.
  ///
  /// - Throws: As ``read(into:)``, and `over-budget`.
  public func readToEnd() throws(MillError) -> FlatBuffer<UInt8> {
    var capacity = 1 << 20
    if compression == .none, let size = input.size { capacity = max(1, size - offset + 1) }
    var buffer = try FlatBuffer<UInt8>(count: capacity)
    var used = 0
    while true {
      let room = unsafe UnsafeMutableRawBufferPointer(start: buffer.base + used, count: buffer.count - used)
      unsafe used += try read(into: room)
      if used < buffer.count { break }
      let larger = try FlatBuffer<UInt8>(count: 2 * buffer.count)
      unsafe larger.base.update(from: buffer.base, count: used)
      buffer = larger
    }
    buffer.truncate(to: used)
    return buffer
  }

  private func fill(_ target: UnsafeMutableRawBufferPointer) throws(MillError) -> Int {
    var done = 0
    while done < target.count {
      let room = unsafe UnsafeMutableRawBufferPointer(rebasing: target[done...])
      let got: Int
      do throws(MillError) {
        got = if let decoder { try unsafe decoder.decode(into: room) } else { try unsafe input.read(into: room) }
      } catch {
        var error = error
        if error.kind.category == .badData, error.byte == nil { error.byte = offset + done }
        throw error.inFile(path)
      }
      if got == 0 { break }
      done += got
    }
    return done
  }
}

/// What the first bytes of a stream say about its kind.
private enum Magic: String {
  case gzip, zstd, bzip2, xz
  case parquet = "Parquet"

  /// Nil for anything that is not one of these. Text that merely begins with `BZh` or `PAR1` is text.
  init?(_ bytes: UnsafeRawBufferPointer) {
    func starts(_ magic: [UInt8]) -> Bool { unsafe bytes.starts(with: magic) }
    if starts([0x1f, 0x8b]) {
      self = .gzip
    } else if unsafe starts([0x28, 0xb5, 0x2f, 0xfd]) || ZstdDecoder.isSkippable(bytes) {
      self = .zstd
    } else if starts([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) {
      self = .xz
    } else if starts(Array("BZh".utf8)), bytes.count >= 10,
      unsafe bytes[4..<10].elementsEqual([0x31, 0x41, 0x59, 0x26, 0x53, 0x59])
        || bytes[4..<10].elementsEqual([0x17, 0x72, 0x45, 0x38, 0x50, 0x90])
    {
      self = .bzip2
    } else if unsafe beginsAsParquet(bytes) {
      self = .parquet
    } else {
      return nil
    }
  }

  var refusal: MillError {
    MillError(
      .unsupportedContent, "\(rawValue) is not read", byte: 0,
      hint: "write it as tab-separated text with DuckDB or polars first")
  }
}

/// Whether bytes begin as a Parquet file does. Text that merely begins with `PAR1` is text.
package func beginsAsParquet(_ bytes: some Collection<UInt8>) -> Bool {
  guard bytes.starts(with: "PAR1".utf8), let next = bytes.dropFirst(4).first else { return false }
  return next < 32 && ![9, 10, 13].contains(next)
}

extension MillError.Kind {
  /// A compression that is not read, or one inside another.
  public static let unsupportedCompression = Self("unsupported-compression", .badData)
  /// A binary format that is not read.
  public static let unsupportedContent = Self("unsupported-content", .badData)
  /// Compressed bytes that do not decode.
  public static let corruptStream = Self("corrupt-stream", .badData)
  /// A zstd frame that was made with a dictionary.
  public static let dictionaryNeeded = Self("dictionary-needed", .badData)
}
