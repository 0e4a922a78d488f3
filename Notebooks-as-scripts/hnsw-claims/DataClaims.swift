import Glibc
import ExperimentSupport
import MillRuntime
import ProximityGraphs
import Reporting
import VectorStore

private func seconds(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Recall against speed on real sets, 32-bit floats (bytes where the data are) and codes of bytes.
func recallCurves(_ settings: ClaimSettings) throws -> ClaimAnswer {
  var answer = ClaimAnswer(
    stem: "curve", title: "Recall@10 against speed, one thread, M = 16",
    columns: ["set", "rows", "ef", "recall@10", "distances a search", "searches a second", "share of n"],
    chart: Chart(
      "Recall against distances", x: .init("distances a search", .logarithmic), y: .init("recall@10"), series: []))
  var sets: [(String, VectorTable, VectorTable, Metric)] = []
  for (name, form, metric) in [
    ("digits", "fvecs", Metric.l2), ("wordnet-5k", "fvecs", .cosine), ("glove50-100k", "fvecs", .cosine),
    ("fashion-mnist", "bvecs", .l2),
  ] {
    guard let folder = settings.data, !settings.isQuick,
      let base = try? readVectors("\(folder)/\(name).\(form)"),
      let queries = try? readVectors("\(folder)/\(name).queries.\(form)")
    else { continue }
    sets.append((name, base, try queries.copy(rows: (0..<UInt32(min(300, queries.count))).map { $0 }), metric))
  }
  if sets.isEmpty {
    let n = settings.size(10_000, quick: 200)
    let base = try clusteredPoints(n, 24, clusters: 200, width: 0.3, seed: 1)
    let queries = try clusteredPoints(settings.queries, 24, clusters: 200, width: 0.3, seed: 1, isQuery: true)
    sets = [("generated clusters", base, queries, .l2)]
  }
  for (name, base, queries, metric) in sets {
    let truth = try exactNearest(in: base, queries: queries, metric: metric, k: 10, context: settings.context)
    var graphs: [HNSWIndex] = []
    for seed in settings.seeds {
      var options = HNSWOptions()
      options.seed = seed
      graphs.append(try HNSWIndex(building: base, metric: metric, options: options, context: settings.context))
    }
    for codes in [Quantization?.none, .uint8] where codes == nil || base.elementType == .float32 {
      for index in graphs { try index.quantize(codes, context: settings.context) }
      let form = codes.map { base.elementType.rawValue + " with codes of " + $0.rawValue } ?? base.elementType.rawValue
      var line = Chart.Series("\(name): \(form)", .linePoints, points: [])
      for ef in [10, 20, 40, 80, 160] {
        var (recall, distances, rate) = (Spread(), Spread(), Spread())
        for index in graphs {
          var best = Double.infinity
          for _ in 0..<3 {
            let start = seconds(CLOCK_PROCESS_CPUTIME_ID)
            let cost = try searchCost(index, queries, truth, ef: ef, RunContext(threads: 1))
            best = min(best, seconds(CLOCK_PROCESS_CPUTIME_ID) - start)
            if best.isFinite, recall.values.count < graphs.count, rate.values.count == recall.values.count {
              recall.add(cost.recall)
              distances.add(cost.distances)
            }
          }
          rate.add(Double(queries.count) / best)
        }
        answer.rows.append([
          name, form, String(ef), recall.text(4), distances.text(0), decimal(rate.mean, 0),
          decimal(100 * distances.mean / Double(base.count), 2) + " %",
        ])
        line.points.append(Chart.Point(distances.mean, recall.mean))
      }
      answer.chart.series.append(line)
    }
  }
  return answer
}

/// Does the graph work for spaces that are no vector spaces (2014 paper; 2016 paper, section 5.3)?
func generalSpaces(_ settings: ClaimSettings) throws -> ClaimAnswer {
  var answer = ClaimAnswer(
    stem: "spaces", title: "General spaces: recall@10 and distances a search, M = 16",
    columns: ["space", "objects", "ef", "recall@10", "distances a search", "share of n", "build distances an object"],
    chart: Chart(
      "General spaces", x: .init("distances a search"), y: .init("recall@10"), series: []))
  let n = settings.size(5_000, quick: 150)
  func add<Space: ObjectSpace>(_ name: String, _ space: Space, _ objects: [Space.Object]) throws {
    let held = min(100, objects.count / 10)
    var (recall, cost, build) = ([Spread()], [Spread()], Spread())
    let beams = [16, 64, 256]
    recall = beams.map { _ in Spread() }
    cost = recall
    for seed in settings.seeds {
      var random = CounterRandom(seed: seed, stage: "held out")
      var order = Array(objects.indices)
      random.shuffle(&order)
      let queries = order.prefix(held).map { objects[$0] }
      var options = HNSWOptions()
      options.seed = seed
      let index = try ObjectIndex(
        building: ObjectTable(space, order.dropFirst(held).map { objects[$0] }), options: options,
        context: settings.context)
      build.add(Double(index.report.distances) / Double(index.count))
      let truths = queries.map { index.exactSearch($0, k: 10).last?.distance ?? 0 }
      for (i, ef) in beams.enumerated() {
        var hits = 0
        var distances: UInt64 = 0
        for (query, limit) in zip(queries, truths) {
          let found = try index.search(query, k: 10, ef: ef)
          hits += found.neighbors.count { $0.distance <= limit }
          distances += found.counters.distances
        }
        recall[i].add(Double(hits) / Double(10 * held))
        cost[i].add(Double(distances) / Double(held))
      }
    }
    var line = Chart.Series(name, .linePoints, points: [])
    for (i, ef) in beams.enumerated() {
      answer.rows.append([
        name, String(objects.count), String(ef), recall[i].text(4), cost[i].text(0),
        decimal(100 * cost[i].mean / Double(max(1, objects.count)), 1) + " %", build.text(0),
      ])
      line.points.append(Chart.Point(cost[i].mean, recall[i].mean))
    }
    answer.chart.series.append(line)
  }
  try add("Levenshtein", LevenshteinSpace(), words(settings, n).map { LevenshteinSpace.object($0) })
  try add("sparse cosine", SparseCosineSpace(), glosses(settings, n))
  try add("Jensen–Shannon", HistogramSpace(), histograms(n))
  return answer
}

/// Jensen–Shannon on histograms, as a space of one's own: see ``Metric/jensenShannon`` for the fast form.
struct HistogramSpace: ObjectSpace {
  func distance(_ a: [Float], _ b: [Float]) -> Float {
    var sum = 0.0
    for (p, q) in zip(a, b) {
      let middle = (Double(p) + Double(q)) / 2
      if p > 0 { sum += Double(p) * log2(Double(p) / middle) }
      if q > 0 { sum += Double(q) * log2(Double(q) / middle) }
    }
    return Float(max(0, sum / 2).squareRoot())
  }
}

/// Does a second thread halve the time, and change nothing?
func threadCounts(_ settings: ClaimSettings) throws -> ClaimAnswer {
  let n = settings.size(30_000, quick: 150)
  var answer = ClaimAnswer(
    stem: "threads", title: "Threads: build of \(n) points, d = 32, best of 3; the machine decides the times",
    columns: ["threads", "seconds", "processor seconds", "speed-up", "distances", "same graph"],
    chart: Chart("Threads", x: .init("threads"), y: .init("speed-up"), series: []))
  let base = try clusteredPoints(n, 32, clusters: 300, width: 0.3, seed: 1)
  var first: (wall: Double, distances: UInt64, graph: [Int])?
  var line = Chart.Series("build", .linePoints, points: [])
  for threads in [1, 2, 4] {
    var best = (wall: Double.infinity, cpu: 0.0)
    var index: HNSWIndex?
    for _ in 0..<(settings.isQuick ? 1 : 3) {
      let start = (seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID))
      index = try HNSWIndex(building: base, metric: .l2, context: RunContext(threads: threads))
      let wall = seconds(CLOCK_MONOTONIC) - start.0
      if wall < best.wall { best = (wall, seconds(CLOCK_PROCESS_CPUTIME_ID) - start.1) }
    }
    guard let index else { continue }
    let near = try index.search(base, k: 5, options: SearchOptions(ef: 16), context: settings.context).rows.ids
    let graph = near.map { Int($0) }
    let reference = first ?? (best.wall, index.report.distances, graph)
    first = reference
    let isSame = reference.distances == index.report.distances && reference.graph == graph
    answer.rows.append([
      String(threads), decimal(best.wall, 2), decimal(best.cpu, 2),
      decimal(reference.wall / best.wall, 2), String(index.report.distances),
      isSame ? "yes" : "NO",
    ])
    line.points.append(Chart.Point(Double(threads), reference.wall / best.wall))
  }
  answer.chart.series = [line]
  return answer
}
