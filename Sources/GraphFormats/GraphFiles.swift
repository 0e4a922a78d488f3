public import GraphStore
public import MillRuntime

/// Reads a graph from a file or, as `-`, from standard input, in any format of ``GraphFormat``.
///
/// Content decides on the format first, the ending of the name second; a format that is known and not read is refused
/// by its name. The same content gives the same graph for every thread count and chunk size, from a file or a pipe,
/// compressed (gzip, zstd, bzip2, xz; told by content) or not. What a file declares is never trusted with memory.
///
/// - Throws: `MillError` with file, line and byte of what is wrong; `unsupported-content` for a format that is not read.
/// - Complexity: O(bytes + m) time; 12 to 24 bytes an edge at the peak.
public func readGraph(
  _ path: String, options: GraphReadOptions = .init(), context: RunContext = .init()
) throws(MillError) -> GraphReading {
  let reading = try readAnyGraph(path, options, context)
  try refuseWarnings(reading.report, options, path)
  return reading
}

/// Reads a graph as ``readGraph(_:options:context:)`` does, but leaves the packed lists of a container's file as they are.
///
/// - Throws: As there.
/// - Complexity: As there; packed lists are looked at once, and nothing is kept of them.
public func readStoredGraph(
  _ path: String, options: GraphReadOptions = .init(), context: RunContext = .init()
) throws(MillError) -> StoredGraphReading {
  guard FileKind(path: path) == .graph, (options.format ?? .gmg) == .gmg else {
    let reading = try readGraph(path, options: options, context: context)
    return StoredGraphReading(graph: .lists(reading.graph), report: reading.report)
  }
  let input = GraphInput(
    stream: try ByteStream(path), path: path, format: .gmg, options: options, context: context)
  do throws(MillError) {
    let reading = try readContainer(input)
    try refuseWarnings(reading.report, options, path)
    return reading
  } catch {
    throw error.inFile(path)
  }
}

private func refuseWarnings(
  _ report: GraphReadReport, _ options: GraphReadOptions, _ path: String
) throws(MillError) {
  if options.isStrict, let warning = report.warnings.first {
    throw .refusedWarning(warning, file: path, hint: report.hints.first)
  }
}

private func readAnyGraph(
  _ path: String, _ options: GraphReadOptions, _ context: RunContext
) throws(MillError) -> GraphReading {
  let stream = try ByteStream(path)
  let format: GraphFormat?
  if let asked = options.format { format = asked } else { format = try recognize(stream, path) }
  let input = GraphInput(stream: stream, path: path, format: format, options: options, context: context)
  guard let reader = (format ?? .el).reader else {
    throw MillError(
      .unsupported, "\(format!.title) is written, never read", file: path, field: format!.rawValue,
      hint: "what is read: \(GraphFormat.list(where: \.isRead))")
  }
  do throws(MillError) {
    let reading = try reader(input)
    var report = reading.report
    report.compression = stream.compression
    return GraphReading(graph: reading.graph, report: report)
  } catch {
    throw error.inFile(path)
  }
}

/// The format by content, then by file name; nil for a text that the edge-list probe shall judge.
///
/// - Throws: `MillError` of kind `unsupported-content` for a format that is known and not read.
private func recognize(_ stream: ByteStream, _ path: String) throws(MillError) -> GraphFormat? {
  let head = FormatHead(try stream.peek(FormatHead.length), path: path)
  if let format = GraphFormat.allCases.first(where: { $0.recognizes?(head) ?? false }) { return format }
  if let foreign = ForeignFormat.recognized(head) { throw foreign.refusal.inFile(path) }
  let named = GraphFormat.named(by: path, where: \.isRead)
  return named == .el ? nil : named
}

/// The lower-case extension of a file name, a compression's extension aside.
func fileExtension(_ path: String) -> String {
  var parts = path.split(separator: "/").last?.split(separator: ".", omittingEmptySubsequences: false) ?? []
  if parts.count > 2, ["gz", "zst", "zstd", "bgz", "bz2", "xz"].contains(parts.last!.lowercased()) {
    parts.removeLast()
  }
  return parts.count > 1 ? parts.last!.lowercased() : ""
}

/// Writes a graph to a file or, as `-`, to standard output.
///
/// A file appears whole or not at all (temporary name, fsync, rename). The same graph gives the same bytes. Text to a
/// name that ends in `.gz` or `.zst` is compressed.
///
/// - Returns: The number of bytes written, and what the format could not hold.
/// - Throws: `MillError`: `cannot-create` when the file exists and `replaces` is off, `input-output`,
///   `label-not-writable`, `not-writable` where the file would hold another graph, `unsupported` for a format that is
///   only read.
@discardableResult
public func writeGraph(
  _ graph: CSRGraph, to path: String, options: GraphWriteOptions = .init(), context: RunContext = .init()
) throws(MillError) -> GraphWriting {
  try refuseInfiniteWeights(graph)
  let format: GraphFormat
  if let asked = options.format { format = asked } else { format = try formatToWrite(path, graph) }
  guard let writer = format.writer else {
    throw MillError(
      .unsupported, "\(format.title) is read, never written", file: path, field: format.rawValue,
      hint: "what is written: \(GraphFormat.list(where: \.isWritten))")
  }
  let file = try OutputFile(path, replaces: options.replaces)
  let losses: [String]
  do throws(MillError) {
    losses = try lossesOfWriting(graph, as: format)
  } catch {
    throw error.inFile(path)
  }
  if options.isStrict, let loss = losses.first { throw .refusedWarning(loss, file: path) }
  do throws(MillError) {
    try writer(GraphOutput(graph: graph, format: format, file: file, options: options, context: context))
  } catch {
    throw error.inFile(path)
  }
  var pointless: [String] = []
  if format == .gmg, options.hasHeader { pointless.append("a container has no header row") }
  if format != .gmg, options.codec != .raw {
    pointless.append("the codec \(options.codec.rawValue) is for containers: text is as it is")
  }
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
  if let named = GraphFormat.named(by: path, where: \.isWritten), named != .el { return named }
  let ending = fileExtension(path)
  if ForeignFormat.all.contains(where: { $0.endings.contains(ending) })
    || GraphFormat.named(by: path, where: { !$0.isWritten }) != nil
  {
    throw MillError(
      .badOption, "there is no writer for .\(ending)", file: path,
      hint: "with \(setting: "format", "el") an edge list is written under that name")
  }
  return graph.isWeighted ? .wel : .el
}

/// Weights are finite in every file, read or written.
func refuseInfiniteWeights(_ graph: some NeighborGraph) throws(MillError) {
  guard let weights = graph.weights, let bad = weights.firstIndex(where: { !$0.isFinite }) else { return }
  throw MillError(.weightNotFinite, "the weight of arc \(bad) is not finite", field: "\(weights[bad])")
}

/// A warning of the flags that were given though they mean nothing; none where there are none.
func withoutEffect(_ flags: [(isGiven: Bool, name: String)], on what: String) -> [String] {
  let names = flags.filter(\.isGiven).map(\.name)
  return names.isEmpty ? [] : ["\(names.joined(separator: ", ")): without effect on \(what)"]
}

extension MillError {
  fileprivate static func refusedWarning(_ warning: String, file: String, hint: Hint? = nil) -> MillError {
    MillError(.refusedWarning, warning, file: file, hint: hint ?? "without \(setting: "isStrict") this is a warning")
  }
}

extension MillError.Kind {
  /// Something that is only warned about unless the caller asks for strictness.
  public static let refusedWarning = Self("refused-warning", .badData)
}
