import ArgumentParser
import GraphFormats
import Graphmill
import MillRuntime

struct KnnBuild: MillCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Build an index of vectors.",
    discussion: """
      Vectors come as fvecs, bvecs, fbin, u8bin, i8bin, ibin, npy, hdf5 or text (blanks, tabs, commas, semicolons; a \
      header and a column of keys are known by what stands in them). Keys may be numbers or names. Of hdf5 the dataset \
      'train' is taken, or the one behind a colon. The same vectors, options and seed give the same file for every number \
      of threads and every processor.

      hnsw (2016) chooses neighbors in many directions, on levels that thin out; it is built in parallel. nsw (2014) links \
      each new object to the nearest ones found and never drops a link: one level, lists without a bound, one object after \
      the other; it is there to compare with.

      EXAMPLES:
        graphmill knn build base.fvecs base.gmx --metric l2 --json
        graphmill knn build base.npy base.gmx --metric cosine --m 32 --quantize uint8
        graphmill knn build base.fvecs flat.gmx --method nsw --links 20
        graphmill knn build glove-25-angular.hdf5 glove.gmx --metric cos
        graphmill knn build data.hdf5:images/features base.gmx
        cut -d, -f2- table.csv | graphmill knn build - base.gmx --header
      """)

  @Argument(help: "The vectors to read; '-' is standard input.", completion: .file())
  var input: String

  @Argument(help: "The index to write.", completion: .file())
  var output: String

  @OptionGroup(title: "Build options")
  var build: BuildFlags

  @Option(help: "Add codes for faster searches; hnsw.")
  var quantize = CodeForm.none

  @Option(
    help: ArgumentHelp(
      "Keys of the vectors, a number or a name a line (default: those of the vectors' file, else row numbers).",
      valueName: "file"), completion: .file())
  var keys: String?

  @Flag(help: "Renumber the vectors so that neighbors lie near each other; keys are stored; hnsw.")
  var reorder = false

  @OptionGroup(title: "Input options")
  var reading: VectorReadFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [splittingDataset(input).path] + [keys].compactMap { $0 } }
  var outputs: [PlannedOutput] { [PlannedOutput(output, .binary)] }

  mutating func validate() throws {
    try build.settle()
    if build.method == .nsw, quantize != .none { throw ValidationError("'--quantize' is for '--method hnsw'.") }
    if build.method == .nsw, reorder { throw ValidationError("'--reorder' is for '--method hnsw'.") }
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    let read = try run.readVectors(input, for: build.metric, reading.options)
    let names = try keys.map { VectorKeys(try run.readKeys($0).map(\.key)) } ?? read.keys
    var outcome =
      build.method == .hnsw ? try hierarchical(read.vectors, names, run) : try flat(read.vectors, names, run)
    outcome.summary.insert("read \(read.summary)", at: 0)
    if case .names = names { outcome.keys["named"] = true } else { outcome.keys["named"] = false }
    return outcome
  }

  private func hierarchical(_ table: VectorTable, _ names: VectorKeys?, _ run: CommandRun) throws -> Outcome {
    let index = try run.stage("build", of: input) {
      try HNSWIndex(
        building: table, metric: build.metric, naming: names, options: build.options(seed: run.settings.seed),
        context: run.context)
    }
    if let form = quantize.form {
      try run.stage("quantize") { try index.quantize(form, context: run.context) }
    }
    if reorder { try run.stage("reorder") { try index.reorder(context: run.context) } }
    let bytes = try run.stage("write") {
      try index.write(to: output, replaces: run.rules.replaces(output), context: run.context)
    }
    let report = index.report
    var cost = report.search
    cost.distances = report.distances
    return outcome(
      count: index.count, dimension: index.dimension, bytes, cost, unreachable: index.unreachableCount(),
      levels: index.levelCounts,
      [
        "unreached_before_repair": .integer(report.unreachedBefore),
        "missed_before_repair": .integer(report.missedBefore), "repair_edges": .integer(report.repairEdges),
        "duplicates": .integer(report.duplicates),
      ], run)
  }

  private func flat(_ table: VectorTable, _ names: VectorKeys?, _ run: CommandRun) throws -> Outcome {
    let index = try run.stage("build", of: input) {
      try NSWIndex(
        building: table, metric: build.metric, naming: names, options: build.flatOptions(seed: run.settings.seed),
        context: run.context)
    }
    let bytes = try run.stage("write") {
      try index.write(to: output, replaces: run.rules.replaces(output), context: run.context)
    }
    return outcome(
      count: index.count, dimension: index.dimension, bytes, index.buildCounters,
      unreachable: index.unreachableCount(), levels: [index.count], degreeKeys(index), run)
  }

  private func outcome(
    count: Int, dimension: Int, _ bytes: Int, _ cost: SearchCounters, unreachable: Int, levels: [Int],
    _ more: [String: JSONValue], _ run: CommandRun
  ) -> Outcome {
    run.recordOutput(.init(path: output, format: "gmx", bytes: bytes))
    let keys: [String: JSONValue] = [
      "method": .string(build.method.rawValue), "count": .integer(count), "dimension": .integer(dimension),
      "bytes": .integer(bytes), "distance_computations": .integer(Int(cost.distances)),
      "hops": .integer(Int(cost.hops)), "unreachable": .integer(unreachable),
      "levels": .array(levels.map { .integer($0) }),
    ]
    return Outcome(
      keys: keys.merging(more) { $1 },
      summary: [
        "\(count) vectors of \(dimension), \(cost.distances) distances, \(unreachable) unreachable",
        "wrote \(output), \(bytes) bytes",
      ])
  }
}

/// How many links a flat graph and its objects have.
func degreeKeys(_ index: NSWIndex) -> [String: JSONValue] {
  [
    "links": .integer(index.linkCount), "max_degree": .integer(index.degrees.max() ?? 0),
    "mean_degree": .number(2 * Double(index.linkCount) / Double(max(1, index.count))),
  ]
}
