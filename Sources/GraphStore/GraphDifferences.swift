public import MillRuntime

/// How two graphs differ when their nodes are matched by name.
public struct GraphDifferences: Sendable, Equatable {
  /// One difference, by the names of the nodes.
  public struct Example: Sendable, Equatable {
    /// What is different.
    public enum Kind: String, Sendable {
      case onlyInFirst = "only-in-first"
      case onlyInSecond = "only-in-second"
      case weight
    }
    /// What is different.
    public let kind: Kind
    /// One end; in an undirected graph the one that comes first in the order of names.
    public let source: String
    /// The other end.
    public let target: String
    /// The weight in the first graph, 1 when unweighted; nil when the edge is not there.
    public let firstWeight: Double?
    /// The weight in the second graph, 1 when unweighted; nil when the edge is not there.
    public let secondWeight: Double?
  }

  /// Nodes of the first graph whose name the second one lacks.
  public var nodesOnlyInFirst = 0
  /// Nodes of the second graph whose name the first one lacks.
  public var nodesOnlyInSecond = 0
  /// Edges only in the first graph; parallel edges count each.
  public var edgesOnlyInFirst = 0
  /// Edges only in the second graph; parallel edges count each.
  public var edgesOnlyInSecond = 0
  /// Edges of both with different weights.
  public var weightDifferences = 0
  /// One graph is directed, the other not. Edges are then compared as arcs, an undirected edge as two.
  public var directionDiffers = false
  /// One graph is weighted, the other not. The weights of the latter are taken as 1.
  public var weightingDiffers = false
  /// The first differences in the order of names.
  public var examples: [Example] = []

  /// Whether the graphs are the same up to the order of their nodes. Weights are the same when they are equal numbers.
  public var isEmpty: Bool {
    nodesOnlyInFirst == 0 && nodesOnlyInSecond == 0 && edgesOnlyInFirst == 0 && edgesOnlyInSecond == 0
      && weightDifferences == 0 && !directionDiffers && !weightingDiffers
  }
}

/// Compares two graphs whose nodes are matched by name.
///
/// Numbers and labels of digits are compared as text when only one of the graphs has labels. Of nodes with the same
/// name in one graph the first is matched with the first of the other, and so on.
///
/// - Parameters:
///   - first: One graph.
///   - second: The other.
///   - limit: Examples at most.
/// - Throws: `MillError` of kind `over-budget`.
/// - Complexity: O(n log n + m) time when names are in the same order in both, else O((n + m) log n); 32 bytes a
///   node. One thread.
public func differences(
  between first: CSRGraph, and second: CSRGraph, limit: Int = 5
) throws(MillError) -> GraphDifferences {
  var result = GraphDifferences()
  result.directionDiffers = first.isDirected != second.isDirected
  result.weightingDiffers = first.isWeighted != second.isWeighted
  let match = try NodeMatch(first, second)
  result.nodesOnlyInFirst = match.nodesOnlyInFirst
  result.nodesOnlyInSecond = match.nodesOnlyInSecond
  var a = SideList(first, match.firstRank)
  var b = SideList(second, match.secondRank)
  let isHalved = !first.isDirected && !second.isDirected
  for rank in 0..<match.count {
    let (u, v) = unsafe (match.firstNode.base[rank], match.secondNode.base[rank])
    a.load(node: Int(u), isHalved ? rank : 0)
    b.load(node: Int(v), isHalved ? rank : 0)
    var (i, j) = (0, 0)
    while i < a.entries.count || j < b.entries.count {
      let one = i < a.entries.count ? a.entries[i] : nil
      let two = j < b.entries.count ? b.entries[j] : nil
      let kind: GraphDifferences.Example.Kind?
      if let one, two.map({ one.rank < $0.rank }) ?? true {
        kind = .onlyInFirst
        result.edgesOnlyInFirst += 1
        i += 1
      } else if let two, one.map({ two.rank < $0.rank }) ?? true {
        kind = .onlyInSecond
        result.edgesOnlyInSecond += 1
        j += 1
      } else {
        kind = one?.weight == two?.weight ? nil : .weight
        result.weightDifferences += kind == nil ? 0 : 1
        i += 1
        j += 1
      }
      if let kind, result.examples.count < limit {
        let target = kind == .onlyInSecond ? two : one
        result.examples.append(
          .init(
            kind: kind, source: match.name(rank, first, second), target: match.name(target?.rank ?? 0, first, second),
            firstWeight: kind == .onlyInSecond ? nil : one?.weight,
            secondWeight: kind == .onlyInFirst ? nil : two?.weight))
      }
    }
  }
  return result
}

/// One node's list in the common order of names.
private struct SideList {
  let graph: CSRGraph
  let rank: FlatBuffer<Int>
  var entries: [(rank: Int, weight: Double)] = []

  init(_ graph: CSRGraph, _ rank: FlatBuffer<Int>) {
    self.graph = graph
    self.rank = rank
  }

  /// Takes the list of `node` (-1: an empty one), without neighbours of a lower rank than `lowest`.
  mutating func load(node: Int, _ lowest: Int) {
    entries.removeAll(keepingCapacity: true)
    guard node >= 0 else { return }
    var isSorted = true
    for arc in graph.arcs(of: node) {
      let entry = unsafe (rank: rank.base[graph.targets[arc]], weight: graph.weights?[arc] ?? 1)
      guard entry.rank >= lowest else { continue }
      if let last = entries.last, (entry.rank, entry.weight) < last { isSorted = false }
      entries.append(entry)
    }
    if !isSorted { entries.sort { ($0.rank, $0.weight) < ($1.rank, $1.weight) } }
  }
}

/// The union of two node sets in the order of their names.
private struct NodeMatch {
  /// Shape `[count]`: the node of that rank, or -1.
  let firstNode: FlatBuffer<Int>
  let secondNode: FlatBuffer<Int>
  /// Shape `[n]`: the rank of a node.
  let firstRank: FlatBuffer<Int>
  let secondRank: FlatBuffer<Int>
  private(set) var count = 0
  private(set) var nodesOnlyInFirst = 0
  private(set) var nodesOnlyInSecond = 0

  init(_ first: CSRGraph, _ second: CSRGraph) throws(MillError) {
    let order = NameOrder(first.names, second.names)
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

  func name(_ rank: Int, _ first: CSRGraph, _ second: CSRGraph) -> String {
    let node = unsafe firstNode.base[rank]
    return unsafe node >= 0 ? first.name(of: node) : second.name(of: secondNode.base[rank])
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

  private func number(_ graph: CSRGraph, _ node: Int) -> UInt64 {
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

  private func bytes(_ graph: CSRGraph, _ node: Int) -> [UInt8] {
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
