import ArgumentParser
import MillRuntime
struct Demo: MillCommand {
  static let configuration = CommandConfiguration(abstract: "x")
  @OptionGroup(title: "Global options")
  var global: GlobalOptions
  func execute(_ run: CommandRun) throws -> Outcome { Outcome(keys: [:], summary: []) }
}
