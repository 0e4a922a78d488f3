import Glibc
import MillRuntime

let usage = """
  usage: hnsw-search-cost [--sizes N,N,...] [--queries N] [--threads N] [--out DIR]
    --sizes N,...   numbers of points (1000,2000,4000,8000,16000,32000)
    --queries N     queries a seed (200)
    --threads N     threads; they change no figure
    --out DIR       where results.csv and results.md go (out/hnsw-search-cost)
  """

var settings = ExperimentSettings()
var folder = "out/hnsw-search-cost"
var context = RunContext()
var arguments = Array(CommandLine.arguments.dropFirst())
while let flag = arguments.first {
  guard arguments.count >= 2 else { fail() }
  let value = arguments[1]
  switch flag {
  case "--sizes":
    settings.sizes = value.split(separator: ",").compactMap { Int($0) }.filter { $0 > 0 }
    if settings.sizes.isEmpty { fail() }
  case "--queries":
    guard let count = Int(value), count > 0 else { fail() }
    settings.queries = count
  case "--threads":
    guard let count = Int(value), count > 0 else { fail() }
    context.threads = count
  case "--out": folder = value
  default: fail()
  }
  arguments.removeFirst(2)
}
let results = try runExperiment(settings, context: context)
try WholeFile.createFolder(folder)
try WholeFile.write(results.csv, to: folder + "/results.csv")
try WholeFile.write(results.markdown, to: folder + "/results.md")
print(results.markdown, terminator: "")

func fail() -> Never {
  print(usage)
  exit(64)
}
