import Graphmill

/// The kernels of every week on the graph of a file, from node `start` where one is asked for; with weights shortest
/// paths only. `compare_kernels.py` runs them beside their peers.
func measureWeekly(_ path: String, repeats: Int, _ context: RunContext) throws {
  let graph = try openContainer(path, verify: .safe, context: context)
  let start = source(of: graph)
  if graph.isWeighted {
    try measure("sssp", repeats: repeats) {
      let result = try shortestPaths(of: graph, from: start, options: .init(findsParents: false), context: context)
      return ["farthest": .number(result.eccentricity)]
    }
    return
  }
  try measure("bfs", repeats: repeats) {
    ["start": .integer(start), "reached": .integer(try breadthFirstSearch(of: graph, from: start, context: context).reached)]
  }
  try measure("cc", repeats: repeats) {
    ["components": .integer(try connectedComponents(of: graph, context: context).count)]
  }
  try measure("pr", repeats: repeats) {
    let options = PageRankOptions(tolerance: 0, maximumRounds: 20)
    return ["rounds": .integer(try pageRank(of: graph, options: options, context: context).rounds)]
  }
  try measure("kcore", repeats: repeats) {
    ["degeneracy": .integer(try coreNumbers(of: graph, context: context).degeneracy)]
  }
  try measure("tc", repeats: 1) {
    ["triangles": .integer(try triangleCount(of: graph, context: context))]
  }
  try measure("clustering", repeats: 1) {
    ["triangles": .integer(try clusteringCoefficients(of: graph, context: context).triangleCount)]
  }
  try measure("bc", repeats: 1) {
    let result = try betweenness(of: graph, options: .init(sampleSize: 64), context: context)
    return ["largest": .number(result.scores.max() ?? 0)]
  }
}
