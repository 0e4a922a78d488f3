public import MillRuntime

/// Writes a graph as a native container; the caller commits the file.
///
/// The same graph and options give the same bytes for every thread count. Raw arrays are written as they lie in
/// memory and can be mapped again in O(1), packed ones are read as they are by some kernels (``PackedGraph``); the
/// other codecs are for storage.
///
/// - Parameters:
///   - graph: The graph.
///   - file: Where to; also standard output.
///   - options: Codec, incoming arcs, provenance.
///   - context: Threads, progress, cancellation.
/// - Throws: `MillError`: `bad-option` when incoming arcs are asked for and the graph has none, `unsupported` for
///   packed lists of 2^32 - 1 nodes or more, `over-budget`, `interrupted`, or what the file throws.
/// - Complexity: O(n + m) time; no memory beside the graph when raw, else the size of the result.
public func writeContainer(
  _ graph: CSRGraph, to file: OutputFile, options: ContainerOptions = .init(), context: RunContext = .init()
) throws(MillError) {
  var writer = ContainerWriter(codec: options.codec, context: context)
  let storage = graph.storage
  var flags = storage.flags.subtracting(.inArcs)
  try writer.addLists(.offsets, .targets, storage.offsets, storage.targets, of: graph)
  if options.codec == .packed { flags.remove(.wideTargets) }
  if let weights = storage.weights { try unsafe writer.add(.weights, UnsafeRawBufferPointer(weights.elements)) }
  switch storage.names {
  case .dense: break
  case .ids(let ids): try writer.addWords(.originalIDs, ids)
  case .labels(let table):
    try writer.addOffsets(.labelOffsets, table.offsets)
    try unsafe writer.add(.labelBytes, UnsafeRawBufferPointer(table.bytes.elements))
  }
  if options.includesInArcs {
    guard let inArcs = storage.inArcs else {
      throw MillError(.badOption, "the graph has no incoming arcs to write", hint: "build them with withInArcs first")
    }
    flags.insert(.inArcs)
    try writer.addLists(.inOffsets, .inSources, inArcs.offsets, inArcs.sources, of: graph)
  }
  let provenance = Array((options.provenance ?? "").utf8)
  let failure: MillError? = unsafe provenance.withUnsafeBytes { bytes in
    do throws(MillError) {
      if options.provenance != nil {
        unsafe writer.contents.append(SectionContent(kind: Container.Kind.provenance.rawValue, bytes: bytes))
      }
      try writeSections(
        writer.contents, format: Container.format, flags: flags.rawValue,
        counts: (UInt64(storage.nodeCount), UInt64(storage.edgeCount), UInt64(storage.targets.count)), to: file,
        context: context)
      return nil
    } catch {
      return error
    }
  }
  withExtendedLifetime((graph, writer)) {}
  if let failure { throw failure }
}

/// Writes a graph as a native container under its final name.
///
/// - Returns: The number of bytes.
/// - Throws: `MillError`, also `cannot-create` when the file exists and `replaces` is false.
@discardableResult
public func writeContainer(
  _ graph: CSRGraph, to path: String, replaces: Bool = false, options: ContainerOptions = .init(),
  context: RunContext = .init()
) throws(MillError) -> Int {
  let file = try OutputFile(path, replaces: replaces)
  try writeContainer(graph, to: file, options: options, context: context)
  try file.commit()
  return file.bytesWritten
}

/// Collects the sections of one graph, encoded.
private struct ContainerWriter {
  let codec: ContainerCodec
  let context: RunContext
  var contents: [SectionContent] = []
  var owners: [SharedArray<UInt8>] = []

  init(codec: ContainerCodec, context: RunContext) {
    self.codec = codec
    self.context = context
  }

  mutating func add(_ kind: Container.Kind, _ bytes: UnsafeRawBufferPointer) throws(MillError) {
    if codec == .zstd, bytes.count > 0 {
      unsafe add(kind, .zstd, try SectionCodecs.zstdEncode(bytes, context: context), rawLength: bytes.count)
    } else {
      unsafe contents.append(SectionContent(kind: kind.rawValue, bytes: bytes))
    }
  }

  mutating func addWords(_ kind: Container.Kind, _ words: SharedArray<UInt64>) throws(MillError) {
    guard codec == .varint else { return try unsafe add(kind, UnsafeRawBufferPointer(words.elements)) }
    unsafe add(kind, .varint, try SectionCodecs.varintEncode(differencesOf: words.elements), rawLength: 8 * words.count)
  }

  /// Offsets from 0 upwards; as variable-length integers they are n lengths, the leading 0 is left out.
  mutating func addOffsets(_ kind: Container.Kind, _ offsets: SharedArray<UInt64>) throws(MillError) {
    guard codec == .varint else { return try unsafe add(kind, UnsafeRawBufferPointer(offsets.elements)) }
    let encoded = try unsafe SectionCodecs.varintEncode(
      differencesOf: UnsafeBufferPointer(rebasing: offsets.elements.dropFirst()))
    add(kind, .varint, encoded, rawLength: 8 * offsets.count)
  }

  /// Neighbor lists and their offsets.
  mutating func addLists(
    _ offsetsKind: Container.Kind, _ kind: Container.Kind, _ offsets: SharedArray<UInt64>, _ targets: CSRGraph.Targets,
    of graph: CSRGraph
  ) throws(MillError) {
    if codec == .packed {
      let lists = try PackedLists(packing: targets, offsets, of: graph, context: context)
      add(offsetsKind, .packed, lists.starts, rawLength: 8 * offsets.count)
      return add(kind, .packed, lists.bytes, rawLength: 4 * targets.count)
    }
    try addOffsets(offsetsKind, offsets)
    switch (targets, codec) {
    case (.narrow(let array), .varint):
      let encoded = try unsafe SectionCodecs.varintEncode(lists: array.elements, offsets: offsets.elements)
      add(kind, .varint, encoded, rawLength: 4 * array.count)
    case (.wide(let array), .varint):
      let encoded = try unsafe SectionCodecs.varintEncode(lists: array.elements, offsets: offsets.elements)
      add(kind, .varint, encoded, rawLength: 8 * array.count)
    case (.narrow(let array), _): try unsafe add(kind, UnsafeRawBufferPointer(array.elements))
    case (.wide(let array), _): try unsafe add(kind, UnsafeRawBufferPointer(array.elements))
    }
  }

  private mutating func add(
    _ kind: Container.Kind, _ codec: SectionCodec, _ buffer: FlatBuffer<UInt8>, rawLength: Int
  ) {
    add(kind, codec, SharedArray(buffer), rawLength: rawLength)
  }

  private mutating func add(
    _ kind: Container.Kind, _ codec: SectionCodec, _ array: SharedArray<UInt8>, rawLength: Int
  ) {
    owners.append(array)
    unsafe contents.append(
      SectionContent(
        kind: kind.rawValue, codec: codec, bytes: UnsafeRawBufferPointer(array.elements), rawLength: rawLength))
  }
}
