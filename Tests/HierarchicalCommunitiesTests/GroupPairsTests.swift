import GraphStore
import HierarchicalCommunities
import MillRuntime
import TestSupport
import Testing

@Suite struct GroupPairsTests {
  @Test("Pairs in any order are the same links as the full table", arguments: [1, 2, 3, 17])
  func pairsAreTheTable(count: Int) throws {
    var random = CounterRandom(seed: 3, stage: "pairs", item: UInt64(count))
    let sizes = (0..<count).map { _ in 20 + Int(random.below(30)) }
    var table = [UInt64](repeating: 0, count: count * count)
    var pairs: [GroupPair] = []
    for a in 0..<count {
      for b in a..<count where random.below(3) > 0 {
        let edges = random.below(100)
        table[a * count + b] = edges
        table[b * count + a] = edges
        pairs.append(random.below(2) == 0 ? GroupPair(a, b, edges: edges) : GroupPair(b, a, edges: edges))
      }
    }
    random.shuffle(&pairs)
    let links = try GroupLinks(sizes: sizes, pairs: pairs)
    #expect(links == GroupLinks(sizes: sizes, links: table))
    #expect(links.linkageTree() == GroupLinks(sizes: sizes, links: table).linkageTree())
  }

  @Test func refusals() {
    func kind(_ sizes: [Int], _ pairs: [GroupPair]) -> MillError.Kind? {
      do throws(MillError) {
        _ = try GroupLinks(sizes: sizes, pairs: pairs)
        return nil
      } catch {
        return error.kind
      }
    }
    #expect(kind([3, 2], [GroupPair(0, 1, edges: 6), GroupPair(0, 0, edges: 3), GroupPair(1, 1, edges: 1)]) == nil)
    #expect(kind([], []) == nil)
    #expect(kind([3, 2], [GroupPair(0, 1, edges: 7)]) == .malformed)
    #expect(kind([3, 2], [GroupPair(0, 0, edges: 4)]) == .malformed)
    #expect(kind([0, 2], [GroupPair(0, 0, edges: 1)]) == .malformed)
    #expect(kind([3, 2], [GroupPair(0, 2, edges: 1)]) == .malformed)
    #expect(kind([3, 2], [GroupPair(-1, 1, edges: 1)]) == .malformed)
    #expect(kind([3, 2], [GroupPair(0, 1, edges: 1), GroupPair(1, 0, edges: 1)]) == .malformed)
    #expect(kind([3, 2], [GroupPair(1, 1, edges: 1), GroupPair(1, 1, edges: 1)]) == .malformed)
    #expect(kind([1 << 32], []) == .unsupported)
    #expect(kind([1 << 31, 1 << 31], []) == .unsupported)
    #expect(kind([.max, .max], []) == .unsupported)
    #expect(kind([-1], []) == .unsupported)
  }

  @Test("Labels are renumbered by their first nodes, and nodes without a label are left out")
  func linked() throws {
    let graph = try CSRGraph(edges: [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 3)])
    let found = try linkedGroups(of: graph, labels: [7, 7, -1, 2, 2, 2])
    #expect(found.leaves == [0, 0, -1, 1, 1, 1])
    #expect(found.tree.sizes == [2, 3, 5])
    #expect(found.tree.similarities[2] == 0)
    #expect(throws: MillError.self) { try linkedGroups(of: graph, labels: [0]) }
    for threads in [1, 2, 4] {
      #expect(try linkedGroups(of: graph, labels: [7, 7, -1, 2, 2, 2], context: RunContext(threads: threads)) == found)
    }
  }
}
