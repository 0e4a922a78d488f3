import ArgumentParser
import Graphmill
import MillRuntime

struct KnnGraph: MillCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph",
    abstract: "The k-nearest-neighbour graph of an index, of vectors, or of a graph's neighbourhoods.",
    discussion: """
      From a graph, nodes are near each other when they have the same neighbours (--similarity).

      EXAMPLES:
        graphmill knn graph base.gmx neighbors.gmg --k 10
        graphmill knn graph edges.txt similar.gmg --k 8 --symmetric mutual --similarity cosine
      """)

  @Argument(help: "An index (.gmx), vectors (.fvecs, .bvecs, .npy) or a graph.")
  var input: String

  @Argument(help: "The graph to write; '-' is standard output.")
  var output: String

  @Option(help: ArgumentHelp("Neighbours of a node.", valueName: "n"))
  var k = 10

  @Option(help: ArgumentHelp("Beam width.", valueName: "n"))
  var ef = 64

  @Option(name: .customLong("symmetric"), help: "Which pairs become edges: union, mutual, or none for directed arcs.")
  var symmetry = NeighborSymmetry.union

  @Flag(help: "Keep distances as weights.")
  var withDistances = false

  @Option(help: "How neighbourhoods of a graph are compared.")
  var similarity = NeighborhoodSimilarity.jaccard

  @OptionGroup(title: "Build options")
  var build: BuildFlags

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Output options")
  var writing: WriteFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [input] }
  var outputs: [String] { [output] }

  func validate() throws {
    guard k >= 1, ef >= 1 else { throw ValidationError("'--k' and '--ef' must be at least 1.") }
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    try run.writeGraph(neighbors(run), to: output, writing)
  }

  private func neighbors(_ run: CommandRun) throws -> CSRGraph {
    let options = build.options(seed: run.settings.seed)
    let format = VectorFileFormat(path: input)
    if input.hasSuffix(".gmx") || format == .fvecs || format == .bvecs || format == .npy {
      let index =
        input.hasSuffix(".gmx")
        ? try HNSWIndex.open(input, mapped: !global.noMmap, context: run.context)
        : try HNSWIndex(
          building: run.readVectors(input, for: build.metric), metric: build.metric, options: options,
          context: run.context)
      return try run.stage("neighbors") {
        try index.neighborGraph(
          k: k, symmetry: symmetry, isWeighted: withDistances, options: SearchOptions(ef: ef), context: run.context)
      }
    }
    let graph = try run.readGraph(input, reading).graph
    let index = try run.stage("build") {
      try ObjectIndex(neighborhoodsOf: graph, similarity: similarity, options: options, context: run.context)
    }
    return try run.stage("neighbors") {
      try index.neighborGraph(k: k, symmetry: symmetry, isWeighted: withDistances, ef: ef, context: run.context)
    }
  }
}
