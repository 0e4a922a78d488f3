import ArgumentParser
import Graphmill
import MillRuntime

struct KnnCheck: MillCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Validate an index: checksums, links, reachability.",
    discussion: """
      Exit code 1 means no: damaged, or with objects that no search can reach.

      EXAMPLES:
        graphmill knn check base.gmx --json
      """)

  @Argument(help: "The index to check.")
  var index: String

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [index] }

  func execute(_ run: CommandRun) throws -> Outcome {
    let opened: HNSWIndex
    do {
      opened = try run.stage("verify") {
        try HNSWIndex.open(index, mapped: !global.noMmap, verify: .full, context: run.context)
      }
    } catch let error as MillError where error.kind.category == .badData {
      ErrorReport.current.print(error)
      return Outcome(keys: ["valid": false, "unreachable": .null], summary: ["not valid"], isYes: false)
    }
    let unreachable = opened.unreachableCount()
    return Outcome(
      keys: [
        "valid": true, "unreachable": .integer(unreachable), "count": .integer(opened.count),
        "levels": .array(opened.levelCounts.map { .integer($0) }),
      ],
      summary: ["valid, \(unreachable) unreachable of \(opened.count)"], isYes: unreachable == 0)
  }
}
