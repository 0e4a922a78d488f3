import Foundation
import Testing

@testable import MillRuntime

@Suite struct RootedTreeTests {
  /// ((0, 3), 1) and (2, 4): nodes 5, 6, 7.
  private static func forest(_ order: RootedTree.ChildOrder = .number) throws -> RootedTree {
    try RootedTree(
      leafCount: 5, parents: [5, 6, 7, 5, 7, 6, -1, -1], leafSizes: [1, 2, 3, 4, 5],
      similarities: [.nan, .nan, .nan, .nan, .nan, 0.5, 0.25, 1], names: ["a", "b", "c", "d", "e"], childOrder: order)
  }

  @Test("By hand: a forest of two trees")
  func byHand() throws {
    let forest = try Self.forest()
    #expect(forest.roots == [6, 7] && forest.innerNodes == 5..<8 && forest.height == 2)
    #expect(Array(forest.children(of: 6)) == [1, 5] && forest.children(of: 3).isEmpty)
    #expect(forest.sizes == [1, 2, 3, 4, 5, 5, 7, 8] && forest.leafCounts == [1, 1, 1, 1, 1, 2, 3, 2])
    #expect(forest.depths == [2, 1, 1, 2, 1, 1, 0, 0] && forest.heights == [0, 0, 0, 0, 0, 1, 2, 1])
    #expect(forest.leafOrder == [1, 0, 3, 2, 4] && forest.subtree(of: 6) == [6, 1, 5, 0, 3])
    #expect(forest.commonAncestor(0, 1) == 6 && forest.commonAncestor(0, 2) == nil && forest.commonAncestor(3, 3) == 3)
    #expect(forest.smallestLeaves == [0, 1, 2, 3, 4, 0, 0, 2])
    let sorted = try Self.forest(.smallestLeaf)
    #expect(Array(sorted.children(of: 6)) == [5, 1] && sorted.leafOrder == [0, 3, 1, 2, 4])
    #expect("\(forest)" == "forest of 2 trees: 5 leaves, 3 inner nodes")
  }

  @Test("A forest under one root is a tree; a tree stays as it is")
  func oneRoot() throws {
    let tree = try Self.forest().underOneRoot()
    #expect(tree.roots == [8] && Array(tree.children(of: 8)) == [6, 7] && tree.sizes[8] == 15)
    #expect(tree.similarities?.last?.isNaN == true && tree.names?.count == 5)
    #expect(try tree.underOneRoot() == tree && tree != Self.forest())
    #expect(try tree.named(nil).names == nil)
    #expect(throws: MillError.self) { try tree.named(["one"]) }
  }

  @Test("Equal trees are equal, missing similarities included, also after a way through JSON")
  func coding() throws {
    for order in RootedTree.ChildOrder.allCases {
      let forest = try Self.forest(order)
      #expect(try forest == Self.forest(order))
      let back = try JSONDecoder().decode(RootedTree.self, from: JSONEncoder().encode(forest))
      #expect(back == forest)
    }
    #expect(try Self.forest(.number) != Self.forest(.smallestLeaf))
    let bad = #"{"leaves": 1, "parents": [0]}"#
    #expect(throws: MillError.self) { try JSONDecoder().decode(RootedTree.self, from: Data(bad.utf8)) }
    let least = try JSONDecoder().decode(RootedTree.self, from: Data(#"{"leaves": 1, "parents": [-1]}"#.utf8))
    #expect(try least == RootedTree(leafCount: 1, parents: [-1]))
  }

  @Test("What is no tree is refused, with the node")
  func refusals() throws {
    let cases: [(leaves: Int, parents: [Int32], field: String?)] = [
      (2, [1, -1], "0"), (1, [0], "0"), (1, [-1, -1], "1"), (2, [2, 3, -1], "1"), (2, [2, -2, -1], "1"),
      (0, [-1], nil), (3, [-1], nil), (-1, [], nil), (1, [1, 2, 1], "2"),
    ]
    for (leaves, parents, field) in cases {
      let error = #expect(throws: MillError.self) { try RootedTree(leafCount: leaves, parents: parents) }
      #expect(error?.kind == .malformed && error?.field == field, "\(parents)")
    }
    for sizes in [[1], [1, -1], [Int.max, 1]] {
      #expect(throws: MillError.self) { try RootedTree(leafCount: 2, parents: [2, 2, -1], leafSizes: sizes) }
    }
    #expect(throws: MillError.self) { try RootedTree(leafCount: 1, parents: [-1], similarities: []) }
    #expect(throws: MillError.self) { try RootedTree(leafCount: 1, parents: [-1], names: ["a", "b"]) }
    let none = try RootedTree(leafCount: 0, parents: [])
    #expect(none.roots.isEmpty && none.height == 0 && none.leafOrder.isEmpty && none.underOneRoot() == none)
  }

  @Test("Random forests: walks agree with what the parents say", arguments: 0..<30 as Range<UInt64>)
  func properties(seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "test-rooted-tree")
    let leaves = 1 + Int(random.below(40))
    // Roots are joined in random groups until few are left.
    var parents = [Int32](repeating: -1, count: leaves)
    var roots = Array(0..<leaves)
    while roots.count > 3 {
      for _ in 0..<1 + random.below(UInt64(min(4, roots.count))) {
        parents[roots.remove(at: Int(random.below(UInt64(roots.count))))] = Int32(parents.count)
      }
      roots.append(parents.count)
      parents.append(-1)
    }
    func path(_ node: Int) -> [Int] {
      var path = [node]
      while parents[path.last!] >= 0 { path.append(Int(parents[path.last!])) }
      return path
    }
    for order in RootedTree.ChildOrder.allCases {
      let tree = try RootedTree(leafCount: leaves, parents: parents, childOrder: order)
      #expect(Set(tree.roots) == Set(roots) && Set(tree.preorder) == Set(parents.indices))
      #expect(tree.depths == parents.indices.map { path($0).count - 1 })
      for node in parents.indices {
        let below = (0..<leaves).filter { path($0).contains(node) }
        #expect(tree.leafCounts[node] == below.count && tree.smallestLeaves[node] == below.min())
        #expect(Set(tree.subtree(of: node).filter { $0 < leaves }) == Set(below))
        let keys = tree.children(of: node).map { order == .number ? Int($0) : tree.smallestLeaves[Int($0)] }
        #expect(keys == keys.sorted())
        let other = Int(random.below(UInt64(parents.count)))
        #expect(tree.commonAncestor(node, other) == path(node).first { path(other).contains($0) })
      }
    }
  }

  @Test("A chain of 100,000 nodes takes no stack", arguments: RootedTree.ChildOrder.allCases)
  func chain(order: RootedTree.ChildOrder) throws {
    let count = 100_000
    let tree = try RootedTree(
      leafCount: 1, parents: (1..<count).map { Int32($0) } + [-1], childOrder: order)
    #expect(tree.height == count - 1 && tree.preorder == Array((0..<count).reversed()))
    #expect(tree.commonAncestor(0, count - 1) == count - 1)
  }
}
