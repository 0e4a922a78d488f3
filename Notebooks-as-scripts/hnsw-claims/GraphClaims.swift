import ExperimentSupport
import ProximityGraphs
import Reporting
import VectorStore

/// Does 1 / ln(M) suit as the level scale (2016 paper, section 4.1)?
func levelScales(_ settings: ClaimSettings) throws -> ClaimAnswer {
  let n = settings.size(10_000, quick: 150)
  let factors = [0, 0.25, 0.5, 1, 1.5, 2, 3]
  var answer = ClaimAnswer(
    stem: "levels", title: "Level scale: distances a search at recall@1 0.95, n = \(n)",
    columns: ["mL · ln(M)", "d = 4", "d = 16", "objects above level 0"],
    chart: Chart("Level scale", x: .init("mL · ln(M)"), y: .init("distances a search"), series: []))
  var series = [4, 16].map { Chart.Series("d = \($0)", .linePoints, points: []) }
  for factor in factors {
    var cells: [String] = [decimal(factor, 2)]
    var above = Spread()
    for (i, d) in [4, 16].enumerated() {
      var cost = Spread()
      for seed in settings.seeds {
        let base = try uniformPoints(n, d, seed: seed)
        let queries = try uniformPoints(settings.queries, d, seed: seed &+ 1000)
        let truth = try exactNearest(in: base, queries: queries, metric: .l2, k: 1, context: settings.context)
        var options = HNSWOptions()
        options.m = 8
        options.seed = seed
        options.levelScale = factor * options.scale
        let index = try HNSWIndex(building: base, metric: .l2, options: options, context: settings.context)
        cost.add(try cheapest(index, queries, truth, recall: 0.95, settings.context).distances)
        above.add(Double(index.levelCounts.count > 1 ? index.levelCounts[1] : 0))
      }
      cells.append(cost.text(0))
      series[i].points.append(Chart.Point(factor, cost.mean))
    }
    answer.rows.append(cells + [decimal(above.mean, 0)])
  }
  answer.chart.series = series
  return answer
}

/// Does the heuristic choice beat the nearest on clustered data (2016 paper, section 4, figure 7)?
func neighborChoices(_ settings: ClaimSettings) throws -> ClaimAnswer {
  let n = settings.size(10_000, quick: 200)
  var answer = ClaimAnswer(
    stem: "choice", title: "Choice of neighbors on 100 clusters, d = 10, n = \(n), inserted cluster by cluster",
    columns: [
      "choice", "unreachable before repair", "recall@10 at ef 64", "distances at recall@10 0.95",
      "links a node",
    ],
    chart: Chart(
      "Choice of neighbors", x: .init("distances a search"), y: .init("recall@10"), series: []))
  let forms: [(String, NeighborSelection, Bool)] = [
    ("nearest", .simple, false), ("heuristic", .heuristic, false), ("heuristic, filled up", .heuristic, true),
  ]
  for (name, selection, keepsPruned) in forms {
    var (lost, recall, cost, links) = (Spread(), Spread(), Spread(), Spread())
    var line = Chart.Series(name, .linePoints, points: [])
    for seed in settings.seeds {
      let base = try clusteredPoints(n, 10, clusters: 100, width: 0.02, seed: seed)
      let queries = try clusteredPoints(
        settings.queries, 10, clusters: 100, width: 0.02, seed: seed, isQuery: true)
      let truth = try exactNearest(in: base, queries: queries, metric: .l2, k: 10, context: settings.context)
      var options = HNSWOptions()
      options.seed = seed
      options.m = 8
      options.selection = selection
      options.keepsPruned = keepsPruned
      options.repair = .none
      let index = try HNSWIndex(building: base, metric: .l2, options: options, context: settings.context)
      lost.add(Double(index.unreachableCount()))
      recall.add(try searchCost(index, queries, truth, ef: 64, settings.context).recall)
      let found = try cheapest(index, queries, truth, recall: 0.95, widest: 2048, settings.context)
      if found.recall >= 0.95 { cost.add(found.distances) }
      links.add(Double(index.linkCount) / Double(n))
      guard seed == settings.seeds[0] else { continue }
      for ef in [10, 20, 40, 80, 160, 320] {
        let point = try searchCost(index, queries, truth, ef: ef, settings.context)
        line.points.append(Chart.Point(point.distances, point.recall))
      }
    }
    let reached = cost.values.count == settings.seeds.count ? cost.text(0) : "not reached"
    answer.rows.append([name, lost.text(0), recall.text(4), reached, links.text(1)])
    answer.chart.series.append(line)
  }
  return answer
}

/// How do links, memory and dimension go together (2016 paper, section 4.1: M from 5 to 48)?
func linkCounts(_ settings: ClaimSettings) throws -> ClaimAnswer {
  let n = settings.size(10_000, quick: 150)
  var answer = ClaimAnswer(
    stem: "links", title: "Links M: distances a search at recall@10 0.95, n = \(n)",
    columns: ["M", "d = 4", "d = 16", "d = 32", "link bytes an object", "build distances an object, d = 16"],
    chart: Chart("Links", x: .init("M"), y: .init("distances a search", .logarithmic), series: []))
  var series = [4, 16, 32].map { Chart.Series("d = \($0)", .linePoints, points: []) }
  for m in [4, 8, 16, 32, 48] {
    var cells = [String(m)]
    var build = Spread()
    for (i, d) in [4, 16, 32].enumerated() {
      var cost = Spread()
      for seed in settings.seeds {
        let base = try uniformPoints(n, d, seed: seed)
        let queries = try uniformPoints(settings.queries, d, seed: seed &+ 1000)
        let truth = try exactNearest(in: base, queries: queries, metric: .l2, k: 10, context: settings.context)
        var options = HNSWOptions()
        options.m = m
        options.seed = seed
        options.repair = .reach
        let index = try HNSWIndex(building: base, metric: .l2, options: options, context: settings.context)
        cost.add(try cheapest(index, queries, truth, recall: 0.95, widest: 1024, settings.context).distances)
        if d == 16 { build.add(Double(index.report.distances) / Double(n)) }
      }
      cells.append(cost.text(0))
      series[i].points.append(Chart.Point(Double(m), cost.mean))
    }
    answer.rows.append(
      cells + [decimal(8 * Double(m) + 4 * Double(m) / Double(m - 1), 0), build.text(0)])
  }
  answer.chart.series = series
  return answer
}

/// Does the build cost n log n (2016 paper, section 4.2.2)?
func buildCost(_ settings: ClaimSettings) throws -> ClaimAnswer {
  let sizes = settings.isQuick ? [60, 120] : [1000, 2000, 4000, 8000, 16000, 32000]
  var answer = ClaimAnswer(
    stem: "build", title: "Build: distances an object, d = 8, M = 16, efConstruction = 200",
    columns: ["n", "searches", "choice of neighbors", "back-links and batches", "all", "one by one, all"],
    chart: Chart(
      "Cost of the build", x: .init("n", .logarithmic), y: .init("distances an object"), series: []))
  var batch = Chart.Series("in batches", .linePoints, points: [])
  var single = Chart.Series("one by one", .linePoints, points: [])
  for n in sizes {
    var (search, select, other, all, sequential) = (Spread(), Spread(), Spread(), Spread(), Spread())
    for seed in settings.seeds {
      let base = try uniformPoints(n, 8, seed: seed)
      for isSequential in [false, true] {
        var options = HNSWOptions()
        options.seed = seed
        options.repair = .reach
        options.isSequential = isSequential
        let index = try HNSWIndex(building: base, metric: .l2, options: options, context: settings.context)
        let report = index.report
        func perObject(_ count: UInt64) -> Double { Double(count) / Double(n) }
        if isSequential {
          sequential.add(perObject(report.distances))
        } else {
          search.add(perObject(report.search.distances))
          select.add(perObject(report.selectDistances))
          other.add(perObject(report.reverseDistances + report.batchDistances))
          all.add(perObject(report.distances))
        }
      }
    }
    answer.rows.append(
      [String(n)] + [search, select, other, all, sequential].map { $0.text(0) })
    batch.points.append(Chart.Point(Double(n), all.mean))
    single.points.append(Chart.Point(Double(n), sequential.mean))
  }
  answer.chart.series = [batch, single]
  return answer
}
