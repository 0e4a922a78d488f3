import GraphStore
import TestSupport
import Testing

@testable import GraphSummarization

/// The running totals of merging against a recount from the edges that were made final and the states that are pending.
@Suite struct LinkStateTests {
  /// Edges by pair of roots, final ones counted from the list.
  private struct Recount {
    var totals: [Int: Int] = [:]
    var links: [[Int]: Int] = [:]
    var cost = 0

    init(_ state: LinkState) {
      func root(_ x: Int) -> Int {
        var x = x
        while state.parent[x] != LinkState.none { x = Int(state.parent[x]) }
        return x
      }
      func add(_ a: Int, _ b: Int, _ count: Int) {
        links[[min(a, b), max(a, b)], default: 0] += count
        totals[a, default: 0] += count
        if a != b { totals[b, default: 0] += count }
        cost += count
      }
      for i in 0..<state.edgeCount { add(root(Int(state.edges[i].x)), root(Int(state.edges[i].y)), 1) }
      for r in 0..<state.count where state.parent[r] == LinkState.none {
        let inner = Int(state.tables.innerCost[Int(state.roots[r].type) * 1024 + Int(state.roots[r].innerState)])
        if inner > 0 { add(r, r, inner) }
        for i in 0..<Int(state.roots[r].linkCount) {
          let link = state.links(of: r)[i]
          if Int(link.other) > r { add(r, Int(link.other), Int(state.tables.pairCost[Int(link.view) & 255])) }
        }
      }
    }
  }

  private func check(_ state: LinkState) {
    let recount = Recount(state)
    #expect(recount.cost == state.cost)
    for r in 0..<state.count where state.parent[r] == LinkState.none {
      #expect(Int(state.roots[r].total) == recount.totals[r] ?? 0)
      let links = state.links(of: r)
      for i in 0..<Int(state.roots[r].linkCount) {
        let other = Int(links[i].other)
        #expect(Int(links[i].cost) == recount.links[[min(r, other), max(r, other)]])
        let twin = state.links(of: other)[Int(links[i].twin)]
        #expect(Int(twin.other) == r && Int(twin.twin) == i && twin.view == links[i].view ^ 256)
      }
    }
  }

  @Test("Merges of any two roots keep all totals exact, good or bad", arguments: 0..<12 as Range<UInt64>)
  func arbitraryMerges(seed: UInt64) throws {
    let graph =
      try [TestGraph.nested(40, seed: seed), .random(30, edges: 120, seed: seed), .biclique(7, 9)][Int(seed % 3)]
      .frozen(duplicates: .first)
    let simple = try graph.simplified()
    let targets = try #require(UInt32.array(simple.targets))
    var state = try LinkState(simple, targets: targets.base)
    check(state)
    var random = TestRandom(state: seed)
    var roots = Array(0..<simple.nodeCount)
    while roots.count > 1 {
      let a = roots.remove(at: random.below(roots.count))
      let place = random.below(roots.count)
      let before = state.cost
      let merged = try #require(try state.merge(a, roots[place], rule: nil))
      roots[place] = merged.root
      #expect(before - state.cost == merged.evaluation.reduction)
      #expect(merged.evaluation.before - merged.evaluation.reduction == Int(state.roots[merged.root].total))
      check(state)
    }
    let pending = state.cost
    state.emitPending()
    #expect(state.edgeCount == pending)
    withExtendedLifetime(simple) {}
  }
}
