public import MillRuntime

/// Scores of a hierarchy against one level of the truth.
public struct DepthScore: Sendable, Equatable, Codable {
  /// Groups of the truth.
  public let groups: Int
  /// Groups of the cut that was compared: as many, or all leaves where there are fewer.
  public let found: Int
  /// Adjusted mutual information; nil, as all scores, where no node was compared.
  public let ami: Double?
  /// Adjusted Rand index.
  public let ari: Double?
  /// Normalized mutual information.
  public let nmi: Double?
  /// Share of matched nodes; nil also where the hierarchy has fewer groups than the truth.
  public let accuracy: Double?
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
      let groups = max(1, Set(level.lazy.filter { $0 >= 0 }).count)
      scores.append(try score(tree.cutAtMost(groups, order: order), against: level))
    }
    return scores
  }

  /// Compares one cut with one level of the truth.
  func score(_ cut: TreeCut, against level: [Int32]) throws(MillError) -> DepthScore {
    let groups = Set(level.lazy.filter { $0 >= 0 }).count
    let found = try partitionScores(labels(cut), level)
    return DepthScore(
      groups: groups, found: cut.count, ami: found.ami, ari: found.ari, nmi: found.nmi,
      accuracy: cut.count < groups ? nil : found.accuracy)
  }
}
