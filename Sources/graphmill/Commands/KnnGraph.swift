import ArgumentParser
import Graphmill
import MillRuntime

struct KnnGraph: MillCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph",
    abstract: "The k-nearest-neighbor graph of an index, of vectors, or of a graph's neighborhoods.",
    discussion: """
      From a graph, nodes are near each other when they have the same neighbors (--similarity). Vectors and graphs are \
      indexed first, as the build options say; with nsw, searches make as many restarts as insertions.

      EXAMPLES:
        graphmill knn graph base.gmx neighbors.gmg --k 10
        graphmill knn graph edges.txt similar.gmg --k 8 --similarity cosine
        graphmill knn graph points.csv neighbors.gmg --vectors
      """)

  @Argument(
    help: "An index (.gmx), vectors (.fvecs, .bvecs, .fbin, .u8bin, .npy, .hdf5 …) or a graph.", completion: .file())
  var input: String

  @Argument(help: "The graph to write; '-' is standard output.", completion: .file())
  var output: String

  @Option(help: ArgumentHelp("Neighbors of a node.", valueName: "n"))
  var k = 10

  @Option(help: ArgumentHelp("Beam width (default: 64, with nsw k + 1).", valueName: "n"))
  var ef: Int?

  @Option(name: .customLong("symmetric"), help: "Which pairs become edges: union, mutual, or none for directed arcs.")
  var symmetry = NeighborSymmetry.union

  @Flag(help: "The input is a table of vectors, also where it is text.")
  var vectors = false

  @Flag(help: "Keep distances as weights; under l2 true ones, not squares.")
  var withDistances = false

  @Option(help: "How neighborhoods of a graph are compared.")
  var similarity = NeighborhoodSimilarity.jaccard

  @OptionGroup(title: "Build options")
  var build: BuildFlags

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Output options")
  var writing: WriteFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [file] }
  var outputs: [PlannedOutput] { [writing.plan(output)] }

  mutating func validate() throws {
    guard k >= 1, ef ?? 1 >= 1 else { throw ValidationError("'--k' and '--ef' must be at least 1.") }
    if isIndex { return }
    try build.settle()
    if build.method == .nsw, !isVectors { throw ValidationError("'--method nsw' is for vectors.") }
  }

  private var isIndex: Bool { input.hasSuffix(".gmx") }
  /// Text may hold vectors or edges: it is told by the flag.
  private var isVectors: Bool { vectors || VectorFileFormat(path: file).map { $0 != .text } ?? false }
  /// The input without the name of a dataset.
  private var file: String { splittingDataset(input).path }

  func execute(_ run: CommandRun) throws -> Outcome {
    try run.writeGraph(neighbors(run), to: output, writing)
  }

  private func neighbors(_ run: CommandRun) throws -> CSRGraph {
    if isIndex {
      let index = try ProximityIndex.open(input, mapped: !global.noMmap, context: run.context)
      if index.method == .hnsw { try refuseFlags(["--restarts": build.restarts != nil], for: index, of: input) }
      return try neighbors(of: index, run)
    }
    let options = build.options(seed: run.settings.seed)
    if isVectors {
      let asked = VectorReadOptions(hasHeader: reading.header)
      let read = try run.readVectors(input, for: build.metric, asked)
      let table = read.vectors
      let index: ProximityIndex = try run.stage("build", of: input) {
        switch build.method {
        case .hnsw:
          .hnsw(
            try HNSWIndex(
              building: table, metric: build.metric, naming: read.keys, options: options, context: run.context))
        case .nsw:
          .nsw(
            try NSWIndex(
              building: table, metric: build.metric, naming: read.keys,
              options: build.flatOptions(seed: run.settings.seed),
              context: run.context))
        }
      }
      return try neighbors(of: index, run)
    }
    let graph = try run.readGraph(input, reading).graph
    let index = try run.stage("build") {
      try ObjectIndex(neighborhoodsOf: graph, similarity: similarity, options: options, context: run.context)
    }
    return try run.stage("neighbors") {
      try index.neighborGraph(
        k: k, symmetry: symmetry, isWeighted: withDistances, ef: ef ?? 64, context: run.context)
    }
  }

  private func neighbors(of index: ProximityIndex, _ run: CommandRun) throws -> CSRGraph {
    try run.stage("neighbors") {
      try index.neighborGraph(
        k: k, symmetry: symmetry, isWeighted: withDistances, options: SearchOptions(ef: ef, restarts: build.restarts),
        context: run.context)
    }
  }
}
