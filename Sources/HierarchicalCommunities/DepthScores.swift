public import MillRuntime

/// Scores of a hierarchy against one level of the truth.
public struct DepthScore: Sendable, Equatable {
  /// Groups of the truth.
  public let groups: Int
  /// Groups of the cut that was compared: as many, or all leaves where there are fewer.
  public let found: Int
  /// AMI, ARI, NMI, accuracy; the accuracy is NaN where there are fewer groups than in the truth.
  public let ami: Double
  /// Adjusted Rand index.
  public let ari: Double
  /// Normalised mutual information.
  public let nmi: Double
  /// Share of matched nodes; NaN where the hierarchy has fewer groups than the truth.
  public let accuracy: Double
}

extension CommunityHierarchy {
  /// Cuts the tree to the number of groups of each level of the truth, and compares.
  ///
  /// - Parameters:
  ///   - truth: The true labels of each level, shape `[n]` each; negative ones do not count.
  ///   - order: How the tree is cut.
  /// - Throws: `MillError` of kind `bad-option` when lengths differ.
  public func scores(
    against truth: [[Int32]], order: CutOrder = .similarity
  ) throws(MillError) -> [DepthScore] {
    var scores: [DepthScore] = []
    for level in truth {
      let groups = Set(level.lazy.filter { $0 >= 0 }).count
      let cut = tree.cutAtMost(max(1, groups), order: order)
      let found = try partitionScores(labels(cut), level)
      scores.append(
        DepthScore(
          groups: groups, found: cut.count, ami: found.ami, ari: found.ari, nmi: found.nmi,
          accuracy: cut.count < groups ? .nan : found.accuracy))
    }
    return scores
  }
}
