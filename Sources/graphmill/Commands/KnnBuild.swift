import ArgumentParser
import Graphmill
import MillRuntime

struct KnnBuild: MillCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Build an index of vectors.",
    discussion: """
      Vectors come as fvecs, bvecs, npy or text. The same vectors, options and seed give the same file for every number \
      of threads and every processor.

      The method is HNSW. There is no --method nsw: the flat graph of 2014 never drops a link, so its lists have no bound, \
      and an index file has lists of fixed length; it is in the library (NSWIndex). --level-scale 0 builds a flat graph \
      with bounded lists.

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

  @Flag(help: "Renumber the vectors so that neighbours lie near each other; keys are stored.")
  var reorder = false

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
    if reorder { try run.stage("reorder") { try index.reorder(context: run.context) } }
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
