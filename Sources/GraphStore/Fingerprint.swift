import Glibc
public import MillRuntime

extension NeighborGraph {
  /// XXH3 (128 bits) of the graph's content, 32 hexadecimal digits: a name for the graph in manifests.
  ///
  /// The hashed bytes, little-endian: n, the number of arcs and the flags (64 bits each); offsets (64); targets (32
  /// bits below 2^32 - 1 nodes, else 64); weights, if any (binary64); original ids (64), or label offsets (64) and
  /// label bytes. Flags are those of the container without codec, target width, in-arcs; weights of any stored width
  /// set bit 1. A graph whose ids are 0, 1, ... n - 1 counts as one without ids: its nodes are called the same.
  ///
  /// So it depends neither on codec, in-arcs and target width, nor on the way the graph was read.
  ///
  /// - Complexity: O(n + m), at the speed of memory. One thread, the same for any context.
  public func fingerprint(context: RunContext = .init()) -> String {
    let stream = XXH3Stream()
    unsafe feedCanonicalBytes { unsafe stream.update($0) }
    return stream.hexDigest()
  }

  /// SHA-256 (FIPS 180-4) of the same bytes as ``fingerprint(context:)``, 64 hexadecimal digits.
  ///
  /// - Complexity: O(n + m). One thread.
  public func sha256(context: RunContext = .init()) -> String {
    let stream = SHA256Stream()
    unsafe feedCanonicalBytes { unsafe stream.update($0) }
    return stream.hexDigest()
  }

  /// The names, where ids that equal their node count as none.
  fileprivate var canonicalNames: NodeNames {
    guard case .ids(let ids) = names else { return names }
    let isDense = unsafe ids.withUnsafeBufferPointer { ids in ids.indices.allSatisfy { unsafe ids[$0] == UInt64($0) } }
    return isDense ? .dense : names
  }

  /// Direction, weights, multigraph, loops and the kind of names.
  fileprivate var canonicalFlags: GraphFlags {
    var flags = shape
    if isWeighted { flags.insert(.weighted64) }
    switch canonicalNames {
    case .dense: break
    case .ids: flags.insert(.originalIDs)
    case .labels: flags.insert(.labels)
    }
    return flags
  }

  /// Hands out the bytes that ``fingerprint(context:)`` describes.
  private func feedCanonicalBytes(_ update: (UnsafeRawBufferPointer) -> Void) {
    let words = [UInt64(nodeCount), UInt64(arcCount), canonicalFlags.rawValue]
    unsafe words.withUnsafeBytes { unsafe update($0) }
    switch stored {
    case .lists(let graph): unsafe graph.feedLists(update)
    case .packed(let graph): unsafe graph.lists.feed(update)
    }
    if let weights { unsafe update(UnsafeRawBufferPointer(weights.elements)) }
    switch canonicalNames {
    case .dense: break
    case .ids(let ids): unsafe update(UnsafeRawBufferPointer(ids.elements))
    case .labels(let table):
      unsafe update(UnsafeRawBufferPointer(table.offsets.elements))
      unsafe update(UnsafeRawBufferPointer(table.bytes.elements))
    }
    withExtendedLifetime(self) {}
  }
}

extension PackedLists {
  /// Hands out the bytes of offsets and targets, as they were before packing.
  fileprivate func feed(_ update: (UnsafeRawBufferPointer) -> Void) {
    let rows = rows()
    let size = 1 << 12
    for chunk in 0..<Parallel.chunkCount(nodeCount, size: size) {
      let nodes = Parallel.range(ofChunk: chunk, size: size, count: nodeCount)
      unsafe nodes.map { UInt64(rows.begin($0)) }.withUnsafeBytes { unsafe update($0) }
    }
    unsafe [UInt64(arcCount)].withUnsafeBytes { unsafe update($0) }
    unsafe rows.forEachPiece(of: 0..<nodeCount) { targets, _, count in
      unsafe update(UnsafeRawBufferPointer(start: targets, count: 4 * count))
    }
    withExtendedLifetime(self) {}
  }
}

extension CSRGraph {
  /// Hands out the bytes of offsets and targets, the latter in the width that n asks for.
  fileprivate func feedLists(_ update: (UnsafeRawBufferPointer) -> Void) {
    unsafe update(UnsafeRawBufferPointer(offsets.elements))
    let isNarrow = nodeCount < Int(UInt32.max)
    switch targets {
    case .narrow(let buffer) where isNarrow: unsafe update(UnsafeRawBufferPointer(buffer.elements))
    case .wide(let buffer) where !isNarrow: unsafe update(UnsafeRawBufferPointer(buffer.elements))
    default: unsafe isNarrow ? feedConverted(to: UInt32.self, update) : feedConverted(to: UInt64.self, update)
    }
  }

  /// The targets in another width than the stored one, block by block.
  private func feedConverted<Target: FixedWidthInteger & BitwiseCopyable>(
    to: Target.Type, _ update: (UnsafeRawBufferPointer) -> Void
  ) {
    let targets = self.targets
    for chunk in 0..<Parallel.chunkCount(targets.count, size: 1 << 14) {
      let range = Parallel.range(ofChunk: chunk, size: 1 << 14, count: targets.count)
      unsafe range.map { Target(truncatingIfNeeded: targets[$0]) }.withUnsafeBytes { unsafe update($0) }
    }
  }

  /// Whether both graphs have the same nodes, names, arcs and weights, bit for bit, in the same order, and the same
  /// direction and multigraph flags. Equal graphs have equal fingerprints.
  ///
  /// - Complexity: O(n + m).
  public func isIdentical(to other: CSRGraph) -> Bool {
    let (a, b) = (storage, other.storage)
    if a === b { return true }
    guard a.nodeCount == b.nodeCount, a.edgeCount == b.edgeCount, a.targets.count == b.targets.count,
      canonicalFlags == other.canonicalFlags, sameBytes(a.offsets, b.offsets)
    else { return false }
    let sameTargets =
      switch (a.targets, b.targets) {
      case (.narrow(let p), .narrow(let q)): sameBytes(p, q)
      case (.wide(let p), .wide(let q)): sameBytes(p, q)
      case (.narrow(let p), .wide(let q)), (.wide(let q), .narrow(let p)): zip(p, q).allSatisfy { UInt64($0) == $1 }
      }
    guard sameTargets else { return false }
    if let p = a.weights, let q = b.weights, !sameBytes(p, q) { return false }
    switch (canonicalNames, other.canonicalNames) {
    case (.ids(let p), .ids(let q)): return sameBytes(p, q)
    case (.labels(let p), .labels(let q)): return sameBytes(p.offsets, q.offsets) && sameBytes(p.bytes, q.bytes)
    case (.dense, .dense): return true
    default: return false
    }
  }
}

private func sameBytes<Element: BitwiseCopyable & Sendable>(
  _ a: SharedArray<Element>, _ b: SharedArray<Element>
) -> Bool {
  guard a.count == b.count else { return false }
  return unsafe a.count == 0 || a.base == b.base || memcmp(a.base, b.base, a.count * MemoryLayout<Element>.stride) == 0
}
