import Glibc
import Graphmill

// Stages of proximity graphs; `compare_knn.py` drives them.
//
//   knn-build BASE METRIC INDEX [--float] [--plain] [--sequential] [--threads N]    one JSON line
//   knn-serve INDEX QUERIES [--codes FORM] [--mapped]
//
// knn-serve reads lines `EF K RESULT` and answers each with the processor seconds of one pass over all queries on one
// thread, the cost, and the ids in RESULT (ivecs), so that it can take turns with other programs.

struct KnnBench {
  var words: [String] = []
  var flags: Set<String> = []
  var values: [String: String] = [:]

  init(_ arguments: ArraySlice<String>) {
    var rest = arguments
    while let word = rest.popFirst() {
      switch word {
      case "--codes", "--threads", "--repeats", "--m": values[word] = rest.popFirst()
      case _ where word.hasPrefix("--"): flags.insert(word)
      default: words.append(word)
      }
    }
  }

  func build(_ context: RunContext) throws {
    guard words.count == 3, let metric = Metric(rawValue: words[1]) else { usage() }
    var base = try readVectors(words[0])
    if flags.contains("--float") || metric.kernel(for: base.elementType) == nil {
      base = try base.converted(to: .float32)
    }
    var options = HNSWOptions()
    options.keepsPruned = !flags.contains("--plain")
    options.isSequential = flags.contains("--sequential")
    if flags.contains("--no-repair") { options.repair = .none }
    if let m = values["--m"].flatMap(Int.init) { options.m = m }
    var made: HNSWIndex?
    try measure("knn-build", repeats: 1) {
      let index = try HNSWIndex(building: base, metric: metric, options: options, context: context)
      made = index
      let report = index.report
      return [
        "distances": .integer(Int(report.distances)), "search_distances": .integer(Int(report.search.distances)),
        "hops": .integer(Int(report.search.hops)), "select_distances": .integer(Int(report.selectDistances)),
        "reverse_distances": .integer(Int(report.reverseDistances)),
        "batch_distances": .integer(Int(report.batchDistances)),
        "repair_distances": .integer(Int(report.repairDistances)), "unreachable": .integer(index.unreachableCount()),
      ]
    }
    let bytes = try made?.write(to: words[2], replaces: true) ?? 0
    print(JSONValue.object(["stage": "write", "bytes": .integer(bytes)]).text())
  }

  func serve() throws {
    guard words.count == 2 else { usage() }
    let opening = wallSeconds()
    let index = try HNSWIndex.open(words[0], mapped: flags.contains("--mapped"))
    let opened = wallSeconds() - opening
    let queries = try readVectors(words[1]).converted(to: index.vectors.elementType)
    if let form = values["--codes"].flatMap(Quantization.init(rawValue:)) { try index.quantize(form) }
    answer(["open_seconds": .number(opened), "count": .integer(index.count)])
    while let line = readLine() {
      let fields = line.split(separator: " ").map(String.init)
      guard fields.count == 3, let ef = Int(fields[0]), let k = Int(fields[1]) else { return }
      let options = SearchOptions(ef: ef, exact: .never)
      let cpu = ResourceUsage.current().cpuSeconds
      let result = try index.search(queries, k: k, options: options, context: RunContext(threads: 1))
      let seconds = ResourceUsage.current().cpuSeconds - cpu
      try writeIntegerRows(IntegerRows(width: result.rows.k, values: result.rows.ids), to: fields[2], replaces: true)
      answer([
        "cpu": .number(seconds), "distances": .integer(Int(result.counters.distances)),
        "hops": .integer(Int(result.counters.hops)), "peak_mib": .integer(ResourceUsage.current().peakBytes >> 20),
      ])
    }
  }

  private func answer(_ keys: [String: JSONValue]) {
    print(JSONValue.object(keys).text())
    fflush(nil)
  }
}
