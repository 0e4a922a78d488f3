import ArgumentParser
import GraphFormats
import GraphStore
import GraphSummarization
import MillRuntime

struct Check: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Validate a file, or see whether it holds the same graph as another.",
    discussion: """
      Exit code 1 means no: damaged, or not equal. Without --deep a container is checked for what reading it safely \
      needs; with it, checksums, order, symmetry and all counts too. Text is always read in full, and so are summaries \
      (.gms, which are restored), indexes (.gmx), NumPy arrays (.npy), HDF5 files, whose datasets of ann-benchmarks have \
      to fit each other, vectors, trees and labels. Of a manifest the files that the run wrote are looked at: whether \
      they still are what it wrote. --against takes summaries on both sides: as the graphs that they give back.

      EXAMPLES:
        graphmill check graph.gmg --deep
        graphmill check copy.gmg --against graph.gmg --json
        graphmill check graph.gmg.manifest.json
        graphmill convert graph.gmg - --to el | graphmill check - --against graph.gmg
      """)

  @Argument(help: "The file to check; for graphs '-' is standard input.", completion: .file())
  var input: String

  @Flag(help: "Check everything, checksums included.")
  var deep = false

  @Option(
    help: ArgumentHelp("A graph that must be the same; '-' is standard input.", valueName: "file"),
    completion: .file())
  var against: String?

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [input] + [against].compactMap { $0 } }

  func execute(_ run: CommandRun) throws -> Outcome {
    let graph: CSRGraph
    do {
      let kind = reading.from == nil ? KnownFile(path: input) : .graph
      if kind != .graph, against == nil || kind != .summary {
        if against != nil {
          throw MillError(.badOption, "a \(kind.title) holds no graph to compare", file: input)
        }
        var (outcome, faults) = try FileFigures.check(kind, input, run, isMapped: !global.noMmap)
        outcome.isYes = faults.isEmpty
        outcome.keys["valid"] = .bool(faults.isEmpty)
        outcome.keys["equal"] = .null
        outcome.keys["differences"] = .array(faults.map { .string($0) })
        outcome.summary = faults.isEmpty ? ["valid: \(kind.title)"] : ["not valid:"] + faults.map { "  " + $0 }
        return outcome
      }
      graph = try read(run)
    } catch let error as MillError where error.kind.category == .badData {
      ErrorReport.current.print(error)
      return Outcome(
        keys: ["valid": false, "equal": .null, "differences": [.string(error.description)]],
        summary: ["not valid"], isYes: false)
    }
    guard let against else {
      return Outcome(keys: ["valid": true, "equal": .null, "differences": []], summary: ["valid"])
    }
    let other = try FileKind(path: against) == .summary ? restored(against, run) : run.readGraph(against, reading).graph
    let found = try run.stage("compare") { try describe(differences(between: graph, and: other)) }
    return Outcome(
      keys: [
        "valid": true, "equal": .bool(found.isEmpty), "differences": .array(found.map { .string($0) }),
      ],
      summary: found.isEmpty ? ["valid, equal"] : ["valid, not equal:"] + found.map { "  " + $0 },
      isYes: found.isEmpty)
  }

  private func restored(_ path: String, _ run: CommandRun) throws -> CSRGraph {
    let summary = try run.stage("read") { try readSummary(path, context: run.context) }
    return try run.stage("restore", of: path) { try summary.restore(context: run.context) }
  }

  private func read(_ run: CommandRun) throws -> CSRGraph {
    if FileKind(path: input) == .summary { return try restored(input, run) }
    let result = try run.readGraph(input, reading)
    guard deep else { return result.graph }
    try run.stage("deep check") {
      if result.report.format == .gmg, result.report.compression == .none, fileSize(input) != nil {
        try checkDeep(input, mapped: !global.noMmap, context: run.context)
      } else {
        do throws(MillError) {
          try checkDeep(result.graph, context: run.context)
        } catch {
          throw error.inFile(input)
        }
      }
    }
    return result.graph
  }

  /// The differences in words; empty for equal graphs.
  private func describe(_ found: GraphDifferences) -> [String] {
    var lines: [String] = []
    func add(_ count: Int, _ what: String) { if count > 0 { lines.append("\(count) \(what)") } }
    if found.directionDiffers { lines.append("only one is directed") }
    if found.weightingDiffers { lines.append("only one is weighted") }
    add(found.nodesOnlyInFirst, "nodes only in the first")
    add(found.nodesOnlyInSecond, "nodes only in the second")
    add(found.edgesOnlyInFirst, "edges only in the first")
    add(found.edgesOnlyInSecond, "edges only in the second")
    add(found.weightDifferences, "edges with different weights")
    for example in found.examples {
      lines.append("\(example.kind.rawValue): \(example.source) \(example.target)")
    }
    return lines
  }
}
