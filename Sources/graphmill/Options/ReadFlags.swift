import ArgumentParser
import GraphFormats
import GraphStore

/// What happens to self-loops.
enum LoopChoice: String, ExpressibleByArgument, CaseIterable {
  case keep
  case drop
  case error
  case twice = "2"

  /// What the reader does.
  var policy: LoopPolicy {
    switch self {
    case .keep, .twice: .keep
    case .drop: .drop
    case .error: .error
    }
  }
}

/// The flags of every command that reads a graph.
struct ReadFlags: ParsableArguments {
  @Option(help: "Format of the input (default: guessed from its content).")
  var from: InputFormat?

  @Flag(help: "Each line is an arc with a direction (default: what the file says, else undirected).")
  var directed = false

  @Flag(help: "Each line is an edge without a direction, whatever the file says.")
  var undirected = false

  @Option(help: "How ids become nodes: compact keeps only those that occur, dense makes one node a number.")
  var ids = GraphReadOptions.IDMode.auto

  @Option(help: ArgumentHelp("Number of nodes; implies --ids dense.", valueName: "n"))
  var nodes: Count?

  @Option(help: ArgumentHelp("The smallest id, 0 or 1, with --ids dense.", valueName: "0|1"))
  var base: UInt64?

  @Option(help: "Order in which labels become nodes.")
  var order = GraphReadOptions.LabelOrder.sorted

  @Option(help: "What stands between two fields.")
  var separator = GraphReadOptions.Separator.auto

  @Flag(inversion: .prefixedNo, help: "Whether the first row is a header (default: guessed).")
  var header: Bool?

  @Option(
    help: ArgumentHelp(
      "Columns by role, by the header's names or counted from 0: source=from,target=to,weight=2.", valueName: "roles"))
  var columns: ColumnChoice?

  @Flag(name: .customLong("no-quotes"), help: "Quotes are part of names, not around them.")
  var noQuotes = false

  @Option(help: "Whether weights are read; yes takes the column called weight, else the third.")
  var weights = GraphReadOptions.Weights.auto

  @Option(help: "What happens to repeated edges; with sum, a text that says it is a multigraph keeps them.")
  var duplicates = DuplicatePolicy.sum

  @Option(help: "What happens to self-loops; 2 keeps them and counts them twice in 'stats degree'.")
  var loops = LoopChoice.keep

  @Option(help: ArgumentHelp("Lines to drop at the start.", valueName: "n"))
  var skipLines = 0

  @Flag(help: "Labels may be any bytes, not only UTF-8.")
  var bytesLabels = false

  @Flag(help: "Matrix Market: rows and columns are two sets of nodes.")
  var bipartite = false

  @Flag(help: "Matrix Market: explicit zeros are not edges.")
  var dropZeros = false

  func validate() throws {
    if directed, undirected { throw ValidationError("Please give only one of '--directed' and '--undirected'.") }
    if let base, base > 1 {
      throw ValidationError("The value '\(base)' is invalid for '--base <0|1>'. Please give 0 or 1.")
    }
    if skipLines < 0 {
      throw ValidationError("The value '\(skipLines)' is invalid for '--skip-lines <n>'. Please give 0 or more.")
    }
    if let nodes, ids == .compact || ids == .string {
      throw ValidationError("'--nodes \(nodes)' does not go with '--ids \(ids.rawValue)'.")
    }
  }

  /// The reader's options, with what the global flags decide.
  func options(_ global: GlobalOptions) -> GraphReadOptions {
    var options = GraphReadOptions()
    options.format = from?.format
    options.isDirected = directed ? true : undirected ? false : nil
    options.ids = nodes != nil && ids == .auto ? .dense : ids
    options.base = base
    options.nodes = nodes?.value
    options.labelOrder = order
    options.separator = separator
    options.header = header.map { $0 ? .yes : .no } ?? .auto
    options.columns = columns?.roles
    options.honorsQuotes = !noQuotes
    options.weights = weights
    options.duplicates = duplicates == .sum ? nil : duplicates
    options.loops = loops.policy
    options.skipLines = skipLines
    options.isStrict = global.strict
    options.allowsByteLabels = bytesLabels
    options.isBipartite = bipartite
    options.dropsZeros = dropZeros
    options.isMapped = !global.noMmap
    return options
  }
}
