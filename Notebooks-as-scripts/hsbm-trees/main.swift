import Glibc
import MillRuntime
import Reporting

let usage = """
  usage: hsbm-trees [--seed N] [--samples N] [--quick] [--threads N] [--out DIR]

    --seed N     the first seed (1)
    --samples N  graphs of each ratio (50)
    --quick      five graphs of five ratios
    --threads N  threads; the figures do not depend on it
    --out DIR    where results.md, the .csv files and the chart go (out/hsbm-trees)
  """

func fail(_ message: String, code: Int32 = 64) -> Never {
  let text = Array("hsbm-trees: \(message)\n".utf8)
  _ = Glibc.write(STDERR_FILENO, text, text.count)
  exit(code)
}

func main(_ words: [String]) throws {
  var settings = words.contains("--quick") ? ExperimentSettings.quick : ExperimentSettings()
  var folder = "out/hsbm-trees"
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
  while let option = rest.popFirst() {
    switch option {
    case "--seed": settings.seed = UInt64(number(of: option))
    case "--samples": settings.samples = number(of: option)
    case "--quick": break
    case "--threads": context.threads = number(of: option)
    case "--out": folder = value(of: option)
    case "--help", "-h":
      print(usage)
      exit(0)
    default: fail("unknown option \(option)\n\(usage)")
    }
  }
  let curves = try robustness(settings, context: context)
  print(curves.markdown)
  let shapes = try multifurcation(settings, context: context)
  print(shapes.markdown)
  try WholeFile.createFolder(folder)
  try WholeFile.write(curves.markdown + "\n" + shapes.markdown, to: folder + "/results.md")
  try WholeFile.write(curves.csv, to: folder + "/robustness.csv")
  try WholeFile.write(shapes.csv, to: folder + "/multifurcation.csv")
  _ = try curves.chart.draw(into: folder, stem: "robustness-chart")
}

do {
  try main(Array(CommandLine.arguments.dropFirst()))
} catch {
  let told = (error as? any MillErrorConvertible)?.millError
  fail(told.map { "\($0)" } ?? "\(error)", code: told?.exitCode ?? 70)
}
