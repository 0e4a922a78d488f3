import GraphStore
public import MillRuntime

/// Reads a graph from a file or, as `-`, from standard input, in any format of ``GraphFormat``.
///
/// The same content gives the same graph for every thread count and chunk size, from a file or a pipe, compressed
/// (gzip, zstd; told by content) or not.
///
/// - Throws: ``MillError`` with file, line and byte of what is wrong.
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
  if head.starts(with: containerMagic.prefix(4)) { return .gmg }
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
  let graph: CSRGraph
  if stream.seekableFile != nil {
    graph = try openContainer(path, mapped: options.isMapped, verification: .safe, context: context)
  } else {
    var bytes = try FlatBuffer<UInt8>(count: 1 << 20)
    var used = 0
    while true {
      let room = UnsafeMutableRawBufferPointer(start: bytes.base + used, count: bytes.count - used)
      let got = try stream.read(into: room)
      used += got
      if got < room.count { break }
      let wider = try FlatBuffer<UInt8>(count: 2 * bytes.count)
      wider.base.update(from: bytes.base, count: used)
      bytes = wider
    }
    bytes.truncate(to: used)
    graph = try openContainer(bytes: bytes, name: path, verification: .safe, context: context)
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
  report.edges.selfLoops = graph.hasLoops ? graph.countLoops(context: context) : 0
  return GraphReading(graph: graph, report: report)
}
