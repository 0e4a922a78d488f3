public import GraphStore
public import MillRuntime

/// What ``parisHierarchy(of:direction:context:)`` found.
public struct ParisResult: Sendable, Equatable {
  /// A binary tree whose leaves are the nodes with edges.
  public let hierarchy: CommunityHierarchy
  /// What the user should know.
  public let notes: [String]
}

/// Merges the two clusters that an edge joins most often compared with two nodes drawn by degree, until one is left.
///
/// The similarity of two clusters is the weight between them times the total weight over both volumes, compared in exact
/// integers. Components join last, at similarity 0.
///
/// - Throws: `MillError`: `bad-weight`, `over-budget`, `unsupported`.
/// - Complexity: O(m log n) expected in practice. One thread.
/// - Source: Bonald, Charpentier, Galland, Hollocou, "Hierarchical graph clustering using node pair sampling", MLG 2018,
///   sections 3 and 4.
public func parisHierarchy(
  of graph: CSRGraph, direction: DirectionPolicy = .union, context: RunContext = .init()
) throws(MillError) -> ParisResult {
  let work = try CommunityGraph(graph, direction: direction, context: context)
  let n = work.nodeCount
  guard n > 0 else {
    return ParisResult(
      hierarchy: CommunityHierarchy(
        tree: .single(size: 0, density: 0), leaves: [Int32](repeating: -1, count: graph.nodeCount)),
      notes: work.notes + ["no edges: one community"])
  }
  var rows: [[Int32: UInt64]] = []
  rows.reserveCapacity(n)
  var volumes = [UInt64](repeating: 0, count: n)
  var total: UInt64 = 0
  for u in 0..<n {
    var row: [Int32: UInt64] = [:]
    let arcs = Int(work.offsets[u])..<Int(work.offsets[u + 1])
    row.reserveCapacity(arcs.count)
    for e in arcs {
      let weight = work.weights?.base[e] ?? 1
      if weight == 0 { continue }
      row[Int32(bitPattern: work.targets[e])] = weight
      volumes[u] += weight
    }
    total += volumes[u]
    rows.append(row)
  }
  // Volumes must fit into 32 bits each way for exact products of two.
  guard total < 1 << 32 || work.weights == nil else {
    let shift = UInt64(32 - total.leadingZeroBitCount)
    for u in 0..<n {
      volumes[u] = max(1, volumes[u] >> shift)
      rows[u] = rows[u].mapValues { max(1, $0 >> shift) }
    }
    return finish(&rows, volumes, Double(total >> shift), work)
  }
  return finish(&rows, volumes, Double(total), work)
}

private func finish(
  _ rows: inout [[Int32: UInt64]], _ volumes: [UInt64], _ total: Double, _ work: CommunityGraph
) -> ParisResult {
  let n = work.nodeCount
  var chain = ChainLinkage(rows: rows, sizes: volumes)
  rows = []
  let tree = CommunityTree.fromMerges(
    chain.merges(), sizes: [Int](repeating: 1, count: n), inside: [Double](repeating: .nan, count: n), unit: total)
  return ParisResult(
    hierarchy: CommunityHierarchy(tree: tree, leaves: work.expanded((0..<Int32(n)).map { $0 })), notes: work.notes)
}
