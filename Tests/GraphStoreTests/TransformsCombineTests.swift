import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct TransformsCombineTests {
  private let one = TestGraph.random(40, edges: 60, seed: 7)
  private let two = TestGraph.random(50, edges: 80, seed: 8)

  private func pairs(_ graph: CSRGraph) -> Set<[String]> {
    Set(graph.edges.map { [graph.name(of: $0.source), graph.name(of: $0.target)] })
  }

  private func names(_ graph: CSRGraph) -> [String] { graph.nodes.map { graph.name(of: $0) } }

  @Test func byHand() throws {
    let first = try CSRGraph(weightedEdges: [("b", "a", 1), ("b", "c", 2)])
    let second = try CSRGraph(weightedEdges: [("c", "b", 8), ("d", "a", 4)])
    let union = try first.union(second)
    #expect(names(union) == ["a", "b", "c", "d"] && union.lists == [[1, 3], [0, 2], [1], [0]])
    #expect(union.weightedEdges.map(\.weight) == [1, 4, 10])
    #expect(try first.union(second, duplicates: .first).weightedEdges.map(\.weight) == [1, 4, 2])
    #expect(try first.union(second, duplicates: .max).weightedEdges.map(\.weight) == [1, 4, 8])
    let kept = try first.union(second, duplicates: .keep)
    #expect(kept.isMultigraph && kept.edgeCount == 4)
    let left = try first.subtracting(second)
    #expect(names(left) == ["a", "b", "c"] && left.lists == [[1], [0], []] && left.arcList.map(\.weight) == [1, 1])
    let both = try first.intersection(second)
    #expect(both.lists == [[], [2], [1]] && both.arcList.map(\.weight) == [2, 2])
    // An unweighted edge weighs 1 among weighted ones.
    #expect(try first.union(second.withoutWeights()).weightedEdges.map(\.weight) == [1, 1, 3])
  }

  @Test("Nodes are matched by name whatever the names are") func mixedNames() throws {
    let numbers = try CSRGraph(edges: [(0, 1), (1, 2)]).named([5, 7, 20])
    let dense = try CSRGraph(edges: [(5, 7), (0, 5)])
    #expect(try names(numbers.union(dense)) == ["0", "1", "2", "3", "4", "5", "6", "7", "20"])
    #expect(try pairs(numbers.intersection(dense)) == [["5", "7"]])
    let labels = try CSRGraph(edges: [("7", "5"), ("x", "7")])
    #expect(try names(numbers.union(labels)) == ["20", "5", "7", "x"])
    #expect(try pairs(numbers.subtracting(labels)) == [["7", "20"]])
    // Dense graphs stay dense, the larger one first or not.
    let small = try CSRGraph(nodeCount: 3, edges: [(0, 2)])
    for union in [try small.union(dense), try dense.union(small)] {
      #expect(union.names == .dense && union.nodeCount == 8 && union.edgeCount == 3)
    }
  }

  @Test("Union, difference and intersection are those of sets of edges, for every width and 1, 2, 4 threads")
  func setsOfEdges() throws {
    for isDirected in [false, true] {
      let a = try one.frozen(isDirected: isDirected)
      let b = try two.frozen(isDirected: isDirected)
      let union = try a.union(b)
      #expect(pairs(union) == pairs(a).union(pairs(b)) && union.structuralFaults() == [])
      let left = try a.subtracting(b)
      #expect(pairs(left) == pairs(a).subtracting(pairs(b)) && left.structuralFaults() == [])
      let both = try a.intersection(b)
      #expect(pairs(both) == pairs(a).intersection(pairs(b)) && both.structuralFaults() == [])
      #expect(try left.union(both) == a)
      for threads in [1, 2, 4] {
        let context = RunContext(threads: threads)
        #expect(try a.union(b, context: context) == union && b.union(a, context: context) == union)
        #expect(try areEqual(a.widened().subtracting(b.widened(), context: context), left))
        #expect(try areEqual(a.widened().intersection(b, context: context), both))
      }
      #expect(try a.union(a) == a && a.intersection(a) == a && a.subtracting(a).edgeCount == 0)
      #expect(try a.union(CSRGraph(nodeCount: 0, edges: [], isDirected: isDirected)) == a)
    }
  }

  @Test func refusesMixedDirections() throws {
    let (a, b) = (try one.frozen(), try two.frozen(isDirected: true))
    for combine in [{ try a.union(b) }, { try a.subtracting(b) }, { try b.intersection(a) }] {
      #expect((#expect(throws: MillError.self) { try combine() })?.kind == .badOption)
    }
    let repeated = #expect(throws: MillError.self) { try a.union(a, duplicates: .error) }
    #expect(repeated?.kind == .duplicateEdge)
  }
}
