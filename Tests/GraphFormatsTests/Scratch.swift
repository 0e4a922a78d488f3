import GraphFormats
import GraphStore
import MillRuntime
import TestSupport

/// The folder of one test's files.
typealias Scratch = TemporaryFolder

extension Scratch {
  /// The bytes compressed by the sink that `ending` asks for.
  func compressed(_ name: String, ending: String, _ bytes: [UInt8]) throws -> String {
    let output = try OutputFile(file(name) + ending, replaces: true)
    let sink = try makeSink(for: output)
    try bytes.withUnsafeBytes { try sink.write($0) }
    try sink.finish()
    return file(name) + ending
  }
}

/// A graph as plain Swift values: every arc by name, in order, with its weight.
struct PlainArc: Hashable, Comparable {
  let source: String
  let target: String
  let weight: Double
  static func < (a: PlainArc, b: PlainArc) -> Bool { (a.source, a.target, a.weight) < (b.source, b.target, b.weight) }
}

extension CSRGraph {
  var plainArcs: [PlainArc] {
    (0..<nodeCount).flatMap { u in
      arcs(of: u).map { PlainArc(source: name(of: u), target: name(of: targets[$0]), weight: weights?[$0] ?? 1) }
    }
  }
  var nodeNames: [String] { (0..<nodeCount).map { name(of: $0) } }

  /// Every edge once, as `source-target`, with `:weight` behind where the graph has weights, sorted.
  var spelledEdges: [String] {
    var result: [String] = []
    for u in 0..<nodeCount {
      for arc in arcs(of: u) where isDirected || targets[arc] >= u {
        let weight = weights.map { ":\($0[arc])" } ?? ""
        result.append("\(name(of: u))-\(name(of: targets[arc]))\(weight)")
      }
    }
    return result.sorted()
  }
}
