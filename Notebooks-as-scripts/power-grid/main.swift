import ExperimentSupport

let usage = """
  usage: power-grid --data DIR [--map N,N,...] [--draws N] [--seed N] [--threads N] [--out DIR]

    --data DIR   the folder with edges.tsv and positions.tsv (`node TAB x TAB y`, meters); nothing is done without it
    --map N,...  cuts in the table and on the large map (2,4,8,16,40)
    --draws N    random groups of the same sizes for each cut (20)
    --seed N     the seed (1)
    --threads N  threads; the figures do not depend on it
    --out DIR    where results.md, the .csv files and the drawings go (out/power-grid)
  """

ExperimentCommand.run("power-grid", usage: usage) { command in
  var settings = ExperimentSettings()
  var data: String?
  while let option = command.next() {
    switch option {
    case "--data": data = command.value(of: option)
    case "--map": settings.shown = command.numbers(of: option, least: 2)
    case "--draws": settings.draws = command.number(of: option)
    case "--seed": settings.seed = UInt64(command.number(of: option))
    default: command.refuse(option)
    }
  }
  guard let data else {
    print("power-grid: skipped, no data: give the folder of the grid with --data")
    return
  }
  settings.cuts = Array(Set(settings.cuts + settings.shown)).sorted()
  let placed = try PlacedGraph(data, context: command.context)
  let results = try powerGrid(placed, settings, context: command.context)
  print(results.markdown)
  try command.write([("results.md", results.markdown), ("cuts.csv", results.csv)] + results.drawings)
  for (stem, chart) in results.charts { try chart.draw(into: command.folder, stem: stem) }
}
