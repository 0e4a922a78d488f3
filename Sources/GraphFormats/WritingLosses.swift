import GraphStore
public import MillRuntime

/// What a format cannot hold of a graph and leaves out, one sentence each.
///
/// - Throws: `MillError` of kind `not-writable` where the file would hold another graph: directions, loops or parallel
///   edges that the format lacks.
/// - Complexity: O(n + m).
func lossesOfWriting(_ graph: CSRGraph, as format: GraphFormat) throws(MillError) -> [String] {
  if format == .gmg { return [] }
  if [.el, .wel, .csv].contains(format) {
    return try TextWriter(graph: graph, format: format, hasHeader: false, context: RunContext(threads: 1)).losses()
  }
  let name = format.rawValue
  func refuse(_ what: String, _ hint: Hint) -> MillError {
    MillError(.notWritable, "\(name) has no \(what)", hint: hint)
  }
  let holds = format.holds
  if graph.isDirected, holds.isDisjoint(with: [.directed, .untoldDirection]) {
    throw refuse("directions", "symmetrize the graph first, or choose another format")
  }
  if graph.hasLoops, !holds.contains(.loops) { throw refuse("self-loops", "drop them, or choose another format") }
  if !holds.contains(.parallelEdges), graph.hasParallelEdges {
    throw refuse("parallel edges", "merge them, or choose another format")
  }
  if !holds.contains(.weights), holds.contains(.wholeWeights), let weights = graph.weights,
    let bad = weights.first(where: { $0 < 1 || $0 > Double(Int32.max) || $0 != $0.rounded() })
  {
    throw MillError(
      .notWritable, "\(name) has whole, positive weights of 31 bits only", field: Decimal.text(bad),
      hint: "drop or scale the weights, or choose another format")
  }
  var losses: [String] = []
  if graph.isDirected, !holds.contains(.directed) {
    losses.append("\(name) does not tell that edges have directions: read it as directed")
  }
  if !graph.isDirected, !holds.contains(.undirected) {
    losses.append("\(name) has no undirected edges: each was written as two arcs")
  }
  if !graph.isWeighted, holds.contains(.alwaysWeighted) {
    losses.append("\(name) always has weights: every edge got the weight 1")
  }
  if graph.isWeighted, holds.isDisjoint(with: [.weights, .wholeWeights]) {
    losses.append("\(name) has no weights: they were not written")
  }
  if format.numbering == nil, !holds.contains(.labels), graph.hasLabels {
    losses.append("\(name) has no labels: nodes were numbered from 0")
  }
  if let first = format.numbering, !graph.isNumbered(from: 0), !graph.isNumbered(from: first) {
    losses.append("\(name) has no names: nodes were numbered from \(first)")
  }
  if !holds.contains(.isolatedNodes) {
    let isolated = try graph.isolatedNodeCount()
    if isolated > 0 { losses.append("\(isolated) isolated nodes are not in the file (gmg and mtx keep them)") }
  }
  return losses
}

extension CSRGraph {
  /// Whether a list repeats a target.
  fileprivate var hasParallelEdges: Bool {
    guard isMultigraph else { return false }
    return (0..<nodeCount).contains { node in
      let row = arcs(of: node)
      return row.dropFirst().contains { targets[$0] == targets[$0 - 1] }
    }
  }

  /// Nodes without an arc, in or out.
  func isolatedNodeCount() throws(MillError) -> Int { try withRows(chunkWork: .max, IsolatedNodes()) }
}

private struct IsolatedNodes: RowsVisitor {
  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> Int {
    guard rows.isDirected else { return (0..<rows.nodeCount).count { rows.degree($0) == 0 } }
    let isTouched = try FlatBuffer<Bool>(count: rows.nodeCount)
    for node in 0..<rows.nodeCount where rows.degree(node) > 0 { unsafe isTouched.base[node] = true }
    for arc in 0..<rows.arcCount { unsafe isTouched.base[rows.target(arc)] = true }
    return (0..<rows.nodeCount).count { unsafe !isTouched.base[$0] }
  }
}

extension MillError.Kind {
  /// A graph that the chosen format cannot hold.
  public static let notWritable = Self("not-writable", .badData)
}
