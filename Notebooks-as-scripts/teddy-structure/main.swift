import ExperimentSupport
import MillRuntime

let usage = """
  usage: teddy-structure [--data FILE...] [--seed N] [--draws N] [--threads N] [--out DIR]

    --data FILE...  edge lists, two node numbers a line, separated by a tab; by default two generated graphs
    --seed N        seed of generated graphs and of the random score (42)
    --draws N       draws of the random score, at least 2 (10)
    --threads N     threads; the results do not depend on it
    --out DIR       where results.csv, results.md and run.json go (out/teddy-structure)
  """

/// The folder's name for `cora/edges.tsv`, else the file's name without its ending.
func graphName(_ path: String) -> String {
  let parts = path.split(separator: "/")
  let stem = parts.last?.split(separator: ".").first.map(String.init) ?? path
  return stem == "edges" && parts.count > 1 ? String(parts[parts.count - 2]) : stem
}

ExperimentCommand.run("teddy-structure", usage: usage) { command in
  var settings = ExperimentSettings()
  var files: [String] = []
  while let option = command.next() {
    switch option {
    case "--data": files += command.values()
    case "--seed": settings.seed = UInt64(command.number(of: option, least: 0))
    case "--draws": settings.draws = command.number(of: option, least: 2)
    default: command.refuse(option)
    }
  }
  var graphs: [ExperimentGraph] = []
  for file in files {
    let content = try MappedFile(path: file)
    graphs.append(try ExperimentGraph(name: graphName(file), lines: content.bytes, file: file))
    withExtendedLifetime(content) {}
  }
  if graphs.isEmpty { graphs = try ExperimentGraph.generated(seed: settings.seed) }
  let results = try runExperiment(on: graphs, settings, context: command.context)
  try command.write([
    ("results.csv", results.csv), ("results.md", results.markdown), ("run.json", results.record),
  ])
  print(results.markdown)
}
