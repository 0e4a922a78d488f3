import Glibc
import MillRuntime

let usage = """
  usage: communities-real --data DIR... [--seed N] [--seeds N] [--threads N] [--out DIR]

    --data DIR...  folders with edges.tsv and labels.tsv (`node TAB label`); DIR:2 takes the second label column,
                   DIR:-LABEL leaves the nodes of that label out
    --seed N       the first seed (1)
    --seeds N      runs of each method (5)
    --threads N    threads; the figures do not depend on it
    --out DIR      where results.md and results.csv go (out/communities-real)
  """

func fail(_ message: String, code: Int32 = 64) -> Never {
  let text = Array("communities-real: \(message)\n".utf8)
  _ = Glibc.write(STDERR_FILENO, text, text.count)
  exit(code)
}

func run(_ words: [String]) throws {
  var folders: [String] = []
  var folder = "out/communities-real"
  var (seed, seeds) = (1, 5)
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
    case "--data": while let next = rest.first, !next.hasPrefix("--") { folders.append(rest.removeFirst()) }
    case "--seed": seed = number(of: option)
    case "--seeds": seeds = number(of: option)
    case "--threads": context.threads = number(of: option)
    case "--out": folder = value(of: option)
    case "--help", "-h":
      print(usage)
      exit(0)
    default: fail("unknown option \(option)\n\(usage)")
    }
  }
  if folders.isEmpty { fail("no graphs\n\(usage)") }
  let graphs = try folders.map { argument in
    let parts = argument.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return try KnownGraph(argument, context: context) }
    if parts[1].hasPrefix("-") {
      return try KnownGraph(parts[0], without: String(parts[1].dropFirst()), context: context)
    }
    guard let column = Int(parts[1]), column >= 1 else { fail("no such column: \(parts[1])") }
    return try KnownGraph(parts[0], column: column, context: context)
  }
  let results = try realGraphs(graphs, seed: UInt64(seed), seeds: seeds, context: context)
  try WholeFile.createFolder(folder)
  try WholeFile.write(results.markdown, to: folder + "/results.md")
  try WholeFile.write(results.csv, to: folder + "/results.csv")
  print(results.markdown)
}

do {
  try run(Array(CommandLine.arguments.dropFirst()))
} catch {
  let told = (error as? any MillErrorConvertible)?.millError
  fail(told.map { "\($0)" } ?? "\(error)", code: told?.exitCode ?? 70)
}
