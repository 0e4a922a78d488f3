import MillRuntime

extension SummaryDraft {
  /// Step 2: a root with exactly one edge, to X, gives the edge to its children and goes.
  ///
  /// Each such root saves one edge or more: one edge and one h-edge a child become one edge a child. Where a child
  /// already has the opposite edge to X both vanish. Step 1 is run afterwards.
  ///
  /// - Throws: `MillError` of kind `malformed` for a draft that covers a pair twice.
  /// - Complexity: O(count + edges) for each sweep; few are needed.
  mutating func dissolveLoneRoots() throws(MillError) {
    var incidence = EdgeIncidence(self)
    var changed = true
    while changed {
      changed = false
      let children = childLists()
      for root in stride(from: count - 1, through: leafCount, by: -1)
      where parent[root] == Self.none && incidence.degree[root] == 1 {
        guard let lone = incidence.firstEdge(at: root) else { continue }
        let edge = unsafe edges.base[lone]
        if edge.x == edge.y { continue }
        let other = Int(edge.x) == root ? edge.y : edge.x
        incidence.remove(lone)
        for child in children.list(of: root) {
          if let opposite = incidence.edge(between: Int(child), and: Int(other)) {
            guard unsafe edges.base[opposite].isNegative != edge.isNegative else {
              throw MillError(.malformed, "the draft covers pairs below supernode \(child) twice")
            }
            incidence.remove(opposite)
          } else {
            incidence.add(SignedEdge(x: child, y: other, isNegative: edge.isNegative))
          }
          parent[Int(child)] = Self.none
        }
        parent[root] = Self.gone
        changed = true
      }
    }
    incidence.compact()
    removeUseless()
  }

  /// Children of every supernode, ascending.
  func childLists() -> ChildLists { ChildLists(parent: parent) }
}

/// Children of every supernode, back to back.
struct ChildLists {
  private(set) var offsets: [Int]
  private(set) var items: [UInt32]

  init(parent: [UInt32]) {
    offsets = [Int](repeating: 0, count: parent.count + 1)
    for up in parent where up < SummaryDraft.gone { offsets[Int(up) + 1] += 1 }
    for x in 0..<parent.count { offsets[x + 1] += offsets[x] }
    items = [UInt32](repeating: 0, count: offsets[parent.count])
    var place = offsets
    for (x, up) in parent.enumerated() where up < SummaryDraft.gone {
      items[place[Int(up)]] = UInt32(x)
      place[Int(up)] += 1
    }
  }

  func list(of x: Int) -> ArraySlice<UInt32> { items[offsets[x]..<offsets[x + 1]] }
  func count(of x: Int) -> Int { offsets[x + 1] - offsets[x] }
}

/// Edges chained by their ends, for single additions and removals.
private struct EdgeIncidence {
  private static let end = UInt32.max
  let edges: EdgeList
  /// Live edges at each supernode.
  private(set) var degree: [UInt32]
  private var head: [UInt32]
  /// The next edge in the chain of x and of y.
  private var next: [(x: UInt32, y: UInt32)]
  private var isLive: [Bool]

  init(_ draft: SummaryDraft) {
    edges = draft.edges
    degree = draft.edgeDegrees()
    head = [UInt32](repeating: Self.end, count: draft.count)
    next = []
    next.reserveCapacity(edges.count)
    isLive = [Bool](repeating: true, count: edges.count)
    for i in 0..<edges.count { chain(i) }
  }

  private mutating func chain(_ i: Int) {
    let edge = unsafe edges.base[i]
    next.append((head[Int(edge.x)], edge.x == edge.y ? Self.end : head[Int(edge.y)]))
    head[Int(edge.x)] = UInt32(i)
    head[Int(edge.y)] = UInt32(i)
  }

  private func following(_ i: UInt32, at x: Int) -> UInt32 {
    unsafe Int(edges.base[Int(i)].x) == x ? next[Int(i)].x : next[Int(i)].y
  }

  mutating func add(_ edge: SignedEdge) {
    edges.append(edge)
    isLive.append(true)
    chain(edges.count - 1)
    degree[Int(edge.x)] += 1
    if edge.x != edge.y { degree[Int(edge.y)] += 1 }
  }

  mutating func remove(_ i: Int) {
    isLive[i] = false
    let edge = unsafe edges.base[i]
    degree[Int(edge.x)] -= 1
    if edge.x != edge.y { degree[Int(edge.y)] -= 1 }
  }

  func firstEdge(at x: Int) -> Int? {
    var i = head[x]
    while i != Self.end {
      if isLive[Int(i)] { return Int(i) }
      i = following(i, at: x)
    }
    return nil
  }

  func edge(between x: Int, and y: Int) -> Int? {
    if degree[x] == 0 { return nil }
    var i = head[x]
    while i != Self.end {
      let edge = unsafe edges.base[Int(i)]
      if isLive[Int(i)], Int(edge.x) == x ? Int(edge.y) == y : Int(edge.x) == y { return Int(i) }
      i = following(i, at: x)
    }
    return nil
  }

  /// Takes the removed edges out of the list.
  func compact() {
    var kept = 0
    for i in 0..<edges.count where isLive[i] {
      unsafe edges.base[kept] = edges.base[i]
      kept += 1
    }
    edges.truncate(to: kept)
  }
}
