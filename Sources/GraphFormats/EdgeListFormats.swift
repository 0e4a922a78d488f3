import GraphStore
import MillRuntime

// The table's rows for texts of one edge a line.

extension GraphFormat {
  /// Edge list: two ids a line, separated by blanks, a comma or a semicolon.
  public static let el = GraphFormat(
    "el", "edge list", endings: ["el", "txt", "tsv", "edges", "edgelist"],
    holds: [.directed, .names, .loops, .parallelEdges], reader: readEdgeList, writer: writeLines)

  /// Edge list with a weight in the third column.
  public static let wel = GraphFormat(
    "wel", "weighted edge list", endings: ["wel"], holds: [.directed, .weights, .names, .loops, .parallelEdges],
    reader: readEdgeList, writer: writeLines)

  /// Comma-separated values with a header and RFC 4180 quotes.
  public static let csv = GraphFormat(
    "csv", "comma-separated values", endings: ["csv"],
    holds: [.directed, .weights, .names, .labels, .loops, .parallelEdges], reader: readEdgeList, writer: writeLines)

  private static let readEdgeList: Reader = { input throws(MillError) in
    try EdgeListReader(input.stream, name: input.path, options: input.options, context: input.context)
      .readEdgeList(input.format)
  }

  /// One line an edge, rendered in parallel.
  static let writeLines: Writer = { output throws(MillError) in
    let writer = TextWriter(
      graph: output.graph, format: output.format, hasHeader: output.options.hasHeader, context: output.context)
    let sink = try makeSink(for: output.file)
    do throws(MillError) {
      try unsafe writer.write { bytes throws(MillError) in try unsafe sink.write(bytes) }
    } catch {
      throw error.inFile(output.file.path)
    }
    try sink.finish()
  }
}
