import GraphStore
import MillRuntime

/// The flat model: disjoint groups of nodes, one edge between two groups where that is cheaper, corrections between
/// nodes (Navlakha, Rastogi, Shrivastava, SIGMOD 2008), found by merging inside candidate groups.
///
/// The cost counts a member of a group of two or more nodes as an edge of the forest, so that it compares with the
/// hierarchical model. Groups run one after the other on one thread.
@safe struct FlatEngine {
  private struct FlatLink: BitwiseCopyable {
    var other: UInt32
    var edges: UInt32
  }

  private let graph: CSRGraph
  private let targets: UnsafePointer<UInt32>
  private let options: SummarizeOptions
  private let context: RunContext
  private(set) var iterations: [SummarizeIteration] = []
  /// Leaves, merged groups after them; links of a root are kept sorted by the other root.
  private var lists: [[FlatLink]] = []
  private var size: [Int] = []
  private var inside: [Int] = []
  private var parent: [UInt32] = []
  private var firstLeaf: [UInt32] = []
  private var lastLeaf: [UInt32] = []
  private var nextLeaf: [UInt32] = []
  private var edgeCost = 0
  private var memberCount = 0
  private var evaluations = 0
  private var mark: [UInt32]

  init(_ graph: CSRGraph, targets: UnsafePointer<UInt32>, options: SummarizeOptions, context: RunContext) {
    self.graph = graph
    unsafe self.targets = targets
    self.options = options
    self.context = context
    let n = graph.nodeCount
    for v in 0..<n {
      lists.append(graph.arcs(of: v).map { unsafe FlatLink(other: targets[$0], edges: 1) })
    }
    size = [Int](repeating: 1, count: n)
    inside = [Int](repeating: 0, count: n)
    parent = [UInt32](repeating: SummaryDraft.none, count: n)
    firstLeaf = (0..<UInt32(n)).map { $0 }
    lastLeaf = firstLeaf
    nextLeaf = [UInt32](repeating: SummaryDraft.none, count: n)
    mark = [UInt32](repeating: 0, count: 2 * n)
    edgeCost = graph.edgeCount
  }

  /// Edges that `edges` input edges among `pairs` pairs take.
  @inline(__always) private static func cost(_ edges: Int, _ pairs: Int) -> Int {
    edges == 0 ? 0 : min(edges, pairs - edges + 1)
  }

  private func total(_ a: Int) -> Int {
    var sum = Self.cost(inside[a], size[a] * (size[a] - 1) / 2)
    for link in lists[a] { sum += Self.cost(Int(link.edges), size[a] * size[Int(link.other)]) }
    return sum
  }

  mutating func run() -> Bool {
    context.progress?.begin("merge", total: options.iterations, unit: .items)
    defer { context.progress?.end() }
    let groupStream = RandomStream(seed: options.seed, stage: "summarize-flat-shingle")
    let pickStream = RandomStream(seed: options.seed, stage: "summarize-flat-pick")
    for t in 1..<max(1, options.iterations + 1) {
      if let cancellation = context.cancellation, cancellation.isRequested { return false }
      let threshold = options.threshold.threshold(t, of: options.iterations)
      var roots: [UInt32] = []
      for a in 0..<parent.count where parent[a] == SummaryDraft.none && !lists[a].isEmpty { roots.append(UInt32(a)) }
      let groups = unsafe CandidateGroups(
        roots: roots, firstLeaf: firstLeaf, lastLeaf: lastLeaf, nextLeaf: nextLeaf, graph: graph, targets: targets,
        groupCap: options.groupCap, maximumDepth: options.maximumDepth, isClosed: true, stream: groupStream,
        iteration: t, threads: context.threads)
      let before = (evaluations, parent.count)
      for group in 0..<groups.count {
        var random = pickStream.item(UInt64(t) << 32 | UInt64(group))
        mergeWithin(Array(groups.members[groups.range(group)]), threshold, &random)
      }
      iterations.append(
        SummarizeIteration(
          number: t, threshold: threshold, groups: groups.count, merges: parent.count - before.1, refused: 0,
          edges: edgeCost, hierarchyEdges: memberCount, evaluations: evaluations - before.0, lookups: 0))
      context.progress?.advance(by: 1)
    }
    return true
  }

  private mutating func mergeWithin(_ members: [UInt32], _ threshold: Double, _ random: inout CounterRandom) {
    var members = members
    while members.count > 1 {
      let pick = Int(random.below(UInt64(members.count)))
      let a = Int(members[pick])
      members.swapAt(pick, members.count - 1)
      members.removeLast()
      for link in lists[a] { mark[Int(link.other)] = link.edges }
      let totalA = total(a)
      var best: (place: Int, saving: Double, before: Int, reduction: Int)?
      for (place, b) in members.enumerated() {
        let (before, after) = evaluate(a, Int(b), totalA)
        let reduction = before - after
        let newMembers = (size[a] == 1 ? 1 : 0) + (size[Int(b)] == 1 ? 1 : 0)
        let saving = Double(reduction) / Double(max(1, before))
        if reduction > 0, reduction >= newMembers, saving >= threshold, saving > best?.saving ?? 0 {
          best = (place, saving, before, reduction)
        }
      }
      for link in lists[a] { mark[Int(link.other)] = 0 }
      if let best {
        edgeCost -= best.reduction
        members[best.place] = UInt32(join(a, Int(members[best.place])))
      }
    }
  }

  /// Edges at `a` and `b` now, and after a merge. The marks hold the links of `a`.
  private mutating func evaluate(_ a: Int, _ b: Int, _ totalA: Int) -> (before: Int, after: Int) {
    evaluations += 1
    let merged = size[a] + size[b]
    let between = Int(mark[b])
    var after = Self.cost(inside[a] + inside[b] + between, merged * (merged - 1) / 2)
    for link in lists[a] where Int(link.other) != b {
      after += Self.cost(Int(link.edges), merged * size[Int(link.other)])
    }
    for link in lists[b] where Int(link.other) != a {
      let u = Int(link.other)
      let common = Int(mark[u])
      after += Self.cost(Int(link.edges) + common, merged * size[u]) - Self.cost(common, merged * size[u])
    }
    return (totalA + total(b) - Self.cost(between, size[a] * size[b]), after)
  }

  private mutating func join(_ a: Int, _ b: Int) -> Int {
    let root = parent.count
    parent.append(SummaryDraft.none)
    parent[a] = UInt32(root)
    parent[b] = UInt32(root)
    memberCount += (size[a] == 1 ? 1 : 0) + (size[b] == 1 ? 1 : 0)
    size.append(size[a] + size[b])
    firstLeaf.append(firstLeaf[a])
    lastLeaf.append(lastLeaf[b])
    nextLeaf[Int(lastLeaf[a])] = firstLeaf[b]
    var between = 0
    var list: [FlatLink] = []
    for link in lists[b] { mark[Int(link.other)] = link.edges }
    for link in lists[a] {
      if Int(link.other) == b {
        between = Int(link.edges)
      } else {
        list.append(FlatLink(other: link.other, edges: link.edges + mark[Int(link.other)]))
        mark[Int(link.other)] = 0
      }
    }
    for link in lists[b] where Int(link.other) != a && mark[Int(link.other)] != 0 { list.append(link) }
    for link in lists[b] { mark[Int(link.other)] = 0 }
    inside.append(inside[a] + inside[b] + between)
    for link in list {
      let u = Int(link.other)
      lists[u].removeAll { Int($0.other) == a || Int($0.other) == b }
      lists[u].append(FlatLink(other: UInt32(root), edges: link.edges))
    }
    lists[a] = []
    lists[b] = []
    lists.append(list)
    return root
  }

  /// The summary: groups of two or more nodes become supernodes of height 1.
  func draft() -> SummaryDraft {
    let n = graph.nodeCount
    var group = [UInt32](repeating: 0, count: parent.count)
    var count = n
    var up = [UInt32](repeating: SummaryDraft.none, count: n)
    for a in stride(from: parent.count - 1, through: 0, by: -1) {
      if parent[a] != SummaryDraft.none {
        group[a] = group[Int(parent[a])]
      } else if a < n {
        group[a] = UInt32(a)
      } else {
        group[a] = UInt32(count)
        up.append(SummaryDraft.none)
        count += 1
      }
      if a < n, group[a] >= UInt32(n) { up[a] = group[a] }
    }
    var members = [[UInt32]](repeating: [], count: count)
    for v in 0..<n { members[Int(group[v])].append(UInt32(v)) }
    let edges = EdgeList(capacity: edgeCost + 16)
    for g in 0..<count where !members[g].isEmpty {
      // Input edges to this group and later ones, by the other group.
      var found: [(other: UInt32, u: UInt32, v: UInt32)] = []
      for u in members[g] {
        for arc in graph.arcs(of: Int(u)) {
          let v = unsafe targets[arc]
          let other = group[Int(v)]
          if other > UInt32(g) || (other == UInt32(g) && u < v) { found.append((other, u, v)) }
        }
      }
      found.sort { ($0.other, $0.u, $0.v) < ($1.other, $1.u, $1.v) }
      var low = 0
      while low < found.count {
        var high = low + 1
        while high < found.count, found[high].other == found[low].other { high += 1 }
        append(found[low..<high], g, members[g], members[Int(found[low].other)], to: edges)
        low = high
      }
    }
    return SummaryDraft(leafCount: n, count: count, parent: up, edges: edges)
  }

  /// The cheaper encoding of the edges between two groups (or inside one).
  private func append(
    _ found: ArraySlice<(other: UInt32, u: UInt32, v: UInt32)>, _ g: Int, _ mine: [UInt32], _ others: [UInt32],
    to edges: EdgeList
  ) {
    guard let other = found.first?.other else { return }
    let isLoop = Int(other) == g
    let pairs = isLoop ? mine.count * (mine.count - 1) / 2 : mine.count * others.count
    guard pairs - found.count + 1 < found.count else {
      for edge in found { edges.append(SignedEdge(x: edge.u, y: edge.v, isNegative: false)) }
      return
    }
    edges.append(SignedEdge(x: UInt32(g), y: other, isNegative: false))
    var place = found.startIndex
    for u in mine {
      for v in others where !isLoop || u < v {
        if place < found.endIndex, found[place].u == u, found[place].v == v {
          place += 1
        } else {
          edges.append(SignedEdge(x: u, y: v, isNegative: true))
        }
      }
    }
  }
}
