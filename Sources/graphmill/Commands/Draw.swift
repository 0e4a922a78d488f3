import ArgumentParser
import GraphFormats
import Graphmill
import MillRuntime
import Reporting
import TreeGeometry

struct Draw: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw a tree as nested cells whose areas are weights, or a graph.",
    discussion: """
      The tree is one of communities (.json, .nwk, .tsv of 'communities --tree'), any Newick, SciPy's linkage table, or \
      the forest of a summary (.gms). Cells of polygons, organic and angular stay round whatever the weights are: only \
      the depth of the tree makes them thin. The rectangles squarified, strip, slice and binary are there to compare with.

      --weight tells what areas mean: size (graph nodes of each leaf), leaves (all alike), or a file of leaf and weight; \
      leaves that it lacks weigh nothing. --truth colors leaves by class. --labels writes other names. \
      --polygons writes each cell: node, depth, weight, area, aspect ratio, corners.

      force draws a graph, of any format: nodes are placed so that their distances follow the graph's, and colored by \
      --truth, else by Leiden's communities. It is the layout of graph containers (.gmg).

      EXAMPLES:
        graphmill communities graph.gmg --method paris --tree tree.json
        graphmill draw tree.json tree.svg
        graphmill draw graph.gms forest.svg --layout organic --aspect 1
        graphmill draw tree.nwk tree.png --truth truth.tsv:track --max-depth 4
        graphmill draw tree.json tree.svg --layout squarified --polygons cells.tsv --json
        graphmill draw graph.gmg graph.svg
        graphmill draw edges.txt graph.svg --layout force --truth groups.tsv
      """)

  @Argument(help: "The tree to read: JSON, Newick, a linkage table, a summary (.gms); or a graph.", completion: .file())
  var input: String

  @Argument(help: "The drawing to write: .svg, or .png by way of a program of the machine.", completion: .file())
  var output: String

  @Option(help: "How cells are divided, or force for a graph (default: polygons, of a graph container force).")
  var layout: DrawLayout?

  @Option(help: ArgumentHelp("Width over height (default: 1.5).", valueName: "ratio"))
  var aspect: Double?

  @Option(
    help: ArgumentHelp(
      "What areas mean: size, leaves, or a file of leaf and weight (default: size).", valueName: "size|leaves|file"))
  var weight: String?

  @Option(help: ArgumentHelp("Levels below the root that are divided (default: all).", valueName: "n"))
  var maxDepth: Int?

  @Option(
    help: ArgumentHelp(
      "Other names of leaves or nodes: node, name; FILE:COLUMN takes another column.", valueName: "file"),
    completion: .file())
  var labels: String?

  @Option(
    help: ArgumentHelp(
      "Classes of leaves or nodes, which give colors; FILE:COLUMN takes another column.", valueName: "file"),
    completion: .file())
  var truth: String?

  @Option(help: ArgumentHelp("Pixels between cells (default: 0); areas are then not exact.", valueName: "px"))
  var gap: Double?

  @Option(help: ArgumentHelp("Width of the drawing in pixels.", valueName: "px"))
  var width = 960

  @Option(help: ArgumentHelp("What stands above the drawing (default: what it counts).", valueName: "text"))
  var title: String?

  @Option(help: ArgumentHelp("Write each cell (.tsv, .csv).", valueName: "file"), completion: .file())
  var polygons: String?

  @Option(
    help: ArgumentHelp("Write the place of each node of a graph (.tsv, .csv).", valueName: "file"), completion: .file())
  var positions: String?

  @OptionGroup(title: "Input options of graphs")
  var reading: ReadFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  private var weightFile: String? { weight.flatMap { ["size", "leaves"].contains($0) ? nil : $0 } }

  private var chosen: DrawLayout { layout ?? (FileKind(path: input) == .graph ? .force : .polygons) }
  var usesSeed: Bool { chosen == .force }

  var inputs: [String] {
    [input] + [labels, truth].compactMap { $0.map(LabelFile.path) } + [weightFile].compactMap { $0 }
  }
  var outputs: [PlannedOutput] {
    [PlannedOutput(output, .picture), PlannedOutput(polygons, .table), PlannedOutput(positions, .table)].compactMap {
      $0
    }
  }

  func validate() throws {
    if chosen == .force, aspect != nil || weight != nil || maxDepth != nil || gap != nil || polygons != nil {
      throw ValidationError(
        "'--aspect', '--weight', '--max-depth', '--gap' and '--polygons' are for trees, not for '--layout force'.")
    }
    if chosen != .force, positions != nil {
      throw ValidationError("'--positions' is for graphs: '--layout force'.")
    }
    if let aspect, !(aspect >= 0.001 && aspect <= 1000) {
      throw ValidationError("The value '\(aspect)' is invalid for '--aspect <ratio>'. Please give 0.001 to 1000.")
    }
    guard (50...10_000).contains(width) else {
      throw ValidationError("The value '\(width)' is invalid for '--width <px>'. Please give 50 to 10000.")
    }
    if let gap, !(gap >= 0 && gap <= 100) {
      throw ValidationError("The value '\(gap)' is invalid for '--gap <px>'. Please give 0 to 100.")
    }
    if let maxDepth, maxDepth < 0 {
      throw ValidationError("The value '\(maxDepth)' is invalid for '--max-depth <n>'. Please give 0 or more.")
    }
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    guard let method = chosen.method else { return try drawGraph(run) }
    let reading = try run.readTree(input)
    let options = PartitionOptions(method: method, width: aspect ?? 1.5, height: 1, maximumDepth: maxDepth)
    let weights = try leafWeights(reading, run)
    let partition = try run.stage("partition", of: weightFile ?? input) {
      try polygonPartition(of: reading.tree, weights: weights, options: options, context: run.context)
    }
    let names = try leafNames(reading, run) + reading.innerNames
    let classes = try truth.map { try leafClasses(reading, $0, run) }
    var map = PolygonMap(
      title: title ?? "\(NumberText.grouped(reading.tree.leafCount)) leaves", partition: partition,
      names: names + [String](repeating: "", count: partition.tree.nodeCount - names.count),
      leafClasses: classes?.numbers, classNames: classes?.names ?? [])
    map.width = Double(width)
    map.gap = gap ?? 0
    try write(run.stage("draw") { map.svg }, run)
    if let polygons { try write(partition, to: polygons, run) }
    return outcome(partition)
  }

  /// Writes a drawing, as pixels where its name wants them.
  func write(_ drawing: String, _ run: CommandRun) throws {
    guard pathEnding(output) == "png" else {
      return try run.writeText(to: output, format: "svg") { try $0.write(drawing) }
    }
    let pixels = try run.stage("convert") { try PictureFile.png(ofSVG: drawing) }
    try run.writeText(to: output, format: "png") { try $0.write(pixels) }
  }

  /// One weight a leaf; nil for the tree's sizes.
  private func leafWeights(_ reading: TreeReading, _ run: CommandRun) throws -> [Double]? {
    if weight == "leaves" { return [Double](repeating: 1, count: reading.tree.leafCount) }
    guard let weightFile else { return nil }
    let (weights, absent) = try reading.leafNumbers(from: weightFile)
    if absent > 0 { run.warn("\(absent) of \(reading.tree.leafCount) leaves have no weight", of: weightFile) }
    return weights
  }

  private func leafNames(_ reading: TreeReading, _ run: CommandRun) throws -> [String] {
    let own = reading.leafNames
    guard let labels else { return own }
    let found = try LabelFile(labels).labels(for: own)
    if !found.contains(where: { $0 != nil }) { run.warn("the labels name no leaf of the tree") }
    return zip(found, own).map { $0 ?? $1 }
  }

  private func leafClasses(
    _ reading: TreeReading, _ path: String, _ run: CommandRun
  ) throws -> (numbers: [Int], names: [String]) {
    let file = try LabelFile(path)
    let classes = file.numbers(for: reading.leafNames).map { Int($0) }
    if !classes.contains(where: { $0 >= 0 }) { run.warn("the truth names no leaf of the tree") }
    return (classes, file.groups)
  }

  private func write(_ partition: PolygonPartition, to path: String, _ run: CommandRun) throws {
    let depths = partition.tree.depths
    try run.writeTable(to: path, columns: ["node", "depth", "weight", "area", "aspect", "corners"]) { file in
      for node in 0..<partition.tree.nodeCount where partition.hasCell(node) {
        let cell = partition.cell(of: node)
        let corners = stride(from: 0, to: cell.count, by: 2).map {
          "\(Decimal.text(cell[$0])),\(Decimal.text(cell[$0 + 1]))"
        }
        let numbers = [partition.weights[node], partition.areas[node], partition.aspects[node]].map(Decimal.text)
        try file.write(
          "\(node)\t\(depths[node])\t\(numbers.joined(separator: "\t"))\t\(corners.joined(separator: " "))\n")
      }
    }
  }

  private func outcome(_ partition: PolygonPartition) -> Outcome {
    let figures = partition.figures
    func text(_ value: Double) -> String { NumberText.significant(value, digits: 4) }
    return Outcome(
      keys: [
        "nodes": .integer(figures.nodes), "leaves": .integer(figures.leaves), "depth": .integer(figures.depth),
        "binary_depth": .integer(figures.binaryDepth), "cuts": .integer(figures.cuts),
        "collapsed": .integer(figures.collapsed), "zero_weight": .integer(figures.zeroWeight),
        "aspect_median": .number(figures.aspectMedian), "aspect_p99": .number(figures.aspectP99),
        "aspect_worst": .number(figures.aspectWorst),
        "aspect_bound": figures.aspectBound.map(JSONValue.number) ?? .null,
        "directions": .integer(figures.directions), "vertices_max": .integer(figures.verticesMax),
        "area_error": .number(figures.areaError), "layout": .string(chosen.rawValue),
      ],
      summary: [
        "\(figures.leaves) leaves, \(figures.nodes) nodes, depth \(figures.depth); \(figures.cuts) cuts"
          + (figures.collapsed > 0 ? ", \(figures.collapsed) nodes too small for a cell" : ""),
        "aspect ratios: median \(text(figures.aspectMedian)), worst \(text(figures.aspectWorst))"
          + (figures.aspectBound.map { ", at most \(text($0)) for any weights" } ?? ", without a bound"),
      ])
  }
}

/// What is drawn, and how.
enum DrawLayout: String, ExpressibleByArgument, CaseIterable {
  case polygons
  case organic
  case angular
  case greedy
  case squarified
  case strip
  case slice
  case binary
  case force

  /// How cells are divided; nil for graphs.
  var method: PartitionMethod? { PartitionMethod(rawValue: rawValue) }
}
