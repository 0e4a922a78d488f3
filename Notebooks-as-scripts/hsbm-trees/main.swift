import ExperimentSupport
import Reporting

let usage = """
  usage: hsbm-trees [--seed N] [--samples N] [--quick] [--only robustness,shapes] [--threads N] [--out DIR]

    --seed N     the first seed (1)
    --samples N  graphs of each ratio (50)
    --quick      five graphs of five ratios
    --only LIST  some of robustness, shapes
    --threads N  threads; the figures do not depend on it
    --out DIR    where results.md, the .csv files and the charts go (out/hsbm-trees)
  """

ExperimentCommand.run("hsbm-trees", usage: usage) { command in
  var settings = command.contains("--quick") ? ExperimentSettings.quick : ExperimentSettings()
  var parts = ["robustness", "shapes"]
  while let option = command.next() {
    switch option {
    case "--seed": settings.seed = UInt64(command.number(of: option))
    case "--samples": settings.samples = command.number(of: option)
    case "--quick": break
    case "--only": parts = command.some(of: parts, option)
    default: command.refuse(option)
    }
  }
  var report: [String] = []
  if parts.contains("robustness") {
    let curves = try robustness(settings, context: command.context)
    print(curves.markdown)
    report.append(curves.markdown)
    try command.write([("robustness.csv", curves.csv)])
    for (stem, chart) in curves.charts { try chart.draw(into: command.folder, stem: stem) }
  }
  if parts.contains("shapes") {
    let shapes = try multifurcation(settings, context: command.context)
    print(shapes.markdown)
    report.append(shapes.markdown)
    try command.write([("multifurcation.csv", shapes.csv)])
  }
  try command.write([("results.md", report.joined(separator: "\n"))])
}
