import MillRuntime

/// Whether a graph is of rank 2 rather than 1, judged on node pairs that were held out.
///
/// Each time a tenth of all pairs is held out, the others make a matrix in which a held-out pair counts 0, and the best
/// approximations of rank 1 and 2 to that matrix over 0.9 predict the held-out pairs. The loss is the sum of squared errors.
/// Which of the many pairs without an edge are held out is not drawn: given the matrix, each of them is with the same
/// chance, so their part of the loss is its mean, a tenth of the sum over all of them, which follows from the eigenvectors.
///
/// - Source: Li, Levina, Zhu, "Network cross-validation by edge sampling", Biometrika 107, 2020, algorithms 1 and 3.
struct EdgeCrossValidation {
  static let repeats: UInt64 = 3
  static let heldOutShare = 0.1

  /// The loss of rank 1 and of rank 2, added up over the repeats.
  private(set) var losses = [0.0, 0.0]

  /// Whether rank 2 predicts held-out pairs better; a draw is none.
  var prefersRankTwo: Bool { losses[1] < losses[0] }

  /// - Parameters:
  ///   - graph: Without isolated nodes; weights do not matter.
  ///   - seed: Of the coins.
  /// - Complexity: O(n + m) for about 100 products a repeat, 100 vectors of n doubles. One order of all sums.
  init(_ graph: CommunityGraph, seed: UInt64, _ context: RunContext) throws(MillError) {
    for fold in 0..<Self.repeats {
      try context.checkCancelled()
      let key = seed &+ fold &* 0xd1b5_4a32_d192_ed03
      let split = try EdgeSplit(graph, share: Self.heldOutShare, seed: key, context)
      let seen = try LevelGraph(split.first, usesWeights: false)
      let vectors = LeadingVectors(seen, .adjacency, threads: context.threads).run(count: 2, seed: key)
      guard vectors.count == 2 else { continue }
      let fit = LowRankFit(vectors, seen: split.first, share: 1 - Self.heldOutShare)
      for rank in 1...2 { losses[rank - 1] += fit.loss(rank: rank, of: graph, heldOut: split.second) }
    }
  }
}

/// The best approximation of rank 2 to an adjacency matrix over the share of pairs that it has.
private struct LowRankFit {
  let vectors: [[Double]]
  /// Rayleigh quotients of the vectors, over the share.
  let values: [Double]

  init(_ vectors: [[Double]], seen graph: CommunityGraph, share: Double) {
    self.vectors = vectors
    values = vectors.map { x in
      var sum = 0.0
      for i in x.indices {
        var row = 0.0
        for e in unsafe Int(graph.offsets[i])..<Int(graph.offsets[i + 1]) { unsafe row += x[Int(graph.targets[e])] }
        sum += x[i] * row
      }
      return sum / share
    }
  }

  private func entry(_ i: Int, _ j: Int, rank: Int) -> Double {
    var sum = 0.0
    for k in 0..<rank { sum += values[k] * vectors[k][i] * vectors[k][j] }
    return sum
  }

  /// Squared errors on the held-out edges, and the mean of those on the held-out pairs without an edge.
  func loss(rank: Int, of graph: CommunityGraph, heldOut: CommunityGraph) -> Double {
    let onEdges = sum(over: heldOut) { i, j in
      let error = 1 - entry(i, j, rank: rank)
      return error * error
    }
    let inside = sum(over: graph) { i, j in
      let value = entry(i, j, rank: rank)
      return value * value
    }
    var all = 0.0
    for k in 0..<rank {
      for l in 0..<rank {
        let product = zip(vectors[k], vectors[l]).reduce(0.0) { $0 + $1.0 * $1.1 }
        all += values[k] * values[l] * product * product
      }
    }
    for i in vectors[0].indices {
      let value = entry(i, i, rank: rank)
      all -= value * value
    }
    return onEdges + EdgeCrossValidation.heldOutShare * (all / 2 - inside)
  }

  private func sum(over graph: CommunityGraph, _ term: (Int, Int) -> Double) -> Double {
    var total = 0.0
    for i in 0..<graph.nodeCount {
      for e in unsafe Int(graph.offsets[i])..<Int(graph.offsets[i + 1]) where unsafe Int(graph.targets[e]) > i {
        unsafe total += term(i, Int(graph.targets[e]))
      }
    }
    return total
  }
}
