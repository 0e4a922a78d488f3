import ArgumentParser
import GraphKernels
import MillRuntime

/// How much of a graph: a number, or a share with a percent sign or a decimal point.
enum Amount: ExpressibleByArgument, Equatable, CustomStringConvertible {
  case count(Int)
  case share(Double)

  init?(argument: String) {
    if argument.contains(where: { $0 == "%" || $0 == "." }), let share = Share(argument: argument) {
      self = .share(share.value)
    } else if let count = Count(argument: argument) {
      self = .count(count.value)
    } else {
      return nil
    }
  }

  var description: String {
    switch self {
    case .count(let count): String(count)
    case .share(let share): String(share)
    }
  }

  /// The library's amount.
  var amount: GraphSampleOptions.Amount {
    switch self {
    case .count(let count): .count(count)
    case .share(let share): .share(share)
    }
  }
}

/// The flags of `transform` that take a part of a graph.
struct SubgraphFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp("Keep the nodes that a file names, one a line (or the first column).", valueName: "file"),
    completion: .file())
  var subgraph: String?

  @Option(help: ArgumentHelp("Keep the nodes near this one, by its name; can be given again.", valueName: "node"))
  var ego: [String] = []

  @Option(help: ArgumentHelp("--ego: steps at most (default: 1).", valueName: "n"))
  var hops: Int?

  @Option(help: "--ego: which way arcs of a directed graph are followed (default: out).")
  var direction: DegreeDirection?

  @Option(help: ArgumentHelp("Keep the k-core: nodes with at least k neighbors among those kept.", valueName: "k"))
  var core: Int?

  @Option(help: "Keep a random part: nodes and what joins them, edges and their ends, or what a forest fire reaches.")
  var sample: GraphSampleOptions.Method?

  @Option(help: ArgumentHelp("--sample: how many nodes or edges, or which share: 5000, 10k, 10%.", valueName: "n"))
  var size: Amount?

  @Option(help: ArgumentHelp("--sample forest-fire: chance of one more neighbor (default: 0.7).", valueName: "p"))
  var burning: Double?

  @Option(
    help: ArgumentHelp(
      "--sample forest-fire: the same against arcs, over that along them (default: 0).", valueName: "x")
  )
  var backward: Double?

  /// Whether a part is asked for.
  var isGiven: Bool { subgraph != nil || !ego.isEmpty || core != nil || sample != nil }

  func validate() throws {
    if hops != nil || direction != nil, ego.isEmpty {
      throw ValidationError("'--hops' and '--direction' go with '--ego <node>'.")
    }
    if (sample == nil) != (size == nil) { throw ValidationError("'--sample' and '--size' go together.") }
    if burning != nil || backward != nil, sample != .forestFire {
      throw ValidationError("'--burning' and '--backward' go with '--sample forest-fire'.")
    }
  }

  /// The settings of the sample.
  func sampleOptions(seed: UInt64) -> GraphSampleOptions? {
    guard let sample, let size else { return nil }
    return GraphSampleOptions(
      sample, size.amount, burning: burning ?? 0.7, backwardRatio: backward ?? 0, seed: seed)
  }
}
