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

extension IndexMethod: ExpressibleByArgument {}

/// The settings of a build on the command line.
struct BuildFlags: ParsableArguments {
  @Option(help: "The graph: hnsw, or nsw for the flat one of 2014.")
  var method = IndexMethod.hnsw

  @Option(help: "The distance.")
  var metric = Metric.l2

  @Option(
    name: .customLong("m"),
    help: ArgumentHelp("Links that a new object makes on each level; hnsw (default: 16).", valueName: "n"))
  var m: Int?

  @Option(help: ArgumentHelp("Beam width of the build; hnsw (default: 200).", valueName: "n"))
  var efConstruction: Int?

  @Option(help: ArgumentHelp("Level scale mL; hnsw (default: 1/ln(m)); 0 for one level.", valueName: "x"))
  var levelScale: Double?

  @Option(help: "What is done so that every object can be found; hnsw (default: full).")
  var repair: ConnectivityRepair?

  @Flag(help: "Do not fill lists up with candidates that the heuristic skipped; hnsw.")
  var noKeepPruned = false

  @Flag(help: "Insert one by one instead of in batches; hnsw (nsw does nothing else).")
  var sequential = false

  @Flag(inversion: .prefixedNo, help: "Insert in random order (default); or in the order of the input.")
  var shuffle: Bool?

  @Option(help: ArgumentHelp("Links that a new object makes; nsw (default: 16).", valueName: "n"))
  var links: Int?

  @Option(help: ArgumentHelp("Searches from random objects that an insertion makes; nsw (default: 4).", valueName: "n"))
  var restarts: Int?

  /// Refuses flags of another method and fills in the defaults of this one, so that the manifest has them.
  mutating func settle() throws {
    let hnsw: KeyValuePairs = [
      "--m": m != nil, "--ef-construction": efConstruction != nil, "--level-scale": levelScale != nil,
      "--repair": repair != nil, "--no-keep-pruned": noKeepPruned, "--sequential": sequential,
    ]
    let nsw: KeyValuePairs = ["--links": links != nil, "--restarts": restarts != nil]
    for (flag, isGiven) in method == .hnsw ? nsw : hnsw where isGiven {
      throw ValidationError("'\(flag)' is for '--method \(method == .hnsw ? "nsw" : "hnsw")'.")
    }
    switch method {
    case .hnsw:
      let usual = HNSWOptions()
      m = m ?? usual.m
      efConstruction = efConstruction ?? usual.efConstruction
      repair = repair ?? usual.repair
      shuffle = shuffle ?? usual.shuffles
    case .nsw:
      let usual = NSWOptions()
      links = links ?? usual.links
      restarts = restarts ?? usual.buildRestarts
      shuffle = shuffle ?? usual.shuffles
    }
  }

  func options(seed: UInt64) -> HNSWOptions {
    var options = HNSWOptions()
    options.m = m ?? options.m
    options.efConstruction = efConstruction ?? options.efConstruction
    options.levelScale = levelScale
    options.repair = repair ?? options.repair
    options.keepsPruned = !noKeepPruned
    options.isSequential = sequential
    options.shuffles = shuffle ?? options.shuffles
    options.seed = seed
    return options
  }

  func flatOptions(seed: UInt64) -> NSWOptions {
    var options = NSWOptions()
    options.links = links ?? options.links
    options.buildRestarts = restarts ?? options.buildRestarts
    options.shuffles = shuffle ?? options.shuffles
    options.seed = seed
    return options
  }
}

/// Refuses flags that an index of this method does not read.
func refuseFlags(_ flags: KeyValuePairs<String, Bool>, for index: ProximityIndex, of path: String) throws(MillError) {
  for (flag, isGiven) in flags where isGiven {
    let other = index.method == .hnsw ? "nsw" : "hnsw"
    throw MillError(
      .badOption, "'\(flag)' is for indexes of the method \(other)", file: path,
      hint: "this one is of the method \(index.method.rawValue)")
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
