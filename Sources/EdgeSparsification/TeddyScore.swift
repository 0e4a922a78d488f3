public import GraphStore
public import MillRuntime

/// TEDDY's node scores: an edge's score is `source[u] * target[v]`.
public struct TeddyNodeScores: Sendable, Equatable {
  /// Scores as the source of an arc, shape `[n]`, above 0, or 0 for nodes without (out-)neighbors.
  public let source: [Double]
  /// Scores as the target of an arc, shape `[n]`; equal to ``source`` unless a directed graph was rated by arcs.
  public let target: [Double]
}

/// Rates nodes by degree and by their neighbors' degrees: s(v) = d(v)⁻² · Σ d(w)^(-1/2) over the neighbors w.
///
/// The score of an edge is the product of its ends' scores, at most 1 / (d(u) d(v)). It is low between hubs among
/// hubs and high at leaves, so trimming low scores first thins out the dense places.
///
/// - Parameters:
///   - graph: Any graph. It is made undirected and loses loops as the options say; parallel edges count once.
///   - options: `directed`, `weighted`, `keepsLoops`, `selfLoopsInScore`; the method is not looked at. Directed:
///     s_out(u) = outdeg(u)⁻² Σ indeg(w)^(-1/2) over out-neighbors, s_in(v) with the directions swapped. Weighted:
///     d is the sum of weights, each term is multiplied by its edge's weight.
///   - context: Threads, progress, cancellation.
/// - Returns: Scores of shape `[n]` without a unit.
/// - Throws: `MillError`: `bad-weight`, `weight-range`, `over-budget`, `interrupted`.
/// - Complexity: O(n + m) time, 16n bytes. Parallel over nodes (in-scores of directed graphs serially); sums run in
///   ascending order of neighbors, so every thread count gives the same bits.
/// - Source: Seo, Yun, Yang, ICLR 2024 (arXiv 2402.01261), the degree-based score of its edge trimming; the directed
///   and the weighted forms are extensions of this project, equal to it on symmetric arcs and on weights of 1.
public func teddyNodeScores(
  of graph: some NeighborGraph, options: EdgeScoreOptions = .init(), context: RunContext = .init()
) throws(MillError) -> TeddyNodeScores {
  var options = options
  options.method = .teddy
  let prepared = try graph.stored.preparedForScores(options, context: context)
  guard prepared.graph.arcCount > 0 else {
    let zeros = [Double](repeating: 0, count: graph.nodeCount)
    return TeddyNodeScores(source: zeros, target: zeros)
  }
  return try prepared.graph.withRows(
    chunkWork: SparsifyTuning().chunkWork, countsLoops: true, context: context, NodeScoreCopy(options: options))
}

private struct NodeScoreCopy: SourceVisitor {
  let options: EdgeScoreOptions
  func visit<Rows: RowSource>(_ view: Rows) throws(MillError) -> TeddyNodeScores {
    let scores = try teddyScores(view, options)
    return unsafe TeddyNodeScores(source: Array(scores.source.elements), target: Array(scores.target.elements))
  }
}

/// The arithmetic of the undirected score, for all that must come to the same bits: a node adds up the roots of its
/// neighbors in ascending order of them.
package enum TeddyTerms {
  /// What a neighbor of a degree above 0 adds.
  @inlinable @inline(__always) package static func root(ofDegree degree: Int) -> Double {
    1 / Double(degree).squareRoot()
  }

  /// The score of a node of a degree above 0.
  @inlinable @inline(__always) package static func score(rootSum: Double, degree: Int) -> Double {
    let inverse = 1 / Double(degree)
    return rootSum * inverse * inverse
  }
}

/// Node scores in buffers; one and the same buffer twice for undirected graphs.
struct NodeScoreBuffers {
  let source: FlatBuffer<Double>
  let target: FlatBuffer<Double>
}

/// TEDDY's node scores of a prepared graph.
func teddyScores(
  _ view: some RowSource, _ options: EdgeScoreOptions
) throws(MillError) -> NodeScoreBuffers {
  let weights = unsafe options.weighted ? view.weights : nil
  let ownTerm = options.selfLoopsInScore
  let scores =
    if view.isDirected {
      try unsafe directedScores(view, weights, ownTerm: ownTerm)
    } else if unsafe weights == nil, !ownTerm {
      try plainScores(view)
    } else {
      try unsafe generalScores(view, weights, ownTerm: ownTerm)
    }
  if unsafe weights != nil {
    for buffer in [scores.source, scores.target] {
      guard unsafe buffer.elements.allSatisfy({ $0 < .infinity }) else { throw .weightsTooExtreme }
    }
  }
  return scores
}

/// The undirected score, counts only.
private func plainScores(_ view: some RowSource) throws(MillError) -> NodeScoreBuffers {
  let rootBuffer = try FlatBuffer<Double>(count: view.nodeCount)
  let scoreBuffer = try FlatBuffer<Double>(count: view.nodeCount)
  let roots = unsafe rootBuffer.base
  let scores = unsafe scoreBuffer.base
  try view.forEachChunk { nodes, _, _ in
    for node in nodes {
      let degree = view.degree(node)
      unsafe roots[node] = degree > 0 ? TeddyTerms.root(ofDegree: degree) : 0
    }
  }
  try view.forEachChunk { nodes, _, _ in
    for node in nodes {
      let degree = view.degree(node)
      guard degree > 0 else { continue }
      var sum = 0.0
      view.forEachTarget(node) { target, _ in unsafe sum += roots[target] }
      unsafe scores[node] = TeddyTerms.score(rootSum: sum, degree: degree)
    }
  }
  withExtendedLifetime(rootBuffer) {}
  return NodeScoreBuffers(source: scoreBuffer, target: scoreBuffer)
}

/// The undirected score with weights or with every node as its own neighbor (once, with weight 1, unless a kept
/// loop is there already). Without either it gives the same bits as `plainScores`.
private func generalScores(
  _ view: some RowSource, _ weights: UnsafePointer<Double>?, ownTerm: Bool
) throws(MillError) -> NodeScoreBuffers {
  let rootBuffer = try FlatBuffer<Double>(count: view.nodeCount)
  let degreeBuffer = try FlatBuffer<Double>(count: view.nodeCount)
  let roots = unsafe rootBuffer.base
  let degrees = unsafe degreeBuffer.base
  try view.forEachChunk { nodes, _, _ in
    for node in nodes {
      let degree = unsafe rowSum(node, view, weights, ownTerm: ownTerm) { _ in 1 }
      unsafe degrees[node] = degree
      unsafe roots[node] = degree > 0 ? 1 / degree.squareRoot() : 0
    }
  }
  try view.forEachChunk { nodes, _, _ in
    for node in nodes where unsafe degrees[node] > 0 {
      let inverse = unsafe 1 / degrees[node]
      unsafe degrees[node] = rowSum(node, view, weights, ownTerm: ownTerm) { unsafe roots[$0] } * inverse * inverse
    }
  }
  withExtendedLifetime(rootBuffer) {}
  return NodeScoreBuffers(source: degreeBuffer, target: degreeBuffer)
}

/// The sum of weight · value over a row in ascending order, the node itself included where asked.
@inline(__always)
private func rowSum(
  _ node: Int, _ view: some RowSource, _ weights: UnsafePointer<Double>?, ownTerm: Bool,
  value: (_ node: Int) -> Double
) -> Double {
  var sum = 0.0
  var needsOwnTerm = ownTerm
  view.forEachTarget(node) { other, arc in
    if needsOwnTerm, other >= node {
      if other > node { sum += value(node) }
      needsOwnTerm = false
    }
    unsafe sum += (weights?[arc] ?? 1) * value(other)
  }
  if needsOwnTerm { sum += value(node) }
  return sum
}

/// The scores of arcs. In-sums are collected while the sources ascend, so they add up in ascending order too.
private func directedScores(
  _ view: some RowSource, _ weights: UnsafePointer<Double>?, ownTerm: Bool
) throws(MillError) -> NodeScoreBuffers {
  let n = view.nodeCount
  let outBuffer = try FlatBuffer<Double>(count: n)
  let inBuffer = try FlatBuffer<Double>(count: n)
  let outRootBuffer = try FlatBuffer<Double>(count: n)
  let inRootBuffer = try FlatBuffer<Double>(count: n)
  let sumBuffer = try FlatBuffer<Double>(count: n)
  let (outDegrees, inDegrees, sums) = unsafe (outBuffer.base, inBuffer.base, sumBuffer.base)
  let (outRoots, inRoots) = unsafe (outRootBuffer.base, inRootBuffer.base)
  unsafe scatter(view, weights, ownTerm: ownTerm, into: inDegrees) { _ in 1 }
  try view.forEachChunk { nodes, _, _ in
    for node in nodes {
      let degree = unsafe rowSum(node, view, weights, ownTerm: ownTerm) { _ in 1 }
      unsafe outDegrees[node] = degree
      unsafe outRoots[node] = degree > 0 ? 1 / degree.squareRoot() : 0
      unsafe inRoots[node] = inDegrees[node] > 0 ? 1 / inDegrees[node].squareRoot() : 0
    }
  }
  unsafe scatter(view, weights, ownTerm: ownTerm, into: sums) { unsafe outRoots[$0] }
  try view.forEachChunk { nodes, _, _ in
    for node in nodes {
      if unsafe inDegrees[node] > 0 {
        let inverse = unsafe 1 / inDegrees[node]
        unsafe inDegrees[node] = sums[node] * inverse * inverse
      }
      if unsafe outDegrees[node] > 0 {
        let inverse = unsafe 1 / outDegrees[node]
        unsafe outDegrees[node] =
          rowSum(node, view, weights, ownTerm: ownTerm) { unsafe inRoots[$0] } * inverse * inverse
      }
    }
  }
  withExtendedLifetime((outRootBuffer, inRootBuffer, sumBuffer)) {}
  return NodeScoreBuffers(source: outBuffer, target: inBuffer)
}

/// Adds weight · value(source) to every arc's target, sources ascending.
@inline(__always)
private func scatter(
  _ view: some RowSource, _ weights: UnsafePointer<Double>?, ownTerm: Bool, into sums: UnsafeMutablePointer<Double>,
  value: (_ node: Int) -> Double
) {
  for node in 0..<view.nodeCount {
    var needsOwnTerm = ownTerm
    view.forEachTarget(node) { other, arc in
      if other == node { needsOwnTerm = false }
      unsafe sums[other] += (weights?[arc] ?? 1) * value(node)
    }
    if needsOwnTerm { unsafe sums[node] += value(node) }
  }
}
