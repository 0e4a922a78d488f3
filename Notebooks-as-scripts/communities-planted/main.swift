import ExperimentSupport

let usage = """
  usage: communities-planted [--seed N] [--seeds N] [--wholes N] [--only planted,large,wholes] [--threads N] [--out DIR]

    --seed N     the first seed (1)
    --seeds N    graphs of each kind with planted groups (5)
    --wholes N   graphs of each kind without groups (100)
    --only LIST  some of planted, large, wholes
    --threads N  threads; the figures do not depend on it
    --out DIR    where results.md and the .csv files go (out/communities-planted)
  """

ExperimentCommand.run("communities-planted", usage: usage) { command in
  var (seed, seeds, wholes) = (1, 5, 100)
  var parts = ["planted", "large", "wholes"]
  while let option = command.next() {
    switch option {
    case "--seed": seed = command.number(of: option)
    case "--seeds": seeds = command.number(of: option)
    case "--wholes": wholes = command.number(of: option)
    case "--only": parts = command.some(of: parts, option)
    default: command.refuse(option)
    }
  }
  let (first, context) = (UInt64(seed), command.context)
  var report: [String] = []
  func add(_ name: String, _ result: (markdown: String, csv: String)) throws {
    try command.write([("\(name).csv", result.csv)])
    report.append(result.markdown)
    print(result.markdown)
  }
  if parts.contains("planted") {
    var kinds = [0.3, 0.5, 0.6, 0.65, 0.7].map { Planted.lfr(1000, 10...50, $0) }
    kinds += [0.3, 0.5, 0.6, 0.7].map { Planted.lfr(5000, 20...100, $0) }
    kinds += [0.3, 0.5, 0.6].map { Planted.lfr(2000, 50...200, $0, largest: 500) }
    kinds += [.tree(7, 3, 20, 20, 0.1), .tree(3, 3, 60, 24, 0.2), .tree(2, 4, 100, 20, 0.3)]
    try add("planted", plantedGraphs(kinds, seed: first, seeds: seeds, context: context))
  }
  if parts.contains("large") {
    let kinds = [0.3, 0.6].map { Planted.lfr(20_000, 20...100, $0) }
    try add("large", plantedGraphs(kinds, seed: first, seeds: seeds, context: context))
  }
  if parts.contains("wholes") {
    let kinds = [Planted.uniform(1600, 3), .uniform(1600, 6), .uniform(1600, 10), .degrees(2000, largest: 300)]
    try add("wholes", wholeGraphs(kinds, seed: first, seeds: wholes, context: context))
  }
  try command.write([("results.md", report.joined(separator: "\n"))])
}
