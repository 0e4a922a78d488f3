import ArgumentParser
import Glibc
import Graphmill
import MillRuntime

struct Knn: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Build, search and check proximity graphs of vectors (HNSW).",
    discussion: """
      EXAMPLES:
        graphmill knn build base.fvecs base.gmx --metric cos
        graphmill knn search base.gmx queries.fvecs found.ivecs --k 10 --ef 80 --truth truth.ivecs --json
        graphmill knn graph base.gmx neighbors.gmg --k 10 --symmetric mutual
        graphmill knn check base.gmx
      """,
    subcommands: [KnnBuild.self, KnnSearch.self, KnnGraph.self, KnnCheck.self])
}

struct KnnBuild: MillCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Build an index of vectors.",
    discussion: """
      Vectors come as fvecs, bvecs, npy or text. The same vectors, options and seed give the same file for every number \
      of threads and every processor.

      EXAMPLES:
        graphmill knn build base.fvecs base.gmx --metric l2 --json
        graphmill knn build base.npy base.gmx --metric cos --m 32 --ef-construction 400 --quantize u8
      """)

  @Argument(help: "The vectors to read.")
  var input: String

  @Argument(help: "The index to write.")
  var output: String

  @OptionGroup(title: "Build options")
  var build: BuildFlags

  @Option(help: ArgumentHelp("Add codes for faster searches: none, f16, bf16, u8 or b1.", valueName: "form"))
  var quantize = "none"

  @Option(help: ArgumentHelp("Keys of the vectors, one number a line (default: row numbers).", valueName: "file"))
  var keys: String?

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [input] + [keys].compactMap { $0 } }
  var outputs: [String] { [output] }

  func validate() throws {
    guard quantize == "none" || Quantization(rawValue: quantize) != nil else {
      throw ValidationError("'--quantize' must be none, f16, bf16, u8 or b1.")
    }
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    let table = try run.readVectors(input, for: build.metric)
    let names = try keys.map { try run.readKeys($0) }
    let index = try run.stage("build") {
      try HNSWIndex(
        building: table, metric: build.metric, keys: names, options: build.options(seed: run.settings.seed),
        context: run.context)
    }
    if let form = Quantization(rawValue: quantize) {
      try run.stage("quantize") { try index.quantize(form, context: run.context) }
    }
    let bytes = try run.stage("write") { try index.write(to: output, replaces: global.force, context: run.context) }
    run.recordOutput(.init(path: output, format: "gmx", bytes: bytes))
    let report = index.report
    let unreachable = index.unreachableCount()
    return Outcome(
      keys: [
        "count": .integer(index.count), "dimension": .integer(index.dimension), "bytes": .integer(bytes),
        "distance_computations": .integer(Int(report.distances)), "hops": .integer(Int(report.search.hops)),
        "unreachable": .integer(unreachable), "unreached_before_repair": .integer(report.unreachedBefore),
        "missed_before_repair": .integer(report.missedBefore), "repair_edges": .integer(report.repairEdges),
        "duplicates": .integer(report.duplicates), "levels": .array(index.levelCounts.map { .integer($0) }),
      ],
      summary: [
        "\(index.count) vectors of \(index.dimension), \(report.distances) distances, \(unreachable) unreachable",
        "wrote \(output), \(bytes) bytes",
      ])
  }
}

struct KnnSearch: MillCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Find the nearest vectors of every query.",
    discussion: """
      The index is mapped, not loaded. Results go to .ivecs (keys, -1 where there are fewer) or, as anything else, to a \
      table: query, rank, key, distance.

      EXAMPLES:
        graphmill knn search base.gmx queries.fvecs found.ivecs --k 10 --ef 80 --truth truth.ivecs --json
        graphmill knn search base.gmx queries.fvecs near.tsv --radius 0.25
      """)

  @Argument(help: "The index to search.")
  var index: String

  @Argument(help: "The queries.")
  var queries: String

  @Argument(help: "Where the answers go.")
  var output: String

  @Option(help: ArgumentHelp("Answers a query.", valueName: "n"))
  var k = 10

  @Option(help: ArgumentHelp("Beam width.", valueName: "n"))
  var ef = 64

  @Option(help: ArgumentHelp("Candidates ranked again by exact distance (default: 3k).", valueName: "n"))
  var rerank: Int?

  @Option(help: ArgumentHelp("Only these keys may be found, one a line.", valueName: "file"))
  var filter: String?

  @Option(help: ArgumentHelp("All within this distance instead of the k nearest.", valueName: "r"))
  var radius: Float?

  @Option(help: "Whether to scan instead: automatic, never or always.")
  var exact = ExactPolicy.automatic

  @Option(help: ArgumentHelp("True nearest keys (ivecs), for the recall.", valueName: "file"))
  var truth: String?

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [index, queries] + [filter, truth].compactMap { $0 } }
  var outputs: [String] { [output] }

  func validate() throws {
    guard k >= 0, ef >= 1 else { throw ValidationError("'--k' and '--ef' must not be negative.") }
    if radius != nil, truth != nil { throw ValidationError("'--truth' needs '--k', not '--radius'.") }
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    let index = try run.stage("open") {
      try HNSWIndex.open(self.index, mapped: !global.noMmap, context: run.context)
    }
    let asked = try run.readVectors(queries, for: index.metric)
    var options = SearchOptions(ef: ef)
    options.rerank = rerank
    options.exact = exact
    if let filter {
      let allowed = Set(try run.readKeys(filter))
      options.filter = index.filter { allowed.contains($0) }
    }
    if let radius { return try range(index, asked, radius, options, run) }
    let begin = processSeconds()
    let result = try run.stage("search") {
      try index.search(asked, k: k, options: options, context: run.context)
    }
    let seconds = processSeconds() - begin
    let rows = result.rows
    if output.hasSuffix(".ivecs") {
      let ids = rows.ids.map { Int32(clamping: $0) }
      try writeIntegerRows(IntegerRows(width: rows.k, values: ids), to: output, replaces: global.force)
      run.recordOutput(.init(path: output, format: "ivecs", bytes: 4 * (rows.k + 1) * rows.count))
    } else {
      try writeTable((0..<rows.count).map { rows[$0] }, run)
    }
    var keys = figures(asked.count, seconds, result.counters)
    if let truth {
      let recall = try recall(rows, readIntegerRows(truth))
      keys["recall"] = .number(recall)
    }
    let recall = keys["recall"].map { ", recall \($0.text())" } ?? ""
    return Outcome(
      keys: keys,
      summary: ["\(asked.count) queries, \(result.counters.distances) distances\(recall)"])
  }

  private func figures(_ queries: Int, _ seconds: Double, _ counters: SearchCounters) -> [String: JSONValue] {
    [
      "queries": .integer(queries), "cpu_seconds": .number(seconds),
      "distance_computations": .integer(Int(counters.distances)), "hops": .integer(Int(counters.hops)),
      "recall": .null,
    ]
  }

  private func range(
    _ index: HNSWIndex, _ queries: VectorTable, _ radius: Float, _ options: SearchOptions, _ run: CommandRun
  ) throws -> Outcome {
    var counters = SearchCounters()
    let begin = processSeconds()
    let found = try run.stage("search") {
      try (0..<queries.count).map { row in
        let result = try index.search(queries.floats(row), radius: radius, options: options)
        counters += result.counters
        return result.neighbors
      }
    }
    let keys = figures(queries.count, processSeconds() - begin, counters)
    try writeTable(found, run)
    let total = found.reduce(0) { $0 + $1.count }
    return Outcome(keys: keys, summary: ["\(queries.count) queries, \(total) answers"])
  }

  private func writeTable(_ rows: [[Neighbor]], _ run: CommandRun) throws {
    try run.writeText(to: output, format: "tsv") { file in
      for (query, row) in rows.enumerated() {
        for (rank, found) in row.enumerated() { try file.write("\(query)\t\(rank)\t\(found.id)\t\(found.distance)\n") }
      }
    }
  }

  /// Share of the first k true keys among the answers.
  private func recall(_ rows: NeighborRows, _ truth: IntegerRows) throws -> Double {
    guard truth.count == rows.count, truth.width >= rows.k else {
      throw MillError(.malformed, "\(truth.count) rows of \(truth.width) do not fit the queries", file: self.truth)
    }
    var hits = 0
    for row in 0..<rows.count {
      let best = Set(truth.values[row * truth.width..<row * truth.width + rows.k].map { Int($0) })
      hits += rows[row].count { best.contains($0.id) }
    }
    return Double(hits) / Double(max(1, rows.k * rows.count))
  }
}

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

  @Option(name: .customLong("symmetric"), help: "Which pairs become edges: union, mutual, or directed arcs.")
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
      try ObjectIndex(
        building: NeighborhoodSpace(graph, similarity: similarity).nodes, options: options, context: run.context)
    }
    return try run.stage("neighbors") {
      try index.neighborGraph(k: k, symmetry: symmetry, isWeighted: withDistances, ef: ef, context: run.context)
    }
  }
}

struct KnnCheck: MillCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Validate an index: checksums, links, reachability.",
    discussion: """
      Exit code 1 means no: damaged, or with objects that no search can reach.

      EXAMPLES:
        graphmill knn check base.gmx --json
      """)

  @Argument(help: "The index to check.")
  var index: String

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [index] }

  func execute(_ run: CommandRun) throws -> Outcome {
    let opened: HNSWIndex
    do {
      opened = try run.stage("verify") {
        try HNSWIndex.open(index, mapped: !global.noMmap, verify: .full, context: run.context)
      }
    } catch let error as MillError where error.kind.category == .badData {
      ErrorReport.current.print(error)
      return Outcome(keys: ["valid": false, "unreachable": .null], summary: ["not valid"], isYes: false)
    }
    let unreachable = opened.unreachableCount()
    return Outcome(
      keys: [
        "valid": true, "unreachable": .integer(unreachable), "count": .integer(opened.count),
        "levels": .array(opened.levelCounts.map { .integer($0) }),
      ],
      summary: ["valid, \(unreachable) unreachable of \(opened.count)"], isYes: unreachable == 0)
  }
}

/// CPU seconds of the process.
private func processSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
