public import MillRuntime

/// Where a writer of text puts its bytes: a file as it is, or a compressor over one.
public protocol ByteSink: AnyObject {
  /// Appends bytes; large pieces are cheaper.
  func write(_ bytes: UnsafeRawBufferPointer) throws(MillError)
  /// Ends the stream and commits the file. Nothing may be written afterwards.
  func finish() throws(MillError)
}

extension OutputFile: ByteSink {
  /// Commits.
  public func finish() throws(MillError) { try commit() }
}

/// The sink that a file's name asks for: gzip for `.gz`, zstd for `.zst`, else the file itself.
///
/// - Throws: `MillError` of kind `over-budget`; `unsupported` for `.bz2` and `.xz`, which are read and not written.
public func makeSink(for file: OutputFile) throws(MillError) -> any ByteSink {
  if file.path.hasSuffix(".gz") { return try GzipSink(file) }
  if file.path.hasSuffix(".zst") { return try ZstdSink(file) }
  if file.path.hasSuffix(".bz2") || file.path.hasSuffix(".xz") {
    throw MillError(.unsupported, "bzip2 and xz are read, not written", file: file.path, hint: "name it .gz or .zst")
  }
  return file
}
