public import MillRuntime

/// Edges between two groups, or inside one.
public struct GroupPair: Sendable, Equatable {
  /// The group of the smaller number.
  public let a: Int
  /// The other one; the same for edges inside a group.
  public let b: Int
  /// Their number; each edge counts once.
  public let edges: UInt64

  /// A pair in either order.
  public init(_ a: Int, _ b: Int, edges: UInt64) {
    self.a = min(a, b)
    self.b = max(a, b)
    self.edges = edges
  }
}

extension GroupLinks {
  /// Counts of single edges from elsewhere, pair by pair: memory grows with the pairs.
  ///
  /// - Parameters:
  ///   - sizes: Nodes of each group, shape `[K]`.
  ///   - pairs: In any order, each pair at most once; pairs that are left out have no edges.
  /// - Throws: `MillError`: `malformed` for a group that is not there, a pair that comes twice, and more edges than pairs
  ///   of nodes; `unsupported` for 2^31 groups or 2^32 nodes, beyond which densities are not exact.
  /// - Complexity: O(K + p log p) for p pairs.
  public init(sizes: [Int], pairs: [GroupPair]) throws(MillError) {
    let nodes = sizes.reduce(0) { $0.addingReportingOverflow($1).partialValue }
    guard sizes.count < Int(Int32.max), sizes.allSatisfy({ (0...Int(UInt32.max)).contains($0) }),
      nodes <= Int(UInt32.max)
    else {
      throw MillError(.unsupported, "\(sizes.count) groups of \(nodes) nodes are too many for exact densities")
    }
    var inside = [UInt64](repeating: 0, count: sizes.count)
    var arcs: [(own: Int32, other: Int32, edges: UInt64)] = []
    for pair in pairs where pair.edges > 0 {
      guard pair.a >= 0, pair.b < sizes.count else {
        throw MillError(.malformed, "one of the two groups is not there", field: "\(pair.a) \(pair.b)")
      }
      let (s, t) = (UInt64(sizes[pair.a]), UInt64(sizes[pair.b]))
      guard pair.edges <= (pair.a == pair.b ? s * (max(1, s) - 1) / 2 : s * t) else {
        throw MillError(
          .malformed, "\(pair.edges) edges are more than groups of \(s) and \(t) nodes can have",
          field: "\(pair.a) \(pair.b)")
      }
      if pair.a == pair.b {
        guard inside[pair.a] == 0 else { throw Self.twice(pair.a, pair.b) }
        inside[pair.a] = pair.edges
      } else {
        arcs.append((Int32(pair.a), Int32(pair.b), pair.edges))
        arcs.append((Int32(pair.b), Int32(pair.a), pair.edges))
      }
    }
    arcs.sort { ($0.own, $0.other) < ($1.own, $1.other) }
    var builder = GroupLinkRows(groups: sizes.count)
    var next = 0
    for group in sizes.indices {
      let begin = next
      while next < arcs.count, Int(arcs[next].own) == group {
        if next > begin, arcs[next].other == arcs[next - 1].other { throw Self.twice(group, Int(arcs[next].other)) }
        builder.append(arcs[next].other, arcs[next].edges)
        next += 1
      }
      builder.endRow()
    }
    self.init(sizes: sizes, inside: inside, rows: builder, unit: 1)
  }

  private static func twice(_ a: Int, _ b: Int) -> MillError {
    MillError(.malformed, "a pair of groups comes twice", field: "\(a) \(b)")
  }
}
