import CMillKernels
public import VectorStore

/// A found object by its key.
public struct KeyedNeighbor: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The object's key.
  public let key: Int
  /// Its distance from the query.
  public let distance: Float

  /// A found object.
  public init(key: Int, distance: Float) {
    self.key = key
    self.distance = distance
  }

  /// `key: distance`.
  public var description: String { "\(key): \(distance)" }
}

/// What an operation cost; independent of machine, threads and kernels.
public struct SearchCounters: Sendable, Equatable, Codable, CustomStringConvertible {
  /// Distances computed, upper levels included.
  public var distances: UInt64
  /// Nodes whose neighbors were looked at.
  public var hops: UInt64

  /// The given counts.
  public init(distances: UInt64 = 0, hops: UInt64 = 0) {
    self.distances = distances
    self.hops = hops
  }

  /// Adds another operation's cost.
  public static func += (sum: inout SearchCounters, other: SearchCounters) {
    sum.distances += other.distances
    sum.hops += other.hops
  }

  /// Both counts in words.
  public var description: String { "\(distances) distances, \(hops) hops" }
}

/// The answer of one search.
public struct SearchResult: Sendable, Equatable, CustomStringConvertible {
  /// What was found, by (distance, key).
  public let neighbors: [KeyedNeighbor]
  /// What it cost.
  public let counters: SearchCounters
  /// Whether it was a full scan.
  public let isExact: Bool

  /// The keys of what was found, nearest first.
  public var keys: [Int] { neighbors.map(\.key) }

  /// The first neighbors and the cost.
  public var description: String {
    let shown = neighbors.prefix(10).map(\.description).joined(separator: ", ")
    let rest = neighbors.count > 10 ? ", … \(neighbors.count) in all" : ""
    return "[\(shown)\(rest)] (\(isExact ? "exact, " : "")\(counters))"
  }
}

/// The answers of a batch.
public struct BatchSearchResult: Sendable, Equatable, CustomStringConvertible {
  /// Keys and distances, one row a query, in the order of the queries; rows with fewer answers end with the id -1.
  public let rows: NeighborRows
  /// What all searches cost together.
  public let counters: SearchCounters

  /// The number of queries.
  public var count: Int { rows.count }

  /// The answers of query `row`, nearest first.
  ///
  /// - Precondition: `row` is in `0..<count`.
  public subscript(row: Int) -> [KeyedNeighbor] {
    precondition(row >= 0 && row < count, "row out of range")
    return rows[row].map { KeyedNeighbor(key: $0.id, distance: $0.distance) }
  }

  /// Sizes and the cost.
  public var description: String { "\(count) queries, at most \(rows.k) answers each (\(counters))" }
}

/// By (distance, number).
func precedes(_ a: Neighbor, _ b: Neighbor) -> Bool { (a.distance, a.id) < (b.distance, b.id) }

/// By (distance, key).
func precedes(_ a: KeyedNeighbor, _ b: KeyedNeighbor) -> Bool { (a.distance, a.key) < (b.distance, b.key) }

extension SearchContext {
  /// The first keys of the pool as numbers and distances.
  func answers(_ count: Int) -> [Neighbor] {
    (0..<count).map { unsafe Neighbor(id: Int(mill_key_id(pool[$0])), distance: mill_key_distance(pool[$0])) }
  }
}
