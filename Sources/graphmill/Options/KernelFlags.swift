import ArgumentParser
import GraphKernels
import MillRuntime

/// The flags that single kernels of `stats` have.
struct KernelFlags: ParsableArguments {
  @Option(help: ArgumentHelp("paths: the node whose path from --source is told, by its name.", valueName: "node"))
  var target: String?

  @Option(help: ArgumentHelp("near: steps at most (default: 1).", valueName: "n"))
  var hops: Int?

  @Option(help: "near: which way arcs of a directed graph are followed (default: out).")
  var direction: DegreeDirection?

  @Option(
    help: ArgumentHelp("betweenness, closeness: nodes to draw instead of taking all, which is exact.", valueName: "n"))
  var sample: Count?

  @Flag(help: "betweenness: divide by the number of pairs.")
  var normalized = false

  @Flag(help: "closeness: multiply by the share of nodes that are reached.")
  var scaleByReach = false

  @Flag(help: "forest: of greatest weight instead of least.")
  var maximum = false

  @Option(help: ArgumentHelp("walks: walks from each node (default: 10).", valueName: "n"))
  var walks: Count?

  @Option(help: ArgumentHelp("walks: nodes of a walk (default: 80).", valueName: "n"))
  var length: Count?

  @Option(name: .customLong("return"), help: ArgumentHelp("walks: node2vec's p (default: 1).", valueName: "p"))
  var returnParameter: Double?

  @Option(name: .customLong("in-out"), help: ArgumentHelp("walks: node2vec's q (default: 1).", valueName: "q"))
  var inOutParameter: Double?

  @Option(
    help: ArgumentHelp(
      "hyperball: 2^n bytes a node, 4 to 16 (default: 7); the more, the less error.", valueName: "n"))
  var registerBits: Int?

  /// Refuses a flag of another kernel.
  func check(for kernel: Stats.Kernel) throws {
    let uses: [(isGiven: Bool, flag: String, kernels: [Stats.Kernel])] = [
      (target != nil, "--target", [.paths]), (hops != nil, "--hops", [.near]),
      (direction != nil, "--direction", [.near]), (sample != nil, "--sample", [.betweenness, .closeness]),
      (normalized, "--normalized", [.betweenness]), (scaleByReach, "--scale-by-reach", [.closeness]),
      (maximum, "--maximum", [.forest]),
      (walks != nil, "--walks", [.walks]), (length != nil, "--length", [.walks]),
      (returnParameter != nil, "--return", [.walks]), (inOutParameter != nil, "--in-out", [.walks]),
      (registerBits != nil, "--register-bits", [.hyperball]),
    ]
    for use in uses where use.isGiven && !use.kernels.contains(kernel) {
      let words = use.kernels.map { "'\($0.rawValue)'" }
      let form = words.count == 1 ? "the kernel \(words[0])" : "the kernels \(words.joined(separator: " and "))"
      throw ValidationError("'\(use.flag)' is for \(form) only.")
    }
  }
}
