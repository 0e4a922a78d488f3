import Graphmill

// quickstart FILE: reads an edge list, looks at its structure, and keeps the edges that matter.

guard let path = CommandLine.arguments.dropFirst().first else {
  print("usage: quickstart EDGES")
  throw MillError(.badOption, "an edge list is needed")
}

let reading = try readGraph(path)
let graph = reading.graph
print("read \(reading.report.edges.edges) lines: \(graph.nodeCount) nodes, \(graph.edgeCount) edges")

let degrees = try degreeStatistics(of: graph)
let hub = (0..<graph.nodeCount).max { graph.degree(of: $0) < graph.degree(of: $1) }!
print("node \(graph.name(of: hub)) has the largest degree, \(degrees.degrees.maximum)")

let search = try breadthFirstSearch(of: graph, from: hub)
print("from there \(search.reached) nodes are within \(search.eccentricity) steps")

let sparse = try sparsify(graph, options: SparsifyOptions(.share(0.3)))
let components = try connectedComponents(of: sparse.graph)
print("without 30 % of its edges: \(sparse.edgesAfter) edges, \(components.count) components")
