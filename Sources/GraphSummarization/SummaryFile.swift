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
  /// Bits of what is kept beside the model, as stored.
  public let sideBits: SummarySideBits
  /// The model's payload: bits of forest and edges per edge of the simple graph; nil for a graph without edges.
  public let bitsPerEdge: Double?
  /// The whole file: bits per edge of the input; nil for a graph without edges.
  public let fileBitsPerEdge: Double?
}

enum SummaryFile {
  static let format = SectionFormat(kind: .summary, majorVersion: 2, knownFlags: 0x3f, alignment: 8)
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
    case loops = 8
    case directions = 9
    case multiplicities = 10
    case weights = 11
  }
}

/// Writes a summary as a `.gms` file: header, hierarchy and edges in bit codes, names, what the input has besides.
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
  let inputCounts = summary.side.map { [$0.arcCount, $0.edgeCount] } ?? []
  for value in [summary.positiveEdgeCount, summary.negativeEdgeCount] + inputCounts {
    for i in 0..<8 { counts.append(UInt8(truncatingIfNeeded: value >> (8 * i))) }
  }
  try writer.add(.counts, counts)
  try writer.add(.hierarchy, hierarchy.bytes)
  try writer.add(.edges, edges.bytes)
  switch summary.names {
  case .dense: break
  case .ids(let ids):
    flags |= SummaryFile.hasIDs
    try unsafe writer.addDifferences(.originalIDs, ids.elements)
  case .labels(let table):
    flags |= SummaryFile.hasLabels
    try unsafe writer.addDifferences(.labelOffsets, UnsafeBufferPointer(rebasing: table.offsets.elements.dropFirst()))
    try writer.add(.labelBytes, Array(table.bytes))
  }
  if let side = summary.side {
    flags |= side.flags.rawValue
    for (kind, bytes) in [
      (SummaryFile.Kind.loops, side.loops), (.directions, side.directions), (.multiplicities, side.multiplicities),
      (.weights, side.weights),
    ] where !bytes.isEmpty { try writer.add(kind, bytes, compresses: true) }
  }
  if let provenance = options.provenance { try writer.add(.provenance, Array(provenance.utf8)) }
  try writeSections(
    writer.contents, format: SummaryFile.format, flags: flags,
    counts: (UInt64(summary.nodeCount), UInt64(summary.edgeCount), UInt64(summary.supernodeCount)), to: file,
    context: context)
  withExtendedLifetime((writer, summary)) {}
  try file.commit()
  let bits = hierarchy.count + edges.count
  func stored(_ kind: SummaryFile.Kind) -> Int {
    unsafe 8 * (writer.contents.first { $0.kind == kind.rawValue }?.bytes.count ?? 0)
  }
  let sideBits = SummarySideBits(
    loops: stored(.loops), directions: stored(.directions), multiplicities: stored(.multiplicities),
    weights: stored(.weights))
  let edgeTotal = summary.inputEdgeCount
  return SummaryFileReport(
    bytes: file.bytesWritten, hierarchyBits: hierarchy.count, edgeBits: edges.count, sideBits: sideBits,
    bitsPerEdge: summary.edgeCount > 0 ? Double(bits) / Double(summary.edgeCount) : nil,
    fileBitsPerEdge: edgeTotal > 0 ? Double(8 * file.bytesWritten) / Double(edgeTotal) : nil)
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

  mutating func add(_ kind: SummaryFile.Kind, _ bytes: [UInt8], compresses: Bool = false) throws(MillError) {
    let buffer = try FlatBuffer<UInt8>(uninitializedCount: bytes.count)
    for (i, byte) in bytes.enumerated() { unsafe buffer.base[i] = byte }
    owners.append(buffer)
    let raw = unsafe UnsafeRawBufferPointer(buffer.elements)
    if compresses || self.compresses, bytes.count > 64 {
      let packed = try unsafe SectionCodecs.zstdEncode(raw, context: context)
      if packed.count < bytes.count {
        owners.append(packed)
        unsafe contents.append(
          SectionContent(
            kind: kind.rawValue, codec: .zstd, bytes: UnsafeRawBufferPointer(packed.elements), rawLength: bytes.count))
        return
      }
    }
    unsafe contents.append(SectionContent(kind: kind.rawValue, bytes: raw))
  }

  mutating func addDifferences(_ kind: SummaryFile.Kind, _ words: UnsafeBufferPointer<UInt64>) throws(MillError) {
    let packed = try unsafe SectionCodecs.varintEncode(differencesOf: words)
    owners.append(packed)
    unsafe contents.append(
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
    let summary = try unsafe readSummary(bytes: file.bytes, context: context)
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
  try unsafe bytes.withUnsafeBufferPointer { bytes throws(MillError) in
    try unsafe readSummary(bytes: UnsafeRawBufferPointer(bytes), context: context)
  }
}

func readSummary(
  bytes: UnsafeRawBufferPointer, context: RunContext = .init()
) throws(MillError) -> GraphSummary {
  let file = try unsafe SectionFile(bytes, format: SummaryFile.format)
  try file.checkPadding()
  let loader = SummaryLoader(file: file, context: context)
  let limit = UInt64(1) << 30
  guard file.counts.0 < limit, file.counts.2 < 2 * limit, file.counts.1 < limit * limit else {
    throw MillError(.malformed, "the header's counts are out of range", byte: 24)
  }
  let (n, m, count) = (Int(file.counts.0), Int(file.counts.1), Int(file.counts.2))
  let numbers = try loader.bytes(.counts)
  let sideFlags = SummarySide.Flags(rawValue: file.flags).intersection(.all)
  guard file.majorVersion > 1 || sideFlags.isEmpty else {
    throw MillError(.malformed, "a file of version 1 has no sections beside the model", byte: 16)
  }
  let words = sideFlags.isEmpty ? 2 : 4
  guard numbers.count == 8 * words else { throw MillError(.malformed, "the section of counts has a wrong length") }
  let counts = (0..<words).map { at in
    (0..<8).reduce(UInt64(0)) { unsafe $0 | UInt64(numbers.base[8 * at + $1]) << UInt64(8 * $1) }
  }
  guard counts.allSatisfy({ $0 < limit * limit }), counts[1] <= counts[0] + limit * limit else {
    throw MillError(.malformed, "the counts of edges are out of range")
  }
  let hierarchyBytes = try loader.bytes(.hierarchy)
  let edgeBytes = try loader.bytes(.edges)
  let hierarchy = try unsafe SummaryFileCoding.decodeHierarchy(
    UnsafeRawBufferPointer(hierarchyBytes.elements), leafCount: n, count: count)
  let edges = try unsafe SummaryFileCoding.decodeEdges(
    UnsafeRawBufferPointer(edgeBytes.elements), order: hierarchy.order, count: Int(counts[0] + counts[1]),
    negatives: Int(counts[1]))
  withExtendedLifetime((hierarchyBytes, edgeBytes)) {}
  let draft = SummaryDraft(leafCount: n, count: count, parent: hierarchy.parent, edges: edges)
  var side: SummarySide?
  if !sideFlags.isEmpty { side = try loader.side(sideFlags, arcCount: Int(counts[2]), edgeCount: Int(counts[3])) }
  let summary = try GraphSummary(draft, edgeCount: m, names: try loader.names(count: n), side: side)
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
    let content = unsafe file.content(section)
    if section.codec == SectionCodec.raw.rawValue {
      let buffer = try FlatBuffer<UInt8>(uninitializedCount: content.count)
      for i in content.indices { unsafe buffer.base[i] = content[i] }
      return buffer
    }
    guard section.codec == SectionCodec.zstd.rawValue else {
      throw MillError(.malformed, "section \(kind.rawValue) has an unknown codec")
    }
    guard section.rawLength / (1 << 16) <= section.length else {
      throw MillError(.corruptSection, "section \(kind.rawValue) cannot be as long as it says")
    }
    let buffer = try FlatBuffer<UInt8>(uninitializedCount: section.rawLength)
    try unsafe SectionCodecs.zstdDecode(
      content, into: UnsafeMutableRawBufferPointer(buffer.mutableElements), context: context)
    return buffer
  }

  /// The streams beside the model. Whether they fit it is found by restoring.
  func side(_ flags: SummarySide.Flags, arcCount: Int, edgeCount: Int) throws(MillError) -> SummarySide {
    var side = SummarySide(flags: flags, arcCount: arcCount, edgeCount: edgeCount)
    func stream(_ kind: SummaryFile.Kind) throws(MillError) -> [UInt8] {
      let buffer = try bytes(kind)
      return withExtendedLifetime(buffer) { unsafe Array(buffer.elements) }
    }
    if flags.contains(.loops) { side.loops = try stream(.loops) }
    if flags.contains(.directed) { side.directions = try stream(.directions) }
    if flags.contains(.weighted) { side.weights = try stream(.weights) }
    if flags.contains(.multigraph), file.section(SummaryFile.Kind.multiplicities.rawValue) != nil {
      side.multiplicities = try stream(.multiplicities)
    }
    return side
  }

  private func words(_ kind: SummaryFile.Kind, count: Int) throws(MillError) -> FlatBuffer<UInt64> {
    let section = try section(kind)
    guard section.codec == SectionCodec.varint.rawValue, count <= section.length else {
      throw MillError(.malformed, "section \(kind.rawValue) has a wrong length")
    }
    let buffer = try FlatBuffer<UInt64>(uninitializedCount: count)
    try unsafe SectionCodecs.varintDecode(file.content(section), differencesInto: buffer.mutableElements)
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
      unsafe offsets.base[i + 1] = ends.base[i]
      guard unsafe offsets.base[i] <= offsets.base[i + 1], unsafe ends.base[i] <= UInt64(text.count) else {
        throw MillError(.malformed, "the labels' offsets do not ascend")
      }
    }
    guard unsafe Int(offsets.base[count]) == text.count else {
      throw MillError(.malformed, "the labels do not fill their section")
    }
    return .labels(NodeNames.LabelTable(offsets: SharedArray(offsets), bytes: SharedArray(text)))
  }
}
