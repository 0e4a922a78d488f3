public import MillRuntime

/// What a container's header says, for reports. Nothing of the arrays is read.
public struct ContainerInfo: Sendable, Equatable {
  /// One array of the file.
  public struct Section: Sendable, Equatable {
    /// The number of the kind (formats of version 1 have 1 to 10; 1000 and above are private).
    public let kind: Int
    /// The kind's name; `private` or `unknown` for kinds that this version does not use.
    public let name: String
    /// `raw`, `zstd`, `varint`, `packed`, or `unknown`.
    public let codec: String
    /// The first byte in the file, a multiple of 4096.
    public let offset: Int
    /// Stored bytes.
    public let bytes: Int
    /// Bytes once decoded.
    public let rawBytes: Int
    /// XXH3 (64 bits) of the stored bytes.
    public let checksum: UInt64
  }

  /// The format's version; readers refuse a higher one than theirs.
  public let majorVersion: Int
  /// The format's minor version; readers ignore what they do not know of it.
  public let minorVersion: Int
  /// The whole file's bytes.
  public let fileBytes: Int
  /// Nodes, n.
  public let nodeCount: Int
  /// Distinct edges, m.
  public let edgeCount: Int
  /// Entries of the target array.
  public let arcCount: Int
  /// Whether arcs have a direction.
  public let isDirected: Bool
  /// Bits of a weight: 64, 32, or 0 when unweighted.
  public let weightBits: Int
  /// Whether parallel edges were kept.
  public let isMultigraph: Bool
  /// Whether there are self-loops.
  public let hasLoops: Bool
  /// Bits of a target: 32 or 64.
  public let targetBits: Int
  /// Whether incoming arcs are stored.
  public let hasInArcs: Bool
  /// `dense`, `ids` or `labels`.
  public let names: String
  /// In the order of the file's table.
  public let sections: [Section]
  /// The provenance JSON as it stands in the file; nil when there is none or its checksum does not match.
  public let provenance: String?

  /// The codec of the neighbor lists.
  public var codec: String { section(.targets)?.codec ?? "unknown" }

  /// Bits that the stored neighbor lists and their offsets take an edge, incoming arcs aside; 0 without edges.
  public var bitsPerEdge: Double {
    let bytes = (section(.offsets)?.bytes ?? 0) + (section(.targets)?.bytes ?? 0)
    return edgeCount == 0 ? 0 : 8 * Double(bytes) / Double(edgeCount)
  }

  private func section(_ kind: Container.Kind) -> Section? { sections.first { $0.kind == Int(kind.rawValue) } }
}

/// Reads the header of a container.
///
/// - Throws: `MillError`: `unreadable`, or a `badData` kind.
/// - Complexity: O(1) and the provenance.
public func containerInfo(_ path: String) throws(MillError) -> ContainerInfo {
  let file = try MappedFile(path: path)
  do throws(MillError) {
    return try unsafe containerInfo(of: file.bytes)
  } catch {
    throw error.inFile(path)
  }
}

/// Reads the header of a container that lies in memory.
///
/// - Throws: `MillError` of a `badData` kind.
public func containerInfo(bytes: FlatBuffer<UInt8>, file: String = "-") throws(MillError) -> ContainerInfo {
  do throws(MillError) {
    return try unsafe containerInfo(of: UnsafeRawBufferPointer(bytes.elements))
  } catch {
    throw error.inFile(file)
  }
}

/// The provenance JSON of a container, nil when it has none.
///
/// - Throws: As ``containerInfo(_:)``.
public func containerProvenance(_ path: String) throws(MillError) -> String? { try containerInfo(path).provenance }

private func containerInfo(of bytes: UnsafeRawBufferPointer) throws(MillError) -> ContainerInfo {
  let file = try unsafe SectionFile(bytes, format: Container.format)
  let (flags, n, m, arcs) = try Container.checkCounts(file)
  return ContainerInfo(
    majorVersion: file.majorVersion, minorVersion: file.minorVersion, fileBytes: bytes.count, nodeCount: n,
    edgeCount: m, arcCount: arcs, isDirected: flags.contains(.directed),
    weightBits: flags.contains(.weighted64) ? 64 : flags.contains(.weighted32) ? 32 : 0,
    isMultigraph: flags.contains(.multigraph), hasLoops: flags.contains(.loops),
    targetBits: flags.contains(.wideTargets) ? 64 : 32, hasInArcs: flags.contains(.inArcs),
    names: flags.contains(.labels) ? "labels" : flags.contains(.originalIDs) ? "ids" : "dense",
    sections: file.sections.map(describe), provenance: try provenance(of: file))
}

private func describe(_ section: SectionFile.Section) -> ContainerInfo.Section {
  let codec = SectionCodec(rawValue: section.codec)?.name ?? "unknown"
  let name = Container.Kind(rawValue: section.kind)?.name ?? (section.kind >= 1000 ? "private" : "unknown")
  return ContainerInfo.Section(
    kind: Int(section.kind), name: name, codec: codec, offset: section.offset, bytes: section.length,
    rawBytes: section.rawLength, checksum: section.checksum)
}

private func provenance(of file: SectionFile) throws(MillError) -> String? {
  guard let section = file.section(Container.Kind.provenance.rawValue) else { return nil }
  let content = unsafe file.content(section)
  guard unsafe xxh3(content) == section.checksum else { return nil }
  switch SectionCodec(rawValue: section.codec) {
  case .raw: return unsafe String(decoding: content, as: UTF8.self)
  case .zstd where section.rawLength <= 1 << 24:
    let buffer = try FlatBuffer<UInt8>(count: section.rawLength)
    try unsafe SectionCodecs.zstdDecode(
      content, into: UnsafeMutableRawBufferPointer(buffer.mutableElements), context: RunContext(threads: 1))
    return unsafe String(decoding: buffer.elements, as: UTF8.self)
  default: return nil
  }
}
