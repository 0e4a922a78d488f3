import GraphStore
public import MillRuntime

/// How ``writeSummary(_:to:options:context:)`` writes.
public struct SummaryFileOptions: Sendable, Equatable, Codable {
  /// Whether sections are compressed with zstd on top of their bit codes.
  public var compresses = false
  /// Where the summary came from, as JSON in canonical form without times and paths; nil for none.
  public var provenance: String?
  /// Whether an existing file may be replaced.
  public var replaces = false

  /// Settings; what is left out means bit codes alone, no provenance, and that nothing is replaced.
  public init(compresses: Bool = false, provenance: String? = nil, replaces: Bool = false) {
    self.compresses = compresses
    self.provenance = provenance
    self.replaces = replaces
  }
}

/// What ``writeSummary(_:to:options:context:)`` wrote.
public struct SummaryFileReport: Sendable, Equatable {
  /// Bytes of the file.
  public let bytes: Int
  /// Bits of the forest.
  public let hierarchyBits: Int
  /// Bits of the edges.
  public let edgeBits: Int
  /// Bits of forest and edges per edge of the graph; nil for a graph without edges.
  public let bitsPerEdge: Double?
}

enum SummaryFile {
  static let format = SectionFormat(name: "graph summary", letter: 0x53, majorVersion: 1, knownFlags: 0x3)
  static let hasIDs: UInt64 = 1
  static let hasLabels: UInt64 = 2

  enum Kind: UInt32 {
    case counts = 1
    case hierarchy = 2
    case edges = 3
    case originalIDs = 4
    case labelOffsets = 5
    case labelBytes = 6
    case provenance = 7
  }
}

/// Writes a summary as a `.gms` file: header, hierarchy and edges in bit codes, names.
///
/// The same summary and options give the same bytes.
///
/// - Parameters:
///   - summary: The summary.
///   - path: The file; `-` is standard output.
///   - options: Compression, provenance.
///   - context: Threads, progress, cancellation.
/// - Throws: `MillError`: `cannot-create` when the file exists, `input-output`, `over-budget`, `interrupted`.
/// - Complexity: O((supernodes + edges) log edges).
@discardableResult
public func writeSummary(
  _ summary: GraphSummary, to path: String, options: SummaryFileOptions = .init(), context: RunContext = .init()
) throws(MillError) -> SummaryFileReport {
  let file = try OutputFile(path, replaces: options.replaces)
  let (order, number) = SummaryFileCoding.preorder(summary)
  let hierarchy = SummaryFileCoding.encodeHierarchy(summary, order: order)
  let edges = SummaryFileCoding.encodeEdges(summary, number: number)
  var writer = SummarySections(compresses: options.compresses, context: context)
  var flags: UInt64 = 0
  var counts: [UInt8] = []
  for value in [summary.positiveEdgeCount, summary.negativeEdgeCount] {
    for i in 0..<8 { counts.append(UInt8(truncatingIfNeeded: value >> (8 * i))) }
  }
  try writer.add(.counts, counts)
  try writer.add(.hierarchy, hierarchy.bytes)
  try writer.add(.edges, edges.bytes)
  switch summary.names {
  case .dense: break
  case .ids(let ids):
    flags |= SummaryFile.hasIDs
    try writer.addDifferences(.originalIDs, ids.elements)
  case .labels(let table):
    flags |= SummaryFile.hasLabels
    try writer.addDifferences(.labelOffsets, UnsafeBufferPointer(rebasing: table.offsets.elements.dropFirst()))
    try writer.add(.labelBytes, Array(table.bytes))
  }
  if let provenance = options.provenance { try writer.add(.provenance, Array(provenance.utf8)) }
  try writeSections(
    writer.contents, format: SummaryFile.format, flags: flags,
    counts: (UInt64(summary.nodeCount), UInt64(summary.edgeCount), UInt64(summary.supernodeCount)), to: file,
    context: context)
  withExtendedLifetime((writer, summary)) {}
  try file.commit()
  let bits = hierarchy.count + edges.count
  return SummaryFileReport(
    bytes: file.bytesWritten, hierarchyBits: hierarchy.count, edgeBits: edges.count,
    bitsPerEdge: summary.edgeCount > 0 ? Double(bits) / Double(summary.edgeCount) : nil)
}

/// Sections to be written, with their memory.
private struct SummarySections {
  let compresses: Bool
  let context: RunContext
  var contents: [SectionContent] = []
  private var owners: [FlatBuffer<UInt8>] = []

  init(compresses: Bool, context: RunContext) {
    self.compresses = compresses
    self.context = context
  }

  mutating func add(_ kind: SummaryFile.Kind, _ bytes: [UInt8]) throws(MillError) {
    let buffer = try FlatBuffer<UInt8>(uninitializedCount: bytes.count)
    for (i, byte) in bytes.enumerated() { buffer.base[i] = byte }
    owners.append(buffer)
    let raw = UnsafeRawBufferPointer(buffer.elements)
    if compresses, bytes.count > 64 {
      let packed = try SectionCodecs.zstdEncode(raw, context: context)
      if packed.count < bytes.count {
        owners.append(packed)
        contents.append(
          SectionContent(
            kind: kind.rawValue, codec: .zstd, bytes: UnsafeRawBufferPointer(packed.elements), rawLength: bytes.count))
        return
      }
    }
    contents.append(SectionContent(kind: kind.rawValue, bytes: raw))
  }

  mutating func addDifferences(_ kind: SummaryFile.Kind, _ words: UnsafeBufferPointer<UInt64>) throws(MillError) {
    let packed = try SectionCodecs.varintEncode(differencesOf: words)
    owners.append(packed)
    contents.append(
      SectionContent(
        kind: kind.rawValue, codec: .varint, bytes: UnsafeRawBufferPointer(packed.elements),
        rawLength: 8 * words.count))
  }
}

/// Reads a `.gms` file.
///
/// - Throws: `MillError`: `unreadable`, `over-budget`, or a `badData` kind that says what is wrong: any bytes are
///   safe to read. That each pair is covered by 0 or 1 edges is left to ``GraphSummary/restore(context:)``.
/// - Complexity: O(bytes + supernodes + edges).
public func readSummary(_ path: String, context: RunContext = .init()) throws(MillError) -> GraphSummary {
  let file = try MappedFile(path: path)
  do throws(MillError) {
    let summary = try readSummary(bytes: file.bytes, context: context)
    withExtendedLifetime(file) {}
    return summary
  } catch {
    throw error.inFile(path)
  }
}

/// Reads a `.gms` file that lies in memory.
///
/// - Throws: As ``readSummary(_:context:)``.
public func readSummary(bytes: SharedArray<UInt8>, context: RunContext = .init()) throws(MillError) -> GraphSummary {
  try bytes.withUnsafeBufferPointer { bytes throws(MillError) in
    try readSummary(bytes: UnsafeRawBufferPointer(bytes), context: context)
  }
}

func readSummary(
  bytes: UnsafeRawBufferPointer, context: RunContext = .init()
) throws(MillError) -> GraphSummary {
  let file = try SectionFile(bytes, format: SummaryFile.format)
  try file.checkPadding()
  let loader = SummaryLoader(file: file, context: context)
  let limit = UInt64(1) << 30
  guard file.counts.0 < limit, file.counts.2 < 2 * limit, file.counts.1 < limit * limit else {
    throw MillError(.malformed, "the header's counts are out of range", byte: 24)
  }
  let (n, m, count) = (Int(file.counts.0), Int(file.counts.1), Int(file.counts.2))
  let numbers = try loader.bytes(.counts)
  guard numbers.count == 16 else { throw MillError(.malformed, "the section of counts has a wrong length") }
  let counts = (0..<2).map { at in
    (0..<8).reduce(UInt64(0)) { $0 | UInt64(numbers.base[8 * at + $1]) << UInt64(8 * $1) }
  }
  guard counts[0] < limit * limit, counts[1] <= counts[0] + limit * limit else {
    throw MillError(.malformed, "the counts of edges are out of range")
  }
  let hierarchyBytes = try loader.bytes(.hierarchy)
  let edgeBytes = try loader.bytes(.edges)
  let hierarchy = try SummaryFileCoding.decodeHierarchy(
    UnsafeRawBufferPointer(hierarchyBytes.elements), leafCount: n, count: count)
  let edges = try SummaryFileCoding.decodeEdges(
    UnsafeRawBufferPointer(edgeBytes.elements), order: hierarchy.order, count: Int(counts[0] + counts[1]),
    negatives: Int(counts[1]))
  withExtendedLifetime((hierarchyBytes, edgeBytes)) {}
  let draft = SummaryDraft(leafCount: n, count: count, parent: hierarchy.parent, edges: edges)
  let summary = try GraphSummary(draft, edgeCount: m, names: try loader.names(count: n))
  try summary.validate()
  return summary
}

private struct SummaryLoader {
  let file: SectionFile
  let context: RunContext

  private func section(_ kind: SummaryFile.Kind) throws(MillError) -> SectionFile.Section {
    guard let section = file.section(kind.rawValue) else {
      throw MillError(.malformed, "section \(kind.rawValue) is missing")
    }
    try file.checkSum(of: section)
    return section
  }

  /// The bytes of a section that is raw or compressed with zstd.
  func bytes(_ kind: SummaryFile.Kind) throws(MillError) -> FlatBuffer<UInt8> {
    let section = try section(kind)
    let content = file.content(section)
    if section.codec == SectionCodec.raw.rawValue {
      let buffer = try FlatBuffer<UInt8>(uninitializedCount: content.count)
      for (i, byte) in content.enumerated() { buffer.base[i] = byte }
      return buffer
    }
    guard section.codec == SectionCodec.zstd.rawValue else {
      throw MillError(.malformed, "section \(kind.rawValue) has an unknown codec")
    }
    guard section.rawLength / (1 << 16) <= section.length else {
      throw MillError(.corruptSection, "section \(kind.rawValue) cannot be as long as it says")
    }
    let buffer = try FlatBuffer<UInt8>(uninitializedCount: section.rawLength)
    try SectionCodecs.zstdDecode(content, into: UnsafeMutableRawBufferPointer(buffer.mutableElements), context: context)
    return buffer
  }

  private func words(_ kind: SummaryFile.Kind, count: Int) throws(MillError) -> FlatBuffer<UInt64> {
    let section = try section(kind)
    guard section.codec == SectionCodec.varint.rawValue, count <= section.length else {
      throw MillError(.malformed, "section \(kind.rawValue) has a wrong length")
    }
    let buffer = try FlatBuffer<UInt64>(uninitializedCount: count)
    try SectionCodecs.varintDecode(file.content(section), differencesInto: buffer.mutableElements)
    return buffer
  }

  func names(count: Int) throws(MillError) -> NodeNames {
    if file.flags & SummaryFile.hasIDs != 0 {
      return .ids(SharedArray(try words(.originalIDs, count: count)))
    }
    guard file.flags & SummaryFile.hasLabels != 0 else { return .dense }
    let text = try bytes(.labelBytes)
    let ends = try words(.labelOffsets, count: count)
    let offsets = try FlatBuffer<UInt64>(count: count + 1)
    for i in 0..<count {
      offsets.base[i + 1] = ends.base[i]
      guard offsets.base[i] <= offsets.base[i + 1], ends.base[i] <= UInt64(text.count) else {
        throw MillError(.malformed, "the labels' offsets do not ascend")
      }
    }
    guard Int(offsets.base[count]) == text.count else {
      throw MillError(.malformed, "the labels do not fill their section")
    }
    return .labels(NodeNames.LabelTable(offsets: SharedArray(offsets), bytes: SharedArray(text)))
  }
}
