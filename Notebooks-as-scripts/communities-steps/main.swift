import ExperimentSupport

let usage = """
  usage: communities-steps [--data DIR...] [--seed N] [--seeds N] [--threads N] [--out DIR]

    --data DIR...  folders with edges.tsv and labels.tsv, beside the graphs that are drawn; DIR:2 takes the second label
                   column, DIR:-LABEL leaves the nodes of that label out
    --seed N       the first seed (1)
    --seeds N      graphs of each kind, and runs on each folder (3)
    --threads N    threads; the figures do not depend on it
    --out DIR      where results.md and results.csv go (out/communities-steps)
  """

ExperimentCommand.run("communities-steps", usage: usage) { command in
  var folders: [String] = []
  var (seed, seeds) = (1, 3)
  while let option = command.next() {
    switch option {
    case "--data": folders += command.values()
    case "--seed": seed = command.number(of: option)
    case "--seeds": seeds = command.number(of: option)
    default: command.refuse(option)
    }
  }
  var subjects = try command.knownGraphs(folders).map { Subject($0) }
  subjects += [0.5, 0.65, 0.7].map { Subject.lfr(1000, mixing: $0) }
  subjects += [
    .lfr(2000, mixing: 0.5, largest: 500, sizes: 50...200),
    .tree(7, 3, leafSize: 20, degree: 20, ratio: 0.1), .tree(2, 3, leafSize: 400, degree: 10, ratio: 0.3),
    .tree(2, 3, leafSize: 400, degree: 16, ratio: 0.5), .tree(2, 3, leafSize: 400, degree: 24, ratio: 0.5),
    .uniform(1600, degree: 6),
  ]
  let results = try ablations(subjects, seed: UInt64(seed), seeds: seeds, context: command.context)
  try command.write([("results.md", results.markdown), ("results.csv", results.csv)])
  print(results.markdown)
}
