public import GraphStore
public import MillRuntime
public import VectorStore

/// Which pairs become edges of a k-nearest-neighbor graph.
public enum NeighborSymmetry: String, Sendable, CaseIterable, Codable {
  /// Arcs from every object to its k nearest.
  case directed
  /// An edge where one is among the k nearest of the other.
  case union
  /// An edge where both are.
  case mutual
}

/// Turns k-nearest-neighbor rows into a graph; row i belongs to node i, and ids are nodes.
///
/// - Parameters:
///   - rows: Answers without the object itself, -1 where there are fewer.
///   - isWeighted: Whether distances become weights.
///   - names: What the nodes are called.
/// - Throws: ``MillError`` of kind `over-budget`.
func neighborGraph(
  _ rows: NeighborRows, names: ObjectNames, symmetry: NeighborSymmetry, isWeighted: Bool, context: RunContext
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
    unsafe ids.base[2 * i] = pair.low
    unsafe ids.base[2 * i + 1] = pair.high
    unsafe weights?.base[i] = pair.weight
  }
  var options = FreezeOptions()
  options.isDirected = symmetry == .directed
  options.naming = .dense(nodeCount: names.count)
  let block = EdgeBlock(ids: .wide(ids), weights: weights, count: pairs.count)
  let graph = try freeze([block], options: options, context: context).graph
  if let texts = names.texts { return try graph.withNames(.labels(texts.stored())) }
  return try names.stored().map { keys throws(MillError) in try graph.named(keys) } ?? graph
}

extension CSRGraph {
  /// The same arcs, nodes called by keys.
  fileprivate func named(_ keys: SharedArray<Int64>) throws(MillError) -> CSRGraph {
    let ids = try FlatBuffer<UInt64>(uninitializedCount: keys.count)
    for (node, key) in keys.enumerated() { unsafe ids.base[node] = UInt64(key) }
    return try withNames(.ids(SharedArray(ids)))
  }
}

/// The k nearest other rows of every row of a table as a graph: ``HNSWIndex`` builds an index and asks it.
///
/// ```swift
/// let graph = try neighborGraph(of: vectors, metric: .cosine, k: 10, symmetry: .mutual)
/// ```
///
/// - Parameters:
///   - table: The vectors; node i is row i.
///   - metric: The distance.
///   - k: Neighbors of a row.
///   - keys: What the nodes are called, one key a row; nil for the row numbers.
///   - symmetry: Which pairs become edges.
///   - isWeighted: Whether distances become weights.
///   - options: The settings of the index.
///   - search: Beam width and exact policy of the searches.
///   - context: Threads, which do not change the graph; progress; a way to stop.
/// - Throws: `MillError`, as ``HNSWIndex/init(building:metric:keys:options:context:)-(VectorTable,_,_,_,_)``.
/// - Complexity: about O(n log n) distances.
public func neighborGraph(
  of table: VectorTable, metric: Metric, k: Int, keys: [Int]? = nil, symmetry: NeighborSymmetry = .union,
  isWeighted: Bool = false, options: HNSWOptions = .init(), search: SearchOptions = .init(),
  context: RunContext = .init()
) throws(MillError) -> CSRGraph {
  try HNSWIndex(building: table, metric: metric, keys: keys, options: options, context: context)
    .neighborGraph(k: k, symmetry: symmetry, isWeighted: isWeighted, options: search, context: context)
}

/// The k nearest others of every vector as a graph; see
/// ``neighborGraph(of:metric:k:keys:symmetry:isWeighted:options:search:context:)``.
///
/// - Throws: `MillError`, also `malformed` for vectors of unequal lengths.
public func neighborGraph(
  of vectors: [[Float]], metric: Metric, k: Int, keys: [Int]? = nil, symmetry: NeighborSymmetry = .union,
  isWeighted: Bool = false, options: HNSWOptions = .init(), search: SearchOptions = .init(),
  context: RunContext = .init()
) throws(MillError) -> CSRGraph {
  try neighborGraph(
    of: VectorTable(rows: vectors), metric: metric, k: k, keys: keys, symmetry: symmetry, isWeighted: isWeighted,
    options: options, search: search, context: context)
}

extension HNSWIndex {
  /// The k nearest others of every object, found through the graph (or exactly where that is the right choice), as a
  /// graph: node i is the i-th object in the order they were added, called by its name or key where such were given. Of
  /// others that are equally far, those that came first are taken.
  ///
  /// - Parameters:
  ///   - k: Neighbors of an object.
  ///   - symmetry: Which pairs become edges.
  ///   - isWeighted: Whether distances become weights.
  ///   - options: Beam width and exact policy.
  ///   - run: Threads, which do not change the graph; progress; a way to stop.
  /// - Throws: `MillError`: `bad-option`, also while removed objects were not compacted; `over-budget`, `interrupted`.
  public func neighborGraph(
    k: Int, symmetry: NeighborSymmetry = .union, isWeighted: Bool = false, options: SearchOptions = .init(),
    context run: RunContext = .init()
  ) throws(MillError) -> CSRGraph {
    guard names.removedCount == 0 else {
      throw MillError(.badOption, "compact the index first: it holds removed objects")
    }
    let n = names.count
    let k = max(0, min(k, n - 1))
    let plan = try SearchPlan(self, k: k + 1, options, nil)
    let threads = max(1, run.threads)
    let lanes = try acquireLanes(plan, threads: threads)
    defer { for lane in lanes { core.release(lane) } }
    var rows = NeighborRows(count: n, k: k)
    run.progress?.begin("neighbors", total: n, unit: .items)
    rows.fillRanges(threads: threads, chunk: 64) { range, worker, write in
      if run.cancellation?.isRequested == true { return }
      find(range, in: vectors, plan, ties: false, GraphView.lanes(of: worker, in: lanes)) { row, found in
        write(row, found.filter { $0.id != row })
      }
      run.progress?.advance(by: range.count)
    }
    run.progress?.end()
    try run.checkCancelled()
    return try ProximityGraphs.neighborGraph(
      isWeighted ? rows.plain(under: metric) : rows, names: names, symmetry: symmetry, isWeighted: isWeighted,
      context: run)
  }
}
