import Glibc
import GraphFormats
import GraphStore
import MillRuntime

let usage = """
  usage: slugger-claims [table|ablation|scaling|queries|bits]... [--data FILE...] [--seed N] [--seeds N]
                        [--iterations T]... [--scaling-edges M] [--threads N] [--out DIR]

    table            relative sizes by seed, seconds, peak memory
    ablation         one setting changed at a time
    scaling          time by number of edges, with the fitted power; needs no data
    queries          answers and seconds of queries on the summary and on the graph
    bits             bits an edge beside compressed edge lists
                     (all five when none is named)
    --data FILE...   graphs in any format; directions and self-loops are dropped
    --seed N         the first seed (1)
    --seeds N        runs of each setting (3)
    --iterations T   rounds of merging (20); again for another table
    --scaling-edges M  edges drawn for the largest graph of the scaling part (10000000)
    --threads N      threads; sizes do not depend on it
    --out DIR        where results.md and a CSV file a part go (out/slugger-claims)
  """

func fail(_ message: String, code: Int32 = 64) -> Never {
  let text = Array("slugger-claims: \(message)\n".utf8)
  _ = Glibc.write(STDERR_FILENO, text, text.count)
  exit(code)
}

func run(_ words: [String]) throws {
  var files: [String] = []
  var parts: [ExperimentPart] = []
  var rounds: [Int] = []
  var settings = ExperimentSettings()
  var folder = "out/slugger-claims"
  var context = RunContext()
  var rest = words[...]
  func value(of option: String) -> String {
    guard let value = rest.popFirst() else { fail("\(option) needs a value") }
    return value
  }
  func number(of option: String) -> Int {
    guard let number = Int(value(of: option)), number >= 1 else { fail("\(option) takes a number from 1 on") }
    return number
  }
  while let option = rest.popFirst() {
    switch option {
    case "--data": while let next = rest.first, !next.hasPrefix("--") { files.append(rest.removeFirst()) }
    case "--seed": settings.seed = UInt64(number(of: option))
    case "--seeds": settings.seeds = number(of: option)
    case "--iterations": rounds.append(number(of: option))
    case "--scaling-edges": settings.scalingEdges = number(of: option)
    case "--threads": context.threads = number(of: option)
    case "--out": folder = value(of: option)
    case "--help", "-h":
      print(usage)
      exit(0)
    default:
      guard let part = ExperimentPart(rawValue: option) else { fail("unknown option \(option)\n\(usage)") }
      parts.append(part)
    }
  }
  if !parts.isEmpty { settings.parts = parts }
  if !rounds.isEmpty { settings.iterations = rounds }
  if files.isEmpty, settings.parts != [.scaling] { fail("no graphs\n\(usage)") }
  var graphs: [ExperimentGraph] = []
  for file in files {
    let name = file.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? file
    let graph = try readGraph(file, context: context).graph
    graphs.append(ExperimentGraph(name: name, graph: try graph.simplified(context: context).graph))
  }
  let results = try runExperiment(on: graphs, settings, context: context)
  try WholeFile.createFolder(folder)
  try WholeFile.write(results.markdown, to: folder + "/results.md")
  for (part, text) in results.csv { try WholeFile.write(text, to: folder + "/\(part.rawValue).csv") }
  print(results.markdown)
}

do {
  try run(Array(CommandLine.arguments.dropFirst()))
} catch {
  let told = (error as? any MillErrorConvertible)?.millError
  fail(told.map { "\($0)" } ?? "\(error)", code: told?.exitCode ?? 70)
}
