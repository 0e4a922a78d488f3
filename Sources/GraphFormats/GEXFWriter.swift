import GraphStore
import MillRuntime

extension GraphFormat {
  /// GEXF for Gephi; written only.
  public static let gexf = GraphFormat(
    "gexf", "GEXF", endings: ["gexf"], holds: .everything, writer: { output throws(MillError) in try writeGEXF(output) }
  )
}

/// Writes GEXF 1.3, the format of Gephi: node ids and labels are the names.
///
/// - Source: GEXF Working Group, GEXF 1.3 schema, 2022.
private func writeGEXF(_ output: GraphOutput) throws(MillError) {
  let graph = output.graph
  let names = try unsafe SpelledNames(graph, spellForXML)
  var sink = try TextSink(output.file)
  try sink.put(
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <gexf xmlns="http://gexf.net/1.3" version="1.3">
     <graph defaultedgetype="\(graph.isDirected ? "directed" : "undirected")" mode="static">
      <nodes>

    """)
  for node in 0..<graph.nodeCount {
    try sink.put("   <node id=\"")
    try sink.put(names[node])
    try sink.put("\" label=\"")
    try sink.put(names[node])
    try sink.put("\"/>\n")
  }
  try sink.put("  </nodes>\n  <edges>\n")
  var count = 0
  try graph.forEachEdge { source, target, weight throws(MillError) in
    try sink.put("   <edge id=\"\(count)\" source=\"")
    try sink.put(names[source])
    try sink.put("\" target=\"")
    try sink.put(names[target])
    if let weight { try sink.put("\" weight=\"\(Decimal.text(weight))") }
    try sink.put("\"/>\n")
    count += 1
  }
  try sink.put("  </edges>\n </graph>\n</gexf>\n")
  try sink.finish()
}
