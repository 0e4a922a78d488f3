import MillRuntime

/// Where everything lies in a forest that no longer changes: the leaves below a supernode are a range of one
/// permutation of all leaves.
struct ForestLayout {
  let root: [UInt32]
  let size: [UInt32]
  /// Leaves below x are `leaves[begin[x]..<begin[x] + size[x]]`.
  let begin: [UInt32]
  let leaves: [UInt32]
  let children: ChildLists

  init(_ draft: SummaryDraft) {
    let count = draft.count
    let size = draft.sizes()
    var begin = [UInt32](repeating: 0, count: count)
    var cursor = [UInt32](repeating: 0, count: count)
    var leaves = [UInt32](repeating: 0, count: draft.leafCount)
    var used: UInt32 = 0
    for x in stride(from: count - 1, through: 0, by: -1) where draft.parent[x] != SummaryDraft.gone {
      if draft.parent[x] == SummaryDraft.none {
        begin[x] = used
        used += size[x]
      } else {
        let up = Int(draft.parent[x])
        begin[x] = cursor[up]
        cursor[up] += size[x]
      }
      cursor[x] = begin[x]
      if x < draft.leafCount { leaves[Int(begin[x])] = UInt32(x) }
    }
    root = draft.roots()
    self.size = size
    self.begin = begin
    self.leaves = leaves
    children = draft.childLists()
  }
}

/// Signed edges sorted by the pair of root trees that they join; x is in the tree of the smaller root.
struct RootPairEdges {
  private(set) var edges: [SignedEdge]
  /// Edges whose smaller root is R are `edges[offsets[R]..<offsets[R + 1]]`, ascending by the larger root.
  private(set) var offsets: [Int]

  init(_ draft: SummaryDraft, root: [UInt32], threads: Int) {
    let source = draft.edges
    let count = source.count
    var offsets = [Int](repeating: 0, count: draft.count + 1)
    for i in 0..<count {
      let edge = unsafe source.base[i]
      offsets[Int(min(root[Int(edge.x)], root[Int(edge.y)])) + 1] += 1
    }
    for r in 0..<draft.count { offsets[r + 1] += offsets[r] }
    var place = offsets
    var sorted = [SignedEdge](repeating: SignedEdge(x: 0, y: 0, isNegative: false), count: count)
    for i in 0..<count {
      var edge = unsafe source.base[i]
      let (rx, ry) = (root[Int(edge.x)], root[Int(edge.y)])
      if rx > ry { edge = SignedEdge(x: edge.y, y: edge.x, isNegative: edge.isNegative) }
      let low = Int(min(rx, ry))
      sorted[place[low]] = edge
      place[low] += 1
    }
    let buckets = offsets
    unsafe sorted.withUnsafeMutableBufferPointer { sorted in
      unsafe root.withUnsafeBufferPointer { root in
        nonisolated(unsafe) let sorted = unsafe sorted
        nonisolated(unsafe) let root = unsafe root
        Parallel.forEachRange(of: buckets.count - 1, size: 1 << 12, threads: threads) { range, _ in
          for r in range where buckets[r + 1] - buckets[r] > 1 {
            var bucket = unsafe UnsafeMutableBufferPointer(rebasing: sorted[buckets[r]..<buckets[r + 1]])
            unsafe bucket.sort { a, b in
              let (ra, rb) = unsafe (root[Int(a.y)], root[Int(b.y)])
              return ra != rb ? ra < rb : (a.x, a.signedY) < (b.x, b.signedY)
            }
          }
        }
      }
    }
    edges = sorted
    self.offsets = offsets
  }
}
