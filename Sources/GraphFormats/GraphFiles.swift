public import GraphStore
public import MillRuntime

/// Reads a graph from a file or, as `-`, from standard input, in any format of ``GraphFormat``.
///
/// The same content gives the same graph for every thread count and chunk size, from a file or a pipe, compressed
/// (gzip, zstd; told by content) or not.
///
/// - Throws: `MillError` with file, line and byte of what is wrong.
/// - Complexity: O(bytes + m) time; 12 to 24 bytes an edge at the peak.
public func readGraph(
  _ path: String, options: GraphReadOptions = .init(), context: RunContext = .init()
) throws(MillError) -> GraphReading {
  let reading = try readAnyGraph(path, options, context)
  if options.isStrict, let warning = reading.report.warnings.first {
    throw .refusedWarning(warning, file: path)
  }
  return reading
}

private func readAnyGraph(
  _ path: String, _ options: GraphReadOptions, _ context: RunContext
) throws(MillError) -> GraphReading {
  let stream = try ByteStream(path)
  var format = options.format
  if format == nil { format = guessFormat(path, head: try stream.peek(512)) }
  let reader = EdgeListReader(stream, name: path, options: options, context: context)
  switch format {
  case .gmg: return try readContainer(stream, path: path, options: options, context: context)
  case .mtx: return try reader.readMatrixMarket()
  case .el, .wel, .csv: return try reader.readEdgeList(format)
  case nil: return try reader.readEdgeList(nil)
  }
}

/// The format by magic bytes, then by file name; nil for a text that the edge-list probe shall judge.
private func guessFormat(_ path: String, head: [UInt8]) -> GraphFormat? {
  if FileKind(head: head) == .graph { return .gmg }
  let text = head.starts(with: [0xef, 0xbb, 0xbf]) ? head.dropFirst(3) : head[...]
  if String(decoding: text.prefix(14), as: UTF8.self).lowercased() == "%%matrixmarket" { return .mtx }
  switch fileExtension(path) {
  case "wel": return .wel
  case "csv": return .csv
  case "mtx": return .mtx
  case "gmg": return .gmg
  default: return nil
  }
}

/// The lower-case extension of a file name, a compression's extension aside.
func fileExtension(_ path: String) -> String {
  var parts = path.split(separator: "/").last?.split(separator: ".", omittingEmptySubsequences: false) ?? []
  if parts.count > 2, ["gz", "zst", "zstd", "bgz"].contains(parts.last!.lowercased()) { parts.removeLast() }
  return parts.count > 1 ? parts.last!.lowercased() : ""
}

/// Opens a container from its file, or from a pipe or compressed file by way of memory.
private func readContainer(
  _ stream: ByteStream, path: String, options: GraphReadOptions, context: RunContext
) throws(MillError) -> GraphReading {
  var graph =
    if stream.seekableFile != nil {
      try openContainer(path, mapped: options.isMapped, verify: .safe, context: context)
    } else {
      try openContainer(bytes: try stream.readToEnd(), file: path, verify: .safe, context: context)
    }
  var report = GraphReadReport()
  report.format = .gmg
  do throws(MillError) {
    graph = try apply(options, to: graph, &report, context)
  } catch {
    throw error.inFile(path)
  }
  report.compression = stream.compression.rawValue
  report.ids =
    switch graph.names {
    case .dense: "dense"
    case .ids: "compact"
    case .labels: "string"
    }
  report.edges.edges = graph.edgeCount
  report.edges.selfLoops = graph.loopCount(context: context)
  return GraphReading(graph: graph, report: report)
}

/// Writes a graph to a file or, as `-`, to standard output.
///
/// A file appears whole or not at all (temporary name, fsync, rename). The same graph gives the same bytes. Text to a
/// name that ends in `.gz` or `.zst` is compressed.
///
/// - Returns: The number of bytes written, and what the format could not hold.
/// - Throws: `MillError`: `cannot-create` when the file exists and `replaces` is off, `input-output`,
///   `label-not-writable`.
@discardableResult
public func writeGraph(
  _ graph: CSRGraph, to path: String, options: GraphWriteOptions = .init(), context: RunContext = .init()
) throws(MillError) -> GraphWriting {
  try refuseInfiniteWeights(graph)
  let format: GraphFormat
  if let asked = options.format { format = asked } else { format = try formatToWrite(path, graph) }
  let file = try OutputFile(path, replaces: options.replaces)
  guard format != .gmg else {
    var container = ContainerOptions()
    container.codec = options.codec
    container.includesInArcs = graph.inArcs != nil
    try writeContainer(graph, to: file, options: container, context: context)
    try file.commit()
    let warnings = options.hasHeader ? ["a container has no header row"] : []
    return GraphWriting(format: format, bytes: file.bytesWritten, warnings: warnings)
  }
  let writer = TextWriter(graph: graph, format: format, hasHeader: options.hasHeader, context: context)
  let losses = writer.losses()
  let pointless = options.codec == .raw ? [] : ["--codec \(options.codec.rawValue) is for containers: text is as it is"]
  if options.isStrict, let loss = losses.first {
    throw .refusedWarning(loss, file: path)
  }
  let sink = try makeSink(for: file)
  do throws(MillError) {
    try writer.write { bytes throws(MillError) in try sink.write(bytes) }
  } catch {
    throw error.inFile(path)
  }
  try sink.finish()
  return GraphWriting(format: format, bytes: file.bytesWritten, warnings: losses + pointless)
}

/// What ``writeGraph(_:to:options:context:)`` did.
public struct GraphWriting: Sendable, Equatable {
  /// The format that was written.
  public let format: GraphFormat
  /// Bytes of the file, after compression.
  public let bytes: Int
  /// What the format could not hold, one sentence each.
  public let warnings: [String]
}

/// The format by file name; without a telling one an edge list, weighted where the graph is.
private func formatToWrite(_ path: String, _ graph: CSRGraph) throws(MillError) -> GraphFormat {
  let ending = fileExtension(path)
  switch ending {
  case "gmg": return .gmg
  case "csv": return .csv
  case "mtx": return .mtx
  case "wel": return .wel
  case "dot", "gexf", "gml", "graph", "graphml", "json", "metis", "net", "npz", "parquet", "xml":
    throw MillError(
      .badOption, "there is no writer for .\(ending)", file: path, hint: "--to el writes an edge list under that name")
  default: return graph.isWeighted ? .wel : .el
  }
}

/// Weights are finite in every file, read or written.
private func refuseInfiniteWeights(_ graph: CSRGraph) throws(MillError) {
  guard let weights = graph.weights, let bad = weights.firstIndex(where: { !$0.isFinite }) else { return }
  throw MillError(.weightNotFinite, "the weight of arc \(bad) is not finite", field: "\(weights[bad])")
}

/// Does to a container's graph what the options say, as far as that makes sense there; warns of the rest.
private func apply(
  _ options: GraphReadOptions, to graph: CSRGraph, _ report: inout GraphReadReport, _ context: RunContext
) throws(MillError) -> CSRGraph {
  var graph = graph
  try refuseInfiniteWeights(graph)
  if options.weights == .no { graph = graph.withoutWeights() }
  if options.isDirected == false, graph.isDirected {
    graph = try graph.symmetrized(duplicates: options.duplicates, context: context)
  }
  if options.loops != .keep, graph.hasLoops {
    if options.loops == .error {
      throw MillError(.selfLoop, "the graph has self-loops", hint: "drop them with --loops drop")
    }
    graph = try graph.simplified(duplicates: .keep, context: context).graph
  }
  let defaults = GraphReadOptions()
  let meaningless = [
    (options.isDirected == true && !graph.isDirected, "--directed"), (options.ids != defaults.ids, "--ids"),
    (options.base != nil, "--base"), (options.nodes != nil, "--nodes"), (options.columns != nil, "--columns"),
    (options.separator != defaults.separator, "--separator"), (options.header != defaults.header, "--header"),
    (options.skipLines != 0, "--skip-lines"), (options.weights == .yes && !graph.isWeighted, "--weights yes"),
    (options.isBipartite, "--bipartite"), (options.labelOrder != defaults.labelOrder, "--order"),
    (options.dropsZeros, "--drop-zeros"),
  ]
  report.warnings += withoutEffect(meaningless, on: "a container, which is as it was written")
  return graph
}

/// A warning of the flags that were given though they mean nothing; none where there are none.
func withoutEffect(_ flags: [(isGiven: Bool, name: String)], on what: String) -> [String] {
  let names = flags.filter(\.isGiven).map(\.name)
  return names.isEmpty ? [] : ["\(names.joined(separator: ", ")): without effect on \(what)"]
}

extension MillError {
  fileprivate static func refusedWarning(_ warning: String, file: String) -> MillError {
    MillError(.refusedWarning, warning, file: file, hint: "without --strict this is a warning")
  }
}

extension MillError.Kind {
  /// Something that is only warned about unless the caller asks for strictness.
  public static let refusedWarning = Self("refused-warning", .badData)
}
