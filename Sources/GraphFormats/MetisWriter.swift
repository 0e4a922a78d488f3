import GraphStore
import MillRuntime

/// Writes METIS adjacency lists; weights, if any, are whole and positive.
func writeMetis(_ output: GraphOutput) throws(MillError) {
  let graph = output.graph
  var sink = try TextSink(output.file)
  if graph.isNumbered(from: 0) { try sink.put("% \(idsFromZero)\n") }
  try sink.put("\(graph.nodeCount) \(graph.edgeCount)\(graph.isWeighted ? " 1" : "")\n")
  for node in 0..<graph.nodeCount {
    var isFirst = true
    for arc in graph.arcs(of: node) {
      if !isFirst { try sink.put(" ") }
      isFirst = false
      try sink.put(graph.targets[arc] + 1)
      if let weights = graph.weights {
        try sink.put(" ")
        try sink.put(Int(weights[arc]))
      }
    }
    try sink.put("\n")
    try output.context.checkCancelled()
  }
  try sink.finish()
}
