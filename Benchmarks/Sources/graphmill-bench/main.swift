import Glibc
import Graphmill

// graphmill-bench STAGE FILE [--threads N] [--repeats N]
//
//   ingest    edge list → graph in memory
//   open      container: O(1) open, memory-safe open, deep check
//   kernels   degrees, breadth-first search, components
//   triangles triangles, clustering coefficients
//   sparsify  TEDDY and local degree: score, select, new graph, at 30 %
//   packed    the same kernels, PageRank and TEDDY on arrays and on packed lists in turn, as read and in rabbit order
//   orders    breadth-first search and 20 rounds of PageRank in every order of the nodes
//   balls     neighborhood function by HyperBall
//   weekly    bfs, cc, pr, sssp, kcore, tc, clustering, bc, or those of --kernels A,B (`compare_kernels.py`)
//   knn-build, knn-serve: see Knn.swift
//
// FILE is an edge list, or a container for `open` and `weekly`. One JSON line a measurement: seconds of processor and wall time
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
var kernels = WeeklyBench.kernels
for (flag, value) in zip(words.dropFirst(3), words.dropFirst(4)) {
  if flag == "--threads" { threads = Int(value) ?? threads }
  if flag == "--repeats" { repeats = Int(value) ?? repeats }
  if flag == "--kernels" { kernels = value.split(separator: ",").map(String.init) }
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

func measureOrder(_ name: String, _ graph: CSRGraph, repeats: Int) throws {
  let start = graph.nodes.max { graph.degree(of: $0) < graph.degree(of: $1) } ?? 0
  try measure("\(name): bfs", repeats: repeats) {
    ["reached": .integer(try breadthFirstSearch(of: graph, from: start, context: context).reached)]
  }
  try measure("\(name): pagerank", repeats: repeats) {
    let options = PageRankOptions(tolerance: 0, maximumRounds: 20)
    return ["rounds": .integer(try pageRank(of: graph, options: options, context: context).rounds)]
  }
}

/// The kernels on arrays and on packed lists, run by run in turn.
func comparePacked(_ name: String, _ graph: CSRGraph, repeats: Int) throws {
  let packed = try PackedGraph(packing: graph, context: context)
  print(JSONValue.object(["stage": .string(name), "bits_per_arc": .number(packed.bitsPerArc)]).text())
  let start = source(of: graph)
  func inTurn(_ stage: String, _ run: (StoredGraph) throws -> Int) throws {
    try measureInTurn("\(name): \(stage)", repeats: repeats, ["raw", "packed"]) { form in
      try run(form == "raw" ? .lists(graph) : .packed(packed))
    }
  }
  try inTurn("degree") { try degreeStatistics(of: $0, context: context).degrees.maximum }
  try inTurn("bfs") { try breadthFirstSearch(of: $0, from: start, context: context).reached }
  try inTurn("cc") { try connectedComponents(of: $0, context: context).count }
  try inTurn("pagerank") {
    try pageRank(of: $0, options: PageRankOptions(tolerance: 0, maximumRounds: 20), context: context).rounds
  }
  try inTurn("triangles") { try triangleCount(of: $0, context: context) }
  try inTurn("teddy") { try sparsify($0, options: SparsifyOptions(.share(0.3)), context: context).edgesAfter }
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
  case "triangles":
    let graph = try simple(path)
    try measure("triangles", repeats: repeats) {
      ["triangles": .integer(try triangleCount(of: graph, context: context))]
    }
    try measure("clustering", repeats: repeats) {
      ["triangles": .integer(try clusteringCoefficients(of: graph, context: context).triangleCount)]
    }
  case "sparsify":
    let graph = try simple(path)
    for (stage, method) in [("teddy", EdgeScoreMethod.teddy), ("local degree", .localDegree)] {
      let options = SparsifyOptions(.share(0.3), score: EdgeScoreOptions(method: method))
      try measure(stage, repeats: repeats) {
        let result = try sparsify(graph, options: options, context: context)
        return ["edges_after": .integer(result.edgesAfter), "passes": .integer(result.counters.selectionPasses)]
      }
    }
  case "packed":
    let graph = try simple(path)
    try comparePacked("input", graph, repeats: repeats)
    try comparePacked("rabbit", try graph.relabeled(by: .rabbit, context: context), repeats: repeats)
  case "orders":
    let graph = try simple(path)
    try measureOrder("input", graph, repeats: repeats)
    for order in NodeOrder.allCases {
      var relabeled = graph
      try measure("\(order.rawValue): order", repeats: 1) {
        relabeled = try graph.relabeled(by: order, context: context)
        return [:]
      }
      try measureOrder(order.rawValue, relabeled, repeats: repeats)
    }
  case "balls":
    let graph = try simple(path)
    try measure("hyperball", repeats: repeats) {
      let result = try hyperBall(of: graph, context: context)
      return ["average_distance": .number(result.averageDistance), "rounds": .integer(result.rounds)]
    }
  case "weekly":
    let bench = try WeeklyBench(path, repeats: repeats, context)
    for kernel in kernels { try bench.run(kernel) }
  default: usage()
  }
} catch {
  complain("graphmill-bench: \(error)")
  exit((error as? MillError)?.exitCode ?? 70)
}
