import GraphStore
import MillRuntime

/// Writes node-link JSON as networkx reads it (`node_link_graph(…, edges="edges")`): names that are integers as
/// numbers, others as texts.
func writeNodeLink(_ output: GraphOutput) throws(MillError) {
  let graph = output.graph
  let names = try unsafe SpelledNames(graph) { name, out in
    guard let text = unsafe String(validating: name, as: UTF8.self), !text.isEmpty else { return false }
    out.append(contentsOf: JSONValue.string(text).text().utf8)
    return true
  }
  var sink = try TextSink(output.file)
  try sink.put("{\"directed\":\(graph.isDirected),\"multigraph\":\(graph.isMultigraph),\"graph\":{},\"nodes\":[")
  for node in 0..<graph.nodeCount {
    try sink.put(node == 0 ? "\n{\"id\":" : ",\n{\"id\":")
    try sink.put(names[node])
    try sink.put("}")
  }
  try sink.put("],\"edges\":[")
  var isFirst = true
  try graph.forEachEdge { source, target, weight throws(MillError) in
    try sink.put(isFirst ? "\n{\"source\":" : ",\n{\"source\":")
    isFirst = false
    try sink.put(names[source])
    try sink.put(",\"target\":")
    try sink.put(names[target])
    try sink.put(weight.map { ",\"weight\":\(Decimal.text($0))}" } ?? "}")
  }
  try sink.put("]}\n")
  try sink.finish()
}
