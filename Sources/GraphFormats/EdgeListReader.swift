import GraphStore
import MillRuntime

/// Reads edge lists and CSV files, and the lines of Matrix Market files: probe, parse in parallel, resolve, freeze.
///
/// One object reads one text.
final class EdgeListReader {
  let source: TextSource
  let name: String
  let options: GraphReadOptions
  let context: RunContext
  var report = GraphReadReport()
  /// Chunks of a stream that the probe has read already.
  private var pending: [TextSource.Buffer] = []

  init(_ stream: ByteStream, name: String, options: GraphReadOptions, context: RunContext) {
    source = TextSource(stream, name: name, chunkBytes: options.chunkBytes)
    self.name = name
    self.options = options
    self.context = context
    report.compression = stream.compression
  }

  /// Reads the text as an edge list or CSV; `format` nil guesses.
  func readEdgeList(_ format: GraphFormat?) throws(MillError) -> GraphReading {
    var head = HeadLines { [self] () throws(MillError) in try nextHeadChunk() }
    let probe = try LineProbe(name: name, lines: &head, options: options, format: format)
    let direction = self.direction(probe)
    describe(probe, direction)

    let interner =
      probe.grammar.ids == .numeric ? nil : try LabelInterner(tracksFirst: options.labelOrder == .firstSeen)
    var chunks = try parse(probe.grammar, from: probe.start, interner: interner)
    try collect(chunks, linesBefore: probe.skippedLines)
    try collectOddities(chunks, probe)
    let usesLabels = probe.grammar.ids == .labels || chunks.contains { $0.hasLabels }
    report.ids = usesLabels ? .string : probe.ids
    if probe.ids != .string, usesLabels { try labelIntegers(&chunks, probe.grammar, interner!) }
    let firstLabel = probe.firstLabel ?? firstLabel(in: chunks, linesBefore: probe.skippedLines)
    let isPlainPair = !usesLabels && probe.firstEdgeIsPair && !probe.claims.isOurs && !probe.hadHeader
    let bareHeader = isPlainPair ? BareHeader(chunks, base: probe.grammar.base) : nil
    let hint = lastHint(in: chunks, linesBefore: probe.skippedLines) ?? probe.skippedHint

    let naming: FreezeOptions.Naming
    if usesLabels {
      let finished = try interner!.finish(order: options.labelOrder, threads: context.threads)
      rankLabels(chunks, finished)
      naming = .labels(finished.table)
    } else if probe.ids == .dense {
      naming = .dense(nodeCount: probe.nodeCount)
      try guardDenseIDs(chunks, declared: probe.nodeCount)
    } else {
      naming = .compact
    }
    let keepsParallels = options.duplicates == nil && probe.claims.hasParallelEdges
    var graph = try freezeHere(
      &chunks, naming, isDirected: direction.isDirected, fromDirected: self.claim(probe) ?? false,
      duplicates: keepsParallels ? .keep : options.mergesDuplicates,
      RepeatFinder(
        chunks, linesBefore: probe.skippedLines, start: probe.start, probe.grammar, isDirected: direction.isDirected,
        options))
    if probe.firstNode > 0 { graph = try graph.numbered(from: probe.firstNode) }
    if usesLabels {
      (report.edges.minimumID, report.edges.maximumID) = (nil, nil)
      if let firstLabel, options.ids == .auto, !probe.claims.hasLabels { warnAboutMixedIDs(graph, firstLabel) }
      if let row = probe.doubtfulRow { warnAboutFirstRow(row, graph) }
    }
    try checkHint(hint, graph)
    if let bareHeader { try checkBareHeader(bareHeader, graph, line: probe.firstEdgeLine) }
    if report.extraColumnLines > 0, !(options.columns?.hasBothEnds ?? false) { warnAboutUnusedColumns(probe) }
    if report.edges.edges == 0 { report.warnings.append("the input has no edges") }
    return GraphReading(graph: graph, report: report)
  }

  /// Builds the graph, giving the chunks away.
  ///
  /// - Parameter fromDirected: Whether the lines are arcs by the file's own word, so that an undirected graph of them
  ///   merges the two directions of an edge by the one rule for that (``undirected(_:_:_:_:)``).
  func freezeHere(
    _ chunks: inout [ParsedChunk], _ naming: FreezeOptions.Naming, isDirected: Bool, fromDirected: Bool,
    duplicates: DuplicatePolicy, _ repeats: RepeatFinder?
  ) throws(MillError) -> CSRGraph {
    let mergesDirections =
      fromDirected && !isDirected && duplicates != .error && chunks.contains { $0.block?.weights != nil }
    var freezeOptions = FreezeOptions()
    freezeOptions.isDirected = isDirected || mergesDirections
    freezeOptions.duplicates = duplicates
    freezeOptions.loops = options.loops
    freezeOptions.forcesWideTargets = options.forcesWideTargets
    freezeOptions.naming = naming
    let blocks = chunks.compactMap(\.block)
    chunks = []
    do throws(MillError) {
      let (graph, edges) = try freeze(blocks, options: freezeOptions, context: context)
      report.edges = edges
      guard mergesDirections else { return graph }
      let merged = try undirected(graph, options, &report, context)
      report.edges.duplicates = edges.edges - merged.edgeCount - (options.loops == .drop ? edges.selfLoops : 0)
      return merged
    } catch {
      throw repeats?.placed(error, in: name) ?? error.inFile(name)
    }
  }

  // MARK: Parsing

  func nextHeadChunk() throws(MillError) -> LineChunk? {
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
  func parse(
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
        return unsafe LineChunk(start: reading[0].chunk.end, end: reading[0].chunk.end, offset: 0)
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
    try unsafe results.withUnsafeMutableBufferPointer { results throws(MillError) in
      let slots = unsafe SendableSlots(results)
      try Parallel.forEachThrowing(count, threads: parsers.count) { chunk, worker throws(MillError) in
        try context.checkCancelled()
        let lines = try load(chunk, worker)
        unsafe slots.buffer[chunk] = try parsers[worker].parse(lines)
        unsafe context.progress?.advance(by: lines.end - lines.start)
      }
    }
    return results.compactMap { $0 }
  }

  @safe private struct SendableSlots: @unchecked Sendable {
    let buffer: UnsafeMutableBufferPointer<ParsedChunk?>
    init(_ buffer: UnsafeMutableBufferPointer<ParsedChunk?>) { unsafe self.buffer = unsafe buffer }
  }

  private final class FlatCount: @unchecked Sendable {
    var value = 0
  }

  /// Adds up the chunks' counts, or throws the first error with its line in the file.
  func collect(_ chunks: [ParsedChunk], linesBefore: Int) throws(MillError) {
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
}

extension LineChunk {
  /// What lies at or behind byte `start` of the file.
  func dropping(upTo start: Int) -> LineChunk {
    let skipped = unsafe min(max(0, start - offset), end - self.start)
    return unsafe LineChunk(start: self.start + skipped, end: end, offset: offset + skipped)
  }
}
