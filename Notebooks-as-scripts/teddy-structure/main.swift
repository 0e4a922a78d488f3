import Glibc
import GraphStore
import MillRuntime

let usage = """
  usage: teddy-structure [--data FILE...] [--seed N] [--draws N] [--threads N] [--out DIR]

    --data FILE...  edge lists, two node numbers a line, separated by a tab; by default two generated graphs
    --seed N        seed of generated graphs and of the random score (42)
    --draws N       draws of the random score, at least 2 (10)
    --threads N     threads; the results do not depend on it
    --out DIR       where results.csv, results.md and run.json go (out/teddy-structure)
  """

/// What the command line asks for.
struct Arguments {
  var files: [String] = []
  var settings = ExperimentSettings()
  var folder = "out/teddy-structure"
  var context = RunContext()

  init(_ words: some Sequence<String>) {
    var rest = Array(words)[...]
    func value(of option: String) -> String {
      guard let value = rest.popFirst() else { fail("\(option) needs a value") }
      return value
    }
    while let option = rest.popFirst() {
      switch option {
      case "--data":
        while let next = rest.first, !next.hasPrefix("--") {
          files.append(next)
          rest.removeFirst()
        }
      case "--seed":
        guard let seed = UInt64(value(of: option)) else { fail("--seed takes a number") }
        settings.seed = seed
      case "--draws":
        guard let draws = Int(value(of: option)), draws >= 2 else { fail("--draws takes a number of at least 2") }
        settings.draws = draws
      case "--threads":
        guard let threads = Int(value(of: option)), threads >= 1 else { fail("--threads takes a number from 1 on") }
        context.threads = threads
      case "--out": folder = value(of: option)
      case "--help", "-h":
        print(usage)
        exit(0)
      default: fail("unknown option \(option)\n\(usage)")
      }
    }
  }
}

func fail(_ message: String, code: Int32 = 64) -> Never {
  let text = Array("teddy-structure: \(message)\n".utf8)
  _ = Glibc.write(STDERR_FILENO, text, text.count)
  exit(code)
}

func save(_ text: String, as path: String) {
  guard let file = fopen(path, "w") else { fail("cannot create \(path)", code: 73) }
  let bytes = Array(text.utf8)
  let written = fwrite(bytes, 1, bytes.count, file)
  if fclose(file) != 0 || written != bytes.count { fail("cannot write \(path)", code: 74) }
}

func createFolder(_ path: String) {
  var made = ""
  for part in path.split(separator: "/", omittingEmptySubsequences: false) {
    made += part + "/"
    if mkdir(made, 0o777) != 0, errno != EEXIST { fail("cannot create \(made)", code: 73) }
  }
}

/// The folder's name for `cora/edges.tsv`, else the file's name without its ending.
func graphName(_ path: String) -> String {
  let parts = path.split(separator: "/")
  let stem = parts.last?.split(separator: ".").first.map(String.init) ?? path
  return stem == "edges" && parts.count > 1 ? String(parts[parts.count - 2]) : stem
}

func run(_ arguments: Arguments) throws {
  var graphs: [ExperimentGraph] = []
  for file in arguments.files {
    let content = try MappedFile(path: file)
    graphs.append(try ExperimentGraph(name: graphName(file), lines: content.bytes, file: file))
    withExtendedLifetime(content) {}
  }
  if graphs.isEmpty { graphs = try ExperimentGraph.generated(seed: arguments.settings.seed) }
  let results = try runExperiment(on: graphs, arguments.settings, context: arguments.context)
  createFolder(arguments.folder)
  save(results.csv, as: arguments.folder + "/results.csv")
  save(results.markdown, as: arguments.folder + "/results.md")
  save(results.record, as: arguments.folder + "/run.json")
  print(results.markdown)
}

do {
  try run(Arguments(CommandLine.arguments.dropFirst()))
} catch {
  let told = (error as? any MillErrorConvertible)?.millError
  fail(told.map { "\($0)" } ?? "\(error)", code: told?.exitCode ?? 70)
}
