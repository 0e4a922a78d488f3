import GraphStore
import MillRuntime

/// Writes a Pajek network: vertices with quoted names, then arcs or edges. Quotes in a name are written as `&quot;`.
func writePajek(_ output: GraphOutput) throws(MillError) {
  let graph = output.graph
  let names = try unsafe SpelledNames(graph) { name, out in
    guard unsafe isPlainText(name) else { return false }
    for i in name.indices {
      let byte = unsafe name[i]
      switch byte {
      case UInt8(ascii: "\""): out.append(contentsOf: "&quot;".utf8)
      case UInt8(ascii: "&"): out.append(contentsOf: "&amp;".utf8)
      default: out.append(byte)
      }
    }
    return true
  }
  var sink = try TextSink(output.file)
  try sink.put("*Vertices \(graph.nodeCount)\n")
  for node in 0..<graph.nodeCount {
    try sink.put("\(node + 1) \"")
    try sink.put(names[node])
    try sink.put("\"\n")
  }
  try sink.put(graph.isDirected ? "*Arcs\n" : "*Edges\n")
  try graph.forEachEdge { source, target, weight throws(MillError) in
    try sink.put(source + 1)
    try sink.put(" ")
    try sink.put(target + 1)
    try sink.put(weight.map { " \(Decimal.text($0))\n" } ?? "\n")
  }
  try sink.finish()
}
