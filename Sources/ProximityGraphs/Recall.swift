public import MillRuntime
public import VectorStore

extension ProximityIndex {
  /// Share of the answers that are as near as the true k-th one, from true keys alone: ties count, missing answers do
  /// not. The distances of the true keys are computed here; the rule is that of `NeighborRows.recall(against:)`.
  ///
  /// - Parameters:
  ///   - result: Answers, k a query.
  ///   - queries: The queries they answer.
  ///   - truth: Keys of the exact nearest objects, nearest first, at least k a query.
  ///   - context: Threads; they do not change the figure.
  /// - Throws: `MillError` of kind `malformed` where the truth has other rows, or keys that nothing has.
  /// - Complexity: O(queries · k) distances.
  public func recall(
    of result: BatchSearchResult, queries: VectorTable, truth: IntegerRows, context: RunContext = .init()
  ) throws(MillError) -> Double {
    switch self {
    case .hnsw(let index): try index.recall(of: result, queries: queries, truth: truth, context: context)
    case .nsw(let index): try index.recall(of: result, queries: queries, truth: truth, context: context)
    }
  }
}

extension HNSWIndex {
  /// Share of the answers that are as near as the true k-th one; see
  /// ``ProximityIndex/recall(of:queries:truth:context:)``.
  ///
  /// - Throws: `MillError`.
  public func recall(
    of result: BatchSearchResult, queries: VectorTable, truth: IntegerRows, context: RunContext = .init()
  ) throws(MillError) -> Double {
    let asked = try PreparedQueries(queries, to: vectors, core.points, metric, context)
    return try result.rows.recall(against: trueRows(truth, asked, k: result.rows.k, names))
  }
}

extension NSWIndex {
  /// Share of the answers that are as near as the true k-th one; see
  /// ``ProximityIndex/recall(of:queries:truth:context:)``.
  ///
  /// - Throws: `MillError`.
  public func recall(
    of result: BatchSearchResult, queries: VectorTable, truth: IntegerRows, context: RunContext = .init()
  ) throws(MillError) -> Double {
    let asked = try PreparedQueries(queries, to: vectors, points, metric, context)
    return try result.rows.recall(against: trueRows(truth, asked, k: result.rows.k, names))
  }
}

/// The first k true keys of every query with their distances, in order.
private func trueRows(
  _ truth: IntegerRows, _ queries: PreparedQueries, k: Int, _ names: ObjectNames
) throws(MillError) -> NeighborRows {
  let (asked, points) = (queries.table, queries.points)
  guard truth.count == asked.count, truth.width >= k else {
    throw MillError(
      .malformed, "\(truth.count) rows of \(truth.width) true keys for \(asked.count) queries with \(k) answers each")
  }
  var numbers: [UInt32] = []
  numbers.reserveCapacity(k * asked.count)
  for row in 0..<asked.count {
    for key in truth.values[row * truth.width..<row * truth.width + k] {
      // A row of fewer than k true keys ends with -1.
      if key < 0 {
        numbers.append(.max)
        continue
      }
      guard let number = names.number(of: Int(key)) else {
        throw MillError(.malformed, "no object has the true key \(key)", line: row + 1)
      }
      numbers.append(number)
    }
  }
  var rows = NeighborRows(count: asked.count, k: k)
  rows.fill(threads: 1) { row, _ in
    let own = numbers[row * k..<(row + 1) * k].filter { $0 != .max }
    var distances = [Float](repeating: 0, count: own.count)
    unsafe points.measure(points.context, asked.row(row), own, own.count, &distances)
    return zip(own, distances).map { Neighbor(id: names.key($0), distance: $1) }.sorted(by: precedes)
  }
  return rows
}
