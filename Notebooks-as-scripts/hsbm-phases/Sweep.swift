import ExperimentSupport
import HierarchicalCommunities
import MillRuntime

/// What is varied.
struct ExperimentSettings {
  /// The first seed; the others follow.
  var seed: UInt64 = 1
  var seeds = 5
  /// Nodes of each leaf of the sweep.
  var leafSize = 400
  /// Graphs of each kind whose groups have no parts.
  var wholes = 100
  /// Seeds of each cell of the diagrams.
  var diagramSeeds = 2
  var degrees: [Double] = [4, 6, 8, 12, 16, 24, 40]
  var ratios: [Double] = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
  var methods = Method.allCases

  /// A run of a minute: two seeds, coarse diagrams.
  static var quick: ExperimentSettings {
    var settings = ExperimentSettings()
    settings.seeds = 2
    (settings.diagramSeeds, settings.wholes) = (1, 10)
    settings.degrees = [6, 12, 24]
    settings.ratios = [0.1, 0.3, 0.5, 0.7]
    return settings
  }
}

/// The sweep: every method in every cell.
struct SweepResult {
  var rows: [(cell: SweepCell, thresholds: RecoveryThresholds, runs: [Method: Runs])] = []

  init(_ settings: ExperimentSettings, cells: [SweepCell] = sweep, context: RunContext) throws {
    for cell in cells {
      let model = try HierarchicalBlockModel(
        branching: 2, depth: 3, leafSize: settings.leafSize, meanDegree: cell.degree, ratio: cell.ratio)
      var runs: [Method: Runs] = [:]
      for i in 0..<settings.seeds {
        let seed = settings.seed &+ UInt64(i)
        let drawn = try Drawn(model, seed: seed, context: context)
        for method in settings.methods {
          runs[method, default: Runs()].outcomes.append(try run(method, on: drawn, seed: seed, context: context))
        }
      }
      rows.append((cell, RecoveryThresholds(model), runs))
    }
  }

  /// Means and, for the first table, deviations over seeds.
  func markdown(_ settings: ExperimentSettings) -> String {
    var text = "## Balanced binary trees, depth 3, 8 x \(settings.leafSize) nodes, \(settings.seeds) seeds\n\n"
    text +=
      "Bottom-up, number of communities unknown, refined; AMI at depths 1 / 2 / 3, standard deviation over seeds.\n\n"
    var table = MarkdownTable(["c", "beta", "D1 D2 D3", "K", "K, prototype", "AMI", "deviation", "AMI, prototype"])
    for row in rows {
      let runs = row.runs[.bottomUp] ?? Runs()
      table.add([
        decimal(row.cell.degree, 0), decimal(row.cell.ratio, 1), list(row.thresholds.divergences),
        decimal(runs.counted, 1), row.cell.reference.map { decimal($0.counted, 1) } ?? "1.0",
        list((0..<3).map(runs.ami)), list((0..<3).map(runs.amiDeviation)),
        list(row.cell.reference?.ami ?? [0, 0, 0]),
      ])
    }
    text += table.text
    let others = settings.methods.filter { $0 != .bottomUp }
    text += "\nThe other methods on the same graphs, mean AMI at depths 1 / 2 / 3.\n\n| c | beta | "
    text += others.map { $0.short + " | " }.joined() + "\n|---|---|" + others.map { _ in "---|" }.joined() + "\n"
    for row in rows {
      text += "| \(decimal(row.cell.degree, 0)) | \(decimal(row.cell.ratio, 1)) |"
      for method in others { text += " \(list((0..<3).map(row.runs[method]!.ami))) |" }
      text += "\n"
    }
    return text + "\n" + verdicts(settings) + recovery()
  }

  /// What the figures say, counted.
  private func verdicts(_ settings: ExperimentSettings) -> String {
    var text = "### Counted\n\n"
    let known = rows.filter { $0.cell.reference != nil }
    let near = known.filter { row in
      let runs = row.runs[.bottomUp]!
      return (0..<3).allSatisfy { runs.ami($0) >= row.cell.reference!.ami[$0] - 0.03 }
        && abs(runs.counted - row.cell.reference!.counted) <= 0.5
    }
    text += "- Cells within .03 AMI of the prototype or better at every depth, and within .5 of its K: "
    text += "\(near.count) of \(known.count).\n"
    for row in known
    where !near.contains(where: { $0.cell.degree == row.cell.degree && $0.cell.ratio == row.cell.ratio }) {
      text += "  - not so: c = \(decimal(row.cell.degree, 0)), beta = \(decimal(row.cell.ratio, 1))\n"
    }
    for method in settings.methods where method != .bottomUp {
      for depth in 0..<3 {
        let differences = known.map { $0.runs[.bottomUp]!.ami(depth) - $0.runs[method]!.ami(depth) }
        text += "- Depth \(depth + 1), bottom-up against \(method.rawValue): ahead by more than .02 in "
        text +=
          "\(differences.count { $0 > 0.02 }) cells, level in \(differences.count { abs($0) <= 0.02 }), behind in "
        text += "\(differences.count { $0 < -0.02 }); worst \(signed(differences.min() ?? 0)), best "
        text += "\(signed(differences.max() ?? 0)).\n"
      }
    }
    let below = rows.filter { $0.cell.reference == nil }
    let quiet = below.allSatisfy { row in row.runs[.bottomUp]!.outcomes.allSatisfy { $0.counted == 1 && $0.ami[0] == 0 }
    }
    text +=
      "- Below detection (\(below.count) cells): \(quiet ? "one community and AMI 0 in every run" : "NOT one community in every run").\n"
    text += "- Inversions a run: "
    text +=
      settings.methods.map { method in
        let all = rows.reduce(0.0) { $0 + $1.runs[method]!.inversions } / Double(max(1, rows.count))
        return "\(method.short) \(decimal(all, 2))"
      }.joined(separator: ", ") + ".\n"
    return text
  }

  /// How often depths are recovered without an error, by divergence.
  private func recovery() -> String {
    var table = MarkdownTable(["D_q", "depths", "bottom-up", "K given", "top-down spectral"])
    for (low, high) in [(0.0, 0.6), (0.6, 0.8), (0.8, 1.0), (1.0, 1.2), (1.2, 100)] {
      var (cells, exact) = (0, [Method: Double]())
      for row in rows {
        for (depth, divergence) in row.thresholds.divergences.enumerated() where divergence >= low && divergence < high
        {
          cells += 1
          for method in [Method.bottomUp, .bottomUpGiven, .spectral] {
            exact[method, default: 0] += row.runs[method]?.mean { $0.isExact[depth] ? 1 : 0 } ?? 0
          }
        }
      }
      guard cells > 0 else { continue }
      table.add(
        ["\(decimal(low, 1)) to \(high > 99 ? "more" : decimal(high, 1))", "\(cells)"]
          + [Method.bottomUp, .bottomUpGiven, .spectral].map { decimal((exact[$0] ?? 0) / Double(cells), 2) })
    }
    return "\n### Recovery without an error, by D_q\n\n" + table.text
  }

  /// A row a cell, method and depth.
  var csv: String {
    var text = "degree,ratio,method,depth,divergence,mean_ami,deviation,exact_share,mean_k,inversions\n"
    for row in rows {
      for method in Method.allCases {
        guard let runs = row.runs[method] else { continue }
        for depth in 0..<3 {
          text += "\(row.cell.degree),\(row.cell.ratio),\"\(method.rawValue)\",\(depth + 1),"
          text += "\(decimal(row.thresholds.divergences[depth], 4)),\(decimal(runs.ami(depth), 4)),"
          text += "\(decimal(runs.amiDeviation(depth), 4)),\(decimal(runs.mean { $0.isExact[depth] ? 1 : 0 }, 2)),"
          text += "\(decimal(runs.counted, 2)),\(decimal(runs.inversions, 2))\n"
        }
      }
    }
    return text
  }
}
