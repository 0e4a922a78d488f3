import MillRuntime

/// A tree in which every node has two children or none: how the children of a tree's nodes are halved, step by step.
///
/// A tree node stands for itself, or for its only child of positive weight. Nodes are numbered so that children come
/// before parents except inside one tree node, where parents come first; the root is ``root``.
struct CutTree {
  /// The part that gets the low side of each cut; -1 for nodes that are not divided.
  private(set) var first: [Int32] = []
  /// The other part.
  private(set) var second: [Int32] = []
  /// The weight: of two parts the sum of theirs, so that small weights are not lost beside large ones; of a tree node
  /// what was decided for it.
  private(set) var weights: [Double] = []
  /// The tree node whose children are divided here; of a leaf the leaf itself.
  private(set) var owners: [Int32] = []
  /// The binary node of each tree node; -1 for one of weight 0.
  private(set) var nodes: [Int32]
  /// Leaves of positive weight below each tree node.
  private(set) var leafCounts: [Int32]
  /// The weight of each tree node.
  private(set) var nodeWeights: [Double]

  /// The node that holds everything.
  var root: Int { Int(nodes[nodes.count - 1]) }
  var count: Int { first.count }

  /// Halves the children of each node by weight, heavy ones first, equal ones by number.
  ///
  /// A child with half of the weight or more is split off alone; else both shares are between a third and two thirds.
  /// With a budget, no leaf lies deeper than 2 log2(leaves) + 6 times its depth: where halves by weight are behind, the
  /// range is halved by the number of leaves.
  ///
  /// - Parameters:
  ///   - tree: A tree with one root, the last node.
  ///   - leafWeights: One a leaf, 0 or more.
  ///   - hasBudget: Whether the depth is bounded.
  ///   - weight: The weight of an inner node, by its number and the sum of its children.
  /// - Complexity: O(n log n).
  init(
    _ tree: RootedTree, leafWeights: [Double], hasBudget: Bool = true, weight: (_ node: Int, _ sum: Double) -> Double
  ) {
    let count = tree.nodeCount
    nodes = [Int32](repeating: -1, count: count)
    leafCounts = [Int32](repeating: 0, count: count)
    nodeWeights = [Double](repeating: 0, count: count)
    for column in [\CutTree.first, \.second, \.owners] { self[keyPath: column].reserveCapacity(2 * tree.leafCount) }
    weights.reserveCapacity(2 * tree.leafCount)
    var parts: [Int32] = []
    for node in 0..<count {
      guard node >= tree.leafCount else {
        guard leafWeights[node] > 0 else { continue }
        nodes[node] = append(owner: node, leafWeights[node])
        leafCounts[node] = 1
        nodeWeights[node] = leafWeights[node]
        continue
      }
      parts.removeAll(keepingCapacity: true)
      for child in tree.children(of: node) where nodes[Int(child)] >= 0 {
        parts.append(child)
        leafCounts[node] += leafCounts[Int(child)]
      }
      if parts.isEmpty { continue }
      if parts.count == 1 {
        nodes[node] = nodes[Int(parts[0])]
      } else {
        nodes[node] = divide(&parts, owner: node, leaves: Int(leafCounts[node]), hasBudget: hasBudget)
      }
      let top = Int(nodes[node])
      weights[top] = weight(node, weights[top])
      nodeWeights[node] = weights[top]
    }
  }

  private mutating func append(owner: Int, _ weight: Double) -> Int32 {
    first.append(-1)
    second.append(-1)
    weights.append(weight)
    owners.append(Int32(owner))
    return Int32(first.count - 1)
  }

  /// A range of parts that is still to be divided.
  private struct Span {
    var low: Int
    var high: Int
    var cuts: Int
    var isSorted: Bool
    /// Where its binary node is told: as the first or second part of another one.
    var parent: Int32
    var isFirst: Bool
  }

  private mutating func divide(_ parts: inout [Int32], owner: Int, leaves: Int, hasBudget: Bool) -> Int32 {
    let begin = self.count
    var stack = [Span(low: 0, high: parts.count, cuts: 0, isSorted: false, parent: -1, isFirst: true)]
    while var range = stack.popLast() {
      var node = nodes[Int(parts[range.low])]
      if range.high - range.low > 1 {
        node = append(owner: owner, 0)
        let middle = split(&parts, &range, leaves: leaves, hasBudget: hasBudget)
        stack.append(
          Span(
            low: middle, high: range.high, cuts: range.cuts + 1, isSorted: range.isSorted, parent: node, isFirst: false)
        )
        stack.append(
          Span(
            low: range.low, high: middle, cuts: range.cuts + 1, isSorted: range.isSorted, parent: node, isFirst: true))
      }
      if range.parent < 0 { continue }
      if range.isFirst { first[Int(range.parent)] = node } else { second[Int(range.parent)] = node }
    }
    for node in (begin..<self.count).reversed() {
      weights[node] = weights[Int(first[node])] + weights[Int(second[node])]
    }
    return Int32(begin)
  }

  /// Where a range is cut in two.
  private func split(_ parts: inout [Int32], _ range: inout Span, leaves: Int, hasBudget: Bool) -> Int {
    let span = range.low..<range.high
    let own = hasBudget ? span.reduce(0) { $0 + Int(leafCounts[Int(parts[$1])]) } : 0
    if hasBudget, range.cuts > 4 {
      let ratio = Double(leaves) / Double(own)
      if Double(sign: .plus, exponent: range.cuts - 4, significand: 1) > ratio * ratio {
        parts[span].sort { a, b in
          let (m, n) = (leafCounts[Int(a)], leafCounts[Int(b)])
          return m != n ? m > n : isBefore(a, b)
        }
        range.isSorted = false
        return nearestHalf(span, Double(own)) { Double(leafCounts[Int(parts[$0])]) }
      }
    }
    if !range.isSorted {
      parts[span].sort(by: isBefore)
      range.isSorted = true
    }
    let sum = span.reduce(0.0) { $0 + nodeWeights[Int(parts[$1])] }
    return nearestHalf(span, sum) { nodeWeights[Int(parts[$0])] }
  }

  /// By weight, heavy ones first, then by number.
  private func isBefore(_ a: Int32, _ b: Int32) -> Bool {
    let (v, w) = (nodeWeights[Int(a)], nodeWeights[Int(b)])
    return v != w ? v > w : a < b
  }

  /// The end of the first prefix whose sum is nearest to half of the whole; neither part is empty.
  private func nearestHalf(_ span: Range<Int>, _ sum: Double, _ value: (Int) -> Double) -> Int {
    var prefix = 0.0
    for i in span.dropLast() {
      let next = prefix + value(i)
      if next >= sum / 2 {
        // This one or the one before it.
        return i > span.lowerBound && sum / 2 - prefix <= next - sum / 2 ? i : i + 1
      }
      prefix = next
    }
    return span.upperBound - 1
  }
}
