import Foundation
import GraphFormats
import MillRuntime
import TestSupport
import Testing

/// The bytes of a hexadecimal text.
func unhex(_ text: String) -> [UInt8] {
  let digits = Array(text.utf8)
  return stride(from: 0, to: digits.count, by: 2).map {
    UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)!
  }
}

@Suite struct ByteStreamTests {
  static let text = Array("1 2\n2 3\n3 1\n".utf8)

  /// `text` as other programs compress it.
  enum Foreign {
    /// gzip with extra field, name, time and header checksum.
    static let gzip = unhex(
      "1f8b080ed20296490003060058590200616265646765732e74787400d0e1335430e2325230e6325630e402007514bdb70c000000")
    /// Blocked gzip: two members and the empty one that ends the file.
    static let bgzf = unhex(
      "1f8b08040000000000ff0600424302001f00335430e2020057bb3b5c040000001f8b08040000000000ff0600424302002300335230e632"
        + "5630e4020054207259080000001f8b08040000000000ff0600424302001b0003000000000000000000")
    static let bzip2 = unhex(
      "425a68393141592653590d3579d2000003d800001040003800200030cd010f29ea3d62d0078bb9229c2848069abce900")
    static let emptyBzip2 = unhex("425a683917724538509000000000")
    static let xz = unhex(
      "fd377a585a000004e6d6b4460200210116000000742fe5a301000b3120320a3220330a3320310a00cd7976761b3532690001240ca618d8d8"
        + "1fb6f37d010000000004595a")
    /// With a checksum, without a content size.
    static let zstd = unhex("28b52ffd04586100003120320a3220330a3320310a8200470a")
    /// With a content size: one segment.
    static let sizedZstd = unhex("28b52ffd240c6100003120320a3220330a3320310a8200470a")
    static let skippable: [UInt8] = [0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]
  }

  /// Reads all in pieces of `size`.
  private func readAll(_ stream: ByteStream, size: Int = 1000) throws -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 1)
    defer { buffer.deallocate() }
    var all: [UInt8] = []
    while true {
      let got = try stream.read(into: buffer)
      all += buffer[..<got]
      #expect(stream.offset == all.count)
      if got < size { break }
    }
    #expect(try stream.read(into: buffer) == 0)
    return all
  }

  private func readAll(_ bytes: [UInt8], size: Int = 1000) throws -> [UInt8] {
    let folder = Scratch()
    return try readAll(ByteStream(folder.file("in", bytes)), size: size)
  }

  private func readToEnd(_ stream: ByteStream) throws -> [UInt8] {
    let buffer = try stream.readToEnd()
    return withExtendedLifetime(buffer) { Array(buffer.elements) }
  }

  /// The error of opening and reading `bytes`, nil when there is none.
  private func failure(_ bytes: [UInt8]) throws -> MillError? {
    do {
      _ = try readAll(bytes)
      return nil
    } catch let error as MillError {
      #expect(error.exitCode == 65 && error.file != nil)
      return error
    }
  }

  private func compressed(_ bytes: [UInt8], gzip: Bool, pieces: Int = 1 << 20, level: Int = 1) throws -> [UInt8] {
    let folder = Scratch()
    let file = try OutputFile(folder.file("out"))
    let sink: any ByteSink = gzip ? try GzipSink(file, level: level) : try ZstdSink(file, level: level)
    try bytes.withUnsafeBytes { all in
      for start in stride(from: 0, to: bytes.count, by: pieces) {
        try sink.write(UnsafeRawBufferPointer(rebasing: all[start..<min(bytes.count, start + pieces)]))
      }
    }
    try sink.finish()
    return Array(FileManager.default.contents(atPath: folder.file("out")) ?? Data())
  }

  /// Text that compresses somewhat, the same every time.
  private func sample(_ count: Int) -> [UInt8] {
    var random = CounterRandom(seed: 1, stage: "byte stream")
    return (0..<count).map { _ in UInt8(48 + random.below(10)) }
  }

  @Test("Plain bytes of any length, in pieces of any size", arguments: [0, 1, 2, 15, 16, 17, 262_144, 300_001])
  func plain(count: Int) throws {
    let bytes = sample(count)
    for size in [7, 64, 1 << 18, 1 << 20] where count / size < 5000 {
      #expect(try readAll(bytes, size: size) == bytes)
    }
  }

  @Test func compressionIsToldByContent() throws {
    let folder = Scratch()
    for (bytes, kind) in [
      (Self.text, ByteStream.Compression.none), (Foreign.gzip, .gzip), (Foreign.bgzf, .gzip), (Foreign.zstd, .zstd),
      (Foreign.sizedZstd, .zstd), (Foreign.skippable + Foreign.zstd, .zstd),
    ] {
      let path = folder.file("graph.txt", bytes)
      let stream = try ByteStream(path)
      #expect(stream.compression == kind)
      #expect(stream.sourceSize == bytes.count)
      #expect((stream.seekableFile != nil) == (kind == .none))
      if let file = stream.seekableFile {
        var byte: UInt8 = 0
        #expect(file.size == bytes.count && pread(file.descriptor, &byte, 1, 4) == 1 && byte == UInt8(ascii: "2"))
      }
      #expect(try readAll(stream) == Self.text)
    }
  }

  @Test("Members and frames follow one another")
  func sequences() throws {
    for (bytes, copies) in [
      (Foreign.gzip + Foreign.bgzf + Foreign.gzip, 3), (Foreign.bgzf + Foreign.bgzf, 2),
      (Foreign.zstd + Foreign.sizedZstd, 2),
      (Foreign.skippable + Foreign.zstd + Foreign.skippable + Foreign.skippable + Foreign.zstd + Foreign.skippable, 2),
    ] {
      for size in [1, 5, 12, 13, 100] {
        #expect(try readAll(bytes, size: size) == (0..<copies).flatMap { _ in Self.text })
      }
    }
    #expect(try readAll(Foreign.skippable) == [])
  }

  @Test("Large streams", arguments: [true, false])
  func large(gzip: Bool) throws {
    let bytes = sample(3_000_000)
    let packed = try compressed(bytes, gzip: gzip)
    #expect(packed.count < bytes.count * 3 / 5)
    for size in [1 << 12, 1 << 16, 1 << 22] { #expect(try readAll(packed, size: size) == bytes) }
    let folder = Scratch()
    let stream = try ByteStream(folder.file("in", packed + packed))
    #expect(try readToEnd(stream) == bytes + bytes)
    #expect(stream.sourceOffset == 2 * packed.count)
    #expect(try readToEnd(ByteStream(folder.file("in", bytes))) == bytes)
  }

  @Test("A pipe that delivers byte by byte gives the same", arguments: 0..<5)
  func slowPipe(index: Int) throws {
    let source = [Self.text, Foreign.gzip, Foreign.bgzf, Foreign.zstd, [0x1f]][index]
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let input = ends[1]
    Thread.detachNewThread {
      for byte in source {
        var byte = byte
        _ = write(input, &byte, 1)
        sched_yield()
      }
      close(input)
    }
    let stream = try ByteStream("/dev/fd/\(ends[0])")
    close(ends[0])
    #expect(stream.seekableFile == nil && stream.sourceSize == nil)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1000, alignment: 1)
    defer { buffer.deallocate() }
    let expected = index == 4 ? [0x1f] : Self.text
    #expect(try stream.read(into: buffer) == expected.count)
    #expect(Array(buffer[..<expected.count]) == expected)
    #expect(try stream.read(into: buffer) == 0)
  }

  @Test func standardInput() async {
    await #expect(processExitsWith: .success) {
      var ends: [Int32] = [0, 0]
      precondition(pipe(&ends) == 0 && dup2(ends[0], 0) == 0)
      var bytes = Array("5 6\n".utf8)
      precondition(write(ends[1], &bytes, 4) == 4)
      close(ends[1])
      let all = try ByteStream("-").readToEnd()
      precondition(withExtendedLifetime(all) { Array(all.elements) == bytes })
    }
  }

  @Test("A stream that was cut off anywhere is told", arguments: 0..<4)
  func truncation(index: Int) throws {
    let whole = [Foreign.gzip, Foreign.zstd, Foreign.sizedZstd, Foreign.skippable + Foreign.zstd][index]
    let firstFrame = index == 3 ? Foreign.skippable.count : 0
    for count in 4..<whole.count where count != firstFrame {
      #expect(try failure(Array(whole[..<count]))?.kind == .truncated, "\(count)")
    }
    // The second of two.
    for count in 1..<whole.count where count != firstFrame {
      #expect(try failure(whole + whole[..<count])?.kind == .truncated, "second, \(count)")
    }
  }

  @Test("A large stream that was cut off")
  func largeTruncation() throws {
    for gzip in [true, false] {
      let packed = try compressed(sample(600_000), gzip: gzip)
      for count in [packed.count / 2, packed.count - 9, packed.count - 1] {
        #expect(try failure(Array(packed[..<count]))?.kind == .truncated)
      }
    }
  }

  @Test func garbageBehindTheEnd() throws {
    for good in [Foreign.gzip, Foreign.bgzf, Foreign.zstd, Foreign.skippable] {
      for tail: [UInt8] in [
        [0], [10], Array("1 2\n".utf8), [0x1f, 0x8c, 8], [0x28, 0xb5, 0x2f, 0xfe, 1], [0, 0, 0, 0, 0],
      ] {
        #expect(try failure(good + tail)?.kind == .trailingGarbage)
      }
    }
    #expect(try failure(Foreign.gzip + Foreign.zstd)?.kind == .trailingGarbage)
    #expect(try failure(Foreign.zstd + Foreign.gzip)?.kind == .trailingGarbage)
  }

  /// Reads the stream with each bit changed, one at a time, from byte `first` on: the rest is the magic number.
  private func expectAnErrorOrNoChange(of whole: [UInt8], from first: Int) throws {
    for byte in first..<whole.count {
      for bit in 0..<8 {
        var copy = whole
        copy[byte] ^= 1 << bit
        do {
          #expect(try readAll(copy) == Self.text)
        } catch let error as MillError {
          #expect([65, 71].contains(error.exitCode))
        }
      }
    }
  }

  @Test("Every changed bit is an error or changes nothing")
  func corruption() throws {
    for whole in [Foreign.gzip, Foreign.zstd, Foreign.sizedZstd] { try expectAnErrorOrNoChange(of: whole, from: 4) }
    var copy = Foreign.gzip
    copy[copy.count - 6] ^= 1
    #expect(try failure(copy)?.kind == .corruptStream)
    copy = Foreign.zstd
    copy[copy.count - 2] ^= 1
    #expect(try failure(copy)?.kind == .corruptStream)
  }

  @Test func errorsStayAndTellThePlace() throws {
    let bytes = sample(600_000)
    var packed = try compressed(bytes, gzip: true)
    packed[packed.count - 6] ^= 1
    let folder = Scratch()
    let stream = try ByteStream(folder.file("in", packed))
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 1)
    defer { buffer.deallocate() }
    let first = #expect(throws: MillError.self) { try stream.read(into: buffer) }
    let second = #expect(throws: MillError.self) { try stream.read(into: buffer) }
    #expect(first == second && first?.kind == .corruptStream)
    #expect(first?.byte.map { $0 > 500_000 && $0 <= 600_000 } == true)
  }

  @Test func compressedInsideCompressed() throws {
    for inner in [Foreign.gzip, Foreign.bgzf, Foreign.zstd, Foreign.bzip2, Foreign.xz, Foreign.skippable] {
      for gzip in [true, false] {
        #expect(try failure(compressed(inner, gzip: gzip))?.kind == .unsupportedCompression)
      }
    }
  }

  @Test("bzip2 and xz, one stream and several")
  func bzip2AndXZ() throws {
    for (whole, compression) in [(Foreign.bzip2, ByteStream.Compression.bzip2), (Foreign.xz, .xz)] {
      let folder = TemporaryFolder()
      #expect(try ByteStream(folder.file("whole", whole)).compression == compression)
      for size in [1, 5, 1000] {
        #expect(try readAll(whole, size: size) == Self.text)
        #expect(try readAll(whole + whole, size: size) == Self.text + Self.text)
      }
      // Fewer bytes than the magic number has are text.
      for count in (compression == .xz ? 6 : 10)..<whole.count {
        #expect(try failure(Array(whole[..<count]))?.kind == .truncated, "\(compression) \(count)")
        #expect(try failure(whole + whole[..<count])?.kind == .truncated, "\(compression), second, \(count)")
      }
      for tail: [UInt8] in [[10], Array("1 2\n".utf8), Foreign.gzip] {
        #expect(try failure(whole + tail)?.exitCode == 65)
      }
    }
    #expect(try readAll(Foreign.emptyBzip2) == [])
    #expect(try readAll(Foreign.emptyBzip2 + Foreign.bzip2) == Self.text)
    // Streams of xz may have zeros between them, four by four.
    #expect(try readAll(Foreign.xz + [0, 0, 0, 0] + Foreign.xz) == Self.text + Self.text)
  }

  @Test("bzip2 and xz: every changed bit is an error or changes nothing")
  func corruptBzip2AndXZ() throws {
    for whole in [Foreign.bzip2, Foreign.xz] { try expectAnErrorOrNoChange(of: whole, from: 10) }
  }

  @Test func refusedByTheirFirstBytes() throws {
    let parquet = try failure(Array("PAR1".utf8) + [0x15, 4, 0x15])
    #expect(parquet?.kind == .unsupportedContent && parquet?.hint?.description.contains("DuckDB") == true)
  }

  @Test(
    "Text that begins like a magic number is text", arguments: ["PAR1", "PAR1 F2R\n", "PAR1\tx\n", "BZh9 1\n", "BZ"])
  func lookalikes(text: String) throws {
    #expect(try readAll(Array(text.utf8)) == Array(text.utf8))
  }

  @Test func dictionariesAreRefused() throws {
    // Sets the dictionary flag and puts a dictionary id of one byte behind the window (or in its place).
    var windowed = Foreign.zstd
    windowed[4] |= 1
    windowed.insert(7, at: 6)
    var single = Foreign.sizedZstd
    single[4] |= 1
    single.insert(7, at: 5)
    for bytes in [windowed, single, Foreign.zstd + single] {
      #expect(try failure(bytes)?.kind == .dictionaryNeeded)
    }
  }

  @Test func hugeWindowsAreAMatterOfMemory() throws {
    var bytes = Foreign.zstd
    bytes[5] = 0xff  // a window of 3.75 TiB
    let folder = Scratch()
    let path = folder.file("in", bytes)
    let error = #expect(throws: MillError.self) { try ByteStream(path) }
    #expect(error?.kind == .overBudget)
  }

  @Test func missingFilesAndFolders() throws {
    let folder = Scratch()
    for path in [folder.path, folder.file("none")] {
      let error = #expect(throws: MillError.self) { try ByteStream(path) }
      #expect(error?.exitCode == 66 && error?.file == path)
    }
  }

  @Test("Sinks: the same bytes in any pieces, without time and name", arguments: [true, false])
  func sinks(gzip: Bool) throws {
    let bytes = sample(400_000)
    let packed = try compressed(bytes, gzip: gzip, level: 3)
    for pieces in [1000, 65_536, 131_072, 131_073] {
      #expect(try compressed(bytes, gzip: gzip, pieces: pieces, level: 3) == packed)
    }
    if gzip { #expect(Array(packed[..<8]) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]) }
    #expect(try readAll(compressed([], gzip: gzip)) == [])
  }

  @Test func sinksByName() throws {
    let folder = Scratch()
    for (name, kind) in [("a", ByteStream.Compression.none), ("a.gz", .gzip), ("a.zst", .zstd)] {
      let sink = try makeSink(for: OutputFile(folder.file(name)))
      try Self.text.withUnsafeBytes { try sink.write($0) }
      try sink.finish()
      let stream = try ByteStream(folder.file(name))
      #expect(stream.compression == kind)
      #expect(try readAll(stream) == Self.text)
    }
  }

  @Test("Random damage never crashes", arguments: 0..<20 as Range<UInt64>)
  func fuzz(seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "byte stream fuzz")
    let packed = try compressed(sample(3000), gzip: seed % 2 == 0)
    for _ in 0..<50 {
      var copy = packed
      for _ in 0...random.below(3) {
        copy[Int(random.below(UInt64(copy.count)))] = UInt8(truncatingIfNeeded: random.next())
      }
      if random.below(4) == 0 { copy.removeLast(Int(random.below(UInt64(copy.count)))) }
      do {
        _ = try readAll(copy)
      } catch let error as MillError {
        #expect([65, 71].contains(error.exitCode))
      }
    }
  }
}
