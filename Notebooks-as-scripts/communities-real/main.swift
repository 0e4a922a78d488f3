import ExperimentSupport

let usage = """
  usage: communities-real --data DIR... [--seed N] [--seeds N] [--threads N] [--out DIR]

    --data DIR...  folders with edges.tsv and labels.tsv (`node TAB label`); DIR:2 takes the second label column,
                   DIR:-LABEL leaves the nodes of that label out
    --seed N       the first seed (1)
    --seeds N      runs of each method (5)
    --threads N    threads; the figures do not depend on it
    --out DIR      where results.md and results.csv go (out/communities-real)
  """

ExperimentCommand.run("communities-real", usage: usage) { command in
  var folders: [String] = []
  var (seed, seeds) = (1, 5)
  while let option = command.next() {
    switch option {
    case "--data": folders += command.values()
    case "--seed": seed = command.number(of: option)
    case "--seeds": seeds = command.number(of: option)
    default: command.refuse(option)
    }
  }
  if folders.isEmpty { command.fail("no graphs\n\(usage)") }
  let graphs = try command.knownGraphs(folders)
  let results = try realGraphs(graphs, seed: UInt64(seed), seeds: seeds, context: command.context)
  try command.write([("results.md", results.markdown), ("results.csv", results.csv)])
  print(results.markdown)
}
