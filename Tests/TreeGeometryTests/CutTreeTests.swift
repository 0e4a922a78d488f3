import MillRuntime
import Testing

@testable import TreeGeometry

@Suite struct CutTreeTests {
  private static func tree(_ weights: [Double]) throws -> CutTree {
    CutTree(try TreeSamples.star(weights.count), leafWeights: weights) { _, sum in sum }
  }

  /// The leaves below a binary node.
  private static func leaves(_ tree: CutTree, _ node: Int) -> [Int] {
    guard tree.first[node] >= 0 else { return [Int(tree.owners[node])] }
    return leaves(tree, Int(tree.first[node])) + leaves(tree, Int(tree.second[node]))
  }

  @Test("By hand: the first prefix nearest to half, heavy ones first, equal ones by number")
  func halves() throws {
    let equal = try Self.tree([1, 1, 1])
    #expect(Self.leaves(equal, Int(equal.first[equal.root])) == [0])
    let seven = try Self.tree([2, 6, 4, 1, 3, 6, 2])
    #expect(Self.leaves(seven, Int(seven.first[seven.root])) == [1, 5])
    #expect(Self.leaves(seven, seven.root) == [1, 5, 2, 4, 0, 6, 3])
    let heavy = try Self.tree([1, 5, 2, 2])
    #expect(Self.leaves(heavy, Int(heavy.first[heavy.root])) == [1])
  }

  @Test(
    "Shares are between a third and two thirds, or one child alone has more", arguments: TreeSamples.Weights.allCases)
  func balance(kind: TreeSamples.Weights) throws {
    for seed in 1...5 as ClosedRange<UInt64> {
      let weights = kind.values(200, seed: seed)
      let tree = CutTree(try TreeSamples.star(200), leafWeights: weights, hasBudget: false) { _, sum in sum }
      for node in 0..<tree.count where tree.first[node] >= 0 {
        let share = tree.weights[Int(tree.first[node])] / tree.weights[node]
        let isAlone = tree.first[Int(tree.first[node])] < 0
        #expect(share <= 2 / 3 + 1e-12 || isAlone, "\(share)")
        #expect(share >= 1 / 3 - 1e-12, "\(share)")
      }
    }
  }

  @Test(
    "No leaf is deeper than 2 log2(n) + 6 times its depth, whatever the weights",
    arguments: TreeSamples.Weights.allCases)
  func depthBudget(kind: TreeSamples.Weights) throws {
    for seed in 1...4 as ClosedRange<UInt64> {
      let shape = try seed == 4 ? TreeSamples.star(1000) : TreeSamples.random(leaves: 1000, seed: seed)
      let tree = CutTree(shape, leafWeights: kind.values(1000, seed: seed)) { _, sum in sum }
      var depths = [Int](repeating: 0, count: tree.count)
      var stack = [tree.root]
      while let node = stack.popLast() {
        for part in [tree.first[node], tree.second[node]] where part >= 0 {
          depths[Int(part)] = depths[node] + 1
          stack.append(Int(part))
        }
      }
      // log2(1000) < 10.
      #expect(depths.max() ?? 0 <= 2 * 10 + 6 * shape.height)
    }
  }

  @Test("A tail of small weights keeps its digits beside a large one")
  func smallTail() throws {
    let tree = try Self.tree([1e18] + [Double](repeating: 1, count: 64))
    let tail = Int(tree.second[tree.root])
    #expect(tree.weights[tail] == 64 && tree.weights[Int(tree.first[tail])] == 32)
    #expect(tree.leafCounts[65] == 65)
  }
}
