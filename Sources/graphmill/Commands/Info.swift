import ArgumentParser
import GraphKernels
import GraphStore
import MillRuntime
import Reporting

struct Info: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell what a file holds.",
    discussion: """
      Graphs in all formats; summaries (.gms), indexes (.gmx), NumPy arrays (.npy) and HDF5 files, known by their first \
      bytes; vectors, trees (.nwk), tables of labels, and manifests of runs (.manifest.json).

      EXAMPLES:
        graphmill info graph.gmg
        graphmill info graph.gmg --json | jq .edges
        graphmill info edges.txt --degree-histogram
        graphmill info graph.gms
      """)

  @Argument(help: "The file to read; for graphs '-' is standard input.", completion: .file())
  var input: String

  @Flag(help: "Also give the graph's SHA-256, and a sum over its edges that can be made in parts.")
  var hash = false

  @Flag(help: "Also give the number of nodes of each degree.")
  var degreeHistogram = false

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [input] }

  func execute(_ run: CommandRun) throws -> Outcome {
    let kind = reading.from == nil ? KnownFile(path: input) : .graph
    if kind == .graph { return try graph(run) }
    if hash || degreeHistogram {
      throw MillError(
        .badOption, "'--hash' and '--degree-histogram' are for graphs, this is a \(kind.title)", file: input)
    }
    return try FileFigures.of(kind, input, run, isMapped: !global.noMmap)
  }

  private func graph(_ run: CommandRun) throws -> Outcome {
    let reading = try run.readStoredGraph(input, reading)
    let graph = reading.graph
    var outcome = try run.graphFigures(graph, reading.report, fingerprint: graph.fingerprint(context: run.context))
    let degrees = try degreeStatistics(of: graph, context: run.context).degrees
    outcome.keys["format"] = .string(reading.report.format.rawValue)
    outcome.keys["min_degree"] = .integer(degrees.minimum)
    outcome.keys["max_degree"] = .integer(degrees.maximum)
    outcome.keys["mean_degree"] = .number(degrees.mean)
    outcome.keys["bytes"] = fileSize(input).map { .integer($0) } ?? .null
    outcome.summary.insert(
      "degrees \(degrees.minimum) to \(degrees.maximum), mean \(NumberText.fixed(degrees.mean, decimals: 3))", at: 1)
    outcome.summary.insert(
      "format \(reading.report.format.rawValue)" + (fileSize(input).map { ", \(ByteSize.text($0))" } ?? ""), at: 0)
    outcome.describeInput(reading.report)
    if reading.report.format == .gmg, reading.report.compression == .none, fileSize(input) != nil {
      let container = try containerInfo(input)
      outcome.keys["codec"] = .string(container.codec)
      outcome.keys["bits_per_edge"] = .number(container.bitsPerEdge)
      outcome.summary.insert(
        "codec \(container.codec), \(NumberText.fixed(container.bitsPerEdge, decimals: 2)) bits an edge", at: 1)
    }
    if hash {
      let sha = graph.sha256(context: run.context)
      outcome.keys["sha256"] = .string(sha)
      outcome.summary.append("sha256 \(sha)")
      let sum = try graph.expanded(context: run.context).edgeSum.map { hexadecimal($0) }
      outcome.keys["edge_sum"] = JSONValue(sum)
      if let sum { outcome.summary.append("edge sum \(sum)") }
    }
    if degreeHistogram {
      outcome.keys["degree_histogram"] = .array(
        degrees.histogram.map { ["degree": .integer($0.degree), "nodes": .integer($0.nodes)] })
      outcome.summary += degrees.histogram.map { "\($0.degree)\t\($0.nodes)" }
    }
    return outcome
  }

  /// Sixteen digits.
  private func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
