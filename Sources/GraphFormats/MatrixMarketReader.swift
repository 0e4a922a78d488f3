import GraphStore
import MillRuntime

extension GraphFormat {
  /// Matrix Market coordinate file.
  public static let mtx = GraphFormat(
    "mtx", "Matrix Market coordinate file", endings: ["mtx", "mm"],
    holds: [.directed, .undirected, .weights, .isolatedNodes, .loops, .parallelEdges], numbering: 1,
    recognizes: { String(decoding: $0.bytes.prefix(14), as: UTF8.self).lowercased() == "%%matrixmarket" },
    reader: { input throws(MillError) in
      try EdgeListReader(input.stream, name: input.path, options: input.options, context: input.context)
        .readMatrixMarket()
    }, writer: GraphFormat.writeLines)
}

extension EdgeListReader {
  /// Reads the text as a Matrix Market file.
  ///
  /// Nodes are called by the file's own numbers, which begin with 1 (columns of a bipartite matrix go on behind the
  /// rows), unless dense ids are asked for. A general matrix read without directions joins the entries (i, j) and
  /// (j, i): equal ones are one edge, of unequal ones the larger weight counts, and a warning tells how many there
  /// are.
  func readMatrixMarket() throws(MillError) -> GraphReading {
    var head = HeadLines { [self] () throws(MillError) in try nextHeadChunk() }
    let header: MatrixMarketHeader
    do throws(MillError) {
      header = try MatrixMarketHeader(&head, options: options)
    } catch {
      throw error.inFile(name)
    }
    report.format = .mtx
    report.ids = .dense
    report.separator = .space
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
    try guardNodeCount(header.nodeCount, edges: entries, given: options.nodes)
    collectOddities(chunks, linesBefore: header.lines)
    let isDirected = header.isDirected(options)
    report.direction = .init(isDirected: isDirected, source: isDirected == options.isDirected ? .option : .file)
    // The entries as they stand in the file, before a skew-symmetric matrix is mirrored.
    let repeats = try RepeatFinder(
      chunks, linesBefore: header.lines, start: header.start, header.grammar(options), isDirected: isDirected, options)
    if header.symmetry == .skewSymmetric { try addMirroredEntries(&chunks) }
    var graph = try freezeHere(
      &chunks, .dense(nodeCount: header.nodeCount), isDirected: isDirected,
      fromDirected: header.symmetry == .general && !options.isBipartite, duplicates: options.mergesDuplicates, repeats)
    if options.ids != .dense, !header.countsFromZero { graph = try graph.numbered(from: 1) }
    return GraphReading(graph: graph, report: report)
  }

  /// A skew-symmetric matrix stores (i, j, w) and means (j, i, -w) too.
  private func addMirroredEntries(_ chunks: inout [ParsedChunk]) throws(MillError) {
    for index in chunks.indices {
      guard let block = chunks[index].block, let weights = block.weights else { continue }
      let ids = try FlatBuffer<UInt64>(count: 4 * block.count)
      let doubled = try FlatBuffer<Double>(count: 2 * block.count)
      for i in 0..<block.count {
        let (u, v) = block.edge(i)
        unsafe (ids.base[4 * i], ids.base[4 * i + 1]) = (u, v)
        unsafe (ids.base[4 * i + 2], ids.base[4 * i + 3]) = (v, u)
        unsafe doubled.base[2 * i] = weights.base[i]
        unsafe doubled.base[2 * i + 1] = 0 - weights.base[i]
      }
      chunks[index].block = EdgeBlock(ids: .wide(ids), weights: doubled, count: 2 * block.count)
    }
  }
}
