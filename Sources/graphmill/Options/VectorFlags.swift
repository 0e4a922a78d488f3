public import ArgumentParser
public import Graphmill
import MillRuntime

extension Metric: ExpressibleByArgument {}
extension ElementType: ExpressibleByArgument {}
extension NeighborSymmetry: ExpressibleByArgument {
  /// The symmetry that the argument names; `none` is that of directed arcs.
  public init?(argument: String) { self.init(rawValue: argument == "none" ? "directed" : argument) }
}
extension NeighborhoodSimilarity: ExpressibleByArgument {}
extension ConnectivityRepair: ExpressibleByArgument {}

/// The settings of a build on the command line.
struct BuildFlags: ParsableArguments {
  @Option(help: "The distance.")
  var metric = Metric.l2

  @Option(name: .customLong("m"), help: ArgumentHelp("Links that a new object makes on each level.", valueName: "n"))
  var m = 16

  @Option(help: ArgumentHelp("Beam width of the build.", valueName: "n"))
  var efConstruction = 200

  @Option(help: ArgumentHelp("Level scale mL (default: 1/ln(m)); 0 for a flat graph.", valueName: "x"))
  var levelScale: Double?

  @Option(help: "What is done so that every object can be found.")
  var repair = ConnectivityRepair.full

  @Flag(help: "Do not fill lists up with candidates that the heuristic skipped.")
  var noKeepPruned = false

  @Flag(help: "Insert one by one instead of in batches.")
  var sequential = false

  @Flag(help: "Insert in random order.")
  var shuffle = false

  func options(seed: UInt64) -> HNSWOptions {
    var options = HNSWOptions()
    options.m = m
    options.efConstruction = efConstruction
    options.levelScale = levelScale
    options.repair = repair
    options.keepsPruned = !noKeepPruned
    options.isSequential = sequential
    options.shuffles = shuffle
    options.seed = seed
    return options
  }
}

extension CommandRun {
  /// Reads vectors as a distance takes them: bytes as bits under `hamming` and `jaccard`, as floats where the distance
  /// is not defined for bytes.
  func readVectors(_ path: String, for metric: Metric) throws -> VectorTable {
    let table = try stage("read") { try VectorStore.readVectors(path, context: context) }
    if metric.kernel(for: table.elementType) != nil { return table }
    if metric == .hamming || metric == .jaccard { return try table.packedBits() }
    return try table.converted(to: .float32)
  }

  /// Reads non-negative numbers, one a line.
  func readKeys(_ path: String) throws -> [Int] {
    let file = try MappedFile(path: path)
    let text = withExtendedLifetime(file) { String(decoding: file.bytes, as: UTF8.self) }
    var keys: [Int] = []
    for (i, line) in text.split(separator: "\n").enumerated() {
      guard let key = Int(line.filter { $0 != "\r" && $0 != " " }), key >= 0 else {
        throw MillError(.malformed, "not a key", file: path, line: i + 1, field: String(line.prefix(40)))
      }
      keys.append(key)
    }
    return keys
  }
}
