public import MillRuntime

/// Opens a native container.
///
/// Raw arrays are used in place through a read-only map; compressed ones are checked against their checksum and
/// decoded; 32-bit weights become 64-bit. ``openStoredContainer(_:mapped:verify:context:)`` leaves packed lists as they
/// are.
///
/// - Parameters:
///   - path: A regular file; other streams come through ``openContainer(bytes:file:verify:context:)``.
///   - mapped: Whether to map the file; else it is read into memory, for folders where others shorten files.
///   - verify: How much is checked; ``ContainerVerification/safe`` is what walking the graph needs.
///   - context: Threads, cancellation.
/// - Throws: `MillError`: `unreadable`, `over-budget`, or a `badData` kind that says what is wrong with the file.
/// - Complexity: O(1) with `.quick` for raw arrays, else O(bytes). The result never depends on the thread count.
public func openContainer(
  _ path: String, mapped: Bool = true, verify: ContainerVerification = .safe, context: RunContext = .init()
) throws(MillError) -> CSRGraph {
  try load(path, mapped: mapped, verify: verify, expands: true, context).expanded(context: context)
}

/// Opens a native container and uses its neighbor lists in place also where they are packed.
///
/// - Parameters:
///   - path: A regular file.
///   - mapped: Whether to map the file; else it is read into memory.
///   - verify: How much is checked. What ``ContainerVerification/deep`` looks at is expanded for that time.
///   - context: Threads, cancellation.
/// - Returns: ``StoredGraph/packed(_:)`` for packed lists, ``StoredGraph/lists(_:)`` for all others.
/// - Throws: As ``openContainer(_:mapped:verify:context:)``.
/// - Complexity: O(1) with `.quick` for raw arrays and packed lists, else O(bytes).
public func openStoredContainer(
  _ path: String, mapped: Bool = true, verify: ContainerVerification = .safe, context: RunContext = .init()
) throws(MillError) -> StoredGraph {
  try load(path, mapped: mapped, verify: verify, expands: false, context)
}

private func load(
  _ path: String, mapped: Bool, verify: ContainerVerification, expands: Bool, _ context: RunContext
) throws(MillError) -> StoredGraph {
  let file = try MappedFile(path: path, mapped: mapped)
  do throws(MillError) {
    return try unsafe loadContainer(file.bytes, owner: file, verify: verify, expands: expands, context: context)
  } catch {
    throw error.inFile(path)
  }
}

/// Opens a native container that lies in memory, because it came through a pipe or was compressed as a whole.
///
/// - Parameters:
///   - bytes: The container; kept alive by the graph, and not to be written any more.
///   - file: The name for messages.
///   - verify: How much is checked.
///   - context: Threads, cancellation.
/// - Throws: As ``openContainer(_:mapped:verify:context:)``.
public func openContainer(
  bytes: FlatBuffer<UInt8>, file: String = "-", verify: ContainerVerification = .safe, context: RunContext = .init()
) throws(MillError) -> CSRGraph {
  do throws(MillError) {
    return try unsafe loadContainer(
      UnsafeRawBufferPointer(bytes.elements), owner: bytes, verify: verify, expands: true, context: context
    ).expanded(context: context)
  } catch {
    throw error.inFile(file)
  }
}

private func loadContainer(
  _ bytes: UnsafeRawBufferPointer, owner: any AnyObject & Sendable, verify: ContainerVerification, expands: Bool,
  context: RunContext
) throws(MillError) -> StoredGraph {
  guard 1.littleEndian == 1 else { throw MillError(.unsupported, "containers need a little-endian machine") }
  let file = try unsafe SectionFile(bytes, format: Container.format)
  let (flags, n, m, arcs) = try Container.checkCounts(file)
  var loader = ContainerLoader(file: file, owner: owner, context: context)
  let isWide = flags.contains(.wideTargets)
  let step: UInt32 = flags.contains(.multigraph) ? 0 : 1
  let hasInArcs = flags.contains(.inArcs)
  func verifyArrays(_ graph: CSRGraph) throws(MillError) {
    switch verify {
    case .quick: break
    case .safe: try checkSafe(graph, context: context)
    case .deep:
      try file.checkPadding()
      try checkStructure(graph, checksums: loader.uncheckedSections, of: file, context: context)
      try loader.checkEdgeIDs(edges: m)
    }
  }
  let packed = isWide ? nil : try loader.packedLists(.offsets, .targets, nodes: n, arcs: arcs, step: step)
  guard let packed else {
    let offsets = try loader.offsets(.offsets, count: n + 1, last: arcs)
    let targets = try loader.lists(.targets, offsets: offsets, count: arcs, isWide: isWide)
    let (weights, names) = try loader.attributes(flags, nodes: n, arcs: arcs)
    var inArcs: CSRGraph.InArcs?
    if hasInArcs {
      let offsets = try loader.offsets(.inOffsets, count: n + 1, last: arcs)
      inArcs = CSRGraph.InArcs(
        offsets: offsets, sources: try loader.lists(.inSources, offsets: offsets, count: arcs, isWide: isWide))
    }
    try loader.checkExtras(arcs: arcs)
    let graph = CSRGraph(
      storage: CSRStorage(
        nodeCount: n, edgeCount: m, flags: flags, offsets: offsets, targets: targets, weights: weights, names: names,
        inArcs: inArcs))
    try verifyArrays(graph)
    return .lists(graph)
  }
  let (weights, names) = try loader.attributes(flags, nodes: n, arcs: arcs)
  let inLists = hasInArcs ? try loader.packedLists(.inOffsets, .inSources, nodes: n, arcs: arcs, step: step) : nil
  try loader.checkExtras(arcs: arcs)
  guard hasInArcs == (inLists != nil) else { throw MillError(.malformed, "of in-arcs and arcs only one is packed") }
  let graph = PackedGraph(edgeCount: m, flags: flags, lists: packed, weights: weights, names: names, inLists: inLists)
  // Unpacking needs sound lists, too.
  if verify != .quick || expands { try checkSafe(graph, context: context) }
  guard verify == .deep || expands else { return .packed(graph) }
  let expanded = try graph.expanded(context: context)
  if verify == .deep { try verifyArrays(expanded) }
  return expands ? .lists(expanded) : .packed(graph)
}

/// Turns sections into arrays: in place where they are raw, decoded otherwise.
private struct ContainerLoader {
  let file: SectionFile
  let context: RunContext
  /// What holds the file's bytes.
  let owner: any AnyObject & Sendable
  /// Sections whose checksum was not compared while decoding.
  private(set) var uncheckedSections: [SectionFile.Section]

  init(file: SectionFile, owner: any AnyObject & Sendable, context: RunContext) {
    self.file = file
    self.context = context
    self.owner = owner
    uncheckedSections = file.sections
  }

  /// The entry of a section that the flags promise, after its codec and size were found possible.
  private func find(
    _ kind: Container.Kind, count: Int, stride: Int, codecs: Set<SectionCodec>, varints: Int? = nil
  ) throws(MillError) -> (SectionFile.Section, SectionCodec) {
    guard let section = file.section(kind.rawValue) else {
      throw MillError(.malformed, "section \(kind.name) is missing")
    }
    guard let codec = SectionCodec(rawValue: section.codec), codecs.contains(codec) else {
      throw MillError(
        .unsupportedVersion, "section \(kind.name) has the unknown codec \(section.codec)", byte: section.offset)
    }
    let (size, overflow) = count.multipliedReportingOverflow(by: stride)
    guard !overflow, section.rawLength == size,
      SectionCodecs.isPlausible(codec, length: section.length, rawLength: size, count: varints ?? count)
    else {
      throw MillError(.malformed, "section \(kind.name) has an impossible length", byte: section.offset)
    }
    return (section, codec)
  }

  /// Compares the checksum before a section is decoded; once.
  private mutating func beginDecoding(_ section: SectionFile.Section) throws(MillError) {
    try context.checkCancelled()
    try file.checkSum(of: section)
    uncheckedSections.removeAll { $0 == section }
  }

  private func inPlace<Element>(_ section: SectionFile.Section, count: Int) -> SharedArray<Element> {
    guard let start = unsafe file.bytes.baseAddress else { return .empty }
    return unsafe SharedArray(
      base: (start + section.offset).assumingMemoryBound(to: Element.self), count: count, owner: owner)
  }

  private mutating func unzstd<Element: BitwiseCopyable>(
    _ section: SectionFile.Section, count: Int
  ) throws(MillError) -> SharedArray<Element> {
    try beginDecoding(section)
    let buffer = try FlatBuffer<Element>(count: count)
    try unsafe SectionCodecs.zstdDecode(
      file.content(section), into: UnsafeMutableRawBufferPointer(buffer.mutableElements), context: context)
    return SharedArray(buffer)
  }

  func rawLength(_ kind: Container.Kind) -> Int { file.section(kind.rawValue)?.rawLength ?? 0 }

  /// An array that is raw or zstd.
  mutating func array<Element: BitwiseCopyable>(
    _ kind: Container.Kind, count: Int
  ) throws(MillError) -> SharedArray<Element> {
    let (section, codec) = try find(kind, count: count, stride: MemoryLayout<Element>.stride, codecs: [.raw, .zstd])
    return codec == .raw ? inPlace(section, count: count) : try unzstd(section, count: count)
  }

  mutating func widenedWeights(count: Int) throws(MillError) -> SharedArray<Double> {
    let narrow: SharedArray<Float> = try array(.weights, count: count)
    let wide = try FlatBuffer<Double>(count: count)
    Parallel.forEachRange(of: count, size: 1 << 16, threads: context.threads) { range, _ in
      for i in range { unsafe wide.base[i] = Double(narrow[i]) }
    }
    return SharedArray(wide)
  }

  mutating func words(_ kind: Container.Kind, count: Int) throws(MillError) -> SharedArray<UInt64> {
    let (section, codec) = try find(kind, count: count, stride: 8, codecs: [.raw, .zstd, .varint])
    switch codec {
    case .raw: return inPlace(section, count: count)
    case .zstd: return try unzstd(section, count: count)
    default:  // Varint: no other one is let through.
      try beginDecoding(section)
      let buffer = try FlatBuffer<UInt64>(count: count)
      try unsafe SectionCodecs.varintDecode(file.content(section), differencesInto: buffer.mutableElements)
      return SharedArray(buffer)
    }
  }

  /// Offsets that begin with 0 and end with `last`, which is checked here.
  mutating func offsets(
    _ kind: Container.Kind, count: Int, last: Int
  ) throws(MillError) -> SharedArray<UInt64> {
    let (section, codec) = try find(
      kind, count: count, stride: 8, codecs: [.raw, .zstd, .varint], varints: count - 1)
    let offsets: SharedArray<UInt64>
    switch codec {
    case .raw: offsets = inPlace(section, count: count)
    case .zstd: offsets = try unzstd(section, count: count)
    default:  // Varint: no other one is let through.
      try beginDecoding(section)
      let buffer = try FlatBuffer<UInt64>(count: count)
      try unsafe SectionCodecs.varintDecode(
        file.content(section),
        differencesInto: UnsafeMutableBufferPointer(start: buffer.base + 1, count: count - 1))
      offsets = SharedArray(buffer)
    }
    guard offsets[0] == 0, offsets[count - 1] == UInt64(last) else {
      throw MillError(
        .malformed, "section \(kind.name) does not run from 0 to \(last)", byte: section.offset)
    }
    return offsets
  }

  mutating func lists(
    _ kind: Container.Kind, offsets: SharedArray<UInt64>, count: Int, isWide: Bool
  ) throws(MillError) -> CSRGraph.Targets {
    isWide ? .wide(try lists(kind, offsets, count)) : .narrow(try lists(kind, offsets, count))
  }

  private mutating func lists<Target: FixedWidthInteger & BitwiseCopyable>(
    _ kind: Container.Kind, _ offsets: SharedArray<UInt64>, _ count: Int
  ) throws(MillError) -> SharedArray<Target> {
    let (section, codec) = try find(
      kind, count: count, stride: MemoryLayout<Target>.stride, codecs: [.raw, .zstd, .varint])
    switch codec {
    case .raw: return inPlace(section, count: count)
    case .zstd: return try unzstd(section, count: count)
    default:  // Varint: no other one is let through.
      try checkAscending(offsets, last: count, context: context)
      try beginDecoding(section)
      let buffer = try FlatBuffer<Target>(count: count)
      try unsafe SectionCodecs.varintDecode(
        file.content(section), listsInto: buffer.mutableElements, offsets: offsets.elements)
      return SharedArray(buffer)
    }
  }

  /// Weights and names, where the flags say that there are some.
  mutating func attributes(
    _ flags: GraphFlags, nodes: Int, arcs: Int
  ) throws(MillError) -> (weights: SharedArray<Double>?, names: NodeNames) {
    var weights: SharedArray<Double>?
    if flags.contains(.weighted64) { weights = try array(.weights, count: arcs) }
    if flags.contains(.weighted32) { weights = try widenedWeights(count: arcs) }
    var names = NodeNames.dense
    if flags.contains(.originalIDs) { names = .ids(try words(.originalIDs, count: nodes)) }
    if flags.contains(.labels) {
      let bytes: SharedArray<UInt8> = try array(.labelBytes, count: rawLength(.labelBytes))
      names = .labels(.init(offsets: try offsets(.labelOffsets, count: nodes + 1, last: bytes.count), bytes: bytes))
    }
    return (weights, names)
  }

  /// Lists and their starts, in place; nil where they are stored otherwise.
  func packedLists(
    _ starts: Container.Kind, _ lists: Container.Kind, nodes: Int, arcs: Int, step: UInt32
  ) throws(MillError) -> PackedLists? {
    guard file.section(lists.rawValue)?.codec == SectionCodec.packed.rawValue else { return nil }
    let places = try find(starts, count: nodes + 1, stride: 8, codecs: [.packed]).0
    let bytes = try find(lists, count: arcs, stride: 4, codecs: [.packed]).0
    guard
      PackedLists.isPlausible(nodes: nodes, arcs: arcs, startBytes: places.length, listBytes: bytes.length)
    else { throw MillError(.malformed, "section \(lists.name) has an impossible length", byte: bytes.offset) }
    return PackedLists(
      nodeCount: nodes, arcCount: arcs, starts: inPlace(places, count: places.length),
      bytes: inPlace(bytes, count: bytes.length), step: step)
  }

  /// Sections that a graph does not hold must still have possible sizes.
  func checkExtras(arcs: Int) throws(MillError) {
    if file.section(Container.Kind.edgeIDs.rawValue) != nil {
      _ = try find(.edgeIDs, count: arcs, stride: 8, codecs: [.raw, .zstd, .varint])
    }
    if file.section(Container.Kind.provenance.rawValue) != nil {
      _ = try find(.provenance, count: rawLength(.provenance), stride: 1, codecs: [.raw, .zstd])
    }
  }

  /// Edge ids are below m.
  mutating func checkEdgeIDs(edges: Int) throws(MillError) {
    guard let section = file.section(Container.Kind.edgeIDs.rawValue) else { return }
    let ids = try words(.edgeIDs, count: section.rawLength / 8)
    if ids.contains(where: { $0 >= UInt64(edges) }) {
      throw MillError(.malformed, "an edge id is not below the number of edges", byte: section.offset)
    }
  }
}
