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
  if head.starts(with: [0x89, 0x47, 0x4d, 0x47]) { return .gmg }
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
  let graph =
    if stream.seekableFile != nil {
      try openContainer(path, mapped: options.isMapped, verify: .safe, context: context)
    } else {
      try openContainer(bytes: try stream.readToEnd(), file: path, verify: .safe, context: context)
    }
  var report = GraphReadReport()
  report.format = .gmg
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
  let format = options.format ?? formatToWrite(path, graph)
  let file = try OutputFile(path, replaces: options.replaces)
  guard format != .gmg else {
    var container = ContainerOptions()
    container.codec = options.codec
    container.includesInArcs = graph.inArcs != nil
    try writeContainer(graph, to: file, options: container, context: context)
    try file.commit()
    return GraphWriting(format: format, bytes: file.bytesWritten, warnings: [])
  }
  let sink = try makeSink(for: file)
  let writer = TextWriter(graph: graph, format: format, hasHeader: options.hasHeader, context: context)
  do throws(MillError) {
    try writer.write { bytes throws(MillError) in try sink.write(bytes) }
  } catch {
    throw error.inFile(path)
  }
  try sink.finish()
  return GraphWriting(format: format, bytes: file.bytesWritten, warnings: writer.losses())
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
private func formatToWrite(_ path: String, _ graph: CSRGraph) -> GraphFormat {
  switch fileExtension(path) {
  case "gmg": .gmg
  case "csv": .csv
  case "mtx": .mtx
  case "wel": .wel
  default: graph.isWeighted ? .wel : .el
  }
}
