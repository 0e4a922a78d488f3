import GraphStore
import MillRuntime

/// Reads edge lists, CSV and Matrix Market files: probe, parse in parallel, resolve, freeze.
///
/// One object reads one text.
final class EdgeListReader {
  private let source: TextSource
  private let name: String
  private let options: GraphReadOptions
  private let context: RunContext
  private var report = GraphReadReport()
  /// Chunks of a stream that the probe has read already.
  private var pending: [TextSource.Buffer] = []

  init(_ stream: ByteStream, name: String, options: GraphReadOptions, context: RunContext) {
    source = TextSource(stream, name: name, chunkBytes: options.chunkBytes)
    self.name = name
    self.options = options
    self.context = context
    report.compression = stream.compression.rawValue
  }

  /// Reads the text as an edge list or CSV; `format` nil guesses.
  func readEdgeList(_ format: GraphFormat?) throws(MillError) -> GraphReading {
    var head = HeadLines { [self] () throws(MillError) in try nextHeadChunk() }
    let probe = try LineProbe(name: name, lines: &head, options: options, format: format)
    report.format = probe.format
    report.separator = probe.grammar.separator.name
    report.hadHeader = probe.hadHeader
    report.lines = probe.skippedLines

    let interner =
      probe.grammar.ids == .numeric ? nil : try LabelInterner(tracksFirst: options.labelOrder == .firstSeen)
    var chunks = try parse(probe.grammar, from: probe.start, interner: interner)
    try collect(chunks, linesBefore: probe.skippedLines)
    let usesLabels = probe.grammar.ids == .labels || chunks.contains { $0.hasLabels }
    report.ids = usesLabels ? "string" : probe.ids == .dense ? "dense" : "compact"
    if probe.ids != .string, usesLabels { try labelIntegers(&chunks, probe.grammar, interner!) }
    let firstLabel = probe.firstLabel ?? firstLabel(in: chunks, linesBefore: probe.skippedLines)
    let firstEdge = usesLabels ? nil : chunks.first { $0.edgeCount > 0 }.flatMap { $0.block?.firstEdge }
    let hint = chunks.compactMap(\.hint).last

    var freezeOptions = FreezeOptions()
    freezeOptions.isDirected = options.isDirected ?? false
    freezeOptions.duplicates = options.duplicates
    freezeOptions.loops = options.loops
    freezeOptions.forcesWideTargets = options.forcesWideTargets
    if usesLabels {
      let finished = try interner!.finish(order: options.labelOrder, threads: context.threads)
      rankLabels(chunks, finished)
      freezeOptions.naming = .labels(finished.table, owners: finished.owners)
    } else if probe.ids == .dense {
      freezeOptions.naming = .dense(nodeCount: options.nodes)
      try guardDenseIDs(chunks)
    } else {
      freezeOptions.naming = .compact
    }
    let blocks = chunks.compactMap(\.block)
    chunks = []
    let graph = try freezeHere(blocks, freezeOptions)
    if usesLabels {
      (report.edges.minimumID, report.edges.maximumID) = (nil, nil)
      if let firstLabel, options.ids == .auto { warnAboutMixedIDs(graph, firstLabel) }
    }
    try checkHint(hint, graph)
    if let firstEdge { try checkBareHeader(firstEdge, graph) }
    if report.extraColumnLines > 0 {
      report.warnings.append(
        "\(report.extraColumnLines) lines have columns that were not used (--weights yes takes the third as weight)")
    }
    if report.edges.edges == 0 { report.warnings.append("the input has no edges") }
    return GraphReading(graph: graph, report: report)
  }

  /// Reads the text as a Matrix Market file.
  func readMatrixMarket() throws(MillError) -> GraphReading {
    var head = HeadLines { [self] () throws(MillError) in try nextHeadChunk() }
    let header: MatrixMarketHeader
    do throws(MillError) {
      header = try MatrixMarketHeader(&head, options: options)
    } catch {
      throw error.inFile(name)
    }
    report.format = .mtx
    report.ids = "dense"
    report.separator = "space"
    report.lines = header.lines
    report.warnings = header.warnings
    var chunks = try parse(header.grammar(options), from: header.start, interner: nil)
    try collect(chunks, linesBefore: header.lines)
    let entries = chunks.reduce(0) { $0 + $1.edgeCount + $1.droppedZeros }
    guard entries == header.entries else {
      throw MillError(
        .countMismatch, "the header promises \(header.entries) entries, the file has \(entries)", file: name,
        line: header.lines)
    }
    if header.symmetry == .skewSymmetric { try addMirroredEntries(&chunks) }
    var freezeOptions = FreezeOptions()
    freezeOptions.isDirected = header.isDirected(options)
    freezeOptions.duplicates = options.duplicates
    freezeOptions.loops = options.loops
    freezeOptions.forcesWideTargets = options.forcesWideTargets
    freezeOptions.naming = .dense(nodeCount: header.nodeCount)
    let blocks = chunks.compactMap(\.block)
    chunks = []
    return GraphReading(graph: try freezeHere(blocks, freezeOptions), report: report)
  }

  private func freezeHere(_ blocks: consuming [EdgeBlock], _ options: FreezeOptions) throws(MillError) -> CSRGraph {
    do throws(MillError) {
      let (graph, edges) = try freeze(blocks, options: options, context: context)
      report.edges = edges
      return graph
    } catch {
      throw error.inFile(name)
    }
  }

  // MARK: Parsing

  private func nextHeadChunk() throws(MillError) -> LineChunk? {
    if let count = source.chunkCount {
      guard pending.count < count else { return nil }
      let buffer: TextSource.Buffer
      if let last = pending.last { buffer = last } else { buffer = try TextSource.Buffer() }
      try source.load(pending.count, into: buffer)
      // The same buffer stands for every chunk seen: a plain file is read again.
      pending.append(buffer)
      return buffer.chunk
    }
    let buffer = try TextSource.Buffer()
    guard try source.next(into: buffer) else { return nil }
    pending.append(buffer)
    return buffer.chunk
  }

  /// Parses everything from byte `start` on; chunks come in file order.
  private func parse(
    _ grammar: LineGrammar, from start: Int, interner: LabelInterner?
  ) throws(MillError) -> [ParsedChunk] {
    context.progress?.begin("parse", total: source.byteCount, unit: .bytes)
    defer { context.progress?.end() }
    var parsers: [ChunkParser] = []
    for _ in 0..<context.threads { parsers.append(try ChunkParser(grammar, interner: interner)) }
    if let count = source.chunkCount {
      pending = []
      var buffers: [TextSource.Buffer] = []
      for _ in parsers { buffers.append(try TextSource.Buffer()) }
      let chunks = try parseAll(count, parsers) { [source, buffers] chunk, worker throws(MillError) in
        try source.load(chunk, into: buffers[worker])
        return buffers[worker].chunk.dropping(upTo: start)
      }
      try source.checkUnchanged()
      return chunks
    }
    return try parseStream(parsers, from: start)
  }

  /// Parses batches of chunks while the first worker reads the next batch.
  private func parseStream(_ parsers: [ChunkParser], from start: Int) throws(MillError) -> [ParsedChunk] {
    let batchSize = 8
    var chunks: [ParsedChunk] = []
    var batch = pending
    pending = []
    var spare: [TextSource.Buffer] = []
    var isAtEnd = false
    repeat {
      var next: [TextSource.Buffer] = []
      for _ in 0..<batchSize {
        if let buffer = spare.popLast() { next.append(buffer) } else { next.append(try TextSource.Buffer()) }
      }
      let filled = FlatCount()
      let current = batch
      let reading = next
      let parsed = try parseAll(current.count + 1, parsers) { [source] chunk, _ throws(MillError) in
        guard chunk == 0 else { return current[chunk - 1].chunk.dropping(upTo: start) }
        while filled.value < batchSize, try source.next(into: reading[filled.value]) { filled.value += 1 }
        return LineChunk(start: reading[0].chunk.end, end: reading[0].chunk.end, offset: 0)
      }
      chunks += parsed.dropFirst()
      if parsed.contains(where: { $0.error != nil }) { break }
      isAtEnd = filled.value < batchSize
      spare += current + reading[filled.value...]
      batch = Array(reading[..<filled.value])
    } while !(batch.isEmpty && isAtEnd)
    return chunks
  }

  /// Runs the parsers over `count` chunks; a chunk's memory error or read error ends all.
  private func parseAll(
    _ count: Int, _ parsers: [ChunkParser],
    _ load: (_ chunk: Int, _ worker: Int) throws(MillError) -> LineChunk
  ) throws(MillError) -> [ParsedChunk] {
    var results = [ParsedChunk?](repeating: nil, count: count)
    let context = self.context
    try results.withUnsafeMutableBufferPointer { results throws(MillError) in
      let slots = SendableSlots(results)
      try Parallel.forEachThrowing(count, threads: parsers.count) { chunk, worker throws(MillError) in
        try context.checkCancelled()
        let lines = try load(chunk, worker)
        slots.buffer[chunk] = try parsers[worker].parse(lines)
        context.progress?.advance(by: lines.end - lines.start)
      }
    }
    return results.compactMap { $0 }
  }

  private struct SendableSlots: @unchecked Sendable {
    let buffer: UnsafeMutableBufferPointer<ParsedChunk?>
    init(_ buffer: UnsafeMutableBufferPointer<ParsedChunk?>) { self.buffer = buffer }
  }

  private final class FlatCount: @unchecked Sendable {
    var value = 0
  }

  /// Adds up the chunks' counts, or throws the first error with its line in the file.
  private func collect(_ chunks: [ParsedChunk], linesBefore: Int) throws(MillError) {
    var lines = linesBefore
    for chunk in chunks {
      if var error = chunk.error {
        error.line = lines + (error.line ?? 0) + 1
        throw error.inFile(name)
      }
      lines += chunk.lines
      report.comments += chunk.comments
      report.blanks += chunk.blanks
      report.extraColumnLines += chunk.extraColumnLines
    }
    report.lines = lines
  }

  // MARK: Labels

  /// The first label among integers, with its line in the file.
  private func firstLabel(in chunks: [ParsedChunk], linesBefore: Int) -> (text: String, line: Int)? {
    var lines = linesBefore
    for chunk in chunks {
      if let first = chunk.firstLabel { return (first.text, lines + first.line + 1) }
      lines += chunk.lines
    }
    return nil
  }

  /// Says so where a file of integers became one of labels because some ids are none.
  private func warnAboutMixedIDs(_ graph: CSRGraph, _ first: (text: String, line: Int)) {
    guard case .labels(let table) = graph.names else { return }
    let integers = (0..<graph.nodeCount).lazy.filter { table[$0].allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }.count
    guard integers > 0 else { return }
    report.warnings.append(
      "ids are read as labels, \(integers) of \(graph.nodeCount) are integers: the first label is '\(first.text)' on "
        + "line \(first.line) (--ids string says that this is meant)")
  }

  /// Makes labels of the integers in chunks that were parsed before it was known that the file holds labels.
  private func labelIntegers(
    _ chunks: inout [ParsedChunk], _ grammar: LineGrammar, _ interner: LabelInterner
  ) throws(MillError) {
    var grammar = grammar
    grammar.ids = .labels
    let parser = try ChunkParser(grammar, interner: interner)
    for index in chunks.indices where !chunks[index].hasLabels && chunks[index].edgeCount > 0 {
      if var text = chunks[index].keptText {
        let count = text.count
        text += [UInt8](repeating: 0, count: 64)
        let offset = chunks[index].offset
        let block = try text.withUnsafeBufferPointer { bytes throws(MillError) in
          let base = bytes.baseAddress!
          return try parser.parse(LineChunk(start: base, end: base + count, offset: offset)).block
        }
        chunks[index].block = block
      } else {
        try labelIntegers(of: &chunks[index], interner)
      }
      chunks[index].hasLabels = true
    }
  }

  private func labelIntegers(of chunk: inout ParsedChunk, _ interner: LabelInterner) throws(MillError) {
    let block = chunk.block!
    let text = try FlatBuffer<UInt8>(count: 40 * block.count + 64)
    let keys = try FlatBuffer<LabelKey>(uninitializedCount: 2 * block.count)
    var place = 0
    for i in 0..<2 * block.count {
      let id =
        switch block.ids {
        case .narrow(let ids): UInt64(ids.base[i])
        case .wide(let ids): ids.base[i]
        }
      let start = text.base + place
      let end = Decimal.write(id, to: start)
      keys.base[i] = LabelKey(start, end - start, text: text.base)
      place += end - start
    }
    let narrow = try FlatBuffer<UInt32>(uninitializedCount: 2 * block.count)
    try interner.intern(
      keys.base, count: 2 * block.count, text: text.base, into: narrow.base, chunkOffset: chunk.offset,
      scratch: LabelInterner.Scratch())
    chunk.block = EdgeBlock(ids: .narrow(narrow), weights: block.weights, count: block.count)
  }

  private func rankLabels(_ chunks: [ParsedChunk], _ finished: LabelInterner.Finished) {
    Parallel.forEach(chunks.count, threads: context.threads) { index, _ in
      guard let block = chunks[index].block, case .narrow(let ids) = block.ids else { return }
      for i in 0..<2 * block.count { ids.base[i] = finished.rank(of: ids.base[i]) }
    }
  }

  // MARK: Checks of the whole file

  /// Dense ids far above the number of lines are a trap, not a graph.
  private func guardDenseIDs(_ chunks: [ParsedChunk]) throws(MillError) {
    guard options.nodes == nil else { return }
    var edges = 0
    var largest: UInt64 = 0
    for chunk in chunks {
      guard let block = chunk.block else { continue }
      edges += block.count
      largest = max(largest, block.largestID)
    }
    if largest >= 1 << 24, largest / 16 >= UInt64(edges) {
      throw MillError(
        .idOutOfRange, "dense ids up to \(largest) for \(edges) edges would make mostly isolated nodes", file: name,
        field: String(largest), hint: "--ids compact keeps only ids that occur; --nodes N insists")
    }
  }

  private func checkHint(_ hint: CountHint?, _ graph: CSRGraph) throws(MillError) {
    guard let hint else { return }
    var complaints: [String] = []
    if let nodes = hint.nodes, nodes != graph.nodeCount {
      complaints.append("the file says \(nodes) nodes, it has \(graph.nodeCount)")
    }
    if let edges = hint.edges, edges != report.edges.edges, edges != graph.edgeCount {
      complaints.append("the file says \(edges) edges, it has \(report.edges.edges)")
    }
    try complain(complaints)
  }

  /// A first line `n m` that counts the rest of the file is most likely no edge.
  private func checkBareHeader(_ first: (UInt64, UInt64), _ graph: CSRGraph) throws(MillError) {
    guard first.1 == UInt64(report.edges.edges - 1), first.0 != first.1 else { return }
    // The two numbers may have become nodes that nothing else mentions.
    let candidates = (graph.nodeCount - 2)...graph.nodeCount
    let isCount = candidates.contains(Int(clamping: first.0)) || first.0 == (report.edges.maximumID ?? 0) + 1
    guard isCount else { return }
    try complain([
      "the first line '\(first.0) \(first.1)' looks like a header of counts (--skip-lines 1 drops it); read as an edge"
    ])
  }

  private func complain(_ complaints: [String]) throws(MillError) {
    if options.isStrict, let first = complaints.first { throw MillError(.countMismatch, first, file: name) }
    report.warnings += complaints
  }

  /// A skew-symmetric matrix stores (i, j, w) and means (j, i, -w) too.
  private func addMirroredEntries(_ chunks: inout [ParsedChunk]) throws(MillError) {
    for index in chunks.indices {
      guard let block = chunks[index].block, let weights = block.weights else { continue }
      let ids = try FlatBuffer<UInt64>(count: 4 * block.count)
      let doubled = try FlatBuffer<Double>(count: 2 * block.count)
      for i in 0..<block.count {
        let (u, v) = block.edge(i)
        (ids.base[4 * i], ids.base[4 * i + 1]) = (u, v)
        (ids.base[4 * i + 2], ids.base[4 * i + 3]) = (v, u)
        doubled.base[2 * i] = weights.base[i]
        doubled.base[2 * i + 1] = 0 - weights.base[i]
      }
      chunks[index].block = EdgeBlock(ids: .wide(ids), weights: doubled, count: 2 * block.count)
    }
  }
}

extension LineChunk {
  /// What lies at or behind byte `start` of the file.
  func dropping(upTo start: Int) -> LineChunk {
    let skipped = min(max(0, start - offset), end - self.start)
    return LineChunk(start: self.start + skipped, end: end, offset: offset + skipped)
  }
}

extension EdgeBlock {
  fileprivate func edge(_ i: Int) -> (UInt64, UInt64) {
    switch ids {
    case .narrow(let ids): (UInt64(ids.base[2 * i]), UInt64(ids.base[2 * i + 1]))
    case .wide(let ids): (ids.base[2 * i], ids.base[2 * i + 1])
    }
  }
  fileprivate var firstEdge: (UInt64, UInt64)? { count > 0 ? edge(0) : nil }
  fileprivate var largestID: UInt64 {
    switch ids {
    case .narrow(let ids): UInt64(ids.elements.prefix(2 * count).max() ?? 0)
    case .wide(let ids): ids.elements.prefix(2 * count).max() ?? 0
    }
  }
}
