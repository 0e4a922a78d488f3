internal import CMillKernels
package import MillRuntime

/// Neighbor lists as packed gaps, with the place of each: the codec `packed` of a container, for both sections of a pair.
/// Lists are found and decoded one by one.
///
/// **Lists**, one behind the other, nothing for a node without arcs, then 64 zero bytes. A list of d targets is
///
///     byte 0            bits 0-5 the width of group 0, bits 6-7 the bytes of the first target, less 1
///     bytes 1 ..< g     the width of each further group, where g = max(1, ceil((d - 1) / 8)) is the number of groups
///     1 to 4 bytes      the first target less the node, modulo 2^32, zigzag (0, -1, 1, -2 …), low byte first
///     groups            d - 1 gaps, eight a group: w bits each, low bits first; a group of w bytes, the last one of the
///                       bytes that its gaps fill
///
/// A gap is the target less the one before it, less 1 where there are no parallel edges. Widths are 0 to 25, or 32.
///
/// **Starts**, a block for 64 nodes:
///
///     24 * blocks       u64 first arc, u64 first byte, u64 layout: bits 0-5 the width a of arcs, bits 6-11 the width b of
///                       bytes, from bit 12 on the byte in this section where the block's records begin
///     records           of each block for its nodes and the end of the last: a bits of arcs and b bits of bytes since
///                       the block's first, low bits first; filled up to whole bytes
///     8 zero bytes
///
/// An arc's number is its place among all targets, as in offsets; a byte's that in the section of lists.
package struct PackedLists: Sendable {
  package let nodeCount: Int
  package let arcCount: Int
  /// The section of starts.
  package let starts: SharedArray<UInt8>
  /// The section of lists.
  package let bytes: SharedArray<UInt8>
  /// What a gap is short of.
  package let step: UInt32

  static let nodesPerBlock = 64
  static let entryBytes = 24
  static let startPadding = 8
  static let listPadding = Int(MILL_PACKING_PADDING)
  /// The largest width of a record's halves: one load of 8 bytes must hold it behind up to 7 bits.
  static let maximumStartWidth = 57

  static func blockCount(_ nodes: Int) -> Int { Parallel.chunkCount(nodes, size: nodesPerBlock) }

  /// Whether sections of these sizes can hold as many nodes and arcs at all.
  static func isPlausible(nodes: Int, arcs: Int, startBytes: Int, listBytes: Int) -> Bool {
    startBytes >= entryBytes * blockCount(nodes) + startPadding && listBytes >= listPadding && arcs / 8 <= listBytes
  }

  /// The lists as rows in one chunk; valid as long as this value lives.
  func rows(context: RunContext = .init(threads: 1)) -> PackedRows {
    PackedRows(
      self, weights: nil, isDirected: true, hasLoops: true, loopCount: 0, cuts: [0, nodeCount], context: context)
  }

  /// Lists whose sections are given.
  init(nodeCount: Int, arcCount: Int, starts: SharedArray<UInt8>, bytes: SharedArray<UInt8>, step: UInt32) {
    self.nodeCount = nodeCount
    self.arcCount = arcCount
    self.starts = starts
    self.bytes = bytes
    self.step = step
  }

  // MARK: Packing

  /// Packs lists whose targets are below 2^32.
  ///
  /// - Complexity: O(n + m) time, parallel; the result and 8n bytes. The same bytes for every thread count.
  package init<ID: NodeIndex>(
    packing targets: UnsafePointer<ID>, offsets: SharedArray<UInt64>, allowsParallel: Bool, context: RunContext
  ) throws(MillError) {
    let n = offsets.count - 1
    let step: UInt32 = allowsParallel ? 0 : 1
    let places = try FlatBuffer<UInt64>(count: n + 1)
    func list(_ node: Int) -> PackedList<ID> {
      let (low, high) = unsafe (Int(offsets.base[node]), Int(offsets.base[node + 1]))
      return unsafe PackedList(targets: targets + low, count: high - low, node: node, step: step)
    }
    _ = try parallelSum(n, context: context) { nodes in
      for node in nodes { unsafe places.base[node + 1] = UInt64(list(node).byteCount) }
      return 0
    }
    for node in 0..<n { unsafe places.base[node + 1] += places.base[node] }
    let bytes = try unsafe FlatBuffer<UInt8>(count: Int(places.base[n]) + Self.listPadding)
    _ = try parallelSum(n, context: context) { nodes in
      for node in nodes { unsafe list(node).write(to: bytes.base + Int(places.base[node])) }
      return 0
    }
    nodeCount = n
    arcCount = unsafe Int(offsets.base[n])
    self.step = step
    self.bytes = SharedArray(bytes)
    starts = try unsafe Self.packStarts(arcs: offsets.base, bytes: UnsafePointer(places.base), count: n, context)
    withExtendedLifetime((offsets, places)) {}
  }

  private static func packStarts(
    arcs: UnsafePointer<UInt64>, bytes: UnsafePointer<UInt64>, count: Int, _ context: RunContext
  ) throws(MillError) -> SharedArray<UInt8> {
    let blocks = blockCount(count)
    func nodes(_ block: Int) -> Range<Int> { Parallel.range(ofChunk: block, size: nodesPerBlock, count: count) }
    func widths(_ block: Int) -> (arcs: Int, bytes: Int) {
      let (low, high) = (nodes(block).lowerBound, nodes(block).upperBound)
      return unsafe (bitCount(arcs[high] - arcs[low]), bitCount(bytes[high] - bytes[low]))
    }
    let places = try FlatBuffer<Int>(count: blocks + 1)
    unsafe places.base[0] = entryBytes * blocks
    for block in 0..<blocks {
      let (a, b) = widths(block)
      unsafe places.base[block + 1] = places.base[block] + ((nodes(block).count + 1) * (a + b) + 7) / 8
    }
    let starts = try unsafe FlatBuffer<UInt8>(count: places.base[blocks] + startPadding)
    Parallel.forEach(blocks, threads: context.threads) { block, _ in
      let (a, b) = widths(block)
      let low = nodes(block).lowerBound
      let entry = unsafe UnsafeMutableRawPointer(starts.base + entryBytes * block)
      unsafe entry.storeBytes(of: arcs[low], as: UInt64.self)
      unsafe entry.storeBytes(of: bytes[low], toByteOffset: 8, as: UInt64.self)
      unsafe entry.storeBytes(of: UInt64(places.base[block] << 12 | b << 6 | a), toByteOffset: 16, as: UInt64.self)
      var writer = unsafe BitWriter(starts.base + places.base[block])
      for node in low...nodes(block).upperBound {
        unsafe writer.put(arcs[node] - arcs[low], a)
        unsafe writer.put(bytes[node] - bytes[low], b)
      }
      writer.finish()
    }
    return SharedArray(starts)
  }

  fileprivate static func bitCount(_ value: UInt64) -> Int { UInt64.bitWidth - value.leadingZeroBitCount }

  // MARK: Unpacking

  /// The lists as arrays. They were found sound.
  ///
  /// - Complexity: O(n + m) time, parallel; the result.
  package func expanded(context: RunContext) throws(MillError) -> (
    offsets: SharedArray<UInt64>, targets: SharedArray<UInt32>
  ) {
    let offsets = try FlatBuffer<UInt64>(uninitializedCount: nodeCount + 1)
    let targets = try FlatBuffer<UInt32>(uninitializedCount: arcCount)
    let rows = rows()
    _ = try parallelSum(nodeCount, context: context) { nodes in
      for node in nodes { unsafe offsets.base[node] = UInt64(rows.begin(node)) }
      unsafe rows.forEachPiece(of: nodes) { piece, arc, count in
        unsafe (targets.base + arc).update(from: piece, count: count)
      }
      return 0
    }
    unsafe offsets.base[nodeCount] = UInt64(arcCount)
    withExtendedLifetime(self) {}
    return (SharedArray(offsets), SharedArray(targets))
  }
}

/// One list on its way into packed bytes.
@safe private struct PackedList<ID: NodeIndex> {
  let targets: UnsafePointer<ID>
  let count: Int
  let node: Int
  let step: UInt32

  private var groupCount: Int { max(1, (count + 6) / 8) }

  /// The first target less the node; small numbers for those nearby on either side.
  private var first: UInt32 {
    let difference = unsafe UInt32(truncatingIfNeeded: targets[0]) &- UInt32(truncatingIfNeeded: node)
    return (difference &<< 1) ^ (0 &- (difference &>> 31))
  }

  private var firstBytes: Int { max(1, (UInt32.bitWidth - first.leadingZeroBitCount + 7) / 8) }

  /// The places of a group's targets.
  private func places(_ group: Int) -> Range<Int> { min(count, 1 + 8 * group)..<min(count, 9 + 8 * group) }

  private func gap(_ place: Int) -> UInt32 {
    unsafe UInt32(truncatingIfNeeded: targets[place]) &- UInt32(truncatingIfNeeded: targets[place - 1]) &- step
  }

  private func width(_ group: Int) -> Int {
    var all: UInt32 = 0
    for place in places(group) { all |= gap(place) }
    let bits = UInt32.bitWidth - all.leadingZeroBitCount
    return bits > PackedRows.maximumShiftedWidth ? 32 : bits
  }

  var byteCount: Int {
    guard count > 0 else { return 0 }
    var bytes = groupCount + firstBytes
    for group in 0..<groupCount { bytes += (places(group).count * width(group) + 7) / 8 }
    return bytes
  }

  func write(to start: UnsafeMutablePointer<UInt8>) {
    guard count > 0 else { return }
    for i in 0..<firstBytes { unsafe start[groupCount + i] = UInt8(truncatingIfNeeded: first >> UInt32(8 * i)) }
    var place = unsafe start + (groupCount + firstBytes)
    for group in 0..<groupCount {
      let width = width(group)
      unsafe start[group] = UInt8(width | (group == 0 ? (firstBytes - 1) << 6 : 0))
      var writer = unsafe BitWriter(place)
      for place in places(group) { writer.put(UInt64(gap(place)), width) }
      writer.finish()
      unsafe place = writer.place
    }
  }
}

/// Writes numbers bit by bit, low bits first.
@safe private struct BitWriter {
  private(set) var place: UnsafeMutablePointer<UInt8>
  private var word: UInt64 = 0
  private var filled = 0

  init(_ start: UnsafeMutablePointer<UInt8>) { unsafe place = start }

  /// Writes the low `width` bits, at most 57, of a number that has no others.
  mutating func put(_ number: UInt64, _ width: Int) {
    word |= number << UInt64(filled)
    filled += width
    while filled >= 8 { writeByte() }
  }

  /// Fills up the last byte with zeros.
  mutating func finish() { if filled > 0 { writeByte() } }

  private mutating func writeByte() {
    unsafe place.pointee = UInt8(truncatingIfNeeded: word)
    unsafe place += 1
    word >>= 8
    filled = max(0, filled - 8)
  }
}
