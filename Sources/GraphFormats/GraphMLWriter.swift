import GraphStore
import MillRuntime

/// Writes GraphML: nodes by their names, then edges, weights as an attribute `weight`.
func writeGraphML(_ output: GraphOutput) throws(MillError) {
  let graph = output.graph
  let names = try unsafe SpelledNames(graph, spellForXML)
  var sink = try TextSink(output.file)
  try sink.put(
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <graphml xmlns="http://graphml.graphdrawing.org/xmlns">

    """)
  if graph.isWeighted {
    try sink.put(" <key id=\"weight\" for=\"edge\" attr.name=\"weight\" attr.type=\"double\"/>\n")
  }
  try sink.put(" <graph edgedefault=\"\(graph.isDirected ? "directed" : "undirected")\">\n")
  for node in 0..<graph.nodeCount {
    try sink.put("  <node id=\"")
    try sink.put(names[node])
    try sink.put("\"/>\n")
  }
  try graph.forEachEdge { source, target, weight throws(MillError) in
    try sink.put("  <edge source=\"")
    try sink.put(names[source])
    try sink.put("\" target=\"")
    try sink.put(names[target])
    if let weight {
      try sink.put("\"><data key=\"weight\">\(Decimal.text(weight))</data></edge>\n")
    } else {
      try sink.put("\"/>\n")
    }
  }
  try sink.put(" </graph>\n</graphml>\n")
  try sink.finish()
}
