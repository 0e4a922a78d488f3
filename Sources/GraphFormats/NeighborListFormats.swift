import GraphStore
import MillRuntime

extension GraphFormat {
  /// NCOL of the Large Graph Layout: two names and perhaps a weight a line.
  public static let ncol = GraphFormat(
    "ncol", "NCOL", endings: ["ncol"], holds: [.undirected, .weights, .names, .labels, .loops, .parallelEdges],
    reader: { input throws(MillError) in try readNCOL(input) },
    writer: { output throws(MillError) in try writeNeighborLists(output, isGrouped: false) })

  /// LGL: `# name`, then a neighbor and perhaps a weight a line.
  public static let lgl = GraphFormat(
    "lgl", "LGL", endings: ["lgl"],
    holds: [.undirected, .weights, .names, .labels, .isolatedNodes, .loops, .parallelEdges],
    reader: { input throws(MillError) in try readLGL(input) },
    writer: { output throws(MillError) in try writeNeighborLists(output, isGrouped: true) })
}

/// Reads NCOL as an edge list, weighted where the first line has three fields.
private func readNCOL(_ input: GraphInput) throws(MillError) -> GraphReading {
  let head = FormatHead(try input.stream.peek(FormatHead.length), path: input.path)
  let first = head.text.split(separator: "\n").first { !$0.hasPrefix("#") && !$0.hasPrefix("%") } ?? ""
  let isWeighted = first.split { $0 == " " || $0 == "\t" || $0 == "\r" }.count > 2
  let reader = EdgeListReader(input.stream, name: input.path, options: input.options, context: input.context)
  let reading = try reader.readEdgeList(isWeighted ? .wel : .el)
  var report = reading.report
  report.format = .ncol
  return GraphReading(graph: reading.graph, report: report)
}

/// Reads LGL: `# name` begins the list of a node; each line behind it is a neighbor, perhaps with a weight. Every edge
/// stands once.
///
/// - Source: Adai, Date, Wieland, Marcotte, LGL, J. Mol. Biol. 340 (2004), file formats.
private func readLGL(_ input: GraphInput) throws(MillError) -> GraphReading {
  var cursor = try TextCursor(input.stream, input.context)
  var report = GraphReadReport()
  report.separator = .space
  var names = NameTable()
  var found = FoundGraph(.numbered(count: 0, first: 0), isDirected: false)
  var source: UInt32?
  while let first = try cursor.peek() {
    if try cursor.isAtLineEnd() {
      report.blanks += 1
    } else if first == UInt8(ascii: "#") {
      cursor.take()
      source = try insert(&names, &cursor)
    } else {
      guard let source else { throw cursor.failure(.malformed, "a neighbor before the first '# name'") }
      let target = try insert(&names, &cursor)
      try found.edges.add(source, target, try cursor.isAtLineEnd() ? nil : try cursor.weight(input.options))
    }
    try cursor.endLine()
  }
  report.lines = cursor.line - 1
  found.nodes = .named(names)
  return try input.finish(found, report)
}

private func insert(_ names: inout NameTable, _ cursor: inout TextCursor) throws(MillError) -> UInt32 {
  let name = unsafe Array(try cursor.word())
  do throws(MillError) {
    return try names.insert(name).number
  } catch {
    throw cursor.failure(error.kind, error.message, field: error.field)
  }
}

/// Writes NCOL or, grouped, LGL. Names must be without blanks and not begin with `#`.
private func writeNeighborLists(_ output: GraphOutput, isGrouped: Bool) throws(MillError) {
  let graph = output.graph
  let names = try unsafe SpelledNames(graph) { name, out in
    guard unsafe isPlainText(name), unsafe !name.contains(0x20), unsafe name.first != UInt8(ascii: "#"),
      unsafe name.first != UInt8(ascii: "%"),
      unsafe isGrouped || !name.contains(where: { $0 == 0x2c || $0 == 0x3b })
    else { return false }
    unsafe out.append(contentsOf: name)
    return true
  }
  var sink = try TextSink(output.file)
  for source in 0..<graph.nodeCount {
    if isGrouped {
      try sink.put("# ")
      try sink.put(names[source])
      try sink.put("\n")
    }
    for arc in graph.arcs(of: source) where graph.targets[arc] >= source {
      if !isGrouped {
        try sink.put(names[source])
        try sink.put(" ")
      }
      try sink.put(names[graph.targets[arc]])
      try sink.put(graph.weights.map { " \(Decimal.text($0[arc]))\n" } ?? "\n")
    }
  }
  try sink.finish()
}
