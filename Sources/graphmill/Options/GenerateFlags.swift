import ArgumentParser

/// The numbers of nodes along the directions of a grid: `100`, `30x40`, `8x8x8`.
struct GridLengths: ExpressibleByArgument, Equatable, CustomStringConvertible {
  let values: [Int]

  init?(argument: String) {
    let parts = argument.split(separator: "x", omittingEmptySubsequences: false).map { Count(argument: String($0)) }
    let values = parts.compactMap { $0?.value }
    guard values.count == parts.count, values.allSatisfy({ $0 > 0 }) else { return nil }
    self.values = values
  }

  var description: String { values.map(String.init).joined(separator: "x") }
}

/// A square matrix: rows behind semicolons, numbers behind commas.
struct Matrix: ExpressibleByArgument, Equatable, CustomStringConvertible {
  let rows: [[Double]]

  init?(argument: String) {
    var rows: [[Double]] = []
    for row in argument.split(separator: ";", omittingEmptySubsequences: false) {
      let numbers = row.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
      guard !numbers.contains(nil) else { return nil }
      rows.append(numbers.compactMap { $0 })
    }
    guard rows.allSatisfy({ $0.count == rows.count }) else { return nil }
    self.rows = rows
  }

  var description: String { rows.map { $0.map { "\($0)" }.joined(separator: ",") }.joined(separator: ";") }
}

/// The flags that single kinds of `generate` have.
struct GenerateFlags: ParsableArguments {
  @Option(help: ArgumentHelp("Levels: hsbm, below the root (default: 3); kronecker (14).", valueName: "d"))
  var depth: Int?

  @Option(help: ArgumentHelp("Groups of sbm, children of each group of hsbm (default: 2).", valueName: "k"))
  var branching: Int?

  @Option(
    help: ArgumentHelp("Chance of an edge one level up, over that below (default: 0.3); sbm, hsbm.", valueName: "x"))
  var ratio: Share?

  @Option(
    help: ArgumentHelp("Also write the groups of each node (.tsv); sbm, hsbm, lfr.", valueName: "file"),
    completion: .file())
  var labels: String?

  @Option(help: ArgumentHelp("ws: chance that an edge gets another end (default: 0.1).", valueName: "p"))
  var rewire: Share?

  @Option(help: ArgumentHelp("grid: nodes along each direction: 30x40, 8x8x8.", valueName: "lengths"))
  var lengths: GridLengths?

  @Flag(help: "grid, geometric: without a rim, the last joined to the first.")
  var periodic = false

  @Option(help: ArgumentHelp("geometric: how near nodes are joined, instead of --degree.", valueName: "x"))
  var radius: Double?

  @Option(
    help: ArgumentHelp("geometric: also write where the nodes are, .tsv or .csv.", valueName: "file"),
    completion: .file())
  var positions: String?

  @Option(help: ArgumentHelp("config, lfr: how fast large degrees become rare (default: 2.5; lfr 2).", valueName: "x"))
  var exponent: Double?

  @Option(
    help: ArgumentHelp(
      "config, lfr: the largest degree (default: root of nodes times mean degree; lfr 50).", valueName: "k"))
  var maxDegree: Count?

  @Option(help: ArgumentHelp("lfr: share of a node's edges that leave its community (default: 0.1).", valueName: "x"))
  var mixing: Share?

  @Option(help: ArgumentHelp("lfr: the smallest community (default: 10).", valueName: "n"))
  var minCommunity: Count?

  @Option(help: ArgumentHelp("lfr: the largest community (default: 50).", valueName: "n"))
  var maxCommunity: Count?

  @Option(help: ArgumentHelp("lfr: how fast large communities become rare (default: 1).", valueName: "x"))
  var communityExponent: Double?

  @Option(
    help: ArgumentHelp(
      "kronecker: rows behind semicolons (default: '0.987,0.571;0.571,0.049').", valueName: "matrix"))
  var initiator: Matrix?

  /// Refuses a flag of another kind.
  func check(for kind: Generate.Kind, nodes: Count?, edges: Count?, degree: Count?, directed: Bool) throws {
    let uses: [(isGiven: Bool, flag: String, kinds: [Generate.Kind])] = [
      (nodes != nil, "--nodes", Generate.Kind.allCases.filter { $0 != .grid && $0 != .kronecker }),
      (edges != nil, "--edges", [.rmat, .er, .kronecker]),
      (degree != nil, "--degree", [.ba, .sbm, .hsbm, .ws, .config, .lfr, .geometric]),
      (directed, "--directed", [.rmat, .er, .kronecker]), (depth != nil, "--depth", [.hsbm, .kronecker]),
      (branching != nil, "--branching", [.sbm, .hsbm]), (ratio != nil, "--ratio", [.sbm, .hsbm]),
      (labels != nil, "--labels", [.sbm, .hsbm, .lfr]), (rewire != nil, "--rewire", [.ws]),
      (lengths != nil, "--lengths", [.grid]), (periodic, "--periodic", [.grid, .geometric]),
      (radius != nil, "--radius", [.geometric]), (positions != nil, "--positions", [.geometric]),
      (exponent != nil, "--exponent", [.config, .lfr]), (maxDegree != nil, "--max-degree", [.config, .lfr]),
      (mixing != nil, "--mixing", [.lfr]), (minCommunity != nil, "--min-community", [.lfr]),
      (maxCommunity != nil, "--max-community", [.lfr]),
      (communityExponent != nil, "--community-exponent", [.lfr]), (initiator != nil, "--initiator", [.kronecker]),
    ]
    for use in uses where use.isGiven && !use.kinds.contains(kind) {
      throw ValidationError(
        "'\(use.flag)' is not for '\(kind.rawValue)', but for \(use.kinds.map(\.rawValue).joined(separator: ", ")).")
    }
    if kind == .grid, lengths == nil { throw ValidationError("Please give '--lengths', such as 30x40.") }
    if degree != nil, radius != nil { throw ValidationError("Please give only one of '--degree' and '--radius'.") }
  }
}
