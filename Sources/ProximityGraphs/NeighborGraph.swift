public import GraphStore
public import MillRuntime
import VectorStore

/// Which pairs become edges of a k-nearest-neighbour graph.
public enum NeighborSymmetry: String, Sendable, CaseIterable {
  /// Arcs from every object to its k nearest.
  case directed
  /// An edge where one is among the k nearest of the other.
  case union
  /// An edge where both are.
  case mutual
}

/// Turns k-nearest-neighbour rows into a graph; row i belongs to node i, and ids are nodes.
///
/// - Parameters:
///   - rows: Answers without the object itself, -1 where there are fewer.
///   - nodeCount: The number of nodes.
///   - isWeighted: Whether distances become weights.
/// - Throws: ``MillError`` of kind `over-budget`.
func neighborGraph(
  _ rows: NeighborRows, nodeCount: Int, symmetry: NeighborSymmetry, isWeighted: Bool, context: RunContext
) throws(MillError) -> CSRGraph {
  var pairs: [(low: UInt64, high: UInt64, weight: Double)] = []
  for (slot, id) in rows.ids.enumerated() where id >= 0 {
    let node = UInt64(slot / rows.k)
    let (other, weight) = (UInt64(id), Double(rows.distances[slot]))
    if symmetry == .directed {
      pairs.append((node, other, weight))
    } else {
      pairs.append((min(node, other), max(node, other), weight))
    }
  }
  if symmetry != .directed {
    pairs.sort { ($0.low, $0.high) < ($1.low, $1.high) }
    var kept: [(low: UInt64, high: UInt64, weight: Double)] = []
    var i = 0
    while i < pairs.count {
      let isTwice = i + 1 < pairs.count && pairs[i + 1].low == pairs[i].low && pairs[i + 1].high == pairs[i].high
      if isTwice || symmetry == .union { kept.append(pairs[i]) }
      i += isTwice ? 2 : 1
    }
    pairs = kept
  }
  let ids = try FlatBuffer<UInt64>(count: max(1, 2 * pairs.count))
  let weights = isWeighted ? try FlatBuffer<Double>(count: max(1, pairs.count)) : nil
  for (i, pair) in pairs.enumerated() {
    ids.base[2 * i] = pair.low
    ids.base[2 * i + 1] = pair.high
    weights?.base[i] = pair.weight
  }
  var options = FreezeOptions()
  options.isDirected = symmetry == .directed
  options.naming = .dense(nodeCount: nodeCount)
  let block = EdgeBlock(ids: .wide(ids), weights: weights, count: pairs.count)
  return try freeze([block], options: options, context: context).graph
}

extension HNSWIndex {
  /// The k nearest others of every object, found through the graph (or exactly where that is the right choice), as a
  /// graph: node i is the i-th object in the order they were added, removed ones left out.
  ///
  /// - Parameters:
  ///   - k: Neighbours of an object.
  ///   - symmetry: Which pairs become edges.
  ///   - isWeighted: Whether distances become weights.
  ///   - options: Beam width and exact policy; a filter is not looked at.
  ///   - run: Threads; they do not change the graph.
  /// - Throws: ``ProximityError/resource(_:)``; ``ProximityError/badOption(_:)`` while removed objects were not
  ///   compacted.
  public func neighborGraph(
    k: Int, symmetry: NeighborSymmetry = .union, isWeighted: Bool = false, options: SearchOptions = .init(),
    context run: RunContext = .init()
  ) throws(ProximityError) -> CSRGraph {
    guard deadCount == 0 else { throw .badOption("compact the index first: it holds removed objects") }
    var options = options
    options.filter = nil
    let n = core.links.count
    if n > 0 { _ = number(ofKey: key(0)) }
    return try allocating { () throws(MillError) in
      let plan = try SearchPlan(self, k: k + 1, options)
      let lanes = try core.acquireLanes(run.threads, ef: max(64, plan.beam))
      defer { for lane in lanes { core.release(lane) } }
      var rows = NeighborRows(count: n, k: max(0, min(k, n - 1)))
      let failed = FailureBox()
      run.progress?.begin("neighbors", total: n, unit: .items)
      rows.fillRanges(threads: max(1, run.threads), chunk: 64) { range, worker, write in
        if run.cancellation?.isRequested == true { return }
        do throws(MillError) {
          let contexts = lanes[worker * GraphView.lanes..<(worker + 1) * GraphView.lanes]
          try find(range, in: vectors, k: k + 1, plan, contexts) { row, found in
            let own = key(UInt32(row))
            let others = found.filter { $0.id != own }
            write(
              row, others.map { Neighbor(id: Int(number(ofStoredKey: $0.id)), distance: $0.distance) })
          }
          run.progress?.advance(by: range.count)
        } catch {
          failed.error = error
        }
      }
      run.progress?.end()
      try run.checkCancelled()
      if let error = failed.error { throw error }
      return try ProximityGraphs.neighborGraph(
        isWeighted ? rows.plain(under: metric) : rows, nodeCount: n, symmetry: symmetry, isWeighted: isWeighted,
        context: run)
    }
  }

  private func number(ofStoredKey key: Int) -> UInt32 { keys == nil ? UInt32(key) : numbers?[key] ?? 0 }
}
