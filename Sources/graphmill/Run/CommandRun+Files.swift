import GraphFormats
import GraphStore
import MillRuntime

// Files that a command reads and writes, recorded.
extension CommandRun {
  /// Reads a graph, tells of the reader's warnings, records it.
  func readGraph(_ path: String, _ flags: ReadFlags, refusesNegativeWeights: Bool = false) throws -> GraphReading {
    let reading = try readStoredGraph(path, flags, refusesNegativeWeights: refusesNegativeWeights)
    return GraphReading(graph: try reading.graph.expanded(context: context), report: reading.report)
  }

  /// The same for work that reads packed lists as they are.
  func readStoredGraph(
    _ path: String, _ flags: ReadFlags, countsLoopsTwice: Bool = false, refusesNegativeWeights: Bool = false
  ) throws -> StoredGraphReading {
    if flags.loops == .twice, !countsLoopsTwice {
      throw MillError(.badOption, "'--loops 2' is for 'stats degree' only")
    }
    var options = flags.options(global)
    options.refusesNegativeWeights = refusesNegativeWeights
    let reading = try stage("read") {
      guard ParquetFile.isRecognized(path) else {
        return try GraphFormats.readStoredGraph(path, options: options, context: context)
      }
      let reading = try ParquetFile.read(path, options, temporaryFolder: settings.temporaryFolder, context: context)
      return StoredGraphReading(graph: .lists(reading.graph), report: reading.report)
    }
    recordInput(path, reading.graph, reading.report)
    return reading
  }

  /// The node of a name that was given with the command.
  func node(named name: String, in graph: some NeighborGraph, of input: String) throws -> Int {
    guard let node = graph.node(named: name) else {
      throw MillError(
        MillError.Kind("no-such-node", .usage), "the graph has no node of that name",
        file: Streams.name(ofInput: input), field: name)
    }
    return node
  }

  /// Tells of the reader's warnings and records an input.
  func recordInput(_ path: String, _ graph: some NeighborGraph, _ report: GraphReadReport) {
    for warning in report.warnings { warn(warning, of: path) }
    for hint in report.hints { self.hint(hint) }
    guard rules.manifest != nil else { return }
    let fingerprint = graph.fingerprint(context: context)
    record.input(
      .init(
        path: path, format: report.format.rawValue, bytes: fileSize(path), fingerprint: fingerprint,
        details: [
          "compression": .string(report.compression.rawValue), "ids": .string(report.ids.rawValue),
          "separator": report.separator.map { .string($0.rawValue) } ?? .null, "header": .bool(report.hadHeader),
          "lines": .integer(report.lines), "comments": .integer(report.comments),
          "blanks": .integer(report.blanks), "extra_column_lines": .integer(report.extraColumnLines),
          "edges_read": .integer(report.edges.edges), "duplicates": .integer(report.edges.duplicates),
          "self_loops": .integer(report.edges.selfLoops), "isolated": .integer(report.edges.isolated),
          "minimum_id": report.edges.minimumID.map(JSONValue.init) ?? .null,
          "maximum_id": report.edges.maximumID.map(JSONValue.init) ?? .null,
          "warnings": .array(report.warnings.map(JSONValue.string)),
        ]))
  }

  /// Writes a graph, records it.
  func writeGraph(_ graph: CSRGraph, to path: String, _ options: GraphWriteOptions, fingerprint: String) throws {
    var options = options
    options.replaces = rules.replaces(path)
    options.isStrict = global.strict
    let written = try stage("write") {
      try GraphFormats.writeGraph(graph, to: path, options: options, context: context)
    }
    for warning in written.warnings { warn(warning, of: path == "-" ? "standard output" : path) }
    record.output(.init(path: path, format: written.format.rawValue, bytes: written.bytes, fingerprint: fingerprint))
  }

  /// Records a file that the command wrote by itself.
  func recordOutput(_ artifact: RunManifest.Artifact) { record.output(artifact) }

  /// Writes a text file piece by piece, records it.
  func writeText(to path: String, format: String, _ body: (OutputFile) throws -> Void) throws {
    let file = try OutputFile(path, replaces: rules.replaces(path))
    try stage("write") {
      try body(file)
      try file.commit()
    }
    record.output(.init(path: path, format: format, bytes: file.bytesWritten))
  }

  /// Writes lines that tell of the work, also of work that was stopped; records them.
  func writeLog(to path: String, lines: [String]) throws {
    let file = try OutputFile(path, replaces: rules.replaces(path))
    for line in lines { try file.write(line + "\n") }
    try file.commit()
    record.output(.init(path: path, format: "jsonl", bytes: file.bytesWritten))
  }
}
