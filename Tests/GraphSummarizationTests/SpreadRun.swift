import GraphStore
import MillRuntime

@testable import GraphSummarization

/// A spread run without machines: the state in dictionaries, each step by the rows that it would get.
struct SpreadRun {
  struct End: Equatable {
    var cost: Int64
    var view: Int64
  }

  struct Decision {
    var group: Int64
    var place: Int64
    var pair: (first: Int64, second: Int64)
  }

  let graph: CSRGraph
  let options: SummarizeOptions
  var roots: [Int64: SpreadRoot] = [:]
  var links: [Int64: [Int64: End]] = [:]
  /// The root of each leaf.
  var above: [Int64]
  var children: [Int64: (left: Int64, right: Int64)] = [:]
  var edges: [(wide: Int64, narrow: Int64, place: Int64)] = []
  var figures: [[Int]] = []
  /// Where there are random numbers, decisions are applied level by level, in an order that these draw.
  var random: TestRandom?
  /// The most levels of a round.
  var mostLevels = 1

  init(_ graph: CSRGraph, _ options: SummarizeOptions, levels random: TestRandom? = nil) {
    self.graph = graph
    self.random = random
    self.options = options
    above = (0..<Int64(graph.nodeCount)).map { $0 }
    for v in 0..<Int64(graph.nodeCount) {
      let others = graph.neighbors(of: Int(v)).map { Int64($0) }
      if others.isEmpty { continue }
      let state = Int64(MergeTables.leafType) << 16 | 4 << 24 | SpreadRoot.linked
      roots[v] = SpreadRoot(sums: Int64(others.count), state: state)
      for u in others { links[v, default: [:]][u] = End(cost: 1, view: u < v ? 511 : 255) }
    }
  }

  private var count: Int { graph.nodeCount + children.count }

  /// The members of all groups in this state.
  func groups(_ round: SpreadRound) throws -> [[Int64]] {
    guard let targets = UInt32.array(graph.targets) else { preconditionFailure("targets of 32 bits") }
    var (first, last) = ([UInt32](repeating: LinkState.none, count: count), [UInt32](repeating: 0, count: count))
    var next = [UInt32](repeating: LinkState.none, count: graph.nodeCount)
    for (leaf, root) in above.enumerated() {
      if first[Int(root)] == LinkState.none {
        first[Int(root)] = UInt32(leaf)
      } else {
        next[Int(last[Int(root)])] = UInt32(leaf)
      }
      last[Int(root)] = UInt32(leaf)
    }
    let linked = roots.filter { $0.value.state & SpreadRoot.linked != 0 }.keys.sorted().map { UInt32($0) }
    let groups = CandidateGroups(
      roots: linked, firstLeaf: first, lastLeaf: last, nextLeaf: next, graph: graph, targets: targets.base,
      groupCap: options.groupCap, maximumDepth: options.maximumDepth, isClosed: round.isClosed,
      stream: round.draws.shingles, iteration: round.number, threads: 1)
    return (0..<groups.count).map { groups.members[groups.range($0)].map { Int64($0) } }
  }

  private func sortedLinks(_ root: Int64) -> [(other: Int64, end: End)] {
    (links[root] ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  mutating func run() throws {
    for number in 1..<options.iterations + 1 {
      let round = try SpreadRound(number, options: options)
      var decider = try SpreadDecider(round)
      var decisions: [Decision] = []
      let groups = try groups(round)
      for (group, members) in groups.enumerated() {
        for root in members {
          try decider.addMember(root, roots[root]!)
          for link in sortedLinks(root) {
            try decider.addLink(to: link.other, cost: link.end.cost, view: link.end.view)
          }
        }
        decisions += try decider.decide(group: Int64(group)).enumerated().map {
          Decision(group: Int64(group), place: Int64($0.offset), pair: $0.element)
        }
      }
      let done = try random == nil ? apply([decisions], round) : applyByLevels(decisions, round)
      figures.append([groups.count, done.merges, done.refused])
    }
  }

  private func operands(_ decisions: [Decision]) -> Set<Int64> {
    Set(decisions.flatMap { [$0.pair.first, $0.pair.second] })
  }

  /// Applies lists of decisions that need nothing of each other, all on the present state.
  ///
  /// - Parameters:
  ///   - supernodes: How many there were before the round.
  ///   - stride: From the numbers of a group to those of the next one; nil for numbers one behind the other.
  private mutating func apply(
    _ lists: [[Decision]], _ round: SpreadRound, supernodes: Int? = nil, stride: Int64? = nil
  ) throws -> (merges: Int, refused: Int) {
    let supernodes = supernodes ?? count
    let mergers = try lists.map { decisions in
      var merger = try SpreadMerger(round, nodeCount: graph.nodeCount, supernodeCount: supernodes)
      for root in operands(decisions).sorted() {
        try merger.addRoot(root, roots[root]!)
        for link in sortedLinks(root) {
          try merger.addLink(of: root, to: link.other, cost: link.end.cost, view: link.end.view)
        }
      }
      try merger.begin()
      for decision in decisions {
        let number = stride.map { Int64(supernodes) + decision.group * $0 + decision.place }
        try merger.merge(decision.pair.first, decision.pair.second, into: number)
      }
      return merger
    }
    for (merger, decisions) in zip(mergers, lists) { try follow(merger, operands(decisions)) }
    return (mergers.reduce(0) { $0 + $1.merges }, mergers.reduce(0) { $0 + $1.refused })
  }

  /// Groups by level: one waits for every earlier group with a root that is linked to one of its own.
  private func levels(_ decisions: [Decision]) -> [[Int64]] {
    var group: [Int64: Int64] = [:]
    for decision in decisions { for root in operands([decision]) { group[root] = decision.group } }
    let members = Dictionary(grouping: group.keys) { group[$0]! }
    var level: [Int64: Int] = [:]
    for own in members.keys.sorted() {
      let others = members[own]!.flatMap { links[$0]!.keys }.compactMap { group[$0] }
      level[own] = (others.filter { $0 < own }.map { level[$0]! }.max() ?? -1) + 1
    }
    let levels = Dictionary(grouping: members.keys) { level[$0]! }
    return levels.keys.sorted().map { levels[$0]! }
  }

  /// Applies the first levels in runs of groups that are drawn, and what is left in one list.
  private mutating func applyByLevels(
    _ decisions: [Decision], _ round: SpreadRound
  ) throws -> (merges: Int, refused: Int) {
    let (levels, before, edgesBefore, stride) = (levels(decisions), count, edges.count, Int64(options.groupCap))
    mostLevels = max(mostLevels, levels.count)
    let spread = random!.below(levels.count + 1)
    var sums = (merges: 0, refused: 0)
    for level in 0..<spread + 1 {
      var groups = level < spread ? levels[level].sorted() : levels[spread...].joined().sorted()
      var lists: [[Decision]] = []
      while !groups.isEmpty {
        let run = level < spread ? Set((0..<3).map { _ in groups[random!.below(groups.count)] }) : Set(groups)
        lists.append(decisions.filter { run.contains($0.group) })
        groups.removeAll { run.contains($0) }
      }
      let done = try apply(lists, round, supernodes: before, stride: stride)
      sums = (sums.merges + done.merges, sums.refused + done.refused)
    }
    // The numbers that are left out were of merges that were refused, and of no decision.
    let made = children.keys.filter { $0 >= before }.sorted()
    let numbers = Dictionary(uniqueKeysWithValues: made.enumerated().map { ($1, Int64(before + $0)) })
    func number(_ root: Int64) -> Int64 { numbers[root] ?? root }
    func renamed<Value>(_ table: [Int64: Value]) -> [Int64: Value] {
      Dictionary(uniqueKeysWithValues: table.map { (number($0), $1) })
    }
    roots = renamed(roots)
    links = renamed(links).mapValues(renamed)
    children = renamed(children).mapValues { (number($0.left), number($0.right)) }
    above = above.map(number)
    for place in edgesBefore..<edges.count {
      edges[place] = (number(edges[place].wide), number(edges[place].narrow), edges[place].place)
    }
    return sums
  }

  private mutating func follow(_ merger: SpreadMerger, _ operands: Set<Int64>) throws {
    for root in operands {
      roots[root] = nil
      for other in (links[root] ?? [:]).keys { links[other]?[root] = nil }
      links[root] = nil
    }
    var moves: [Int64: Int64] = [:]
    try merger.forEach { row in
      switch row {
      case .root(let id, let root): roots[id] = root
      case .link(let from, let to, let cost, let view): links[from, default: [:]][to] = End(cost: cost, view: view)
      case .loss(let id, let edges): roots[id] = SpreadRoot(sums: roots[id]!.sums - edges, state: roots[id]!.state)
      case .merge(let id, let left, let right): children[id] = (left, right)
      case .move(let id, let root): moves[id] = root
      case .edge(let wide, let narrow, let place): edges.append((wide, narrow, place))
      }
    }
    above = above.map { moves[$0] ?? $0 }
  }

  /// The draft after pruning and with its pairs of trees encoded one by one.
  func encoded(_ merged: MergedDraft) throws -> MergedDraft {
    var parents: [(id: Int64, parent: Int64?, root: Int64)] = []
    var signed: [(x: Int64, y: Int64, sign: Int64)] = []
    try merged.prune(edgeCount: graph.edgeCount, context: RunContext()) { row in
      switch row {
      case .supernode(let id, let parent, let root): parents.append((id, parent, root))
      case .edge(let x, let y, let sign): signed.append((x, y, sign))
      }
    }
    let root = Dictionary(uniqueKeysWithValues: parents.map { ($0.id, $0.root) })
    func pair(_ x: Int64, _ y: Int64) -> [Int64] { [root[x]!, root[y]!].sorted() }
    let old = Dictionary(grouping: signed) { pair($0.x, $0.y) }
    var arcs: [[Int64]: [(Int64, Int64)]] = [:]
    for u in 0..<Int64(graph.nodeCount) {
      for v in graph.neighbors(of: Int(u)).map({ Int64($0) }) where u < v {
        arcs[pair(u, v), default: []].append((u, v))
      }
    }
    var draft = MergedDraft(nodeCount: graph.nodeCount)
    for entry in parents { if let parent = entry.parent { try draft.add(entry.id, parent, sign: 0) } }
    var encoder = SpreadEncoder(nodeCount: graph.nodeCount, context: RunContext())
    for (roots, edges) in old {
      guard edges.count > 1 else {
        try draft.add(edges[0].x, edges[0].y, sign: Int32(edges[0].sign))
        continue
      }
      for entry in parents where roots.contains(entry.root) { try encoder.addSupernode(entry.id, parent: entry.parent) }
      for arc in arcs[roots] ?? [] { try encoder.addEdge(arc.0, arc.1) }
      for edge in edges { try encoder.addSignedEdge(edge.x, edge.y, sign: edge.sign) }
      for edge in try encoder.encode() { try draft.add(edge.x, edge.y, sign: Int32(edge.sign)) }
    }
    return draft
  }

  /// The draft when no more merges come; rows in the order of a dictionary, which differs from run to run.
  func draft() throws -> MergedDraft {
    var pending = try SpreadPending()
    var all = edges
    for (root, record) in roots {
      for place in try pending.inside(record) { all.append((root, root, place)) }
      for (other, end) in links[root] ?? [:] {
        for place in try pending.between(root, other, cost: end.cost, view: end.view) {
          all.append((root, other, place))
        }
      }
    }
    var draft = MergedDraft(nodeCount: graph.nodeCount)
    for (id, below) in children {
      try draft.add(below.left, id, sign: 0)
      try draft.add(below.right, id, sign: 0)
    }
    for edge in all.shuffled() {
      let (x, y) = ends(edge.wide, edge.narrow, Int(edge.place & 127))
      if x != y || x >= Int64(graph.nodeCount) { try draft.add(x, y, sign: edge.place & 128 == 0 ? 1 : -1) }
    }
    return draft
  }

  /// The ends of an edge by the path of each: a letter a step down.
  private func ends(_ wide: Int64, _ narrow: Int64, _ place: Int) -> (Int64, Int64) {
    let between = [
      ",", ",l", ",r", "l,l", "l,r", "r,l", "r,r", "l,", "r,", "ll,", "lr,", "rl,", "rr,", "ll,l", "ll,r", "lr,l",
      "lr,r", "rl,l", "rl,r", "rr,l", "rr,r",
    ]
    let inside = [
      0: ",", 3: "l,l", 4: "r,r", 5: "l,r", 12: "l,rl", 13: "l,rr", 14: "r,ll", 15: "r,lr", 18: "ll,ll", 19: "ll,lr",
      20: "lr,lr", 21: "ll,rl", 22: "ll,rr", 23: "lr,rl", 24: "lr,rr", 25: "rl,rl", 26: "rl,rr", 27: "rr,rr",
    ]
    let isInside = place >= Int(EdgePlace.inner)
    let paths = (isInside ? inside[place - Int(EdgePlace.inner)]! : between[place])
      .split(separator: ",", omittingEmptySubsequences: false)
    func walk(_ root: Int64, _ path: Substring) -> Int64 {
      path.reduce(root) { $1 == "l" ? children[$0]?.left ?? $0 : children[$0]?.right ?? $0 }
    }
    return (walk(wide, paths[0]), walk(narrow, paths[1]))
  }
}
