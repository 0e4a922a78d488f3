import ExperimentSupport
import GraphLearning
import MillRuntime

ExperimentCommand.run("ticket-claims", usage: "") { command in
  var options = TrainingOptions()
  var folder = ""
  while let option = command.next() {
    switch option {
    case "--data": folder = command.value(of: option)
    case "--seed": options.seed = UInt64(command.number(of: option, least: 0))
    case "--hidden": options.hidden = command.number(of: option)
    case "--epochs": options.epochs = command.number(of: option)
    case "--model": options.model = GraphModel(rawValue: command.value(of: option))!
    case "--share": options.weightShare = Double(command.value(of: option))!
    default: command.refuse(option)
    }
  }
  let data = try readAttributedGraph(AttributedGraphFiles(folder: folder), context: command.context)
  print(data.nodeCount, data.graph.edgeCount, data.features.columnCount, data.features.entryCount, data.classNames)
  let clock = ContinuousClock()
  let start = clock.now
  let result = try trainNetwork(on: data, options: options, context: command.context)
  let seconds = (clock.now - start) / .seconds(1)
  print(result.best, result.history.last!.loss, result.weightShare, "ms/epoch", seconds / Double(options.epochs) * 1000)
}
