import MillRuntime

/// The pairs of trees of a forest with what is decided about each.
struct PairFlattening {
  enum State: UInt8 { case open, kept, sparse, dense }
  /// There can be nearly as many as edges, so they are kept small.
  struct Pair {
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
  struct Chunk {
    var pairs: [Pair] = []
    var ends: [UInt32] = []
  }

  let draft: SummaryDraft
  let layout: ForestLayout
  let sorted: RootPairEdges
  var pairs: [Pair] = []
  var ends: [UInt32] = []
  var isFixed: [Bool]
  /// Pairs that look at supernode x are `watchers[watcherOffsets[x]..<watcherOffsets[x + 1]]`: pair * 2, + 1 where it
  /// counts x as loose.
  var watcherOffsets: [Int] = []
  var watchers: [Int] = []
  /// Pairs to be looked at again, after all have been looked at once.
  var queue: [Int] = []

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
    unsafe chunks.withUnsafeMutableBufferPointer { chunks in
      nonisolated(unsafe) let chunks = unsafe chunks
      Parallel.forEach(chunkCount, threads: threads) { chunk, _ in
        for r in Parallel.range(ofChunk: chunk, size: rootsPerChunk, count: draft.count) {
          var low = sorted.offsets[r]
          let end = sorted.offsets[r + 1]
          while low < end {
            let other = layout.root[Int(sorted.edges[low].y)]
            var high = low + 1
            while high < end, layout.root[Int(sorted.edges[high].y)] == other { high += 1 }
            if r >= draft.leafCount || Int(other) >= draft.leafCount {
              unsafe Self.addPair(
                low..<high, isLoop: Int(other) == r, draft, layout, sorted, isFixed, to: &chunks[chunk])
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
}
