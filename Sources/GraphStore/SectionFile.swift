import Glibc
public import MillRuntime

/// What sets one kind of section file (graph, index, summary) apart from the others.
package struct SectionFormat: Sendable {
  /// What a message calls the file.
  package let name: String
  /// The third letter of the magic: `89 47 4D xx 0D 0A 1A 0A`.
  package let letter: UInt8
  /// The highest version that is understood.
  package let majorVersion: UInt16
  /// Flags that are understood, of the low 32.
  package let knownFlags: UInt64
  /// Where sections may start: multiples of this.
  package let alignment: Int

  /// - Precondition: one of the project's own kinds.
  package init(kind: FileKind, majorVersion: UInt16, knownFlags: UInt64, alignment: Int = SectionFile.pageBytes) {
    name = kind.title
    letter = kind.letter!
    self.majorVersion = majorVersion
    self.knownFlags = knownFlags
    self.alignment = alignment
  }

  /// The first eight bytes of a file, as in PNG: a byte above 127, both line ends and an end-of-file mark, so that
  /// transfers as text or with 7 bits are caught.
  package var magic: [UInt8] { [0x89, 0x47, 0x4d, letter, 0x0d, 0x0a, 0x1a, 0x0a] }
}

/// How a section's bytes are stored.
package enum SectionCodec: UInt32, Sendable {
  case raw = 0
  case zstd = 1
  case varint = 2
  /// A pair of sections; see ``PackedLists``.
  case packed = 3

  package var name: String {
    switch self {
    case .raw: "raw"
    case .zstd: "zstd"
    case .varint: "varint"
    case .packed: "packed"
    }
  }
}

/// A header with a table of sections: the layout of every binary file of this project.
///
///     offset size
///     0      8    magic
///     8      2    major version        10  2  minor version
///     12     4    header length, a multiple of 64
///     16     8    flags (the low 32 must be understood, the high 32 may be ignored)
///     24     24   three counts
///     48     8    total file length
///     56     4    section count        60  4  CRC-32C of the header and table with this field 0
///     64     40 * section count: u32 kind, u32 codec, u64 offset, u64 length, u64 raw length, u64 xxh3_64
///
/// Sections start at multiples of 4096 (of 8 in kinds that are never mapped) and do not overlap; the checksum is over
/// the stored bytes. Little-endian.
@safe package struct SectionFile {
  /// One entry of the table. All of its numbers were checked against the file.
  package struct Section: Sendable, Equatable {
    package let kind: UInt32
    package let codec: UInt32
    package let offset: Int
    package let length: Int
    package let rawLength: Int
    package let checksum: UInt64
    package var end: Int { offset + length }
  }

  package static let pageBytes = 4096
  static let fixedBytes = 64
  static let entryBytes = 40
  /// Headers above this are refused, so that opening is O(1).
  static let maximumHeaderBytes = 1 << 16

  package let bytes: UnsafeRawBufferPointer
  package let majorVersion: Int
  package let minorVersion: Int
  package let headerLength: Int
  package let flags: UInt64
  package let counts: (UInt64, UInt64, UInt64)
  /// In the order of the table.
  package let sections: [Section]

  /// The entry of `kind`, nil when there is none.
  package func section(_ kind: UInt32) -> Section? { sections.first { $0.kind == kind } }

  /// The stored bytes of a section.
  package func content(_ section: Section) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(rebasing: bytes[section.offset..<section.end])
  }

  /// Reads header and table, and checks all that is known in O(1): magic, version, flags, lengths, CRC, and that
  /// sections are aligned, inside the file and disjoint.
  ///
  /// - Throws: ``MillError``: `not-a-container`, `unsupported-version`, `truncated`, `trailing-garbage`,
  ///   `corrupt-header`, `malformed`.
  package init(_ bytes: UnsafeRawBufferPointer, format: SectionFormat) throws(MillError) {
    try unsafe Self.checkMagic(bytes, format)
    guard bytes.count >= Self.fixedBytes else {
      throw MillError(.truncated, "the file ends inside its header", byte: bytes.count)
    }
    func word<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _: Value.Type) -> Value {
      unsafe Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
    majorVersion = Int(word(8, UInt16.self))
    minorVersion = Int(word(10, UInt16.self))
    guard majorVersion > 0, majorVersion <= format.majorVersion else {
      throw MillError(
        .unsupportedVersion, "version \(majorVersion) of the \(format.name), this build knows \(format.majorVersion)",
        byte: 8, hint: "a newer version of this program may read it")
    }
    headerLength = Int(word(12, UInt32.self))
    guard headerLength % 64 == 0, headerLength >= Self.fixedBytes, headerLength <= Self.maximumHeaderBytes else {
      throw MillError(.corruptHeader, "impossible header length \(headerLength)", byte: 12)
    }
    guard headerLength <= bytes.count else {
      throw MillError(.truncated, "the file ends inside its header", byte: bytes.count)
    }
    let total = word(48, UInt64.self)
    guard unsafe Self.headerSum(UnsafeRawBufferPointer(rebasing: bytes[..<headerLength])) == word(60, UInt32.self)
    else {
      throw MillError(.corruptHeader, "the header's checksum does not match", byte: 60)
    }
    guard total <= UInt64(bytes.count) else {
      throw MillError(.truncated, "\(bytes.count) bytes of \(total)", byte: bytes.count)
    }
    guard total == UInt64(bytes.count) else {
      throw MillError(.trailingGarbage, "\(bytes.count) bytes, the header says \(total)", byte: Int(total))
    }
    flags = word(16, UInt64.self)
    let unknown = flags & 0xffff_ffff & ~format.knownFlags
    guard unknown == 0 else {
      throw MillError(
        .unsupportedVersion, "flags that this build does not know: \(unknown)", byte: 16,
        hint: "a newer version of this program may read it")
    }
    counts = (word(24, UInt64.self), word(32, UInt64.self), word(40, UInt64.self))
    let sectionCount = Int(word(56, UInt32.self))
    guard sectionCount <= (headerLength - Self.fixedBytes) / Self.entryBytes else {
      throw MillError(.malformed, "\(sectionCount) sections do not fit the header", byte: 56)
    }
    unsafe self.bytes = bytes
    var sections: [Section] = []
    for i in 0..<sectionCount {
      let at = Self.fixedBytes + i * Self.entryBytes
      guard let offset = Int(exactly: word(at + 8, UInt64.self)), let length = Int(exactly: word(at + 16, UInt64.self)),
        let rawLength = Int(exactly: word(at + 24, UInt64.self))
      else { throw Self.badSection("has an impossible size", at) }
      let (end, overflow) = offset.addingReportingOverflow(length)
      guard !overflow, end <= bytes.count else { throw Self.badSection("reaches beyond the file", at) }
      guard offset % format.alignment == 0 else { throw Self.badSection("is not aligned to \(format.alignment)", at) }
      guard offset >= headerLength else { throw Self.badSection("overlaps the header", at) }
      sections.append(
        Section(
          kind: word(at, UInt32.self), codec: word(at + 4, UInt32.self), offset: offset, length: length,
          rawLength: rawLength, checksum: word(at + 32, UInt64.self)))
      guard sections[i].codec != SectionCodec.raw.rawValue || length == rawLength else {
        throw Self.badSection("is raw, but its two lengths differ", at)
      }
    }
    guard Set(sections.map(\.kind)).count == sectionCount else {
      throw MillError(.malformed, "a kind of section occurs twice", byte: Self.fixedBytes)
    }
    let inOrder = sections.filter { $0.length > 0 }.sorted { $0.offset < $1.offset }
    for (one, next) in zip(inOrder, inOrder.dropFirst()) where one.end > next.offset {
      throw MillError(.malformed, "sections \(one.kind) and \(next.kind) overlap", byte: next.offset)
    }
    self.sections = sections
  }

  private static func badSection(_ what: String, _ entry: Int) -> MillError {
    MillError(.malformed, "section \((entry - fixedBytes) / entryBytes + 1) of the table \(what)", byte: entry)
  }

  private static func checkMagic(_ bytes: UnsafeRawBufferPointer, _ format: SectionFormat) throws(MillError) {
    let magic = format.magic
    let start = unsafe Array(bytes.prefix(8))
    if start == magic { return }
    guard start.prefix(4) == magic.prefix(4) else {
      throw MillError(.notAContainer, "not a \(format.name): its magic bytes are missing", byte: 0)
    }
    guard start.count == 8 else { throw MillError(.truncated, "the file ends inside its header", byte: bytes.count) }
    throw MillError(
      .corruptHeader, "the magic bytes were changed", byte: 4, hint: "the file was probably transferred as text")
  }

  /// The CRC-32C of a header with its own field taken as zero.
  static func headerSum(_ header: UnsafeRawBufferPointer) -> UInt32 {
    let first = unsafe crc32c(UnsafeRawBufferPointer(rebasing: header[..<60]))
    let zeros: [UInt8] = [0, 0, 0, 0]
    let middle = unsafe zeros.withUnsafeBytes { unsafe crc32c($0, continuing: first) }
    return unsafe crc32c(UnsafeRawBufferPointer(rebasing: header[fixedBytes...]), continuing: middle)
  }

  /// Compares the checksum of one section.
  ///
  /// - Throws: ``MillError`` of kind `checksum-mismatch`.
  package func checkSum(of section: Section) throws(MillError) {
    guard unsafe xxh3(content(section)) == section.checksum else {
      throw MillError(.checksumMismatch, "the checksum of section \(section.kind) does not match", byte: section.offset)
    }
  }

  /// Checks that all bytes between the sections are zero.
  ///
  /// - Throws: ``MillError`` of kind `malformed`.
  package func checkPadding() throws(MillError) {
    var at = headerLength
    for section in sections.filter({ $0.length > 0 }).sorted(by: { $0.offset < $1.offset }) {
      try checkZero(at..<section.offset)
      at = section.end
    }
    try unsafe checkZero(at..<bytes.count)
  }

  private func checkZero(_ range: Range<Int>) throws(MillError) {
    guard let base = unsafe bytes.baseAddress, let first = range.first else { return }
    // All are equal to their successor, and the first is zero.
    if unsafe bytes[first] == 0, unsafe memcmp(base + first, base + first + 1, range.count - 1) == 0 { return }
    let byte = range.first { unsafe bytes[$0] != 0 }
    throw MillError(.malformed, "a byte between two sections is not zero", byte: byte)
  }
}

extension MillError.Kind {
  /// The magic bytes are missing.
  public static let notAContainer = Self("not-a-container", .badData)
  /// A container from a later version of this program.
  public static let unsupportedVersion = Self("unsupported-version", .badData)
  /// The header's bytes were changed.
  public static let corruptHeader = Self("corrupt-header", .badData)
  /// The bytes of a section were changed.
  public static let checksumMismatch = Self("checksum-mismatch", .badData)
}

/// One section to be written.
@safe package struct SectionContent {
  package let kind: UInt32
  package let codec: SectionCodec
  package let bytes: UnsafeRawBufferPointer
  package let rawLength: Int

  package init(kind: UInt32, codec: SectionCodec = .raw, bytes: UnsafeRawBufferPointer, rawLength: Int? = nil) {
    self.kind = kind
    self.codec = codec
    unsafe self.bytes = bytes
    self.rawLength = rawLength ?? bytes.count
  }
}

/// Writes header, table and sections in the given order; the caller commits the file.
///
/// - Throws: ``MillError`` of the file, or `interrupted`.
/// - Complexity: O(bytes); checksums of sections in parallel. The same content gives the same bytes.
package func writeSections(
  _ contents: [SectionContent], format: SectionFormat, flags: UInt64, counts: (UInt64, UInt64, UInt64),
  to file: OutputFile, context: RunContext
) throws(MillError) {
  var sums = [UInt64](repeating: 0, count: contents.count)
  unsafe sums.withUnsafeMutableBufferPointer { sums in
    nonisolated(unsafe) let sums = unsafe sums
    Parallel.forEach(contents.count, threads: context.threads) { i, _ in unsafe sums[i] = unsafe xxh3(contents[i].bytes)
    }
  }
  let headerLength = (SectionFile.fixedBytes + contents.count * SectionFile.entryBytes + 63) / 64 * 64
  var header: [UInt8] = format.magic
  func append<Value: FixedWidthInteger>(_ value: Value) {
    for i in 0..<Value.bitWidth / 8 { header.append(UInt8(truncatingIfNeeded: value >> (8 * i))) }
  }
  append(format.majorVersion)
  append(UInt16(0))
  append(UInt32(headerLength))
  append(flags)
  append(counts.0)
  append(counts.1)
  append(counts.2)
  var offsets: [Int] = []
  var end = headerLength
  for content in contents {
    offsets.append((end + format.alignment - 1) / format.alignment * format.alignment)
    end = unsafe offsets[offsets.count - 1] + content.bytes.count
  }
  append(UInt64(end))
  append(UInt32(contents.count))
  append(UInt32(0))
  for (i, content) in contents.enumerated() {
    append(content.kind)
    append(content.codec.rawValue)
    append(UInt64(offsets[i]))
    unsafe append(UInt64(content.bytes.count))
    append(UInt64(content.rawLength))
    append(sums[i])
  }
  header += repeatElement(0, count: headerLength - header.count)
  let sum = unsafe header.withUnsafeBytes { unsafe SectionFile.headerSum($0) }
  for i in 0..<4 { header[60 + i] = UInt8(truncatingIfNeeded: sum >> (8 * i)) }
  context.progress?.begin("write", total: end, unit: .bytes)
  try writeBlock(header, to: file)
  var at = headerLength
  for (i, content) in contents.enumerated() {
    try file.writeZeros(offsets[i] - at)
    at = unsafe offsets[i] + content.bytes.count
    var done = 0
    while unsafe done < content.bytes.count {
      try context.checkCancelled()
      let part = unsafe min(content.bytes.count - done, 8 << 20)
      try unsafe file.write(UnsafeRawBufferPointer(rebasing: content.bytes[done..<done + part]))
      done += part
      context.progress?.advance(by: part)
    }
  }
  context.progress?.end()
}

private func writeBlock(_ block: [UInt8], to file: OutputFile) throws(MillError) {
  let failure: MillError? = unsafe block.withUnsafeBytes { bytes in
    do throws(MillError) {
      try unsafe file.write(bytes)
      return nil
    } catch {
      return error
    }
  }
  if let failure { throw failure }
}
