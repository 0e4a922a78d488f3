public import GraphStore
import MillRuntime

extension CSRGraph {
  /// A sum over the edges that does not depend on their order, so that parts of a graph can be summed anywhere: of
  /// mix(mix(a) + b) over the ends a < b of every edge, as they are called, modulo 2^64, with `CounterRandom.mix`.
  ///
  /// Loops do not count, parallel edges count each. Equal sets of edges have equal sums; others, but for one chance in
  /// 2^64, do not. Nil for a directed graph and for nodes with texts for names.
  ///
  /// - Complexity: O(n + m). One thread.
  public var edgeSum: UInt64? {
    guard !isDirected else { return nil }
    if case .labels = names { return nil }
    var sum: UInt64 = 0
    for (u, v) in edges where u != v {
      let (a, b) = (id(of: u), id(of: v))
      sum &+= CounterRandom.mix(CounterRandom.mix(min(a, b)) &+ max(a, b))
    }
    return sum
  }

  private func id(of node: Int) -> UInt64 {
    if case .ids(let ids) = names { ids[node] } else { UInt64(node) }
  }
}
