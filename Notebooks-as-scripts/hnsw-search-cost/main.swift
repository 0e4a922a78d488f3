import ExperimentSupport

let usage = """
  usage: hnsw-search-cost [--sizes N,N,...] [--queries N] [--threads N] [--out DIR]

    --sizes N,...   numbers of points (1000,2000,4000,8000,16000,32000)
    --queries N     queries a seed (200)
    --threads N     threads; they change no figure
    --out DIR       where results.csv and results.md go (out/hnsw-search-cost)
  """

ExperimentCommand.run("hnsw-search-cost", usage: usage) { command in
  var settings = ExperimentSettings()
  while let option = command.next() {
    switch option {
    case "--sizes": settings.sizes = command.numbers(of: option)
    case "--queries": settings.queries = command.number(of: option)
    default: command.refuse(option)
    }
  }
  let results = try runExperiment(settings, context: command.context)
  try command.write([("results.csv", results.csv), ("results.md", results.markdown)])
  print(results.markdown, terminator: "")
}
