public import MillRuntime

extension GraphSummary {
  /// The neighbors of `node` in the graph, ascending.
  ///
  /// - Complexity: O(k log k + degree log degree) for k edges at the node and its ancestors.
  public func neighbors(of node: Int) -> [Int] {
    precondition(node >= 0 && node < nodeCount, "node out of range")
    var sweep = NeighborSweep()
    _ = sweep.collect(node, in: self)
    return sweep.found.map(Int.init)
  }

  /// Whether the graph joins `u` and `v`; false for u = v.
  ///
  /// - Complexity: O(h² log k) for trees of height h and k edges at a supernode.
  public func hasEdge(_ u: Int, _ v: Int) -> Bool {
    precondition(u >= 0 && u < nodeCount && v >= 0 && v < nodeCount, "node out of range")
    if u == v { return false }
    var net = 0
    var x = UInt32(u)
    while x != Self.noParent {
      var y = UInt32(v)
      while y != Self.noParent {
        net += sign(x, y)
        y = unsafe parents.base[Int(y)]
      }
      x = unsafe parents.base[Int(x)]
    }
    return net == 1
  }

  /// +1, -1 or 0: the edge between two supernodes.
  private func sign(_ x: UInt32, _ y: UInt32) -> Int {
    let own = unsafe Int(incidenceOffsets.base[Int(x)])..<Int(incidenceOffsets.base[Int(x) + 1])
    let place = own.partitionPoint { unsafe incidences.base[$0] & ~SignedEdge.negative >= y }
    guard place < own.upperBound, unsafe incidences.base[place] & ~SignedEdge.negative == y else { return 0 }
    return unsafe incidences.base[place] & SignedEdge.negative == 0 ? 1 : -1
  }

  /// Edges on a shortest path from `source` to each node, -1 where there is none; shape `[n]`.
  ///
  /// - Complexity: That of asking every reached node once for its neighbors. One thread.
  public func breadthFirstLevels(from source: Int) -> [Int] {
    precondition(source >= 0 && source < nodeCount, "node out of range")
    var levels = [Int](repeating: -1, count: nodeCount)
    levels[source] = 0
    var frontier = [UInt32(source)]
    var next: [UInt32] = []
    var sweep = NeighborSweep()
    while !frontier.isEmpty {
      next.removeAll(keepingCapacity: true)
      for u in frontier {
        _ = sweep.collect(Int(u), in: self)
        for v in sweep.found where levels[Int(v)] < 0 {
          levels[Int(v)] = levels[Int(u)] + 1
          next.append(v)
        }
      }
      swap(&frontier, &next)
    }
    return levels
  }

  /// The number of triangles of the graph.
  ///
  /// Every node's neighbors of higher rank (by degree, then number) are asked for once and kept, 4 bytes an edge.
  ///
  /// - Throws: `MillError` of kind `over-budget` or `interrupted`.
  /// - Complexity: O(m^1.5) beside asking every node for its neighbors. Parallel, the same for any thread count.
  public func triangleCount(context: RunContext = .init()) throws(MillError) -> Int {
    let n = nodeCount
    let degrees = (0..<n).map { degree(of: $0) }
    func isBelow(_ u: Int, _ v: Int) -> Bool { (degrees[u], u) < (degrees[v], v) }
    let offsets = try FlatBuffer<UInt64>(count: n + 1)
    let lists = try FlatBuffer<UInt32>(uninitializedCount: max(1, edgeCount))
    var used = 0
    var sweep = NeighborSweep()
    for v in 0..<n {
      if v & 1023 == 0 { try context.checkCancelled() }
      _ = sweep.collect(v, in: self)
      for u in sweep.found where isBelow(v, Int(u)) {
        guard used < edgeCount else { throw Self.malformed("it stands for more edges than it says") }
        unsafe lists.base[used] = u
        used += 1
      }
      unsafe offsets.base[v + 1] = UInt64(used)
    }
    let size = 1 << 10
    let chunks = Parallel.chunkCount(n, size: size)
    let sums = try FlatBuffer<Int>(count: max(1, chunks))
    try Parallel.forEachThrowing(chunks, threads: context.threads) { chunk, _ throws(MillError) in
      try context.checkCancelled()
      var sum = 0
      for v in Parallel.range(ofChunk: chunk, size: size, count: n) {
        let mine = unsafe Int(offsets.base[v])..<Int(offsets.base[v + 1])
        for i in mine {
          let u = unsafe Int(lists.base[i])
          var (a, b) = unsafe (mine.lowerBound, Int(offsets.base[u]))
          let end = unsafe Int(offsets.base[u + 1])
          while a < mine.upperBound, b < end {
            let (p, q) = unsafe (lists.base[a], lists.base[b])
            if p == q { sum += 1 }
            a += p <= q ? 1 : 0
            b += q <= p ? 1 : 0
          }
        }
      }
      unsafe sums.base[chunk] = sum
    }
    return unsafe sums.elements.reduce(0, +)
  }
}
