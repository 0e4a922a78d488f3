import ExperimentSupport
import Glibc
import Graphmill
import MillRuntime
import Reporting
import TreeGeometry

/// Sizes and seed.
struct ExperimentSettings {
  var seed: UInt64 = 42
  var nodes = 20_000
  var chains = [1, 10, 100, 1000, 3000]
  var stars = [10, 100, 1000, 10_000, 100_000]
  var guardChain = 1000
  var comb = 300
  var levels = 10

  static let quick = ExperimentSettings(
    nodes: 300, chains: [1, 10, 50], stars: [10, 100], guardChain: 60, comb: 40, levels: 5)
}

/// The questions, each with its table.
struct Experiment {
  static let parts = ["weights", "depth", "guard", "roundness", "slack", "embedding"]
  let settings: ExperimentSettings
  let context: RunContext

  func run(_ part: String) throws -> String {
    switch part {
    case "weights": try weights()
    case "depth": try depth()
    case "guard": try guarded()
    case "roundness": try roundness()
    case "slack": try slack()
    default: try embedding()
    }
  }

  private func figures(
    _ tree: RootedTree, _ weights: [Double]?, _ options: PartitionOptions
  ) throws -> PartitionFigures {
    try polygonPartition(of: tree, weights: weights, options: options, context: context).figures
  }

  private func text(_ value: Double) -> String { NumberText.significant(value, digits: 3) }

  private func title(_ name: String, _ table: MarkdownTable) -> String { "## \(name)\n\n\(table.text)" }

  private func weights() throws -> String {
    let tree = try SampleTrees.recursive(nodes: settings.nodes, seed: settings.seed)
    let methods: [PartitionMethod] = [.polygons, .organic, .angular, .squarified, .binary, .slice]
    var table = MarkdownTable(["weights"] + methods.map(\.rawValue))
    for kind in SampleTrees.Weights.allCases {
      let values = kind.values(tree.leafCount, seed: settings.seed)
      table.add(
        [kind.rawValue]
          + (try methods.map {
            let found = try figures(tree, values, PartitionOptions(method: $0))
            return "\(text(found.aspectMedian)) / \(text(found.aspectWorst))"
          }))
    }
    return title(
      "Weights: median / worst aspect ratio of a random tree of \(tree.nodeCount) nodes, depth \(tree.height)", table)
  }

  private func depth() throws -> String {
    let methods: [PartitionMethod] = [.polygons, .organic, .angular, .squarified]
    var table = MarkdownTable(["tree", "bound"] + methods.map(\.rawValue))
    for links in settings.chains {
      let weights = [1] + [Double](repeating: 1e-6, count: links)
      try table.add(row("chain of \(links), leaves of 1e-6", SampleTrees.chain(links), weights, methods))
    }
    for leaves in settings.stars {
      let weights = SampleTrees.Weights.nineDigits.values(leaves, seed: settings.seed)
      try table.add(row("star of \(leaves), 10^U(0,9)", SampleTrees.star(leaves), weights, methods))
    }
    return title("Depth: worst aspect ratio, and the bound that holds for polygons", table)
  }

  private func row(
    _ name: String, _ tree: RootedTree, _ weights: [Double], _ methods: [PartitionMethod]
  ) throws -> [String] {
    let found = try methods.map { try figures(tree, weights, PartitionOptions(method: $0)) }
    return [name, text(found[0].aspectBound ?? .nan)] + found.map { text($0.aspectWorst) }
  }

  private func guarded() throws -> String {
    let tree = try SampleTrees.chain(settings.guardChain)
    let stream = RandomStream(seed: settings.seed, stage: "tiny leaves")
    let weights = (0...settings.guardChain).map { leaf -> Double in
      var random = stream.item(UInt64(leaf))
      return leaf == 0 ? 1 : Logarithm.power(10, -4 - 4 * random.unit())
    }
    var table = MarkdownTable(["method", "directions tried", "worst aspect", "CPU ms"])
    for (method, directions) in [
      (PartitionMethod.greedy, 24), (.greedy, 360), (.polygons, 24), (.polygons, 360), (.organic, 24), (.angular, 24),
    ] {
      let begin = cpuSeconds()
      let found = try figures(tree, weights, PartitionOptions(method: method, directions: directions))
      table.add([
        method.rawValue, "\(directions)", text(found.aspectWorst), decimal(1000 * (cpuSeconds() - begin), 1),
      ])
    }
    return title("Guard: a chain of \(settings.guardChain) with leaves of 10^-U(4,8)", table)
  }

  private func roundness() throws -> String {
    let tree = try SampleTrees.recursive(nodes: settings.nodes, seed: settings.seed + 1)
    let weights = SampleTrees.Weights.pareto.values(tree.leafCount, seed: settings.seed)
    var table = MarkdownTable(["round from", "directions tried", "median", "worst", "cuts aslant"])
    for (roundness, directions) in [(3.0, 24), (3.5, 24), (4, 12), (4, 24), (4, 48), (5, 24), (6, 24)] {
      let partition = try polygonPartition(
        of: tree, weights: weights, options: PartitionOptions(roundness: roundness, directions: directions),
        context: context)
      let aslant = partition.cuts.count { $0.startX != $0.endX && $0.startY != $0.endY }
      table.add([
        "\(text(roundness))", "\(directions)", text(partition.figures.aspectMedian),
        text(partition.figures.aspectWorst),
        NumberText.percent(Double(aslant) / Double(max(1, partition.cuts.count)), decimals: 1),
      ])
    }
    return title("Roundness: a random tree of \(tree.nodeCount) nodes, Pareto weights", table)
  }

  private func slack() throws -> String {
    let tree = try SampleTrees.recursive(nodes: settings.nodes, seed: settings.seed)
    var table = MarkdownTable([
      "weights", "dimensions", "rho", "worst side ratio", "least volume / share", "(1 - 1/rho)^depth", "greatest",
    ])
    for kind in [SampleTrees.Weights.pareto, .nineDigits] {
      let weights = kind.values(tree.leafCount, seed: settings.seed)
      for (d, rho) in [(2, 3.0), (2, 10), (2, 40), (3, 10)] {
        let boxes = try slackBoxes(
          of: tree, weights: weights, options: SlackBoxOptions(dimensions: d, rho: rho), context: context)
        let ratios = (0..<tree.leafCount).map { boxes.volume(of: $0) / boxes.shares[$0] }
        let promise = (0..<tree.height).reduce(1.0) { product, _ in product * (1 - 1 / rho) }
        let sides = (0..<tree.nodeCount).map { boxes.sideRatio(of: $0) }.max() ?? 1
        table.add([
          kind.rawValue, "\(d)", text(rho), text(sides), text(ratios.min() ?? 1), text(promise),
          text(ratios.max() ?? 1),
        ])
      }
    }
    return title("Slack: boxes of a random tree, depth \(tree.height)", table)
  }

  private func embedding() throws -> String {
    let (binary, halving) = try SampleTrees.complete(levels: settings.levels)
    let star = try SampleTrees.star(settings.stars.last { $0 <= 1000 } ?? 10)
    let comb = try SampleTrees.chain(settings.comb)
    var heights = [Double](repeating: 0, count: comb.nodeCount)
    var height = 1.0
    for node in comb.innerNodes.reversed() {
      heights[node] = height
      height *= 0.92
    }
    return try embedded([
      ("star", try Ultrametric(star, heights: [Double](repeating: 0, count: star.leafCount) + [1])),
      ("complete binary", try Ultrametric(binary, heights: halving)),
      ("comb, heights x 0.92", try Ultrametric(comb, heights: heights)),
    ])
  }

  private func embedded(_ trees: [(name: String, ultrametric: Ultrametric)]) throws -> String {
    var table = MarkdownTable([
      "tree (leaves, spread)", "d", "lower bound", "distortion", "tuned", "tuned / bound", "correlation",
    ])
    for (name, ultrametric) in trees {
      for d in [2, 3] {
        let plain = try ultrametricPoints(
          of: ultrametric, options: UltrametricPointOptions(dimensions: d), context: context)
        let tuned = try ultrametricPoints(
          of: ultrametric, options: UltrametricPointOptions(dimensions: d, isTuned: true), context: context)
        table.add([
          "\(name) (\(ultrametric.tree.leafCount), \(text(ultrametric.spread)))", "\(d)", text(plain.lowerBound),
          text(plain.distortion.distortion), text(tuned.distortion.distortion),
          text(tuned.distortion.distortion / tuned.lowerBound),
          tuned.distortion.correlation.map { decimal($0, 2) } ?? "none",
        ])
      }
    }
    return title("Embedding: distortion of points", table)
  }

  /// All methods on trees from files.
  func run(onFiles files: [String]) throws -> String {
    let methods: [PartitionMethod] = [.polygons, .organic, .angular, .squarified, .strip, .binary, .slice]
    var table = MarkdownTable(["tree (leaves, depth)"] + methods.map { "\($0.rawValue): median / worst, CPU s" })
    var ultrametrics: [(String, Ultrametric)] = []
    for file in files {
      let reading = try readTree(file, context: context)
      let stem = String(file.split(separator: "/").last?.split(separator: ".").first ?? "tree")
      let weights = try leafWeights(beside: file, reading)
      var cells: [String] = []
      for method in methods {
        let begin = cpuSeconds()
        let found = try figures(reading.tree, weights, PartitionOptions(method: method, width: 1.5))
        let seconds = cpuSeconds() - begin
        cells.append("\(text(found.aspectMedian)) / \(text(found.aspectWorst)), \(decimal(seconds, 3))")
        if cells.count == 1 {
          let leaves = found.leaves - (weights?.count { $0 == 0 } ?? 0)
          cells.insert("\(stem) (\(leaves), \(found.depth))", at: 0)
        }
      }
      table.add(cells)
      if reading.tree.similarities != nil {
        ultrametrics.append((stem, try Ultrametric(reading.tree, heights: reading.tree.nodeHeights())))
      }
    }
    return try title("Trees from files", table) + "\n" + embedded(ultrametrics)
  }

  private func leafWeights(beside file: String, _ reading: TreeReading) throws -> [Double]? {
    let path = file.split(separator: ".").dropLast().joined(separator: ".")
    let table = (file.hasPrefix("/") && !path.hasPrefix("/") ? "/" : "") + path + ".weights.tsv"
    guard access(table, R_OK) == 0 else { return nil }
    let labels = try LabelFile(path: table)
    var numbers: [String: Double] = [:]
    for (name, label) in zip(labels.names, labels.labels) { numbers[name] = label.flatMap { Double($0) } }
    return (reading.tree.names ?? []).map { numbers[$0] ?? 0 }
  }
}

/// Processor time of the process so far.
private func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
