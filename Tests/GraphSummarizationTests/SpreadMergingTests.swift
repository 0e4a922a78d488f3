import GraphFormats
import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import GraphSummarization

/// Merging that is spread over machines against the local run, and rows that no state has.
@Suite struct SpreadMergingTests {
  static let graphs: [TestGraph] = [
    .nested(150, seed: 3), .skewed(1500, edges: 6000, seed: 5), .biclique(9, 7), .star(40), .clique(12), .grid(9),
    .random(60, edges: 300, seed: 2), .isolated,
  ]

  @Test("Summary and figures of all rounds are those of the local run", arguments: graphs)
  func equality(graph: TestGraph) throws {
    let simple = try graph.frozen(duplicates: .first).simplified()
    for (cap, seed) in [(500, 42), (7, 3)] {
      let options = SummarizeOptions(iterations: 8, groupCap: cap, maximumDepth: 3, seed: UInt64(seed))
      let expected = try summarize(of: simple, options: options)
      var run = SpreadRun(simple, options)
      if simple.edgeCount > 0 { try run.run() }
      #expect(run.figures == expected.iterations.map { [$0.groups, $0.merges, $0.refused] })
      let found = try summarize(try run.draft(), of: simple, options: options, context: RunContext())
      #expect(found.summary.isIdentical(to: expected.summary))
      #expect(found.steps == expected.steps)
      if simple.edgeCount == 0 { continue }
      var last = options
      (last.pruningSteps, last.reencodes) = (1, false)
      let pieces = try summarize(run.encoded(run.draft()), of: simple, options: last, context: RunContext())
      #expect(pieces.summary.isIdentical(to: expected.summary))
    }
  }

  @Test("Levels of groups, in any order, are the order of the groups", arguments: 1...8 as ClosedRange<UInt64>)
  func levels(seed: UInt64) throws {
    let shapes: [TestGraph] = [
      .skewed(900, edges: 5000, seed: seed), .nested(120, seed: seed), .random(80, edges: 600, seed: seed),
    ]
    for (shape, cap) in zip(shapes, [500, 6, 20]) {
      let graph = try shape.frozen(duplicates: .first).simplified()
      let options = SummarizeOptions(iterations: 6, groupCap: cap, seed: seed)
      var whole = SpreadRun(graph, options)
      try whole.run()
      var run = SpreadRun(graph, options, levels: TestRandom(state: seed))
      try run.run()
      #expect(run.mostLevels > 1, "\(shape): no group waits for another one")
      #expect(run.figures == whole.figures && run.links == whole.links && run.above == whole.above)
      #expect(run.children.mapValues { [$0.left, $0.right] } == whole.children.mapValues { [$0.left, $0.right] })
      let found = try summarize(try run.draft(), of: graph, options: options, context: RunContext())
      #expect(try found.summary.isIdentical(to: summarize(of: graph, options: options).summary))
    }
  }

  static let real = ["email-eu-core", "power", "as20000102", "pgp-giant", "lastfm-asia"]

  @Test("The same on real graphs, all rounds", .needsSharedData(graphs: real), arguments: real)
  func realGraphs(name: String) throws {
    let graph = try readGraph(SharedData.path("graphs/\(name).txt.gz")).graph.symmetrized().simplified()
    let expected = try summarize(of: graph)
    var run = SpreadRun(graph, SummarizeOptions())
    try run.run()
    #expect(run.figures == expected.iterations.map { [$0.groups, $0.merges, $0.refused] })
    var byLevels = SpreadRun(graph, SummarizeOptions(), levels: TestRandom(state: 1))
    try byLevels.run()
    #expect(byLevels.figures == run.figures && byLevels.links == run.links && byLevels.mostLevels > 2)
    var last = SummarizeOptions()
    (last.pruningSteps, last.reencodes) = (1, false)
    let pieces = try summarize(run.encoded(run.draft()), of: graph, options: last, context: RunContext())
    #expect(pieces.summary.isIdentical(to: expected.summary))
  }

  @Test("Decisions do not depend on the order of links in the lists", arguments: 1...6 as ClosedRange<UInt64>)
  func orderOfLinks(seed: UInt64) throws {
    let graph = try TestGraph.skewed(800, edges: 4000, seed: seed).frozen(duplicates: .first).simplified()
    let options = SummarizeOptions(seed: seed)
    var run = SpreadRun(graph, SummarizeOptions(iterations: 3, seed: seed))
    try run.run()
    // The last round takes whatever saves anything.
    let round = try SpreadRound(options.iterations, options: options)
    var random = TestRandom(state: seed)
    var merges = 0
    for (group, members) in try run.groups(round).enumerated() {
      let found = try (0..<3).map { turn -> [[UInt16]] in
        let numbers = Dictionary(
          uniqueKeysWithValues: (members + Set(members.flatMap { run.links[$0]!.keys }).subtracting(members).sorted())
            .enumerated().map { ($1, UInt32($0)) })
        var roots: [Root] = []
        var arena: [Link] = []
        for member in members {
          var list = run.links[member]!.sorted { $0.key < $1.key }
          if turn > 0 { for i in list.indices.reversed() { list.swapAt(i, random.below(i + 1)) } }
          var root = try run.roots[member]!.record()
          (root.linkStart, root.linkCount) = (arena.count, UInt32(list.count))
          roots.append(root)
          arena += list.map {
            Link(other: numbers[$0.key]!, twin: 0, cost: UInt32($0.value.cost), view: UInt32($0.value.view))
          }
        }
        var merger = try GroupMerger(nodeCapacity: numbers.count)
        var decisions: [GroupMerger.Decision] = []
        var picks = round.draws.picks(round.number, group: group)
        (0..<UInt32(members.count)).map { $0 }.withUnsafeBufferPointer { members in
          roots.withUnsafeBufferPointer { roots in
            arena.withUnsafeBufferPointer { arena in
              merger.decide(
                members, lists: RootLists(roots: roots.baseAddress!, arena: arena.baseAddress!), rule: round.rule,
                random: &picks, into: &decisions)
            }
          }
        }
        return decisions.map { [$0.first, $0.second] }
      }
      #expect(found[0] == found[1] && found[0] == found[2])
      merges += found[0].count
    }
    #expect(merges > 5)
  }

  @Test("Rows with any number changed are refused, or do no harm", arguments: 1...4 as ClosedRange<UInt64>)
  func hostileRows(seed: UInt64) throws {
    let graph = try TestGraph.nested(60, seed: seed).frozen(duplicates: .first).simplified()
    let options = SummarizeOptions(iterations: 3, seed: seed)
    var run = SpreadRun(graph, SummarizeOptions(iterations: 2, seed: seed))
    try run.run()
    let round = try SpreadRound(3, options: options)
    var random = TestRandom(state: seed)
    func changed(_ value: Int64) -> Int64 {
      switch random.below(1000) {
      case 0: value ^ 1 << Int64(random.below(64))
      case 1: Int64(random.below(300))
      case 2: value &+ 1
      default: value
      }
    }
    let groups = try run.groups(round)
    var (refused, done) = (0, 0)
    for _ in 0..<300 {
      do {
        var decider = try SpreadDecider(round)
        let members = groups[random.below(groups.count)]
        for root in members {
          let record = run.roots[root]!
          try decider.addMember(
            changed(root), SpreadRoot(sums: changed(record.sums), state: changed(record.state)))
          for (other, end) in run.links[root]!.sorted(by: { $0.key < $1.key }) {
            try decider.addLink(to: changed(other), cost: changed(end.cost), view: changed(end.view))
          }
        }
        _ = try decider.decide(group: changed(1))
        done += 1
      } catch {
        #expect(error.kind == .malformed)
        refused += 1
      }
      do {
        var merger = try SpreadMerger(round, nodeCount: 60, supernodeCount: 60 + run.children.count)
        let operands = run.roots.keys.sorted().prefix(12)
        for root in operands {
          let record = run.roots[root]!
          try merger.addRoot(changed(root), SpreadRoot(sums: changed(record.sums), state: changed(record.state)))
          for (other, end) in (run.links[root] ?? [:]).sorted(by: { $0.key < $1.key }) {
            try merger.addLink(of: root, to: changed(other), cost: changed(end.cost), view: changed(end.view))
          }
        }
        try merger.begin()
        let isApart = random.below(2) == 0
        for (place, (a, b)) in zip(operands, operands.dropFirst()).enumerated() {
          try merger.merge(changed(a), changed(b), into: isApart ? changed(Int64(500 + place)) : nil)
        }
        try merger.forEach { _ in }
        done += 1
      } catch {
        #expect((error as? MillError)?.kind == .malformed)
        refused += 1
      }
    }
    #expect(refused > 50 && done > 50)
  }

  @Test("Drafts that are not of the graph are refused")
  func drafts() throws {
    let graph = try TestGraph.clique(4).frozen(duplicates: .first).simplified()
    func finish(_ rows: [(Int64, Int64, Int32)]) throws(MillError) -> SummarizeResult {
      var draft = MergedDraft(nodeCount: 4)
      for row in rows { try draft.add(row.0, row.1, sign: row.2) }
      return try summarize(draft, of: graph, options: SummarizeOptions(), context: RunContext())
    }
    let tree: [(Int64, Int64, Int32)] = [(0, 4, 0), (1, 4, 0), (2, 4, 0), (3, 4, 0)]
    #expect(try finish(tree + [(4, 4, 1)]).summary.cost == 5)
    for rows in [
      tree, tree + [(4, 4, 1), (4, 4, -1)], tree + [(4, 4, 1), (4, 4, 1)], tree + [(0, 4, 0)], [(0, 4, 0), (4, 4, 1)],
      [(4, 0, 0)], [(0, 0, 1)], [(0, 9, 1)], [(-1, 0, 1)], [(0, 1, 2)], [(0, 1, 1)], tree + [(4, 6, 0), (4, 4, 1)],
    ] as [[(Int64, Int64, Int32)]] {
      do throws(MillError) {
        _ = try finish(rows)
        Issue.record("taken: \(rows)")
      } catch { #expect(error.kind == .malformed) }
    }
  }

  @Test("Rounds and sizes that there are not")
  func badOptions() {
    #expect(throws: MillError.self) { try SpreadRound(0, options: .init()) }
    #expect(throws: MillError.self) { try SpreadRound(21, options: .init()) }
    #expect(throws: MillError.self) { try SpreadRound(1, options: SummarizeOptions(model: .flat)) }
    #expect(throws: MillError.self) {
      try SpreadMerger(SpreadRound(1, options: .init()), nodeCount: 4, supernodeCount: 8)
    }
  }
}
