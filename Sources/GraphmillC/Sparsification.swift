public import CGraphmill
import EdgeSparsification
import GraphStore
import MillRuntime

/// Removes the edges of the lowest scores.
@c @implementation
public func gm_sparsify(
  _ handle: OpaquePointer?, _ given: UnsafePointer<gm_sparsify_options>?, _ context: OpaquePointer?, _ out: HandleOut,
  _ report: UnsafeMutablePointer<gm_sparsify_report>?, _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    let graph = try unsafe graph(handle)
    let given = try unsafe options(given, gm_sparsify_options())
    let (amount, rating) = try unsafe (removal(given), score(given))
    let wanted = SparsifyOptions(
      amount, score: rating, keepsForest: unsafe given.keep_forest != 0,
      minimumDegree: try unsafe number(given.minimum_degree, "the smallest degree", in: 0...largestCount))
    let made = try unsafe sparsify(graph, options: wanted, context: GraphmillC.context(context))
    if unsafe report != nil {
      let told = gm_sparsify_report(
        size: 0, padding: 0, edges_before: Int64(made.edgesBefore), edges_after: Int64(made.edgesAfter),
        threshold: made.thresholdScore ?? .nan)
      try unsafe fill(report, told, "report")
    }
    return GraphObject(made.graph)
  }
}

/// Rates every edge.
@c @implementation
public func gm_edge_scores(
  _ handle: OpaquePointer?, _ given: UnsafePointer<gm_sparsify_options>?, _ context: OpaquePointer?, _ out: HandleOut,
  _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    let options = try unsafe score(options(given, gm_sparsify_options()))
    let scored = try unsafe edgeScores(of: graph(handle), options: options, context: GraphmillC.context(context))
    return try Block(
      scored.map { gm_scored_edge(source: Int64($0.source), target: Int64($0.target), score: $0.score) })
  }
}

/// How edges are rated.
private func score(_ given: gm_sparsify_options) throws(MillError) -> EdgeScoreOptions {
  var score = EdgeScoreOptions(method: try unsafe word(given.method, "score", .teddy))
  if unsafe given.seed != 0 { score.seed = unsafe given.seed }
  score.directed = unsafe given.directed != 0
  score.weighted = unsafe given.weighted != 0
  return score
}

/// How many edges go.
private func removal(_ given: gm_sparsify_options) throws(MillError) -> EdgeRemoval {
  let value = unsafe given.value
  switch try unsafe needed(given.amount, "amount") {
  case "share": return .share(value)
  case "below": return .scoresBelow(value)
  case "keep":
    guard value >= 0, value <= Double(largestCount), value == value.rounded() else {
      throw MillError(.badOption, "edges to keep are a count", field: "\(value)")
    }
    return .keeping(Int(value))
  case let other:
    throw MillError(.badOption, "there is no such amount", field: other, hint: "there are: share, keep, below")
  }
}
