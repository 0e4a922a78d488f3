internal import CMillKernels
public import MillRuntime

/// A found object.
public struct Neighbor: Sendable, Hashable {
  /// The object's number.
  public let id: Int
  /// Its distance from the query.
  public let distance: Float

  /// A found object.
  public init(id: Int, distance: Float) {
    self.id = id
    self.distance = distance
  }
}

/// The k nearest of many queries in flat arrays, row by row.
public struct NeighborRows: Sendable, Equatable {
  /// Answers of a query at most.
  public let k: Int
  /// Ids of shape `[queries, k]`, nearest first; rows end with -1 where there are fewer.
  public internal(set) var ids: [Int64]
  /// Distances of the same shape; infinite where there is no answer.
  public internal(set) var distances: [Float]
  /// The number of queries.
  public var count: Int { k == 0 ? 0 : ids.count / k }

  /// Rows without answers.
  package init(count: Int, k: Int) {
    self.k = k
    ids = [Int64](repeating: -1, count: count * k)
    distances = [Float](repeating: .infinity, count: count * k)
  }

  /// The answers of query `row`, nearest first.
  public subscript(row: Int) -> [Neighbor] {
    (row * k..<(row + 1) * k).filter { ids[$0] >= 0 }.map { Neighbor(id: Int(ids[$0]), distance: distances[$0]) }
  }

  /// Share of the answers that are as near as the true k-th one (relative tolerance 1e-5): ties count, missing answers
  /// do not.
  ///
  /// - Parameter truth: Exact answers of the same queries, at least `k` a query.
  public func recall(against truth: NeighborRows) -> Double {
    precondition(truth.count == count && truth.k >= k, "the truth belongs to other queries")
    var hits = 0
    for row in 0..<count {
      let limit = truth.distances[row * truth.k + k - 1]
      let tolerance = abs(limit) * 1e-5 + 1e-9
      for i in row * k..<(row + 1) * k where ids[i] >= 0 && distances[i] <= limit + tolerance { hits += 1 }
    }
    return count == 0 ? 1 : Double(hits) / Double(k * count)
  }

  /// Fills rows in parallel: `body` gives the answers of one query.
  package mutating func fill(
    threads: Int, chunk: Int = 8, _ body: (_ row: Int, _ worker: Int) -> [Neighbor]
  ) {
    fillRanges(threads: threads, chunk: chunk) { range, worker, write in
      for row in range { write(row, body(row, worker)) }
    }
  }

  /// Fills rows in parallel, a range of queries at a time: `body` writes the answers of each, in any order.
  package mutating func fillRanges(
    threads: Int, chunk: Int,
    _ body: (_ rows: Range<Int>, _ worker: Int, _ write: (_ row: Int, _ answers: [Neighbor]) -> Void) -> Void
  ) {
    let (k, count) = (self.k, self.count)
    ids.withUnsafeMutableBufferPointer { ids in
      distances.withUnsafeMutableBufferPointer { distances in
        nonisolated(unsafe) let (ids, distances) = (ids, distances)
        Parallel.forEachRange(of: count, size: chunk, threads: threads) { range, worker in
          body(range, worker) { row, answers in
            for (i, neighbor) in answers.prefix(k).enumerated() {
              ids[row * k + i] = Int64(neighbor.id)
              distances[row * k + i] = neighbor.distance
            }
          }
        }
      }
    }
  }
}

extension PointSet {
  /// The k objects nearest to a query, by (distance, id): a full scan.
  ///
  /// - Parameters:
  ///   - query: An object of the same kind.
  ///   - k: Answers wanted; fewer come back when there are fewer objects.
  ///   - ids: The objects to look at, ascending; nil for all.
  ///   - includingTies: Whether all objects as near as the last one come too.
  /// - Complexity: O(objects) distances.
  package func exactNearest(
    to query: UnsafeRawPointer, k: Int, among ids: [UInt32]? = nil, includingTies: Bool = false
  ) -> [Neighbor] {
    let best = nearest(to: query, k: k, among: ids)
    guard includingTies, let last = best.last, best.count < ids?.count ?? count else { return best }
    // Keys order even what a damaged file made no number.
    let limit = mill_key(last.distance, UInt32.max >> 1)
    var found: [UInt64] = []
    var distance: Float = 0
    for var id in ids ?? (0..<UInt32(count)).map({ $0 }) {
      measure(context, query, &id, 1, &distance)
      let key = mill_key(distance, id)
      if key <= limit { found.append(key) }
    }
    return found.sorted().map { Neighbor(id: Int(mill_key_id($0)), distance: mill_key_distance($0)) }
  }

  private func nearest(to query: UnsafeRawPointer, k: Int, among ids: [UInt32]?) -> [Neighbor] {
    let total = ids?.count ?? count
    let capacity = min(k, total)
    guard capacity > 0 else { return [] }
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: capacity + 1) { pool in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 256) { distances in
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { block in
          let (pool, distances, block) = (pool.baseAddress!, distances.baseAddress!, block.baseAddress!)
          var found = 0
          var start = 0
          while start < total {
            let width = min(256, total - start)
            for i in 0..<width { block[i] = ids.map { $0[start + i] } ?? UInt32(start + i) }
            measure(context, query, block, width, distances)
            for i in 0..<width {
              let key = mill_key(distances[i], block[i])
              if found < capacity || key < pool[capacity - 1] {
                _ = mill_pool_insert(pool, found, capacity, key)
                found = min(found + 1, capacity)
              }
            }
            start += width
          }
          return (0..<found).map { Neighbor(id: Int(mill_key_id(pool[$0])), distance: mill_key_distance(pool[$0])) }
        }
      }
    }
  }
}

/// The exact k nearest rows of every query, by (distance, id).
///
/// - Parameters:
///   - table: The rows to search; for the cosine distance they are normalised here.
///   - queries: Queries of the same dimension and element type.
///   - metric: The distance.
///   - k: Answers a query.
///   - context: Threads; they do not change the answer.
/// - Throws: ``VectorError``: dimensions or element types that do not agree, values that are not finite.
/// - Complexity: O(queries · rows · dimension).
public func exactNearest(
  in table: VectorTable, queries: VectorTable, metric: Metric, k: Int, context: RunContext = .init()
) throws(VectorError) -> NeighborRows {
  guard table.dimension == queries.dimension else {
    throw .dimensionMismatch(expected: table.dimension, found: queries.dimension)
  }
  guard table.elementType == queries.elementType else { throw .metricMismatch(metric, queries.elementType) }
  try table.checkFinite(context: context)
  try queries.checkFinite(context: context)
  let base = metric == .cosine ? try table.normalized(context: context).0 : table
  let asked = metric == .cosine ? try queries.normalized(context: context).0 : queries
  let points = try PointSet(base, metric: metric)
  var rows = NeighborRows(count: queries.count, k: min(max(0, k), table.count))
  rows.fill(threads: context.threads) { row, _ in points.exactNearest(to: asked.row(row), k: k) }
  return rows
}
