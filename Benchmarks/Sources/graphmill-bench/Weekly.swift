import Graphmill

/// Some of the kernels of every week on the graph of a container, from its node of high degree where one is asked for.
/// `compare_kernels.py` runs them beside their peers.
struct WeeklyBench {
  let graph: CSRGraph
  let context: RunContext
  let repeats: Int

  init(_ path: String, repeats: Int, _ context: RunContext) throws {
    graph = try openContainer(path, verify: .safe, context: context)
    self.context = context
    self.repeats = repeats
  }

  /// The names of all kernels.
  static let kernels = ["bfs", "cc", "pr", "sssp", "kcore", "tc", "clustering", "bc"]

  func run(_ kernel: String) throws {
    let start = source(of: graph)
    try measure(kernel, repeats: repeats) {
      switch kernel {
      case "bfs":
        let result = try breadthFirstSearch(of: graph, from: start, context: context)
        return ["start": .integer(start), "reached": .integer(result.reached)]
      case "cc": return ["components": .integer(try connectedComponents(of: graph, context: context).count)]
      case "pr":
        let options = PageRankOptions(tolerance: 0, maximumRounds: 20)
        return ["rounds": .integer(try pageRank(of: graph, options: options, context: context).rounds)]
      case "sssp":
        let result = try shortestPaths(of: graph, from: start, options: .init(findsParents: false), context: context)
        return ["farthest": .number(result.eccentricity)]
      case "kcore": return ["degeneracy": .integer(try coreNumbers(of: graph, context: context).degeneracy)]
      case "tc": return ["triangles": .integer(try triangleCount(of: graph, context: context))]
      case "clustering":
        return ["triangles": .integer(try clusteringCoefficients(of: graph, context: context).triangleCount)]
      case "bc":
        let result = try betweenness(of: graph, options: .init(sampleSize: 64), context: context)
        return ["largest": .number(result.scores.max() ?? 0)]
      default: usage()
      }
    }
  }
}
