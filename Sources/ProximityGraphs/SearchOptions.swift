import MillRuntime

/// How exact search is chosen.
public enum ExactPolicy: String, Sendable, CaseIterable, Codable {
  /// Where it is both faster and right: few objects, few allowed ones, or very many answers wanted.
  case automatic
  /// Never: through the graph.
  case never
  /// Always: a full scan.
  case always

  /// Whether all objects (or all allowed ones) are scanned.
  ///
  /// - Parameters:
  ///   - total: Objects of the index.
  ///   - allowed: Objects that a filter lets through; nil without a filter.
  func scans(total: Int, k: Int, ef: Int, allowed: Int?) -> Bool {
    switch self {
    case .always: return true
    case .never: return false
    case .automatic:
      if total < 5_000 || k > total / 10 { return true }
      guard let allowed else { return false }
      return allowed <= max(2_000, 8 * min(ef, 1 << 40)) || 100 * allowed < total
    }
  }
}

/// The settings of a search, for indexes of both methods. A setting that an index does not have is refused.
public struct SearchOptions: Sendable, Equatable, Codable {
  /// Beam width, at least 1, raised to k: candidates that are kept. Nil for 64 in an ``HNSWIndex`` and for k, as in its
  /// paper, in an ``NSWIndex``.
  public var ef: Int?
  /// Searches from random nodes that are put together, 1...1048576, of an ``NSWIndex``; nil for 4.
  public var restarts: Int?
  /// Candidates that are ranked again by exact distance when an ``HNSWIndex`` has codes; nil for 3k, 0 to answer with
  /// code distances.
  public var rerank: Int?
  /// Whether the codes of an ``HNSWIndex`` are used where there are some.
  public var usesCodes: Bool
  /// When to scan instead.
  public var exact: ExactPolicy

  /// The given settings, the defaults for the others.
  public init(
    ef: Int? = nil, restarts: Int? = nil, rerank: Int? = nil, usesCodes: Bool = true, exact: ExactPolicy = .automatic
  ) {
    self.ef = ef
    self.restarts = restarts
    self.rerank = rerank
    self.usesCodes = usesCodes
    self.exact = exact
  }

  /// - Throws: `bad-option`.
  func validate(for method: IndexMethod) throws(MillError) {
    if let ef, ef < 1 { throw MillError(.badOption, "ef is \(ef), below 1") }
    if let rerank, rerank < 0 { throw MillError(.badOption, "rerank is \(rerank), below 0") }
    if let restarts, !(1...1 << 20).contains(restarts) {
      throw MillError(.badOption, "restarts is \(restarts), not in 1...1048576")
    }
    switch method {
    case .hnsw: if restarts != nil { throw MillError(.badOption, "restarts belong to indexes of the method nsw") }
    case .nsw: if rerank != nil { throw MillError(.badOption, "rerank belongs to indexes of the method hnsw") }
    }
  }
}

/// Objects that may be returned: a bit an object, in the index's own numbering.
///
/// Made by an index for use in many searches, anew when the index changes.
public struct SearchFilter: Sendable, Equatable {
  let words: [UInt64]
  /// The number of objects allowed.
  public let count: Int

  init(words: [UInt64]) {
    self.words = words
    count = words.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  func allows(_ number: UInt32) -> Bool { words[Int(number) >> 6] >> UInt64(number & 63) & 1 != 0 }

  /// - Throws: `bad-option` where the filter belongs to another index, or another state of it.
  func check(objects: Int) throws(MillError) {
    guard words.count == (objects + 63) / 64 else {
      throw MillError(.badOption, "the filter was made for another index, or another state of this one")
    }
  }
}
