public import MillRuntime

/// How the similarities of a tree become heights.
public enum HeightRule: String, Sendable, Codable, CaseIterable {
  /// ``similarity`` where no similarity is above 1, else ``inverse``; ``levels`` for a tree without similarities, or where
  /// all of them are 1, as of Newick without lengths.
  case auto
  /// 1 - similarity.
  case similarity
  /// 1 / similarity.
  case inverse
  /// The edges down to the deepest leaf.
  case levels
}

extension RootedTree {
  /// The height of each node, shape `[nodes]`: 0 for leaves. A similarity of NaN, and for ``HeightRule/inverse`` one of 0,
  /// gives twice the largest height of the others, or 1 where there are none.
  ///
  /// - Throws: `MillError`: `bad-option` for a rule that needs similarities where there are none; `malformed`, with the
  ///   node as its field, for a similarity above 1 under ``HeightRule/similarity``, or a negative one under
  ///   ``HeightRule/inverse``.
  /// - Complexity: O(nodes).
  public func nodeHeights(_ rule: HeightRule = .auto) throws(MillError) -> [Double] {
    let areAlike = similarities.map { values in innerNodes.allSatisfy { values[$0] == 1 } } ?? true
    guard rule != .levels, rule != .auto || !areAlike, let similarities else {
      guard rule == .auto || rule == .levels else {
        throw MillError(.badOption, "the tree has no similarities", field: rule.rawValue)
      }
      return heights.map { Double($0) }
    }
    let isInverse = rule == .inverse || rule == .auto && innerNodes.contains { similarities[$0] > 1 }
    var result = [Double](repeating: 0, count: nodeCount)
    var open: [Int] = []
    for node in innerNodes {
      let value = similarities[node]
      if value.isNaN || isInverse && value == 0 {
        open.append(node)
        continue
      }
      guard isInverse ? value > 0 : value <= 1 else {
        throw MillError(
          .malformed, "a similarity of \(value) has no height by the rule \(isInverse ? "inverse" : "similarity")",
          field: "\(node)")
      }
      result[node] = isInverse ? 1 / value : 1 - value
    }
    let largest = result.max() ?? 0
    for node in open { result[node] = largest > 0 ? 2 * largest : 1 }
    return result
  }
}
