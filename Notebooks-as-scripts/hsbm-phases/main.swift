import ExperimentSupport
import Reporting

let usage = """
  usage: hsbm-phases [--seed N] [--seeds N] [--quick] [--only sweep,shapes,authors,wholes,diagrams] [--threads N] [--out DIR]

    --seed N     the first seed (1)
    --seeds N    graphs of each cell (5)
    --quick      two seeds and coarse diagrams
    --only LIST  some of sweep, shapes, authors, wholes, diagrams
    --threads N  threads; the figures do not depend on it
    --out DIR    where results.md, the .csv files and the drawings go (out/hsbm-phases)
  """

/// A number with its sign and two decimals.
func signed(_ value: Double, plus: String = "+") -> String { (value >= 0 ? plus : "") + decimal(value, 2) }

/// Numbers with two decimals, 1 and 0 short.
func list(_ values: [Double]) -> String {
  values.map { $0 >= 0.995 && $0 <= 1 ? "1" : decimal($0, 2) }.joined(separator: " ")
}

ExperimentCommand.run("hsbm-phases", usage: usage) { command in
  var settings = command.contains("--quick") ? ExperimentSettings.quick : ExperimentSettings()
  var parts = ["sweep", "shapes", "authors", "wholes", "diagrams"]
  while let option = command.next() {
    switch option {
    case "--seed": settings.seed = UInt64(command.number(of: option))
    case "--seeds": settings.seeds = command.number(of: option)
    case "--quick": break
    case "--only": parts = command.some(of: parts, option)
    default: command.refuse(option)
    }
  }
  var report: [String] = []
  func add(_ name: String, _ csv: String, _ markdown: String) throws {
    try command.write([("\(name).csv", csv)])
    report.append(markdown)
    print(markdown)
  }
  if parts.contains("sweep") {
    let result = try SweepResult(settings, context: command.context)
    try add("sweep", result.csv, result.markdown(settings))
  }
  if parts.contains("shapes") {
    let table = try shapesTable(settings, context: command.context)
    try add("shapes", table.csv, table.markdown)
  }
  if parts.contains("authors") {
    let table = try authorsTable(settings, context: command.context)
    try add("authors", table.csv, table.markdown)
  }
  if parts.contains("wholes") {
    let table = try wholesTable(settings, context: command.context)
    try add("wholes", table.csv, table.markdown)
  }
  if parts.contains("diagrams") {
    let drawn = try phaseDiagrams(settings, context: command.context)
    try command.write(drawn.diagrams.map { ("\($0.stem).svg", $0.diagram.svg) })
    let titles = drawn.diagrams.map { "- \($0.stem).svg: \($0.diagram.title)\n" }
    try add("diagrams", drawn.csv, "## Diagrams\n\n" + titles.joined())
  }
  try command.write([("results.md", report.joined(separator: "\n"))])
}
