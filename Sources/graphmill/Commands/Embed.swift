import ArgumentParser
import Graphmill
import MillRuntime
import Reporting
import TreeGeometry

struct Embed: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put the leaves of a tree into space, so that distances follow the tree.",
    discussion: """
      Two leaves are as far apart as their lowest common ancestor is high. Each leaf gets a point such that the worst \
      ratio of two distances, the distortion, stays small; lower_bound is what no points at all can go below. \
      Good for the worst pair: where distances should correlate, multidimensional scaling does better.

      --height: similarity is 1 - similarity, inverse is 1 / similarity, levels counts edges down to the leaves; auto takes \
      the first where no similarity is above 1, else the second, and levels where there are none; or a file of node and height.

      EXAMPLES:
        graphmill embed tree.json points.tsv --json
        graphmill embed tree.nwk points.tsv --dimensions 3 --tune
        graphmill embed graph.gms points.csv --height levels
      """)

  @Argument(help: "The tree to read: JSON, Newick, a linkage table, or a summary (.gms).", completion: .file())
  var input: String

  @Argument(help: "The points to write: leaf, coordinates (.tsv, .csv).", completion: .file())
  var output: String

  @Option(help: ArgumentHelp("Dimensions of the space, 1 to 8.", valueName: "d"))
  var dimensions = 2

  @Option(
    help: ArgumentHelp(
      "Heights of nodes: auto, similarity, inverse, levels, or a file of node and height.",
      valueName: "rule|file"))
  var height = "auto"

  @Option(help: ArgumentHelp("The longest side of a box over the shortest, at least 3.", valueName: "x"))
  var rho = 4.0

  @Option(
    name: .customLong("base"), help: ArgumentHelp("Heights are rounded up to powers of this, above 1.", valueName: "x"))
  var powerBase = 2.0

  @Flag(help: "Try several bases and ratios, keep the least distortion.")
  var tune = false

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  private var heightFile: String? { HeightRule(rawValue: height) == nil ? height : nil }

  var inputs: [String] { [input] + [heightFile].compactMap { $0 } }
  var outputs: [PlannedOutput] { [PlannedOutput(output, .table)] }
  var usesSeed: Bool { true }

  func execute(_ run: CommandRun) throws -> Outcome {
    let reading = try run.readTree(input)
    let ultrametric = try run.stage("heights", of: heightFile ?? input) {
      let heights =
        try heightFile.map { try reading.nodeNumbers(from: $0) }
        ?? reading.tree.nodeHeights(HeightRule(rawValue: height) ?? .auto)
      return try Ultrametric(reading.tree, heights: heights, isStrict: global.strict)
    }
    if ultrametric.raisedCount > 0 {
      run.warn("\(ultrametric.raisedCount) nodes were higher than their parents, which were raised", of: input)
    }
    let options = UltrametricPointOptions(
      dimensions: dimensions, base: powerBase, rho: rho, isTuned: tune, seed: run.settings.seed)
    let found = try run.stage("embed") {
      try ultrametricPoints(of: ultrametric, options: options, context: run.context)
    }
    let axes = (0..<dimensions).map { "x\($0 + 1)" }
    try run.writeTable(to: output, columns: ["leaf"] + axes) { file in
      for leaf in 0..<reading.tree.leafCount {
        let numbers = (0..<dimensions).map { Decimal.text(found.points[leaf * dimensions + $0]) }
        try file.write(([reading.name(ofLeaf: leaf)] + numbers).joined(separator: "\t") + "\n")
      }
    }
    return outcome(reading, ultrametric, found)
  }

  private func outcome(_ reading: TreeReading, _ ultrametric: Ultrametric, _ found: UltrametricPoints) -> Outcome {
    let distortion = found.distortion
    func text(_ value: Double) -> String { NumberText.significant(value, digits: 4) }
    return Outcome(
      keys: [
        "leaves": .integer(reading.tree.leafCount), "dimensions": .integer(dimensions),
        "distortion": .number(distortion.distortion), "lower_bound": .number(found.lowerBound),
        "scale": .number(distortion.scale), "spread": .number(ultrametric.spread),
        "sampled": .bool(distortion.isSampled), "pairs": .integer(distortion.pairs),
        "collapsed": .integer(found.collapsedCount), "raised": .integer(ultrametric.raisedCount),
        "correlation": distortion.correlation.map(JSONValue.number) ?? .null, "base": .number(found.options.base),
        "shift": .number(found.options.shift), "rho": .number(found.options.rho),
      ],
      summary: [
        "\(reading.tree.leafCount) leaves in \(dimensions) dimensions, spread \(text(ultrametric.spread))"
          + (found.collapsedCount > 0 ? "; \(found.collapsedCount) subtrees are one point each" : ""),
        "distortion \(text(distortion.distortion))\(distortion.isSampled ? " of pairs drawn" : ""), no points can have "
          + "less than \(text(found.lowerBound))"
          + (distortion.correlation.map { "; correlation \(text($0))" } ?? ""),
      ])
  }
}
