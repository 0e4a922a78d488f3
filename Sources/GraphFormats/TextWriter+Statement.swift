import GraphStore
import MillRuntime

// The first line of an edge list, which says what its lines do not show.

extension TextWriter {
  /// A comment such as `# directed weighted nodes 5`, which a reader of ours obeys (``FileClaims``); empty where the lines
  /// of the graph are read back as the same graph without it.
  ///
  /// `nodes N`: the nodes are 0 to N - 1, some without edges; `nodes N from 1`: they are 1 to N. `labels`: names are text even where they are digits.
  /// `multigraph`: parallel edges are meant.
  func statement() throws(MillError) -> String {
    guard graph.nodeCount > 0 else { return "" }
    var words: [String] = []
    if weights != nil { words.append("weighted") }
    if let first = firstNumber, try graph.isolatedNodeCount() > 0 {
      words.append("nodes \(graph.nodeCount)" + (first > 0 ? " from \(first)" : ""))
    }
    if hasNumberLikeLabels { words.append("labels") }
    if graph.isMultigraph { words.append("multigraph") }
    // A .wel file without weights says that it has none.
    let lacksWeights = format == .wel && weights == nil
    guard graph.isDirected || !words.isEmpty || lacksWeights || startsLikeHeader else { return "" }
    return (["#", graph.isDirected ? "directed" : "undirected"] + words).joined(separator: " ") + "\n"
  }

  /// 0 or 1 where the nodes are called by numbers in a row from there on; nil for other names.
  var firstNumber: UInt64? { [0, 1].first { graph.isNumbered(from: $0) } }

  /// Whether a reader could take a label for a number.
  var hasNumberLikeLabels: Bool {
    guard case .labels(let table) = graph.names else { return false }
    return (0..<graph.nodeCount).contains { NumberLike.test(table[$0]) }
  }

  /// Whether the first line could be taken for a header: of names, or of counts.
  private var startsLikeHeader: Bool {
    guard let u = (0..<graph.nodeCount).first(where: { !graph.arcs(of: $0).isEmpty }) else { return false }
    let v = graph.targets[graph.arcs(of: u).lowerBound]
    if case .labels = graph.names {
      return HeaderRoles([graph.name(of: u), graph.name(of: v)]).hasEnds
        || (graph.degree(of: u) == 1 && graph.degree(of: v) == 1)
    }
    return graph.name(of: v) == String(graph.edgeCount - 1)
  }
}
