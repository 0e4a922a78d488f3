import ArgumentParser
import MillRuntime

/// What a command found out.
struct Outcome {
  /// The figures for `--json` and the manifest.
  var keys: [String: JSONValue]
  /// The same for people, one line each.
  var summary: [String]
  /// False when the question that was asked is answered with no (exit code 1).
  var isYes = true
}

/// A command that the runner surrounds with settings, checks of its outputs, manifest and report.
protocol MillCommand: ParsableCommand {
  var global: GlobalOptions { get }
  /// Files that it reads; `-` is standard input.
  var inputs: [String] { get }
  /// Files that it writes.
  var outputs: [PlannedOutput] { get }
  /// Where the manifest goes by default; nil leaves it beside the first output file.
  var defaultManifest: String? { get }
  /// Whether the seed has a say in the result, so that the summary tells it.
  var usesSeed: Bool { get }
  /// Whether its files get their names together at its end, so that a run that fails or is stopped leaves none.
  var holdsOutputs: Bool { get }
  /// Does the work.
  func execute(_ run: CommandRun) throws -> Outcome
}

extension MillCommand {
  var inputs: [String] { [] }
  var outputs: [PlannedOutput] { [] }
  var defaultManifest: String? { nil }
  var usesSeed: Bool { false }
  var holdsOutputs: Bool { true }
}
