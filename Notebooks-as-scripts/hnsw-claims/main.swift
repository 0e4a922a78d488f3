import Glibc
import MillRuntime

let usage = """
  usage: hnsw-claims [--only levels,choice,links,build,curve,spaces,threads] [--quick] [--data DIR] [--seeds N]
                     [--threads N] [--out DIR]
    --only NAMES    some of the experiments (all)
    --quick         small inputs
    --data DIR      vector sets and words; generated data, and WordNet where it is installed, without
    --seeds N       seeds of data and graphs (3)
    --threads N     threads; they change no figure but times
    --out DIR       where tables, CSV and figures go (out/hnsw-claims)
  """

func fail(_ message: String) -> Never {
  print(message)
  exit(64)
}

var settings = ClaimSettings()
var folder = "out/hnsw-claims"
var names: Set<String> = []
var rest = CommandLine.arguments.dropFirst()
@MainActor func value(_ flag: String) -> String {
  guard let value = rest.popFirst() else { fail("\(flag) needs a value\n\(usage)") }
  return value
}
@MainActor func number(_ flag: String) -> Int {
  guard let number = Int(value(flag)), number >= 1 else { fail("\(flag) takes a number from 1 on") }
  return number
}
while let flag = rest.popFirst() {
  switch flag {
  case "--only": names = Set(value(flag).split(separator: ",").map(String.init))
  case "--quick": settings.isQuick = true
  case "--data": settings.data = value(flag)
  case "--seeds": settings.seeds = (1...UInt64(number(flag))).map { $0 }
  case "--threads": settings.context.threads = number(flag)
  case "--out": folder = value(flag)
  default: fail(usage)
  }
}
if let unknown = names.first(where: { name in !Claim.all.contains { $0.stem == name } }) {
  fail("no experiment is called \(unknown)\n\(usage)")
}
if settings.isQuick { settings.queries = 40 }
try WholeFile.createFolder(folder)
var report = ""
for claim in Claim.all where names.isEmpty || names.contains(claim.stem) {
  let answer = try claim.run(settings)
  try WholeFile.write(answer.csv, to: "\(folder)/\(answer.stem).csv")
  _ = try answer.chart.draw(into: folder + "/figures", stem: answer.stem)
  print(answer.markdown, terminator: "")
  report += answer.markdown
}
try WholeFile.write(report, to: folder + "/results.md")
