import MillRuntime

/// Average linkage by the nearest-neighbor chain on sparse rows: for many groups with few links each.
///
/// A cluster of many neighbors keeps them in a heap by density. An entry may be stale, but never below the truth: a density
/// to a cluster falls when the cluster grows, and where it does not, a fresh entry is added. So the top entry that holds is
/// the nearest neighbor, and a node of very many neighbors is not searched again at every merge. Short rows are.
///
/// - Source: Murtagh, "A survey of recent advances in hierarchical clustering algorithms", The Computer Journal 26, 1983.
struct ChainLinkage {
  /// A neighbor as it was when the entry was made; the density to it, up to the size of the cluster that owns the heap,
  /// is `edges / size`.
  private struct Entry {
    var edges: UInt64
    var size: UInt64
    var name: Int32
    var cluster: Int32

    /// Denser, of equals with the smaller leaf.
    @inline(__always) func precedes(_ other: Entry) -> Bool {
      let (a, b) = (ExactDensity(edges: edges, pairs: size), ExactDensity(edges: other.edges, pairs: other.size))
      if b < a { return true }
      if a < b { return false }
      return name < other.name
    }
  }

  /// Weight to each linked cluster.
  private var rows: [[Int32: UInt64]]
  /// Empty where the row is searched.
  private var heaps: [[Entry]]
  private var sizes: [UInt64]
  /// The smallest leaf of each cluster, for ties.
  private var names: [Int32]
  private var isActive: [Bool]
  /// Rows up to this length are searched anew each time.
  private let searchedLength: Int

  init(_ links: GroupLinks) {
    let rows = (0..<links.count).map { a in
      var row: [Int32: UInt64] = [:]
      row.reserveCapacity(links.row(a).count)
      for place in links.row(a) { row[links.others[place]] = links.weights[place] }
      return row
    }
    self.init(rows: rows, sizes: links.sizes.map { UInt64(max(1, $0)) })
  }

  /// - Parameters:
  ///   - rows: Symmetric, without entries of 0 and of a cluster to itself.
  ///   - sizes: What the weight between two clusters is divided by; products of two below 2^64.
  ///   - searchedLength: Rows up to this length are searched anew each time, longer ones have a heap. Changes no merge. With
  ///     512 graphs of 10^5 to 10^6 edges take half the time of heaps for all.
  init(rows: [[Int32: UInt64]], sizes: [UInt64], searchedLength: Int = 512) {
    self.rows = rows
    self.searchedLength = searchedLength
    self.sizes = sizes
    names = (0..<Int32(rows.count)).map { $0 }
    isActive = [Bool](repeating: true, count: rows.count)
    heaps = [[Entry]](repeating: [], count: rows.count)
    for a in rows.indices { rebuild(a) }
  }

  /// Makes a heap of fresh entries where the row is long.
  private mutating func rebuild(_ a: Int) {
    heaps[a] = []
    guard rows[a].count > searchedLength else { return }
    var heap = rows[a].map { entry($0, $1) }
    for place in stride(from: heap.count / 2 - 1, through: 0, by: -1) { Self.siftDown(&heap, from: place) }
    heaps[a] = heap
  }

  /// Merges in an order of falling density.
  ///
  /// - Parameter context: Progress (a step a merge) and a way to stop.
  /// - Complexity: O(p log p) for p linked pairs, where the smallest leaf of a cluster seldom changes; O(p · merges) at worst.
  mutating func merges(_ context: RunContext) throws(MillError) -> [Merge] {
    var merges: [Merge] = []
    var finished: [Int] = []
    var chain: [Int] = []
    for start in rows.indices {
      if !isActive[start] { continue }
      chain.append(start)
      while let top = chain.last {
        let previous = chain.count > 1 ? chain[chain.count - 2] : -1
        guard let next = nearest(of: top, preferring: previous) else {
          finished.append(Int(names[top]))
          isActive[top] = false
          chain.removeLast()
          continue
        }
        if next == previous {
          chain.removeLast(2)
          merges.append(Merge(a: Int(names[top]), b: Int(names[next]), density: density(top, next)))
          merge(top, next)
          if merges.count % 4096 == 0 {
            context.progress?.advance(by: 4096)
            try context.checkCancelled()
          }
          // The cluster that a merge made goes on as a start of its own.
          if chain.isEmpty { chain.append(isActive[next] ? next : top) }
        } else {
          chain.append(next)
        }
      }
    }
    let order = merges.indices.sorted { x, y in
      if merges[y].density < merges[x].density { return true }
      if merges[x].density < merges[y].density { return false }
      return x < y
    }
    return order.map { merges[$0] } + Merge.withoutEdges(finished.sorted())
  }

  /// Without a way to stop.
  mutating func merges() -> [Merge] {
    do throws(MillError) {
      return try merges(RunContext(threads: 1))
    } catch {
      preconditionFailure("\(error)")
    }
  }

  private func density(_ a: Int, _ b: Int) -> ExactDensity {
    ExactDensity(edges: rows[a][Int32(b)] ?? 0, pairs: sizes[a] * sizes[b])
  }

  /// The densest partner; of equals the one before in the chain, then the one with the smallest leaf.
  private mutating func nearest(of a: Int, preferring previous: Int) -> Int? {
    guard let best = heaps[a].isEmpty ? searched(a) : topOfHeap(a) else { return nil }
    guard previous >= 0, previous != best.cluster, let back = rows[a][Int32(previous)] else { return Int(best.cluster) }
    let before = ExactDensity(edges: back, pairs: sizes[previous])
    return before == ExactDensity(edges: best.edges, pairs: best.size) ? previous : Int(best.cluster)
  }

  private func entry(_ cluster: Int32, _ edges: UInt64) -> Entry {
    Entry(edges: edges, size: sizes[Int(cluster)], name: names[Int(cluster)], cluster: cluster)
  }

  private func searched(_ a: Int) -> Entry? {
    var best: Entry?
    for (key, edges) in rows[a] {
      let next = entry(key, edges)
      if best.map(next.precedes) ?? true { best = next }
    }
    return best
  }

  private mutating func topOfHeap(_ a: Int) -> Entry? {
    while let top = heaps[a].first {
      guard let edges = rows[a][top.cluster] else {
        removeTop(a)
        continue
      }
      let fresh = entry(top.cluster, edges)
      if fresh.edges == top.edges, fresh.size == top.size, fresh.name == top.name { return top }
      heaps[a][0] = fresh
      Self.siftDown(&heaps[a], from: 0)
    }
    return nil
  }

  /// Moves the shorter row into the longer one.
  private mutating func merge(_ x: Int, _ y: Int) {
    let (a, b) = rows[x].count >= rows[y].count ? (x, y) : (y, x)
    let moved = rows[b]
    (rows[b], heaps[b]) = ([:], [])
    isActive[b] = false
    rows[a][Int32(b)] = nil
    sizes[a] += sizes[b]
    let isRenamed = names[b] < names[a]
    names[a] = min(names[a], names[b])
    for (key, edges) in moved where Int(key) != a {
      let c = Int(key)
      rows[c][Int32(b)] = nil
      let joined = (rows[a][key] ?? 0) + edges
      rows[a][key] = joined
      rows[c][Int32(a)] = joined
      push(entry(key, joined), to: a)
      push(entry(Int32(a), joined), to: c)
    }
    // A smaller name wins ties that the entries of the neighbors still give to others.
    if isRenamed {
      for (key, edges) in rows[a] where moved[key] == nil {
        push(entry(Int32(a), edges), to: Int(key))
      }
    }
  }

  private mutating func push(_ entry: Entry, to a: Int) {
    // As many stale entries as fresh ones at most, so that memory stays that of the rows.
    if heaps[a].isEmpty || heaps[a].count > 2 * rows[a].count + 32 { return rebuild(a) }
    heaps[a].append(entry)
    var place = heaps[a].count - 1
    while place > 0, heaps[a][place].precedes(heaps[a][(place - 1) / 2]) {
      heaps[a].swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private mutating func removeTop(_ a: Int) {
    let last = heaps[a].removeLast()
    guard !heaps[a].isEmpty else { return }
    heaps[a][0] = last
    Self.siftDown(&heaps[a], from: 0)
  }

  private static func siftDown(_ heap: inout [Entry], from start: Int) {
    var place = start
    while true {
      var first = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count && heap[child].precedes(heap[first]) {
        first = child
      }
      if first == place { return }
      heap.swapAt(place, first)
      place = first
    }
  }
}
