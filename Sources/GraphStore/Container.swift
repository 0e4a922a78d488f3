import MillRuntime

/// How a container stores an array.
public enum ContainerCodec: String, Sendable, CaseIterable, Codable {
  /// As in memory, ready to be mapped.
  case raw
  /// zstd; decoded when the container is opened.
  case zstd
  /// Differences in variable-length integers for offsets, targets and ids; the rest raw. Decoded when opened.
  case varint
  /// Neighbor lists as packed gaps, which kernels read as they lie in the mapped file (``PackedGraph``); the rest raw.
  /// For graphs of fewer than 2^32 - 1 nodes.
  case packed
}

/// How ``writeContainer(_:to:options:context:)`` writes.
public struct ContainerOptions: Sendable, Equatable, Codable {
  /// How arrays are stored.
  public var codec: ContainerCodec
  /// Whether the incoming arcs are stored, so that nobody needs to compute them again. The graph must have them.
  public var includesInArcs: Bool
  /// Where the graph came from, as JSON in canonical form without times and paths; nil for none.
  public var provenance: String?

  /// Raw, without incoming arcs and provenance, unless told otherwise.
  public init(
    codec: ContainerCodec = .raw, includesInArcs: Bool = false, provenance: String? = nil
  ) {
    self.codec = codec
    self.includesInArcs = includesInArcs
    self.provenance = provenance
  }
}

/// How much of an opened container is checked before it is handed out.
public enum ContainerVerification: Sendable {
  /// O(1): header, table, ends of the offsets. Enough to report counts. The graph must not be walked: its entries
  /// are used as indices without a check.
  case quick
  /// Everything that memory safety of reading needs, one parallel pass: offsets ascend and stay inside, targets and
  /// sources are below n, label offsets ascend, and m is the number of arcs u → v with u <= v when undirected.
  /// Order of lists and symmetry are not looked at: code that *writes* through indices which rely on those (a
  /// transposition in place by degrees, say) needs ``deep``.
  case safe
  /// All of ``checkDeep(_:context:)``, checksums and padding included.
  case deep
}

/// The graph container's constants.
enum Container {
  static let format = SectionFormat(kind: .graph, majorVersion: 1, knownFlags: 0x1ff)

  /// Section kinds.
  enum Kind: UInt32, CaseIterable {
    case offsets = 1
    case targets = 2
    case weights = 3
    case originalIDs = 4
    case labelOffsets = 5
    case labelBytes = 6
    case inOffsets = 7
    case inSources = 8
    case edgeIDs = 9
    case provenance = 10

    var name: String {
      switch self {
      case .offsets: "offsets"
      case .targets: "targets"
      case .weights: "weights"
      case .originalIDs: "ids"
      case .labelOffsets: "label-offsets"
      case .labelBytes: "labels"
      case .inOffsets: "in-offsets"
      case .inSources: "in-sources"
      case .edgeIDs: "edge-ids"
      case .provenance: "provenance"
      }
    }
  }

  /// Sections that a container with these flags must have; the others of the known ones it must not have, save
  /// edge ids and provenance.
  static func requiredKinds(_ flags: GraphFlags) -> Set<UInt32> {
    var kinds: [Kind] = [.offsets, .targets]
    if !flags.isDisjoint(with: [.weighted64, .weighted32]) { kinds.append(.weights) }
    if flags.contains(.originalIDs) { kinds.append(.originalIDs) }
    if flags.contains(.labels) { kinds += [.labelOffsets, .labelBytes] }
    if flags.contains(.inArcs) { kinds += [.inOffsets, .inSources] }
    return Set(kinds.map(\.rawValue))
  }

  /// A header that contradicts itself is refused.
  ///
  /// - Returns: n, m and the number of arcs as integers whose byte sizes do not overflow.
  static func checkCounts(
    _ file: SectionFile
  ) throws(MillError) -> (flags: GraphFlags, nodes: Int, edges: Int, arcs: Int) {
    let flags = GraphFlags(rawValue: file.flags & 0xffff_ffff)
    func malformed(_ what: String, _ byte: Int) -> MillError { MillError(.malformed, what, byte: byte) }
    let limit = UInt64(Int.max / 16)
    guard file.counts.0 < limit, file.counts.1 < limit, file.counts.2 < limit else {
      throw malformed("an impossible count", 24)
    }
    let (n, m, arcs) = (Int(file.counts.0), Int(file.counts.1), Int(file.counts.2))
    guard flags.contains(.wideTargets) || n <= Int(UInt32.max) else {
      throw malformed("\(n) nodes do not fit 32-bit targets", 24)
    }
    guard !flags.isSuperset(of: [.weighted64, .weighted32]), !flags.isSuperset(of: [.labels, .originalIDs]) else {
      throw malformed("flags that exclude each other", 16)
    }
    // An undirected edge is two arcs, a loop one.
    let isConsistent =
      flags.contains(.directed)
      ? m == arcs : flags.contains(.loops) ? m <= arcs && arcs <= 2 * m : arcs == 2 * m
    guard isConsistent, n > 0 || arcs == 0 else { throw malformed("\(m) edges and \(arcs) arcs do not agree", 32) }
    let known = Set(Kind.allCases.map(\.rawValue)).subtracting([Kind.edgeIDs.rawValue, Kind.provenance.rawValue])
    let present = Set(file.sections.map(\.kind)).intersection(known)
    guard present == requiredKinds(flags) else { throw malformed("the sections are not those that the flags name", 56) }
    return (flags, n, m, arcs)
  }
}
