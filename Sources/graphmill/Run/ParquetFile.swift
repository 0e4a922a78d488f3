import Glibc
import GraphFormats
import MillRuntime

/// Parquet, which the Python package reads where it is installed: as a table of text, for the reader of CSV.
enum ParquetFile {
  /// Whether a file begins as Parquet does.
  static func isRecognized(_ path: String) -> Bool {
    guard fileSize(path) ?? 0 > 12, let file = unsafe fopen(path, "rb") else { return false }
    defer { unsafe fclose(file) }
    var head = [UInt8](repeating: 0, count: 5)
    return unsafe fread(&head, 1, 5, file) == 5 && beginsAsParquet(head)
  }

  /// Reads the columns of a file by the roles that their names have.
  ///
  /// - Throws: `MillError`: `unsupported-content` where the package, or what it reads Parquet by, is not installed;
  ///   `malformed` for a file that does not decode; what the reader of CSV throws, with the name of this file.
  static func read(
    _ path: String, _ given: GraphReadOptions, temporaryFolder: String?, context: RunContext
  ) throws(MillError) -> GraphReading {
    let table = try TemporaryFile.make(in: temporaryFolder, ending: "csv")
    defer { unsafe unlink(table) }
    try write(path, to: table)
    var options = given
    options.format = .csv
    if options.header == .auto { options.header = .yes }
    do {
      return try GraphFormats.readGraph(table, options: options, context: context)
    } catch var error {
      error.file = error.file == table ? path : error.file
      throw error
    }
  }

  /// Has the package write a file as CSV.
  private static func write(_ path: String, to table: String) throws(MillError) {
    let python = environmentValue("GRAPHMILL_PYTHON") ?? "python3"
    // The folder that we are in is no place to take modules from.
    let program =
      "import sys; sys.path[:] = [p for p in sys.path if p]; from graphmill import _parquet; _parquet.main()"
    let whole = path.hasPrefix("/") ? path : "./" + path
    let outcome = try ChildProcess.run([python, "-c", program, whole, table])
    guard let outcome, outcome.status != 0 else {
      if outcome == nil { throw refusal(path) }
      return
    }
    // Without the package the import fails, which Python tells by 1; the package's own failure is 65.
    guard outcome.status == 65 else { throw refusal(path) }
    let reason = String(decoding: outcome.errors, as: UTF8.self).split(separator: "\n").last.map(String.init)
    throw MillError(.malformed, reason ?? "the Parquet file does not decode", file: path)
  }

  private static func refusal(_ path: String) -> MillError {
    MillError(
      .unsupportedContent, "Parquet is read by way of the Python package, which is not installed", file: path,
      hint: "pip install graphmill pyarrow, or write the columns as CSV first, with pandas, polars or DuckDB")
  }
}
