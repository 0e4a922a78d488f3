import MillRuntime

/// The two bit streams of a summary file.
///
/// Hierarchy: a byte-sized pair of parameters, then the trees in the order of their smallest leaves, each in preorder.
/// A supernode is its number of children, 1 for a leaf, in gamma code. Before each child but the first stands the gap
/// between its smallest leaf and that of the child before it. The smallest leaf of a tree is the smallest one that no
/// earlier tree has, so it is not written.
///
/// Edges: supernodes are numbered in preorder. For each one the number of its edges to itself and later ones, then the
/// gaps between these; at the end the places of the negative edges, as gaps.
enum SummaryFileCoding {
  /// Preorder numbers of supernodes.
  static func preorder(_ summary: GraphSummary) -> (order: [UInt32], number: [UInt32]) {
    var order: [UInt32] = []
    order.reserveCapacity(summary.supernodeCount)
    var number = [UInt32](repeating: 0, count: summary.supernodeCount)
    summary.visitHierarchy { visit in
      number[visit.supernode] = UInt32(order.count)
      order.append(UInt32(visit.supernode))
      return true
    }
    return (order, number)
  }

  static func encodeHierarchy(_ summary: GraphSummary, order: [UInt32]) -> BitWriter {
    func smallest(_ x: Int) -> UInt32 { unsafe summary.leafOrder.base[Int(summary.leafBegin.base[x])] }
    // The smallest leaf of a supernode is its first one: children are in that order all the way down.
    var gaps: [UInt64] = []
    var hasGap = [Bool](repeating: false, count: summary.supernodeCount)
    var gap = [UInt32](repeating: 0, count: summary.supernodeCount)
    for x in order where unsafe summary.childOffsets.base[Int(x)] < summary.childOffsets.base[Int(x) + 1] {
      let range = unsafe Int(summary.childOffsets.base[Int(x)])..<Int(summary.childOffsets.base[Int(x) + 1])
      for place in range.dropFirst() {
        let child = unsafe Int(summary.childItems.base[place])
        let before = unsafe Int(summary.childItems.base[place - 1])
        hasGap[child] = true
        gap[child] = smallest(child) - smallest(before)
        gaps.append(UInt64(gap[child]))
      }
    }
    let k = BitWriter.bestParameter(gaps)
    var writer = BitWriter()
    writer.write(UInt64(k), width: 8)
    for x in order {
      if hasGap[Int(x)] { writer.writeZeta(UInt64(gap[Int(x)]), k: k) }
      let children = unsafe Int(summary.childOffsets.base[Int(x) + 1] - summary.childOffsets.base[Int(x)])
      writer.writeZeta(UInt64(max(1, children)), k: 1)
    }
    writer.finish()
    return writer
  }

  /// Edges by preorder numbers, ascending: smaller end << 32, larger end << 1, 1 for a negative edge.
  private static func numberedEdges(_ summary: GraphSummary, number: [UInt32]) -> [UInt64] {
    let total = summary.positiveEdgeCount + summary.negativeEdgeCount
    var offsets = [Int](repeating: 0, count: summary.supernodeCount + 1)
    func ends(_ i: Int) -> (UInt32, UInt32) {
      let edge = unsafe summary.signedEdges.base[i]
      let (a, b) = (number[Int(edge.x)], number[Int(edge.y)])
      return (min(a, b), max(a, b))
    }
    for i in 0..<total { offsets[Int(ends(i).0) + 1] += 1 }
    for x in 0..<summary.supernodeCount { offsets[x + 1] += offsets[x] }
    var place = offsets
    var edges = [UInt64](repeating: 0, count: total)
    for i in 0..<total {
      let (a, b) = ends(i)
      edges[place[Int(a)]] = unsafe UInt64(a) << 32 | UInt64(b) << 1 | (summary.signedEdges.base[i].isNegative ? 1 : 0)
      place[Int(a)] += 1
    }
    unsafe edges.withUnsafeMutableBufferPointer { edges in
      for x in 0..<summary.supernodeCount where offsets[x + 1] - offsets[x] > 1 {
        unsafe edges[offsets[x]..<offsets[x + 1]].sort()
      }
    }
    return edges
  }

  static func encodeEdges(_ summary: GraphSummary, number: [UInt32]) -> BitWriter {
    let total = summary.positiveEdgeCount + summary.negativeEdgeCount
    let edges = numberedEdges(summary, number: number)
    var counts = [UInt64](repeating: 1, count: summary.supernodeCount)
    var gaps: [UInt64] = []
    gaps.reserveCapacity(total)
    var negatives: [UInt64] = []
    var (source, last, lastNegative) = (UInt64.max, UInt64(0), -1)
    for (i, edge) in edges.enumerated() {
      let (a, b) = (edge >> 32, edge >> 1 & 0x7fff_ffff)
      counts[Int(a)] += 1
      gaps.append(a == source ? b - last : b - a + 1)
      (source, last) = (a, b)
      if edge & 1 == 1 {
        negatives.append(UInt64(i - lastNegative))
        lastNegative = i
      }
    }
    let parameters = [counts, gaps, negatives].map { BitWriter.bestParameter($0) }
    var writer = BitWriter()
    for k in parameters { writer.write(UInt64(k), width: 8) }
    var place = 0
    for count in counts {
      writer.writeZeta(count, k: parameters[0])
      for _ in 1..<count {
        writer.writeZeta(gaps[place], k: parameters[1])
        place += 1
      }
    }
    for gap in negatives { writer.writeZeta(gap, k: parameters[2]) }
    writer.finish()
    return writer
  }

  private static func parameter(_ reader: inout BitReader) throws(MillError) -> Int {
    let k = Int(try reader.read(width: 8))
    guard (1...7).contains(k) else { throw BitReader.corrupt("has an unknown parameter") }
    return k
  }

  /// Reads the forest; parents by draft numbers, and the draft numbers of supernodes in preorder.
  static func decodeHierarchy(
    _ bytes: UnsafeRawBufferPointer, leafCount n: Int, count: Int
  ) throws(MillError) -> (parent: [UInt32], order: [UInt32]) {
    var reader = unsafe BitReader(bytes)
    let k = try parameter(&reader)
    guard count >= n, count <= max(n, 2 * n - 1), count <= reader.left else {
      throw BitReader.corrupt("has an impossible number of supernodes")
    }
    var parent = [UInt32](repeating: SummaryDraft.none, count: count)
    var order: [UInt32] = []
    order.reserveCapacity(count)
    var isTaken = [Bool](repeating: false, count: n)
    var nextFree = 0
    // Inner supernodes are numbered from the top down, so that parents have larger numbers.
    var nextInner = count
    /// Open supernodes: children still to come, and the smallest leaf of the last one (of its own before the first).
    var stack: [(node: UInt32, left: Int, last: Int, hasChild: Bool)] = []
    while order.count < count {
      var leaf: Int
      let up = stack.last?.node ?? SummaryDraft.none
      if let top = stack.last {
        leaf = top.last
        if top.hasChild { leaf += Int(try reader.readZeta(k: k)) }
        stack[stack.count - 1] = (top.node, top.left - 1, leaf, true)
      } else {
        while nextFree < n, isTaken[nextFree] { nextFree += 1 }
        leaf = nextFree
      }
      guard leaf < n else { throw BitReader.corrupt("names a node out of range") }
      let children = Int(try reader.readZeta(k: 1))
      if children > 1 {
        nextInner -= 1
        guard nextInner >= n else { throw BitReader.corrupt("has too many supernodes") }
        parent[nextInner] = up
        order.append(UInt32(nextInner))
        stack.append((UInt32(nextInner), children, leaf, false))
      } else {
        guard !isTaken[leaf] else { throw BitReader.corrupt("names a node twice") }
        isTaken[leaf] = true
        parent[leaf] = up
        order.append(UInt32(leaf))
        while let top = stack.last, top.left == 0 { stack.removeLast() }
      }
    }
    guard stack.isEmpty, nextInner == n, reader.isAtEnd() else { throw BitReader.corrupt("has an unfinished tree") }
    return (parent, order)
  }

  /// Reads the edges, in draft numbers.
  static func decodeEdges(
    _ bytes: UnsafeRawBufferPointer, order: [UInt32], count total: Int, negatives: Int
  ) throws(MillError) -> EdgeList {
    var reader = unsafe BitReader(bytes)
    let parameters = [try parameter(&reader), try parameter(&reader), try parameter(&reader)]
    guard total >= 0, total <= reader.left else { throw BitReader.corrupt("has an impossible number of edges") }
    let edges = EdgeList(capacity: total)
    for (source, x) in order.enumerated() {
      let number = Int(try reader.readZeta(k: parameters[0])) - 1
      guard number <= total - edges.count else { throw BitReader.corrupt("has too many edges") }
      var target = source - 1
      for _ in 0..<number {
        target += Int(try reader.readZeta(k: parameters[1]))
        guard target < order.count else { throw BitReader.corrupt("names a supernode out of range") }
        edges.append(SignedEdge(x: x, y: order[target], isNegative: false))
      }
    }
    guard edges.count == total else { throw BitReader.corrupt("has too few edges") }
    var place = -1
    for _ in 0..<negatives {
      place += Int(try reader.readZeta(k: parameters[2]))
      guard place < total else { throw BitReader.corrupt("names an edge out of range") }
      unsafe edges.base[place].signedY |= SignedEdge.negative
    }
    guard reader.isAtEnd() else { throw BitReader.corrupt("goes on behind its end") }
    return edges
  }
}
