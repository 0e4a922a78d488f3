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

  /// Takes the list of `node` (-1: an empty one), without neighbors of a lower rank than `lowest`.
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
