import ExperimentSupport
import GraphLearning
import MillRuntime

let usage = """
  usage: ticket-claims [--data DIR...] [--parts LIST] [--model M] [--hidden N] [--heads N] [--epochs N] [--rounds LIST]
                       [--seeds LIST] [--timing] [--large N] [--threads N] [--out DIR]

    --data DIR...   folders with edges, features, labels and splits; by default a synthetic graph
    --parts LIST    some of edges, whole, halves, rival (all)
    --model M       gcn, gin, gat or sage (gcn)
    --hidden N      hidden columns (512; of gat, columns of a head)
    --heads N       heads of gat (8)
    --epochs N      epochs (200)
    --rounds LIST   rounds i, which remove 1 - 0.95^i of the edges and 1 - 0.9^i of the weights (2,5,9,20)
    --seeds LIST    seeds (1,2,3,4,5)
    --timing        no experiment: time and memory of training the dense network, and of
                    predicting with a ticket
    --large N       the graph is a synthetic one of N nodes, 10 N edges and 128 numbers a node
    --threads N     threads; the figures do not depend on it
    --out DIR       where results.md and results.csv go (out/ticket-claims)
  """

/// The last part of a path.
func folderName(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

ExperimentCommand.run("ticket-claims", usage: usage) { command in
  var settings = ExperimentSettings()
  var folders: [String] = []
  var isTiming = false
  var large: Int?
  while let option = command.next() {
    switch option {
    case "--data": folders += command.values()
    case "--parts":
      let known = ExperimentSettings.Part.allCases.map(\.rawValue)
      settings.parts = command.some(of: known, option).compactMap(ExperimentSettings.Part.init)
    case "--model":
      let word = command.value(of: option)
      guard let model = GraphModel(rawValue: word) else { command.fail("unknown network \(word)") }
      settings.training.model = model
    case "--hidden": settings.training.hidden = command.number(of: option)
    case "--heads": settings.training.heads = command.number(of: option)
    case "--epochs": settings.training.epochs = command.number(of: option)
    case "--rounds": settings.rounds = command.numbers(of: option)
    case "--seeds": settings.seeds = command.numbers(of: option, least: 0).map(UInt64.init)
    case "--timing": isTiming = true
    case "--large": large = command.number(of: option, least: 4000)
    default: command.refuse(option)
    }
  }
  var graphs: [NamedData] = []
  for folder in folders {
    let data = try readAttributedGraph(AttributedGraphFiles(folder: folder), context: command.context)
    graphs.append(NamedData(name: folderName(folder), data: data))
  }
  if let large { graphs.append(try largeGraph(nodes: large, context: command.context)) }
  if graphs.isEmpty {
    graphs = [NamedData(name: "synthetic", data: try syntheticAttributedGraph(context: command.context))]
  }
  if isTiming {
    for graph in graphs {
      print(try timing(of: graph, settings.training, context: command.context), terminator: "")
      let more =
        large == nil
        ? try inference(of: graph, settings.training, context: command.context)
        : try twoProducts(of: graph, columns: settings.training.hidden, context: command.context)
      print(more, terminator: "")
    }
    return
  }
  let results = try runExperiment(on: graphs, settings, context: command.context)
  try command.write([("results.md", results.markdown), ("results.csv", results.csv)])
  print(results.markdown)
}
