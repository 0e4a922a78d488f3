import ArgumentParser
import Graphmill
import MillRuntime

struct KnnCheck: MillCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Validate an index: checksums, links, reachability.",
    discussion: """
      Of an NSW index also: every list in order, every link there and back. \
      Exit code 1 means no: damaged, or with objects that no search can reach.

      EXAMPLES:
        graphmill knn check base.gmx --json
      """)

  @Argument(help: "The index to check.", completion: .file(extensions: ["gmx"]))
  var index: String

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [index] }

  func execute(_ run: CommandRun) throws -> Outcome {
    let opened: ProximityIndex
    do {
      opened = try run.stage("verify") {
        try ProximityIndex.open(index, mapped: !global.noMmap, verify: .full, context: run.context)
      }
    } catch let error as MillError where error.kind.category == .badData {
      ErrorReport.current.print(error)
      return Outcome(keys: ["valid": false, "unreachable": .null], summary: ["not valid"], isYes: false)
    }
    let unreachable: Int
    let levels: [Int]
    var keys: [String: JSONValue] = [:]
    switch opened {
    case .hnsw(let index): (unreachable, levels) = (index.unreachableCount(), index.levelCounts)
    case .nsw(let index):
      (unreachable, levels) = (index.unreachableCount(), [index.count])
      keys = degreeKeys(index)
    }
    keys["method"] = .string(opened.method.rawValue)
    keys["valid"] = true
    keys["unreachable"] = .integer(unreachable)
    keys["count"] = .integer(opened.count)
    keys["levels"] = .array(levels.map { .integer($0) })
    return Outcome(
      keys: keys, summary: ["valid, \(unreachable) unreachable of \(opened.count)"], isYes: unreachable == 0)
  }
}
