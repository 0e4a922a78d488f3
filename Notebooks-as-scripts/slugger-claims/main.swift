import ExperimentSupport
import GraphFormats
import GraphStore

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

ExperimentCommand.run("slugger-claims", usage: usage) { command in
  var files: [String] = []
  var parts: [ExperimentPart] = []
  var rounds: [Int] = []
  var settings = ExperimentSettings()
  while let option = command.next() {
    switch option {
    case "--data": files += command.values()
    case "--seed": settings.seed = UInt64(command.number(of: option))
    case "--seeds": settings.seeds = command.number(of: option)
    case "--iterations": rounds.append(command.number(of: option))
    case "--scaling-edges": settings.scalingEdges = command.number(of: option)
    default:
      guard let part = ExperimentPart(rawValue: option) else { command.refuse(option) }
      parts.append(part)
    }
  }
  if !parts.isEmpty { settings.parts = parts }
  if !rounds.isEmpty { settings.iterations = rounds }
  if files.isEmpty, settings.parts != [.scaling] { command.fail("no graphs\n\(usage)") }
  let context = command.context
  var graphs: [ExperimentGraph] = []
  for file in files {
    let name = file.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? file
    let graph = try readGraph(file, options: .init(isDirected: false), context: context).graph
    graphs.append(ExperimentGraph(name: name, graph: try graph.simplified(context: context)))
  }
  let results = try runExperiment(on: graphs, settings, context: context)
  try command.write([("results.md", results.markdown)] + results.csv.map { ("\($0.0.rawValue).csv", $0.1) })
  print(results.markdown)
}
