public import GraphStore
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
  fatalError("being written")
}

/// Writes a graph to a file or, as `-`, to standard output.
///
/// A file appears whole or not at all (temporary name, fsync, rename). The same graph gives the same bytes.
///
/// - Returns: The number of bytes written.
/// - Throws: ``MillError``: `cannot-create` when the file exists and `replaces` is off, `input-output`,
///   `label-not-writable`.
@discardableResult
public func writeGraph(
  _ graph: CSRGraph, to path: String, options: GraphWriteOptions = .init(), context: RunContext = .init()
) throws(MillError) -> Int {
  fatalError("being written")
}
