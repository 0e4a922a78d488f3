import GraphStore
import MillRuntime

/// Writes GML as networkx reads it: ids from 0, names as labels, characters beyond ASCII as entities.
func writeGML(_ output: GraphOutput) throws(MillError) {
  let graph = output.graph
  let names = try unsafe SpelledNames(graph) { name, out in
    guard unsafe isPlainText(name) else { return false }
    for scalar in unsafe String(decoding: name, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "&": out.append(contentsOf: "&amp;".utf8)
      case "\"": out.append(contentsOf: "&quot;".utf8)
      case _ where scalar.isASCII: out.append(UInt8(scalar.value))
      default: out.append(contentsOf: "&#\(scalar.value);".utf8)
      }
    }
    return true
  }
  var sink = try TextSink(output.file)
  try sink.put("graph [\n")
  if graph.isDirected { try sink.put("  directed 1\n") }
  if graph.isMultigraph { try sink.put("  multigraph 1\n") }
  for node in 0..<graph.nodeCount {
    try sink.put("  node [\n    id \(node)\n    label \"")
    try sink.put(names[node])
    try sink.put("\"\n  ]\n")
  }
  try graph.forEachEdge { source, target, weight throws(MillError) in
    try sink.put("  edge [\n    source \(source)\n    target \(target)\n")
    if let weight { try sink.put("    weight \(realText(weight))\n") }
    try sink.put("  ]\n")
  }
  try sink.put("]\n")
  try sink.finish()
}

/// A weight as a real number with a point, which some readers of GML tell from an integer of 32 bits.
private func realText(_ weight: Double) -> String {
  let text = Decimal.text(weight)
  return text.contains { ".e".contains($0) } ? text : text + ".0"
}
