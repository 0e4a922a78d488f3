package import MillRuntime

/// The union of two node sets in the order of their names.
package struct NodeMatch {
  /// The node of each rank in the first graph, or -1; the first ``count`` entries count.
  package let firstNode: FlatBuffer<Int>
  /// The node of each rank in the second graph, or -1.
  package let secondNode: FlatBuffer<Int>
  /// Shape `[n]`: the rank of a node.
  package let firstRank: FlatBuffer<Int>
  package let secondRank: FlatBuffer<Int>
  /// The number of different nodes.
  package private(set) var count = 0
  package private(set) var nodesOnlyInFirst = 0
  package private(set) var nodesOnlyInSecond = 0
  private let order: NameOrder

  package init(_ first: CSRGraph, _ second: CSRGraph) throws(MillError) {
    order = NameOrder(first.names, second.names)
    let a = try order.sorted(first)
    let b = try order.sorted(second)
    firstNode = try FlatBuffer<Int>(count: a.count + b.count)
    secondNode = try FlatBuffer<Int>(count: a.count + b.count)
    firstRank = try FlatBuffer<Int>(count: a.count)
    secondRank = try FlatBuffer<Int>(count: b.count)
    var (i, j) = (0, 0)
    while i < a.count || j < b.count {
      var sign = i == a.count ? 1 : j == b.count ? -1 : 0
      if sign == 0 { sign = unsafe order.compare(first, a.base[i], second, b.base[j]) }
      unsafe firstNode.base[count] = sign <= 0 ? a.base[i] : -1
      unsafe secondNode.base[count] = sign >= 0 ? b.base[j] : -1
      if sign <= 0 {
        unsafe firstRank.base[a.base[i]] = count
        i += 1
      }
      if sign >= 0 {
        unsafe secondRank.base[b.base[j]] = count
        j += 1
      }
      nodesOnlyInFirst += sign < 0 ? 1 : 0
      nodesOnlyInSecond += sign > 0 ? 1 : 0
      count += 1
    }
  }

  /// The node of `second` that has the name of each node of `first`, or -1. Shape `[n]`.
  package func counterparts() throws(MillError) -> FlatBuffer<Int> {
    let nodes = try FlatBuffer<Int>(uninitializedCount: firstRank.count)
    for node in 0..<nodes.count { unsafe nodes.base[node] = secondNode.base[firstRank.base[node]] }
    return nodes
  }

  func name(_ rank: Int, _ first: CSRGraph, _ second: CSRGraph) -> String {
    let node = unsafe firstNode.base[rank]
    return unsafe node >= 0 ? first.name(of: node) : second.name(of: secondNode.base[rank])
  }
}

extension NodeMatch {
  /// The names of all ranks: dense where both graphs are, so that every number below the count is one.
  func names(_ first: CSRGraph, _ second: CSRGraph) throws(MillError) -> NodeNames {
    if case .dense = first.names, case .dense = second.names { return .dense }
    guard order.isNumeric else {
      let offsets = try FlatBuffer<UInt64>(count: count + 1)
      for rank in 0..<count {
        unsafe offsets.base[rank + 1] = offsets.base[rank] + UInt64(label(rank, first, second).count)
      }
      let bytes = try unsafe FlatBuffer<UInt8>(uninitializedCount: Int(offsets.base[count]))
      for rank in 0..<count {
        for (i, byte) in label(rank, first, second).enumerated() {
          unsafe bytes.base[Int(offsets.base[rank]) + i] = byte
        }
      }
      return .labels(NodeNames.LabelTable(offsets: SharedArray(offsets), bytes: SharedArray(bytes)))
    }
    let ids = try FlatBuffer<UInt64>(uninitializedCount: count)
    for rank in 0..<count {
      let node = unsafe firstNode.base[rank]
      unsafe ids.base[rank] = node >= 0 ? order.number(first, node) : order.number(second, secondNode.base[rank])
    }
    return .ids(SharedArray(ids))
  }

  private func label(_ rank: Int, _ first: CSRGraph, _ second: CSRGraph) -> [UInt8] {
    let node = unsafe firstNode.base[rank]
    return unsafe node >= 0 ? order.bytes(first, node) : order.bytes(second, secondNode.base[rank])
  }
}

/// How names compare: as numbers when neither graph has labels, else as bytes.
private struct NameOrder {
  let isNumeric: Bool

  init(_ first: NodeNames, _ second: NodeNames) {
    switch (first, second) {
    case (.labels, _), (_, .labels): isNumeric = false
    default: isNumeric = true
    }
  }

  func number(_ graph: CSRGraph, _ node: Int) -> UInt64 {
    if case .ids(let ids) = graph.names { return ids[node] }
    return UInt64(node)
  }

  /// Below 0, 0 or above 0, as the first name is less, equal or greater.
  func compare(_ a: CSRGraph, _ u: Int, _ b: CSRGraph, _ v: Int) -> Int {
    if isNumeric {
      let (p, q) = (number(a, u), number(b, v))
      return p < q ? -1 : p > q ? 1 : 0
    }
    if case .labels(let p) = a.names, case .labels(let q) = b.names { return order(p[u], q[v]) }
    return order(bytes(a, u), bytes(b, v))
  }

  func bytes(_ graph: CSRGraph, _ node: Int) -> [UInt8] {
    if case .labels(let table) = graph.names { return Array(table[node]) }
    return Array(String(number(graph, node)).utf8)
  }

  private func order(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) -> Int {
    a.lexicographicallyPrecedes(b) ? -1 : a.elementsEqual(b) ? 0 : 1
  }

  /// The nodes in the order of their names; equal names in the order of their nodes.
  func sorted(_ graph: CSRGraph) throws(MillError) -> FlatBuffer<Int> {
    let nodes = try FlatBuffer<Int>(count: graph.nodeCount)
    for v in 0..<nodes.count { unsafe nodes.base[v] = v }
    let isSorted = (1..<max(1, nodes.count)).allSatisfy { compare(graph, $0 - 1, graph, $0) <= 0 }
    if !isSorted {
      var elements = unsafe nodes.mutableElements
      unsafe elements.sort { u, v in
        let sign = compare(graph, u, graph, v)
        return sign < 0 || sign == 0 && u < v
      }
    }
    return nodes
  }
}
