import ArgumentParser
import GraphStore
import HierarchicalCommunities

/// What only the bottom-up method reads.
struct BottomUpFlags: ParsableArguments {
  /// Where groups come from: a word, or a file of labels.
  enum Start: ExpressibleByArgument, Equatable, CustomStringConvertible {
    case word(CommunityStart)
    case file(String)

    private static let words: KeyValuePairs<String, CommunityStart> = [
      "auto": .automatic, "spectral": .spectral, "leiden": .leiden,
    ]

    init?(argument: String) {
      guard !argument.isEmpty else { return nil }
      self = Self.words.first { $0.key == argument }.map { .word($0.value) } ?? .file(argument)
    }

    var description: String {
      switch self {
      case .word(let start): Self.words.first { $0.value == start }!.key
      case .file(let path): path
      }
    }
  }

  @Option(
    help: ArgumentHelp(
      "Where the lowest communities come from: auto (spectrum and Leiden's groups, chosen by description length), spectral, "
        + "leiden, or a file of labels to go on from: node, label; FILE:COLUMN (default: auto).", valueName: "start"),
    completion: .file())
  var start: Start?

  @Option(help: ArgumentHelp("Number of lowest communities (default: found).", valueName: "k"))
  var k: Int?

  @Flag(help: "Count the spectrum's communities again inside each group, and split groups that have some.")
  var recursive = false

  @Option(help: "How groups are linked (default: average, or volume where degrees vary much).")
  var linkage: LinkageRule?

  @Option(help: ArgumentHelp("Resampled trees for the confidence of each merge (default: 0).", valueName: "n"))
  var confidence: Int?

  @Option(help: ArgumentHelp("Dissolve merges below this confidence.", valueName: "share"))
  var collapse: Share?

  @Option(
    help: ArgumentHelp("Margin above the threshold, times n^(-2/3) (default: 1); 0 for none.", valueName: "x"))
  var significance: Double?

  @Option(help: "Which eigenvectors place the nodes (default: one-shot).")
  var embedding: SpectralOptions.Embedding?

  @Option(
    help: "What counting and placing nodes makes of weights (default: none). Linking groups always counts them.")
  var spectralWeights: SpectralOptions.Weights?

  @Option(
    help: ArgumentHelp(
      "Where nodes without edges go: dropped (label -1), a leaf of their own, or the largest community (default: drop)."
    ))
  var isolated: BottomUpOptions.Isolated?

  @Option(help: ArgumentHelp("Smaller components are leaves of their own (default: 25).", valueName: "n"))
  var minComponent: Int?

  @Option(
    help: ArgumentHelp(
      "Share of edges kept from the first stage and used to link groups (default: 0).", valueName: "share"))
  var holdOut: Share?

  /// The flags that were given.
  private var given: [String] {
    let flags: KeyValuePairs = [
      "--start": start != nil, "--k": k != nil, "--recursive": recursive, "--linkage": linkage != nil,
      "--confidence": confidence != nil, "--collapse": collapse != nil, "--significance": significance != nil,
      "--embedding": embedding != nil, "--spectral-weights": spectralWeights != nil, "--isolated": isolated != nil,
      "--min-component": minComponent != nil, "--hold-out": holdOut != nil,
    ]
    return flags.filter(\.value).map(\.key)
  }

  /// Refuses the flags that only finding groups reads; fills in the default of the linkage.
  mutating func settleLinking(for mode: String) throws {
    if let flag = given.first(where: { $0 != "--linkage" }) {
      throw ValidationError("'\(flag)' does not go with '\(mode)'.")
    }
    linkage = linkage ?? .average
  }

  /// Refuses the flags for other methods, and what does not go together; fills in the defaults for this one, so that the
  /// manifest has them.
  mutating func settle(isUsed: Bool) throws {
    guard isUsed else {
      if let flag = given.first {
        throw ValidationError("'\(flag)' is for '--method bottom-up'\(flag == "--k" ? ": give '--cut <k>'" : "").")
      }
      return
    }
    if recursive, k != nil { throw ValidationError("'--recursive' counts communities: it does not go with '--k'.") }
    if spectralWeights == .weighted, embedding == .tuned {
      throw ValidationError("'--spectral-weights' goes with the one-shot embedding.")
    }
    if let flag = spectralFlag, let start, start != .word(.automatic), start != .word(.spectral) {
      throw ValidationError("'\(flag)' is for the spectrum: it does not go with '--start \(start)'.")
    }
    if let confidence, confidence < 0 { throw ValidationError("'--confidence' takes 0 or more.") }
    if collapse != nil, confidence ?? 0 == 0 { throw ValidationError("'--collapse' needs '--confidence <n>'.") }
    let usual = BottomUpOptions()
    start = start ?? .word(usual.start)
    confidence = confidence ?? usual.replicates
    significance = significance ?? usual.spectral.significance
    embedding = embedding ?? usual.spectral.embedding
    spectralWeights = spectralWeights ?? usual.spectral.weights
    isolated = isolated ?? usual.isolated
    minComponent = minComponent ?? usual.minimumComponent
    holdOut = holdOut ?? Share(argument: "\(usual.heldOutShare)")
  }

  /// A flag that was given and that only the spectrum reads.
  private var spectralFlag: String? {
    let flags: KeyValuePairs = [
      "--recursive": recursive, "--significance": significance != nil, "--embedding": embedding != nil,
      "--spectral-weights": spectralWeights != nil,
    ]
    return flags.first(where: \.value)?.key
  }

  /// The file of labels to start from.
  var startFile: String? {
    if case .file(let path) = start { path } else { nil }
  }

  /// - Parameter labels: Those of ``startFile``.
  func options(labels: [Int32]?) -> BottomUpOptions {
    var options = BottomUpOptions()
    options.communities = k
    if case .word(let start) = start { options.start = start }
    if let labels { options.start = .labels(labels) }
    options.isRecursive = recursive
    options.linkage = linkage ?? options.linkage
    options.replicates = confidence ?? options.replicates
    options.spectral.significance = significance ?? options.spectral.significance
    options.spectral.embedding = embedding ?? options.spectral.embedding
    options.spectral.weights = spectralWeights ?? options.spectral.weights
    options.isolated = isolated ?? options.isolated
    options.minimumComponent = minComponent ?? options.minimumComponent
    options.heldOutShare = holdOut?.value ?? options.heldOutShare
    return options
  }
}

/// What only the top-down method reads.
struct TopDownFlags: ParsableArguments {
  /// When a group stays whole.
  struct Stop: ExpressibleByArgument, Equatable, CustomStringConvertible {
    let rule: TopDownOptions.Stopping
    let description: String

    init?(argument: String) {
      description = argument
      switch argument {
      case "bethe-hessian": rule = .betheHessian
      case "non-backtracking": rule = .nonBacktracking
      case "ecv": rule = .edgeCrossValidation
      default:
        guard argument.hasPrefix("depth:"), let depth = Int(argument.dropFirst(6)), depth >= 0 else { return nil }
        rule = .depth(depth)
      }
    }
  }

  @Option(help: "How a group is split (default: spectral).")
  var split: TopDownOptions.Split?

  @Option(
    help: ArgumentHelp(
      "When a group stays whole: bethe-hessian, non-backtracking, ecv (edge cross-validation) or depth:N (default: "
        + "bethe-hessian).", valueName: "rule"))
  var stop: Stop?

  @Option(help: ArgumentHelp("Groups below twice this size stay whole (default: 10).", valueName: "n"))
  var minSize: Int?

  /// Refuses the flags for other methods; fills in the defaults for this one.
  mutating func settle(isUsed: Bool) throws {
    let given: KeyValuePairs = ["--split": split != nil, "--stop": stop != nil, "--min-size": minSize != nil]
    for (flag, isGiven) in given where isGiven && !isUsed {
      throw ValidationError("'\(flag)' is for '--method top-down'.")
    }
    guard isUsed else { return }
    let usual = TopDownOptions()
    split = split ?? usual.split
    stop = stop ?? Stop(argument: "bethe-hessian")
    minSize = minSize ?? usual.minimumSize
  }

  var options: TopDownOptions {
    var options = TopDownOptions()
    options.split = split ?? options.split
    options.stopping = stop?.rule ?? options.stopping
    options.minimumSize = minSize ?? options.minimumSize
    return options
  }
}

/// What only the methods read that go up level by level.
struct LevelFlags: ParsableArguments {
  @Option(help: ArgumentHelp("Larger makes more groups (default: 1); for cpm a density.", valueName: "gamma"))
  var resolution: Double?

  @Option(
    help: "What is maximized: modularity, that of arcs, or that of two sides; Leiden also the Potts models cpm and rb.")
  var quality: PartitionQuality?

  @Option(help: ArgumentHelp("Times that Leiden goes through all levels (default: 2).", valueName: "n"))
  var iterations: Int?

  /// Refuses the flags for other methods; fills in the defaults for this one.
  mutating func settle(_ method: CommunityMethod, _ direction: DirectionPolicy) throws {
    if iterations != nil, method != .leiden { throw ValidationError("'--iterations' is for '--method leiden'.") }
    guard method == .leiden || method == .louvain else {
      let given: KeyValuePairs = ["--resolution": resolution != nil, "--quality": quality != nil]
      for (flag, isGiven) in given where isGiven {
        throw ValidationError("'\(flag)' is for '--method leiden' and 'louvain'.")
      }
      return
    }
    if quality == .directedModularity, direction != .union {
      throw ValidationError("'--direction' makes edges of arcs: it does not go with '--quality directed-modularity'.")
    }
    if let quality, method == .louvain, quality == .cpm || quality == .rb {
      throw ValidationError("'--quality \(quality.rawValue)' is for '--method leiden'.")
    }
    let usual = LeidenOptions()
    resolution = resolution ?? usual.resolution
    quality = quality ?? usual.quality
    guard method == .leiden else { return }
    iterations = iterations ?? usual.iterations
  }

  var louvain: LouvainOptions {
    var options = LouvainOptions()
    options.resolution = resolution ?? options.resolution
    options.quality = quality ?? options.quality
    return options
  }

  var leiden: LeidenOptions {
    var options = LeidenOptions()
    options.resolution = resolution ?? options.resolution
    options.quality = quality ?? options.quality
    options.iterations = iterations ?? options.iterations
    return options
  }
}
