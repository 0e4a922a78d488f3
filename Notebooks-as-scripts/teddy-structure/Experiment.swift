import ExperimentSupport
import EdgeSparsification
import GraphStore
import MillRuntime

/// What is varied.
struct ExperimentSettings {
  /// Seed of the first draw of the random score; the others follow.
  var seed: UInt64 = 42
  /// Draws of the random score.
  var draws = 10
  /// Rounds i of the schedule: the share removed is 1 - 0.95^i.
  var rounds = [1, 5, 9, 14, 20]
  /// Scores that are compared, the random one by `draws`.
  var methods: [EdgeScoreMethod] = [.teddy, .random, .degreeProduct, .localDegree, .reverse]

  func share(ofRound round: Int) -> Double { 1 - (0..<round).reduce(1.0) { product, _ in product * 0.95 } }
}

/// The shape of what is left of a graph.
struct Structure {
  var components = 0
  var isolated = 0
  var largestComponent = 0
  var largestDegree = 0

  init(of graph: CSRGraph) {
    var seen = [Bool](repeating: false, count: graph.nodeCount)
    for start in 0..<graph.nodeCount {
      largestDegree = max(largestDegree, graph.degree(of: start))
      if seen[start] { continue }
      seen[start] = true
      var queue = [start]
      var size = 0
      while let node = queue.popLast() {
        size += 1
        for other in graph.neighbors(of: node) where !seen[other] {
          seen[other] = true
          queue.append(other)
        }
      }
      components += 1
      isolated += size == 1 ? 1 : 0
      largestComponent = max(largestComponent, size)
    }
  }
}

/// The files of a run, as text.
struct ExperimentResults {
  let csv: String
  let markdown: String
  let record: String
}

/// Removes the same shares by every score from every graph and measures what is left.
func runExperiment(
  on graphs: [ExperimentGraph], _ settings: ExperimentSettings, context: RunContext
) throws(MillError) -> ExperimentResults {
  var csv = "graph,share,removed,score,draw,components,isolated,largest_component,largest_degree\n"
  var tables = ""
  var claims = ShapeCounts()
  for input in graphs {
    tables += "\n### \(input.name): \(input.graph.nodeCount) nodes, \(input.graph.edgeCount) edges\n\n"
    var table = MarkdownTable([
      "removed", "score", "components", "isolated nodes", "largest component", "largest degree",
    ])
    for round in settings.rounds {
      let share = settings.share(ofRound: round)
      var found: [EdgeScoreMethod: [Structure]] = [:]
      var removed = 0
      for method in settings.methods {
        for draw in 0..<(method == .random ? settings.draws : 1) {
          let score = EdgeScoreOptions(method: method, seed: settings.seed &+ UInt64(draw))
          let result = try sparsify(input.graph, options: .init(.share(share), score: score), context: context)
          let left = Structure(of: result.graph)
          removed = result.removed
          found[method, default: []].append(left)
          csv += "\(input.name),\(plainDecimal(share, 4)),\(removed),\(method.rawValue),\(draw),"
          csv += "\(left.components),\(left.isolated),\(left.largestComponent),\(left.largestDegree)\n"
        }
        let all = found[method] ?? []
        let cells = [all.map(\.components), all.map(\.isolated), all.map(\.largestComponent), all.map(\.largestDegree)]
        table.add(["\(removed) (\(plainDecimal(share * 100, 1))%)", method.rawValue] + cells.map(cell))
      }
      claims.add(found, share: share)
    }
    tables += table.text
  }
  let markdown =
    "## Answer\n\n\(claims.text)\n## What is left\n\nRandom: mean (standard deviation) of "
    + "\(settings.draws) draws.\n\(tables)"
  return ExperimentResults(csv: csv, markdown: markdown, record: record(graphs, settings))
}

/// How often the expected shapes were seen, over graphs and shares.
private struct ShapeCounts {
  var cases = 0
  var fewerThanMean = 0
  var fewerThanEveryDraw = 0
  var smallerHub = 0
  var fewerThanReverse = 0
  var lateCases = 0
  var lateSmaller = 0

  mutating func add(_ found: [EdgeScoreMethod: [Structure]], share: Double) {
    guard let teddy = found[.teddy]?.first, let random = found[.random], let reverse = found[.reverse]?.first else {
      return
    }
    cases += 1
    let isolated = random.map(\.isolated)
    if teddy.isolated * isolated.count < isolated.reduce(0, +) { fewerThanMean += 1 }
    if isolated.allSatisfy({ teddy.isolated < $0 }) { fewerThanEveryDraw += 1 }
    if random.allSatisfy({ teddy.largestDegree < $0.largestDegree }) { smallerHub += 1 }
    if teddy.isolated < reverse.isolated { fewerThanReverse += 1 }
    if share > 0.5 {
      lateCases += 1
      let sizes = random.map(\.largestComponent)
      if teddy.largestComponent * sizes.count < sizes.reduce(0, +) { lateSmaller += 1 }
    }
  }

  var text: String {
    """
    - TEDDY isolates fewer nodes than the mean of random in \(fewerThanMean) of \(cases) cases (graph and share), \
    fewer than every single draw in \(fewerThanEveryDraw), fewer than reverse in \(fewerThanReverse).
    - Its largest degree is below that of every draw in \(smallerHub) of \(cases).
    - Above half of the edges its largest component is smaller than random's mean in \(lateSmaller) of \(lateCases).

    """
  }
}

/// A number, or mean and standard deviation.
private func cell(_ values: [Int]) -> String {
  if values.count == 1 { return "\(values[0])" }
  let spread = Spread(values.map(Double.init))
  return "\(plainDecimal(spread.mean, 1)) (\(plainDecimal(spread.deviation, 1)))"
}

/// The run record: what is needed to repeat the run. No times, no paths.
private func record(_ graphs: [ExperimentGraph], _ settings: ExperimentSettings) -> String {
  let inputs = graphs.map {
    "    {\"name\": \"\(escaped($0.name))\", \"nodes\": \($0.graph.nodeCount), \"edges\": \($0.graph.edgeCount), "
      + "\"edges_fnv1a64\": \"\($0.checksum)\"}"
  }
  return """
    {
      "experiment": "teddy-structure",
      "seed": \(settings.seed),
      "draws": \(settings.draws),
      "rounds": [\(settings.rounds.map(String.init).joined(separator: ", "))],
      "scores": [\(settings.methods.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))],
      "graphs": [
    \(inputs.joined(separator: ",\n"))
      ]
    }

    """
}

private func escaped(_ text: String) -> String {
  text.unicodeScalars.map { scalar in
    switch scalar {
    case "\"", "\\": "\\\(scalar)"
    case _ where scalar.value < 0x20: " "
    default: String(scalar)
    }
  }.joined()
}
