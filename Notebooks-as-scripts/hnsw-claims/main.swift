import ExperimentSupport
import Reporting

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

ExperimentCommand.run("hnsw-claims", usage: usage) { command in
  var settings = ClaimSettings()
  var names: Set<String> = []
  while let option = command.next() {
    switch option {
    case "--only": names = Set(command.value(of: option).split(separator: ",").map(String.init))
    case "--quick": settings.isQuick = true
    case "--data": settings.data = command.value(of: option)
    case "--seeds": settings.seeds = (1...UInt64(command.number(of: option))).map { $0 }
    default: command.refuse(option)
    }
  }
  settings.context.threads = command.context.threads
  if let unknown = names.first(where: { name in !Claim.all.contains { $0.stem == name } }) {
    command.fail("no experiment is called \(unknown)\n\(usage)")
  }
  if settings.isQuick { settings.queries = 40 }
  var report = ""
  for claim in Claim.all where names.isEmpty || names.contains(claim.stem) {
    let answer = try claim.run(settings)
    try command.write([("\(answer.stem).csv", answer.csv)])
    try answer.chart.draw(into: command.folder + "/figures", stem: answer.stem)
    print(answer.markdown, terminator: "")
    report += answer.markdown
  }
  try command.write([("results.md", report)])
}
