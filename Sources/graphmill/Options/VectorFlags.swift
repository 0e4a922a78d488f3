public import ArgumentParser
import GraphFormats
import GraphStore
public import Graphmill
import MillRuntime

extension ElementType: ExpressibleByArgument {}
extension NeighborSymmetry: ExpressibleByArgument {
  /// The symmetry that the argument names; `none` is that of directed arcs.
  public init?(argument: String) { self.init(rawValue: argument == "none" ? "directed" : argument) }
}
extension ConnectivityRepair: ExpressibleByArgument {}

extension IndexMethod: ExpressibleByArgument {}

/// The settings of a build on the command line.
struct BuildFlags: ParsableArguments {
  @Option(help: "The graph: hnsw, or nsw for the flat one of 2014.")
  var method = IndexMethod.hnsw

  @Option(help: "The distance; euclidean, cosine and other usual names are known too.")
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

/// Vectors as a command works on them.
struct VectorInputs {
  let vectors: VectorTable
  /// What the file calls them.
  let keys: VectorKeys?
  /// What was understood of the file, in one line.
  let summary: String
}

extension VectorFileFormat: ExpressibleByArgument {
  /// The format of a name, or `raw:f32:128` for rows without a header.
  public init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count == 3, parts[0] == "raw",
      let type = ElementType(rawValue: Synonyms.elements[String(parts[1])] ?? String(parts[1])), let d = Int(parts[2]),
      (1...VectorTable.maximumDimension).contains(d)
    {
      self = .raw(type, dimension: d)
    } else {
      self.init(name: argument)
    }
  }

  /// What completions offer.
  public static var allValueStrings: [String] { names + ["raw:f32:128"] }
  /// The same values.
  public static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

/// The flags of commands that read vectors.
struct VectorReadFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Format of the vectors (default: told by content, then by the name); raw:f32:128 for rows without a header.",
      valueName: "format"))
  var from: VectorFileFormat?

  @Flag(inversion: .prefixedNo, help: "Whether the first row of a text is a header (default: guessed).")
  var header: Bool?

  @Flag(inversion: .prefixedNo, help: "Whether a text has a column of keys (default: guessed).")
  var keyColumn: Bool?

  var options: VectorReadOptions { VectorReadOptions(format: from, hasHeader: header, hasKeys: keyColumn) }
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
  /// Reads vectors as a distance takes them, and tells what may not be as it was meant; under `--strict` that is
  /// refused.
  func readVectors(_ path: String, for metric: Metric, _ options: VectorReadOptions) throws -> VectorInputs {
    var options = options
    options.isMapped = !global.noMmap
    let reading = try stage("read") { try readVectorFile(path, options: options, context: context) }
    let name = path == "-" ? "standard input" : path
    if global.strict, let warning = reading.report.warnings.first {
      throw MillError(.refusedWarning, warning, file: name, hint: "without '--strict' this is a warning")
    }
    for warning in reading.report.warnings { warn(warning, of: path) }
    recordVectors(path, reading)
    do throws(MillError) {
      return VectorInputs(
        vectors: try reading.vectors.suited(to: metric), keys: reading.keys,
        summary: "\(name): \(reading.vectors.count) vectors of \(reading.vectors.dimension), \(reading.report.summary)")
    } catch {
      throw error.inFile(name)
    }
  }

  /// Records vectors that came by a pipe, by the rows that they gave; of files the bytes are taken at the end.
  private func recordVectors(_ path: String, _ reading: VectorReading) {
    guard rules.manifest != nil, fileSize(splittingDataset(path).path) == nil else { return }
    let fingerprint = StreamFingerprint()
    for row in 0..<reading.vectors.count { unsafe reading.vectors.withRow(row) { unsafe fingerprint.update($0) } }
    record.input(.init(path: path, format: reading.report.format, fingerprint: fingerprint.hexadecimal))
  }

  /// Reads keys, one a line; blanks around them do not count.
  func readKeys(_ path: String) throws -> [(key: String, line: Int)] {
    let file = try MappedFile(path: path, mapped: false)
    let text = withExtendedLifetime(file) { unsafe String(validating: file.bytes, as: UTF8.self) }
    guard let text else { throw MillError(.notUTF8, "the keys are not UTF-8", file: path) }
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    return lines.enumerated().compactMap { i, line in
      let key = String(line.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      return key.isEmpty ? nil : (key, i + 1)
    }
  }

  /// The filter of an index that a file of keys, or of names where its objects have names, stands for.
  func readFilter(_ path: String, of index: ProximityIndex) throws -> SearchFilter {
    let lines = try readKeys(path)
    if index.isNamed { return index.filter(names: lines.map(\.key)) }
    let keys = try lines.map { text, line in
      guard let key = Int(text), key >= 0 else {
        throw MillError(.malformed, "not a key", file: path, line: line, field: String(text.prefix(40)))
      }
      return key
    }
    return index.filter(keys: keys)
  }
}
