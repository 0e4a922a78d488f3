import Glibc
import GraphStore
import MillRuntime
import Reporting

let usage = """
  usage: hsbm-phases [--seed N] [--seeds N] [--quick] [--only sweep,shapes,diagrams] [--threads N] [--out DIR]

    --seed N     the first seed (1)
    --seeds N    graphs of each cell (5)
    --quick      two seeds and coarse diagrams
    --only LIST  some of sweep, shapes, diagrams
    --threads N  threads; the figures do not depend on it
    --out DIR    where results.md, the .csv files and the drawings go (out/hsbm-phases)
  """

func fail(_ message: String, code: Int32 = 64) -> Never {
  let text = Array("hsbm-phases: \(message)\n".utf8)
  _ = Glibc.write(STDERR_FILENO, text, text.count)
  exit(code)
}

/// A number with a fixed number of decimals.
func decimal(_ value: Double, _ places: Int) -> String { NumberText.fixed(value, decimals: places) }

/// A number with its sign and two decimals.
func signed(_ value: Double, plus: String = "+") -> String { (value >= 0 ? plus : "") + decimal(value, 2) }

/// Numbers with two decimals, 1 and 0 short.
func list(_ values: [Double]) -> String {
  values.map { $0 >= 0.995 && $0 <= 1 ? "1" : decimal($0, 2) }.joined(separator: " ")
}

func main(_ words: [String]) throws {
  var settings = ExperimentSettings()
  var folder = "out/hsbm-phases"
  var parts = ["sweep", "shapes", "diagrams"]
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
  if words.contains("--quick") { settings = .quick }
  while let option = rest.popFirst() {
    switch option {
    case "--seed": settings.seed = UInt64(number(of: option))
    case "--seeds": settings.seeds = number(of: option)
    case "--quick": break
    case "--only":
      let asked = value(of: option).split(separator: ",").map(String.init)
      guard asked.allSatisfy(parts.contains) else { fail("--only takes some of \(parts.joined(separator: ", "))") }
      parts = asked
    case "--threads": context.threads = number(of: option)
    case "--out": folder = value(of: option)
    case "--help", "-h":
      print(usage)
      exit(0)
    default: fail("unknown option \(option)\n\(usage)")
    }
  }
  try WholeFile.createFolder(folder)
  var report: [String] = []
  if parts.contains("sweep") {
    let result = try SweepResult(settings, context: context)
    try WholeFile.write(result.csv, to: folder + "/sweep.csv")
    report.append(result.markdown(settings))
    print(report.last!)
  }
  if parts.contains("shapes") {
    let table = try shapesTable(settings, context: context)
    try WholeFile.write(table.csv, to: folder + "/shapes.csv")
    report.append(table.markdown)
    print(report.last!)
  }
  if parts.contains("diagrams") {
    let drawn = try phaseDiagrams(settings, context: context)
    try WholeFile.write(drawn.csv, to: folder + "/diagrams.csv")
    for (stem, diagram) in drawn.diagrams { try WholeFile.write(diagram.svg, to: folder + "/\(stem).svg") }
    report.append("## Diagrams\n\n" + drawn.diagrams.map { "- \($0.stem).svg: \($0.diagram.title)\n" }.joined())
    print(report.last!)
  }
  try WholeFile.write(report.joined(separator: "\n"), to: folder + "/results.md")
}

do {
  try main(Array(CommandLine.arguments.dropFirst()))
} catch {
  let told = (error as? any MillErrorConvertible)?.millError
  fail(told.map { "\($0)" } ?? "\(error)", code: told?.exitCode ?? 70)
}
