import ExperimentSupport

let usage = """
  usage: fat-polygons [--only PARTS] [--trees FILE...] [--seed N] [--quick] [--threads N] [--out DIR]

    --only PARTS     some of weights, depth, guard, roundness, slack, embedding (all)
    --trees FILE...  trees to draw and embed by every method: JSON, Newick, linkage tables, summaries; beside TREE.nwk
                     the weights of its leaves in TREE.weights.tsv, where there are some
    --seed N         seed of random trees and weights (42)
    --quick          small trees
    --threads N      threads; the figures do not depend on it
    --out DIR        where results.md goes (out/fat-polygons)
  """

ExperimentCommand.run("fat-polygons", usage: usage) { command in
  var settings = command.contains("--quick") ? ExperimentSettings.quick : ExperimentSettings()
  var parts = Experiment.parts
  var files: [String] = []
  while let option = command.next() {
    switch option {
    case "--only": parts = command.some(of: Experiment.parts, option)
    case "--trees": files += command.values()
    case "--seed": settings.seed = UInt64(command.number(of: option, least: 0))
    case "--quick": break
    default: command.refuse(option)
    }
  }
  let experiment = Experiment(settings: settings, context: command.context)
  var report: [String] = []
  if files.isEmpty {
    for part in parts {
      let text = try experiment.run(part)
      print(text)
      report.append(text)
    }
  } else {
    let text = try experiment.run(onFiles: files)
    print(text)
    report.append(text)
  }
  try command.write([("results.md", report.joined(separator: "\n"))])
}
