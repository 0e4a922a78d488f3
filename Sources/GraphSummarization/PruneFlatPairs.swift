import MillRuntime

extension SummaryDraft {
  /// Step 3: pairs of trees whose edges are cheaper without the supernodes between them become one p-edge with
  /// corrections, or a list of edges; supernodes that lose all edges go.
  ///
  /// The greedy end may raise the cost; then nothing is changed.
  ///
  /// - Returns: Whether the cost fell.
  mutating func flattenPairs(threads: Int) -> Bool {
    let before = cost
    let savedParent = parent
    let savedEdges = edges
    let layout = ForestLayout(self)
    var flattening = PairFlattening(self, layout, threads: threads)
    flattening.decide()
    edges = flattening.rewritten()
    removeUseless()
    if cost < before { return true }
    parent = savedParent
    edges = savedEdges
    return false
  }
}

private struct PairFlattening {
  private enum State: UInt8 { case open, kept, sparse, dense }
  /// There can be nearly as many as edges, so they are kept small.
  private struct Pair {
    /// Input edges between the two trees.
    var inputEdges = 0
    private let firstEdge: Int
    private let edgeCount: UInt32
    private var endCount: UInt32 = 0
    private var firstEnd = 0
    /// The smallest supernodes that hold all ends.
    var u: UInt32
    var v: UInt32
    /// Of the inner supernodes in use, the ones that need not be kept otherwise.
    var loose: UInt32 = 0
    let isLoop: Bool
    var state = State.open

    init(edges: Range<Int>, u: UInt32, v: UInt32, isLoop: Bool) {
      firstEdge = edges.lowerBound
      edgeCount = UInt32(edges.count)
      self.u = u
      self.v = v
      self.isLoop = isLoop
    }

    var edges: Range<Int> { firstEdge..<firstEdge + Int(edgeCount) }
    /// Inner supernodes in use, in the list of ends.
    var ends: Range<Int> {
      get { firstEnd..<firstEnd + Int(endCount) }
      set {
        firstEnd = newValue.lowerBound
        endCount = UInt32(newValue.count)
      }
    }
  }
  /// What one chunk of trees gives. Edges between lone leaves are not in it: there is nothing to decide.
  private struct Chunk {
    var pairs: [Pair] = []
    var ends: [UInt32] = []
  }

  private let draft: SummaryDraft
  private let layout: ForestLayout
  private let sorted: RootPairEdges
  private var pairs: [Pair] = []
  private var ends: [UInt32] = []
  private var isFixed: [Bool]
  /// Pairs that look at supernode x are `watchers[watcherOffsets[x]..<watcherOffsets[x + 1]]`: pair * 2, + 1 where it
  /// counts x as loose.
  private var watcherOffsets: [Int] = []
  private var watchers: [Int] = []
  /// Pairs to be looked at again, after all have been looked at once.
  private var queue: [Int] = []

  init(_ draft: SummaryDraft, _ layout: ForestLayout, threads: Int) {
    self.draft = draft
    self.layout = layout
    let sorted = RootPairEdges(draft, root: layout.root, threads: threads)
    self.sorted = sorted
    let isFixed = (0..<draft.count).map { $0 < draft.leafCount || draft.parent[$0] >= SummaryDraft.gone }
    self.isFixed = isFixed
    let rootsPerChunk = 1 << 10
    let chunkCount = Parallel.chunkCount(draft.count, size: rootsPerChunk)
    var chunks = [Chunk](repeating: Chunk(), count: chunkCount)
    chunks.withUnsafeMutableBufferPointer { chunks in
      nonisolated(unsafe) let chunks = chunks
      Parallel.forEach(chunkCount, threads: threads) { chunk, _ in
        for r in Parallel.range(ofChunk: chunk, size: rootsPerChunk, count: draft.count) {
          var low = sorted.offsets[r]
          let end = sorted.offsets[r + 1]
          while low < end {
            let other = layout.root[Int(sorted.edges[low].y)]
            var high = low + 1
            while high < end, layout.root[Int(sorted.edges[high].y)] == other { high += 1 }
            if r >= draft.leafCount || Int(other) >= draft.leafCount {
              Self.addPair(low..<high, isLoop: Int(other) == r, draft, layout, sorted, isFixed, to: &chunks[chunk])
            }
            low = high
          }
        }
      }
    }
    pairs.reserveCapacity(chunks.reduce(0) { $0 + $1.pairs.count })
    ends.reserveCapacity(chunks.reduce(0) { $0 + $1.ends.count })
    for chunk in 0..<chunkCount {
      let shift = ends.count
      for var pair in chunks[chunk].pairs {
        pair.ends = pair.ends.lowerBound + shift..<pair.ends.upperBound + shift
        pairs.append(pair)
      }
      ends += chunks[chunk].ends
      chunks[chunk] = Chunk()
    }
    listWatchers()
  }

  private static func lowestCommon(_ a: UInt32, _ b: UInt32, _ draft: SummaryDraft) -> UInt32 {
    var (a, b) = (a, b)
    while a != b { if a < b { a = draft.parent[Int(a)] } else { b = draft.parent[Int(b)] } }
    return a
  }

  private static func addPair(
    _ range: Range<Int>, isLoop: Bool, _ draft: SummaryDraft, _ layout: ForestLayout, _ sorted: RootPairEdges,
    _ isFixed: [Bool], to chunk: inout Chunk
  ) {
    let first = sorted.edges[range.lowerBound]
    var pair = Pair(edges: range, u: first.x, v: first.y, isLoop: isLoop)
    let start = chunk.ends.count
    for i in range {
      let edge = sorted.edges[i]
      let size = Int(layout.size[Int(edge.x)])
      let covered = edge.x == edge.y ? size * (size - 1) / 2 : size * Int(layout.size[Int(edge.y)])
      pair.inputEdges += edge.isNegative ? -covered : covered
      pair.u = lowestCommon(pair.u, edge.x, draft)
      pair.v = lowestCommon(pair.v, edge.y, draft)
      if !isFixed[Int(edge.x)] { chunk.ends.append(edge.x) }
      if !isFixed[Int(edge.y)] { chunk.ends.append(edge.y) }
    }
    if chunk.ends.count - start > 1 {
      chunk.ends[start...].sort()
      var kept = start
      for i in start..<chunk.ends.count where i == start || chunk.ends[i] != chunk.ends[i - 1] {
        chunk.ends[kept] = chunk.ends[i]
        kept += 1
      }
      chunk.ends.removeLast(chunk.ends.count - kept)
    }
    pair.ends = start..<chunk.ends.count
    pair.loose = UInt32(pair.ends.count)
    if isLoop {
      pair.u = lowestCommon(pair.u, pair.v, draft)
      pair.v = pair.u
    }
    chunk.pairs.append(pair)
  }

  private mutating func listWatchers() {
    watcherOffsets = [Int](repeating: 0, count: draft.count + 1)
    func forEachWatch(_ body: (UInt32, Int) -> Void) {
      for (index, pair) in pairs.enumerated() {
        for place in pair.ends { body(ends[place], 2 * index + 1) }
        if !isFixed[Int(pair.u)] { body(pair.u, 2 * index) }
        if pair.v != pair.u, !isFixed[Int(pair.v)] { body(pair.v, 2 * index) }
      }
    }
    var offsets = watcherOffsets
    forEachWatch { x, _ in offsets[Int(x) + 1] += 1 }
    for x in 0..<draft.count { offsets[x + 1] += offsets[x] }
    var place = offsets
    var list = [Int](repeating: 0, count: offsets[draft.count])
    forEachWatch { x, watch in
      list[place[Int(x)]] = watch
      place[Int(x)] += 1
    }
    watcherOffsets = offsets
    watchers = list
  }

  /// The cost of the pair without hierarchy, whether it is dense, and how many supernodes that would add.
  private func flatCost(_ pair: Pair) -> (cost: Int, isDense: Bool, added: Int) {
    var added = isFixed[Int(pair.u)] ? 0 : 1
    if pair.v != pair.u, !isFixed[Int(pair.v)] { added += 1 }
    // Pairs of leaves between the two.
    let size = Int(layout.size[Int(pair.u)])
    let area = pair.isLoop ? size * (size - 1) / 2 : size * Int(layout.size[Int(pair.v)])
    let dense = area + added - pair.inputEdges + 1
    return dense <= pair.inputEdges ? (dense, true, added) : (pair.inputEdges, false, 0)
  }

  private mutating func fix(_ x: UInt32) {
    guard !isFixed[Int(x)] else { return }
    isFixed[Int(x)] = true
    for place in watcherOffsets[Int(x)]..<watcherOffsets[Int(x) + 1] {
      let watcher = watchers[place]
      guard pairs[watcher >> 1].state == .open else { continue }
      if watcher & 1 == 1 { pairs[watcher >> 1].loose -= 1 }
      queue.append(watcher >> 1)
    }
  }

  private mutating func keep(_ index: Int) {
    pairs[index].state = .kept
    for place in pairs[index].ends { fix(ends[place]) }
  }

  private mutating func flatten(_ index: Int, isDense: Bool) {
    pairs[index].state = isDense ? .dense : .sparse
    guard isDense else { return }
    fix(pairs[index].u)
    fix(pairs[index].v)
  }

  mutating func decide() {
    var next = 0
    while next < pairs.count + queue.count {
      let index = next < pairs.count ? next : queue[next - pairs.count]
      next += 1
      let pair = pairs[index]
      guard pair.state == .open else { continue }
      let flat = flatCost(pair)
      if pair.edges.count + Int(pair.loose) <= flat.cost - flat.added {
        keep(index)
      } else if flat.cost <= pair.edges.count {
        flatten(index, isDense: flat.isDense)
      }
    }
    for index in pairs.indices where pairs[index].state == .open {
      let flat = flatCost(pairs[index])
      if pairs[index].edges.count + Int(pairs[index].loose) <= flat.cost {
        keep(index)
      } else {
        flatten(index, isDense: flat.isDense)
      }
    }
  }

  /// The edges after the decisions.
  func rewritten() -> EdgeList {
    let result = EdgeList(capacity: sorted.edges.count)
    for edge in sorted.edges
    where layout.root[Int(edge.x)] < draft.leafCount && layout.root[Int(edge.y)] < draft.leafCount {
      result.append(edge)
    }
    for pair in pairs {
      switch pair.state {
      case .open, .kept: for i in pair.edges { result.append(sorted.edges[i]) }
      case .sparse:
        for (u, v) in inputPairs(pair) { result.append(SignedEdge(x: u, y: v, isNegative: false)) }
      case .dense:
        result.append(SignedEdge(x: pair.u, y: pair.v, isNegative: false))
        appendMissing(pair, to: result)
      }
    }
    return result
  }

  private func leaves(_ x: UInt32) -> ArraySlice<UInt32> {
    let begin = Int(layout.begin[Int(x)])
    return layout.leaves[begin..<begin + Int(layout.size[Int(x)])]
  }

  /// The input edges of a pair, decoded: ascending by (smaller leaf, larger leaf).
  private func inputPairs(_ pair: Pair) -> [(UInt32, UInt32)] {
    var covered: [UInt64] = []
    for i in pair.edges {
      let edge = sorted.edges[i]
      for u in leaves(edge.x) {
        for v in leaves(edge.y) where edge.x != edge.y || u < v {
          covered.append((UInt64(min(u, v)) << 31 | UInt64(max(u, v))) << 1 | (edge.isNegative ? 1 : 0))
        }
      }
    }
    covered.sort()
    var result: [(UInt32, UInt32)] = []
    var i = 0
    while i < covered.count {
      var net = 0
      let key = covered[i] >> 1
      while i < covered.count, covered[i] >> 1 == key {
        net += covered[i] & 1 == 0 ? 1 : -1
        i += 1
      }
      if net == 1 { result.append((UInt32(key >> 31), UInt32(key & 0x7fff_ffff))) }
    }
    return result
  }

  private func appendMissing(_ pair: Pair, to result: EdgeList) {
    var present = Set<UInt64>()
    for (u, v) in inputPairs(pair) { present.insert(UInt64(u) << 32 | UInt64(v)) }
    for u in leaves(pair.u) {
      for v in leaves(pair.v) where pair.u != pair.v || u < v {
        let (low, high) = (min(u, v), max(u, v))
        if !present.contains(UInt64(low) << 32 | UInt64(high)) {
          result.append(SignedEdge(x: low, y: high, isNegative: true))
        }
      }
    }
  }
}
