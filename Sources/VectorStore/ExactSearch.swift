internal import MillKernels
public import MillRuntime

/// A found object.
public struct Neighbor: Sendable, Hashable, Codable {
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
public struct NeighborRows: Sendable, Equatable, Codable {
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
    precondition(row >= 0 && row < count, "row out of range")
    return (row * k..<(row + 1) * k).filter { ids[$0] >= 0 }.map { Neighbor(id: Int(ids[$0]), distance: distances[$0]) }
  }

  /// Share of the answers that are as near as the true k-th one (relative tolerance 1e-5, so that the scale of the
  /// data does not matter): ties count, missing answers do not.
  ///
  /// - Parameter truth: Exact answers of the same queries, at least `k` a query.
  public func recall(against truth: NeighborRows) -> Double {
    precondition(truth.count == count && truth.k >= k, "the truth belongs to other queries")
    var hits = 0
    var wanted = 0
    for row in 0..<count {
      let best = (row * truth.k..<row * truth.k + k).filter { truth.ids[$0] >= 0 }
      guard let last = best.last else { continue }
      let limit = truth.distances[last]
      let tolerance = abs(limit) * 1e-5
      let near = (row * k..<(row + 1) * k).count { ids[$0] >= 0 && distances[$0] <= limit + tolerance }
      hits += min(near, best.count)
      wanted += best.count
    }
    return wanted == 0 ? 1 : Double(hits) / Double(wanted)
  }

  /// The same answers in rows of `width`, at least ``k``: what is missing has id -1 and an infinite distance.
  public func padded(to width: Int) -> NeighborRows {
    precondition(width >= k, "rows cannot become narrower")
    var wide = NeighborRows(count: count, k: width)
    for row in 0..<count {
      for i in 0..<k {
        wide.ids[row * width + i] = ids[row * k + i]
        wide.distances[row * width + i] = distances[row * k + i]
      }
    }
    return wide
  }

  /// The same answers with the distances that people mean: ``Metric/plainDistance(_:)`` of each.
  public func plain(under metric: Metric) -> NeighborRows {
    var rows = self
    rows.distances = distances.map { metric.plainDistance($0) }
    return rows
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
    unsafe ids.withUnsafeMutableBufferPointer { ids in
      unsafe distances.withUnsafeMutableBufferPointer { distances in
        nonisolated(unsafe) let (ids, distances) = unsafe (ids, distances)
        Parallel.forEachRange(of: count, size: chunk, threads: threads) { range, worker in
          body(range, worker) { row, answers in
            for (i, neighbor) in answers.prefix(k).enumerated() {
              unsafe ids[row * k + i] = Int64(neighbor.id)
              unsafe distances[row * k + i] = neighbor.distance
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
    let best = unsafe nearest(to: query, k: k, among: ids)
    guard includingTies, let last = best.last, best.count < ids?.count ?? count else { return best }
    // Keys order even what a damaged file made no number.
    let limit = CandidateKey.make(last.distance, UInt32.max >> 1)
    var found: [UInt64] = []
    var distance: Float = 0
    for var id in ids ?? (0..<UInt32(count)).map({ $0 }) {
      unsafe measure(context, query, &id, 1, &distance)
      let key = CandidateKey.make(distance, id)
      if key <= limit { found.append(key) }
    }
    return found.sorted().map { Neighbor(id: Int(CandidateKey.id($0)), distance: CandidateKey.distance($0)) }
  }

  private func nearest(to query: UnsafeRawPointer, k: Int, among ids: [UInt32]?) -> [Neighbor] {
    let total = ids?.count ?? count
    let capacity = min(k, total)
    guard capacity > 0 else { return [] }
    return unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: capacity + 1) { pool in
      unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: 256) { distances in
        unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { block in
          let (pool, distances, block) = (pool.baseAddress!, distances.baseAddress!, block.baseAddress!)
          var found = 0
          var start = 0
          while start < total {
            let width = min(256, total - start)
            for i in 0..<width { unsafe block[i] = ids.map { $0[start + i] } ?? UInt32(start + i) }
            unsafe measure(context, query, block, width, distances)
            for i in 0..<width {
              let key = unsafe CandidateKey.make(distances[i], block[i])
              if unsafe found < capacity || key < pool[capacity - 1] {
                unsafe CandidateKey.insert(key, into: pool, count: found, capacity: capacity)
                found = min(found + 1, capacity)
              }
            }
            start += width
          }
          return (0..<found).map {
            unsafe Neighbor(id: Int(CandidateKey.id(pool[$0])), distance: CandidateKey.distance(pool[$0]))
          }
        }
      }
    }
  }
}

/// The exact k nearest rows of every query, by (distance, id).
///
/// - Parameters:
///   - table: The rows to search; for the cosine distance they are normalized here.
///   - queries: Queries of the same dimension and element type.
///   - metric: The distance.
///   - k: Answers a query.
///   - context: Threads; they do not change the answer.
/// - Throws: `MillError`: `dimension-mismatch`, `metric-mismatch`, and what ``VectorTable/check(for:areQueries:context:)``
///   refuses.
/// - Complexity: O(queries · rows · dimension).
public func exactNearest(
  in table: VectorTable, queries: VectorTable, metric: Metric, k: Int, context: RunContext = .init()
) throws(MillError) -> NeighborRows {
  guard table.dimension == queries.dimension else {
    throw .dimensionMismatch(expected: table.dimension, found: queries.dimension)
  }
  guard table.elementType == queries.elementType else { throw .metricMismatch(metric, queries.elementType) }
  try table.check(for: metric, context: context)
  try queries.check(for: metric, areQueries: true, context: context)
  let base = metric == .cosine ? try table.normalized(context: context).rows : table
  let asked = metric == .cosine ? try queries.normalized(context: context).rows : queries
  let points = try PointSet(base, metric: metric)
  var rows = NeighborRows(count: queries.count, k: min(max(0, k), table.count))
  rows.fill(threads: context.threads) { row, _ in unsafe points.exactNearest(to: asked.row(row), k: k) }
  return rows
}
