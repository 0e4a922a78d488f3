import HierarchicalCommunities
import MillRuntime
import Testing

/// The advice from a tree that was found, against the model that the graph was drawn from.
@Suite struct RecoveryThresholdsTests {
  private func advice(
    degree: Double, ratio: Double, seed: UInt64, communities: Int? = nil
  ) throws -> (truth: RecoveryThresholds, found: RecoveryThresholds, scores: [DepthScore], leaves: Int) {
    let model = try HierarchicalBlockModel(branching: 2, depth: 3, leafSize: 400, meanDegree: degree, ratio: ratio)
    var drawing = BlockModelOptions()
    drawing.seed = seed
    let sample = try generateBlockModel(model, options: drawing)
    var options = BottomUpOptions()
    (options.communities, options.seed) = (communities, seed)
    let result = try bottomUpCommunities(of: sample.graph, options: options)
    let truth = CommunityHierarchy(tree: model.tree, leaves: sample.leaves)
    return (
      RecoveryThresholds(model), try #require(RecoveryThresholds(result.links, tree: result.hierarchy.tree)),
      try result.hierarchy.scores(against: (1...3).map { truth.labels(atDepth: $0) }), result.hierarchy.tree.leafCount
    )
  }

  @Test(
    "Where all leaves are found, the divergences of the found tree are those of the model, and the verdict is kept",
    arguments: [(16.0, 0.1), (24, 0.1), (24, 0.3), (40, 0.3)], [1, 2] as [UInt64])
  func foundTree(_ setting: (degree: Double, ratio: Double), _ seed: UInt64) throws {
    let (truth, found, scores, leaves) = try advice(degree: setting.degree, ratio: setting.ratio, seed: seed)
    #expect(leaves == 8 && found.divergences.count == 3)
    #expect(abs(found.meanDegree / truth.meanDegree - 1) < 0.05)
    #expect(found.detectableCount == truth.detectableCount)
    for (depth, (a, b)) in zip(found.divergences, truth.divergences).enumerated() {
      #expect(abs(a - b) < 0.1 * b + 0.05, "depth \(depth + 1): \(a), in the model \(b)")
      if abs(b - 1) > 0.2 { #expect((a > 1) == (b > 1)) }
      // What the advice calls recoverable by a clear margin was recovered.
      if a > 1.4 { #expect(scores[depth].accuracy == 1) }
    }
  }

  @Test(
    "Where the lower levels are hidden, nothing is called recoverable that is not", arguments: [1, 2, 3] as [UInt64])
  func hiddenLevels(seed: UInt64) throws {
    let (truth, found, scores, leaves) = try advice(degree: 16, ratio: 0.6, seed: seed)
    #expect(truth.recoverableDepths.isEmpty && truth.detectableCount < 8)
    #expect(leaves < 8 && found.recoverableDepths.isEmpty)
    #expect(scores[0].accuracy ?? 0 < 1)
    #expect(found.detectableCount <= truth.detectableCount + 1)
  }
}
