import ArgumentParser
import Glibc
import GraphStore
import Graphmill
import MillRuntime

struct KnnSearch: MillCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Find the nearest vectors of every query.",
    discussion: """
      The index is mapped, not loaded. Results go to .ivecs or .npy (keys of shape queries × k, -1 where there are fewer) \
      or to a table (.tsv, .csv): query, rank, key, distance, with names where the files have them. Distances are true \
      ones: under l2 the Euclidean \
      distance, not its square (--squared); under ip minus the product.

      EXAMPLES:
        graphmill knn search base.gmx queries.fvecs found.tsv --k 10
        graphmill knn search base.gmx queries.fvecs found.ivecs --ef 80 --truth truth.ivecs
        graphmill knn search flat.gmx queries.fvecs found.ivecs --k 10 --restarts 20
        graphmill knn search base.gmx queries.fvecs near.tsv --radius 0.25
        graphmill knn search glove.gmx glove-25-angular.hdf5 found.npy --truth glove-25-angular.hdf5
      """)

  @Argument(help: "The index to search.", completion: .file(extensions: ["gmx"]))
  var index: String

  @Argument(
    help: "The queries; '-' is standard input. Of hdf5 'test', or the dataset behind a colon.", completion: .file())
  var queries: String

  @Argument(help: "Where the answers go; '-' is standard output.", completion: .file())
  var output: String

  @Option(help: ArgumentHelp("Answers a query.", valueName: "n"))
  var k = 10

  @Option(help: ArgumentHelp("Beam width (default: 64, with an nsw index k).", valueName: "n"))
  var ef: Int?

  @Option(help: ArgumentHelp("Searches from random objects, put together; nsw (default: 4).", valueName: "n"))
  var restarts: Int?

  @Option(help: ArgumentHelp("Candidates ranked again by exact distance; hnsw (default: 3k).", valueName: "n"))
  var rerank: Int?

  @Option(
    help: ArgumentHelp("Only these keys or names may be found, one a line.", valueName: "file"), completion: .file())
  var filter: String?

  @Option(help: ArgumentHelp("All within this distance instead of the k nearest.", valueName: "r"))
  var radius: Float?

  @Flag(inversion: .prefixedNo, help: "Scan all vectors, or never (default: where it is the better way).")
  var exact: Bool?

  @Flag(help: "Under l2, give and take squared distances.")
  var squared = false

  @Option(
    help: ArgumentHelp("Where distances go as .npy, queries × k, inf where there are fewer.", valueName: "file"),
    completion: .file(extensions: ["npy"]))
  var distances: String?

  @Option(
    help: ArgumentHelp("True nearest keys (.ivecs, .ibin, .npy, .hdf5), for the recall.", valueName: "file"),
    completion: .file())
  var truth: String?

  @OptionGroup(title: "Input options")
  var reading: VectorReadFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [index] + [queries, filter, truth].compactMap { $0.map { splittingDataset($0).path } } }
  var outputs: [PlannedOutput] {
    [PlannedOutput(output, .answers)] + [PlannedOutput(distances, .array)].compactMap { $0 }
  }

  func validate() throws {
    guard k >= 1, ef ?? 1 >= 1 else { throw ValidationError("'--k' and '--ef' must be at least 1.") }
    if let restarts, restarts < 1 { throw ValidationError("'--restarts' must be at least 1.") }
    if radius != nil, isMatrix { throw ValidationError("'--radius' gives a table, not .ivecs or .npy.") }
    if radius != nil, distances != nil { throw ValidationError("'--distances' needs '--k', not '--radius'.") }
    if let radius, radius.isNaN { throw ValidationError("'--radius' must be a number.") }
    if radius != nil, truth != nil { throw ValidationError("'--truth' needs '--k', not '--radius'.") }
  }

  private var isMatrix: Bool { output.hasSuffix(".ivecs") || output.hasSuffix(".npy") }

  func execute(_ run: CommandRun) throws -> Outcome {
    let opened = try run.stage("open") {
      try ProximityIndex.open(index, mapped: !global.noMmap, context: run.context)
    }
    switch opened.method {
    case .hnsw: try refuseFlags(["--restarts": restarts != nil], for: opened, of: index)
    case .nsw: try refuseFlags(["--rerank": rerank != nil], for: opened, of: index)
    }
    var wanted = reading.options
    wanted.role = .queries
    let asked = try run.readVectors(queries, for: opened.metric, wanted)
    let allowed = try filter.map { try run.readFilter($0, of: opened) }
    if opened.isNamed, isMatrix {
      let warning = "such a file holds row numbers; a table (.tsv) holds the names"
      if global.strict { throw MillError(.refusedWarning, warning, file: output) }
      run.warn("\(output): \(warning)")
    }
    let policy = exact.map { $0 ? ExactPolicy.always : .never } ?? .automatic
    let options = SearchOptions(ef: ef, restarts: restarts, rerank: rerank, exact: policy)
    if let radius {
      let reach = squared ? radius : opened.metric.searchDistance(radius)
      return try range(opened, asked, reach, options, allowed, run)
    }
    return try nearest(opened, asked, run) {
      try opened.search(asked.vectors, k: k, options: options, filter: allowed, context: run.context)
    }
  }

  /// Searches, writes what was found, and scores it.
  private func nearest(
    _ index: ProximityIndex, _ asked: VectorInputs, _ run: CommandRun, _ search: () throws -> BatchSearchResult
  ) throws -> Outcome {
    let begin = processSeconds()
    let result = try run.stage("search", of: queries, search)
    let seconds = processSeconds() - begin
    var keys = figures(asked.vectors.count, seconds, result.counters)
    if let truth {
      do {
        let rows = try readIntegerRows(truth, context: run.context)
        keys["recall"] = .number(
          try index.recall(of: result, queries: asked.vectors, truth: rows, context: run.context))
      } catch {
        throw error.inFile(truth)
      }
    }
    let rows = isMatrix || distances != nil ? result.rows.padded(to: max(k, result.rows.k)) : result.rows
    if output.hasSuffix(".ivecs") {
      try writeIntegerRows(
        IntegerRows(width: rows.k, values: rows.ids), to: output, replaces: run.rules.replaces(output))
      run.recordOutput(.init(path: output, format: "ivecs", bytes: 4 * (rows.k + 1) * rows.count))
    } else if output.hasSuffix(".npy") {
      try writeNeighborIDs(rows, to: output, replaces: run.rules.replaces(output))
      run.recordOutput(.init(path: output, format: "npy"))
    } else {
      try writeTable((0..<result.count).map { result[$0] }, index, asked.keys, run)
    }
    if let distances {
      try writeNeighborDistances(
        squared ? rows : rows.plain(under: index.metric), to: distances,
        replaces: run.rules.replaces(distances))
      run.recordOutput(.init(path: distances, format: "npy"))
    }
    let recall = keys["recall"].flatMap { $0 == .null ? nil : ", recall \($0.text())" } ?? ""
    return Outcome(
      keys: keys,
      summary: ["\(asked.vectors.count) queries, \(result.counters.distances) distances\(recall)"])
  }

  private func figures(_ queries: Int, _ seconds: Double, _ counters: SearchCounters) -> [String: JSONValue] {
    [
      "queries": .integer(queries), "cpu_seconds": .number(seconds),
      "distance_computations": .integer(Int(counters.distances)), "hops": .integer(Int(counters.hops)),
      "recall": .null,
    ]
  }

  private func range(
    _ index: ProximityIndex, _ asked: VectorInputs, _ radius: Float, _ options: SearchOptions,
    _ filter: SearchFilter?, _ run: CommandRun
  ) throws -> Outcome {
    let queries = asked.vectors
    var counters = SearchCounters()
    let begin = processSeconds()
    let found = try run.stage("search") {
      try (0..<queries.count).map { row in
        let result = try index.search(queries.floats(row), radius: radius, options: options, filter: filter)
        counters += result.counters
        return result.neighbors
      }
    }
    let keys = figures(queries.count, processSeconds() - begin, counters)
    try writeTable(found, index, asked.keys, run)
    let total = found.reduce(0) { $0 + $1.count }
    return Outcome(keys: keys, summary: ["\(queries.count) queries, \(total) answers"])
  }

  /// Writes a line an answer; queries and answers are called as their files call them.
  private func writeTable(
    _ rows: [[KeyedNeighbor]], _ index: ProximityIndex, _ keys: VectorKeys?, _ run: CommandRun
  ) throws {
    let queries = keys?.texts
    func checked(_ name: String) throws -> String {
      guard !name.utf8.contains(where: NodeNames.breaksTable) else {
        throw MillError(
          .labelNotWritable, "a name holds a tab or a line end", file: output, field: String(name.prefix(40)))
      }
      return name
    }
    try run.writeTable(to: output, columns: ["query", "rank", "key", "distance"]) { file in
      for (number, row) in rows.enumerated() {
        let query = try queries.map { try checked($0[number]) } ?? String(number)
        for (rank, found) in row.enumerated() {
          let distance = squared ? found.distance : index.metric.plainDistance(found.distance)
          let key = try index.name(ofKey: found.key).map { try checked($0) } ?? String(found.key)
          try file.write("\(query)\t\(rank)\t\(key)\t\(distance)\n")
        }
      }
    }
  }
}

/// CPU seconds of the process.
private func processSeconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
