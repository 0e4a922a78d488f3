import Glibc
import Graphmill

// graphmill-bench STAGE FILE [--threads N] [--repeats N]
//
//   ingest    edge list → graph in memory
//   open      container: O(1) open, memory-safe open, deep check
//   kernels   degrees, breadth-first search, components
//   sparsify  TEDDY: score, select, new graph, at 30 %
//   knn-build, knn-serve: see Knn.swift
//
// FILE is an edge list, or a container for `open`. One JSON line a measurement: seconds of processor and wall time
// of the best of the repeats, and counters that do not depend on the machine.

func complain(_ text: String) {
  let line = Array((text + "\n").utf8)
  _ = write(2, line, line.count)
}

func usage() -> Never {
  complain("usage: graphmill-bench STAGE FILE ... [--threads N] [--repeats N]; main.swift lists the stages")
  exit(64)
}

let words = CommandLine.arguments
guard words.count >= 3 else { usage() }
var threads = 1
var repeats = 3
for (flag, value) in zip(words.dropFirst(3), words.dropFirst(4)) {
  if flag == "--threads" { threads = Int(value) ?? threads }
  if flag == "--repeats" { repeats = Int(value) ?? repeats }
}
let path = words[2]
let context = RunContext(threads: threads)

/// The node that the peers' harness starts from: the largest degree among every 997th.
func source(of graph: CSRGraph) -> Int {
  var best = 0
  for node in stride(from: 0, to: graph.nodeCount, by: 997) where graph.degree(of: node) > graph.degree(of: best) {
    best = node
  }
  return best
}

func simple(_ path: String) throws -> CSRGraph {
  var options = GraphReadOptions()
  options.loops = .drop
  return try readGraph(path, options: options, context: context).graph
}

do {
  switch words[1] {
  case "knn-build": try KnnBench(words.dropFirst(2)).build(context)
  case "knn-serve": try KnnBench(words.dropFirst(2)).serve()
  case "ingest":
    try measure("ingest", repeats: repeats) {
      let graph = try readGraph(path, context: context).graph
      return ["nodes": .integer(graph.nodeCount), "edges": .integer(graph.edgeCount)]
    }
  case "open":
    try measure("open", repeats: repeats) {
      let graph = try openContainer(path, verify: .quick, context: context)
      return ["edges": .integer(graph.edgeCount)]
    }
    try measure("open, memory-safe", repeats: repeats) {
      let graph = try openContainer(path, verify: .safe, context: context)
      return ["edges": .integer(graph.edgeCount)]
    }
    try measure("deep check", repeats: repeats) {
      let graph = try openContainer(path, verify: .deep, context: context)
      return ["edges": .integer(graph.edgeCount)]
    }
  case "kernels":
    let graph = try simple(path)
    try measure("degree", repeats: repeats) {
      ["maximum": .integer(try degreeStatistics(of: graph, context: context).degrees.maximum)]
    }
    let start = source(of: graph)
    try measure("bfs", repeats: repeats) {
      let result = try breadthFirstSearch(of: graph, from: start, context: context)
      return ["reached": .integer(result.reached), "arcs_examined": .integer(result.arcsExamined)]
    }
    try measure("cc", repeats: repeats) {
      let result = try connectedComponents(of: graph, context: context)
      return ["components": .integer(result.count), "arcs_examined": .integer(result.arcsExamined)]
    }
  case "sparsify":
    let graph = try simple(path)
    try measure("teddy", repeats: repeats) {
      let result = try sparsify(graph, options: SparsifyOptions(.share(0.3)), context: context)
      return ["edges_after": .integer(result.edgesAfter), "passes": .integer(result.counters.selectionPasses)]
    }
  default: usage()
  }
} catch {
  complain("graphmill-bench: \(error)")
  exit((error as? any MillErrorConvertible)?.millError.exitCode ?? 70)
}
