import ExperimentSupport
import Reporting

let usage = """
  usage: hsbm-trees [--seed N] [--samples N] [--quick] [--threads N] [--out DIR]

    --seed N     the first seed (1)
    --samples N  graphs of each ratio (50)
    --quick      five graphs of five ratios
    --threads N  threads; the figures do not depend on it
    --out DIR    where results.md, the .csv files and the chart go (out/hsbm-trees)
  """

ExperimentCommand.run("hsbm-trees", usage: usage) { command in
  var settings = command.contains("--quick") ? ExperimentSettings.quick : ExperimentSettings()
  while let option = command.next() {
    switch option {
    case "--seed": settings.seed = UInt64(command.number(of: option))
    case "--samples": settings.samples = command.number(of: option)
    case "--quick": break
    default: command.refuse(option)
    }
  }
  let curves = try robustness(settings, context: command.context)
  print(curves.markdown)
  let shapes = try multifurcation(settings, context: command.context)
  print(shapes.markdown)
  try command.write([
    ("results.md", curves.markdown + "\n" + shapes.markdown), ("robustness.csv", curves.csv),
    ("multifurcation.csv", shapes.csv),
  ])
  _ = try curves.chart.draw(into: command.folder, stem: "robustness-chart")
}
