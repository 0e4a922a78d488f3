import GraphStore
import MillRuntime

extension GraphFormat {
  /// DOT for Graphviz; written only.
  public static let dot = GraphFormat(
    "dot", "DOT", endings: ["dot", "gv"], holds: .everything,
    writer: { output throws(MillError) in try writeDOT(output) })
}

/// Writes DOT, the language of Graphviz, for graphs that are small enough to be drawn; names are quoted.
///
/// - Source: Graphviz documentation, The DOT Language.
private func writeDOT(_ output: GraphOutput) throws(MillError) {
  let graph = output.graph
  let names = try unsafe SpelledNames(graph) { name, out in
    // A backslash before a quote cannot be told from an escaped quote.
    guard unsafe isPlainText(name), unsafe name.last != UInt8(ascii: "\\") else { return false }
    for place in name.indices {
      let byte = unsafe name[place]
      if byte == UInt8(ascii: "\"") {
        if place > 0, unsafe name[place - 1] == UInt8(ascii: "\\") { return false }
        out.append(UInt8(ascii: "\\"))
      }
      out.append(byte)
    }
    return true
  }
  var sink = try TextSink(output.file)
  try sink.put(graph.isDirected ? "digraph {\n" : "graph {\n")
  for node in 0..<graph.nodeCount {
    try sink.put("  \"")
    try sink.put(names[node])
    try sink.put("\";\n")
  }
  let arrow = graph.isDirected ? "\" -> \"" : "\" -- \""
  try graph.forEachEdge { source, target, weight throws(MillError) in
    try sink.put("  \"")
    try sink.put(names[source])
    try sink.put(arrow)
    try sink.put(names[target])
    try sink.put(weight.map { "\" [weight=\(Decimal.text($0))];\n" } ?? "\";\n")
  }
  try sink.put("}\n")
  try sink.finish()
}
