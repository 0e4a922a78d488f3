public import GraphStore
public import MillRuntime
public import VectorStore

/// How a proximity graph is made.
public enum IndexMethod: String, Sendable, CaseIterable, Codable {
  /// The hierarchical graph of 2016, ``HNSWIndex``.
  case hnsw
  /// The flat graph of 2014, ``NSWIndex``.
  case nsw
}

/// What indexes of vectors have in common: ``HNSWIndex``, ``NSWIndex``, and ``ProximityIndex`` that is either.
///
/// ```swift
/// let index = try ProximityIndex.open("base.gmx")
/// let found = try index.search(query, k: 10).neighbors
/// let even = try index.search(query, k: 10, filter: { key in key % 2 == 0 }).keys
/// ```
///
/// Objects have keys, and may have names besides; answers are sorted by (distance, key). Searches may run on many threads at once.
public protocol VectorIndex: Sendable, CustomStringConvertible {
  /// How the graph was made.
  var method: IndexMethod { get }
  /// The distance.
  var metric: Metric { get }
  /// The number of objects that can be found.
  var count: Int { get }
  /// Elements of a vector.
  var dimension: Int { get }
  /// The keys of all objects that can be found, in the order of their rows. O(objects).
  var keys: [Int] { get }

  /// The k nearest objects to a vector.
  ///
  /// - Parameters:
  ///   - query: A vector of the index's dimension.
  ///   - k: Answers wanted; fewer come back only when fewer are in the index or allowed.
  ///   - options: Beam width, exact policy, and what the method has besides.
  ///   - filter: Objects that may be returned; nil for all. See ``filter(_:)``.
  /// - Throws: `MillError`: `malformed` for a vector of another dimension or with values that are not finite,
  ///   `bad-option`, `over-budget`.
  func search(
    _ query: [Float], k: Int, options: SearchOptions, filter: SearchFilter?
  ) throws(MillError) -> SearchResult

  /// The k nearest objects to every row of a table: the same answers as one at a time, in input order, for every number
  /// of threads.
  ///
  /// - Throws: As for one query, whose number the message names.
  func search(
    _ queries: VectorTable, k: Int, options: SearchOptions, filter: SearchFilter?, context: RunContext
  ) throws(MillError) -> BatchSearchResult

  /// All objects within a distance that the graph finds: a search, then a walk over neighbors inside the radius.
  ///
  /// - Parameters:
  ///   - query: A vector of the index's dimension.
  ///   - radius: The largest distance (squared under `l2`).
  ///   - slack: Neighbors up to `radius · (1 + slack)` are walked through.
  ///   - options: As for the k nearest.
  ///   - filter: Objects that may be returned; nil for all.
  /// - Throws: As for the k nearest.
  func search(
    _ query: [Float], radius: Float, slack: Float, options: SearchOptions, filter: SearchFilter?
  ) throws(MillError) -> SearchResult

  /// Whether an object has this key.
  func contains(key: Int) -> Bool
  /// Whether objects have names.
  var isNamed: Bool { get }
  /// The name of the object that has a key; nil where there is none, or objects have no names.
  func name(ofKey key: Int) -> String?
  /// The key of the object that has a name; nil where there is none.
  ///
  /// - Complexity: O(1), once O(objects).
  func key(named name: String) -> Int?
  /// The vector of a key, its length restored under the cosine distance; nil when there is none.
  func vector(forKey key: Int) -> [Float]?
  /// A filter that lets those objects through whose key fulfils the predicate; for use in many searches.
  ///
  /// - Complexity: one call an object, n / 8 bytes. Made anew when the index changes.
  func filter(_ isAllowed: (_ key: Int) -> Bool) -> SearchFilter
  /// A filter that lets the objects through that have one of the keys; keys that nothing has are passed over.
  ///
  /// - Complexity: O(keys), n / 8 bytes.
  func filter(keys: some Sequence<Int>) -> SearchFilter

  /// The k nearest others of every object, found through the graph (or exactly where that is the right choice), as a
  /// graph: node i is the i-th object, and is called by its name or key where such were given.
  ///
  /// - Parameters:
  ///   - k: Neighbors of an object.
  ///   - symmetry: Which pairs become edges.
  ///   - isWeighted: Whether distances become weights.
  ///   - options: As for a search.
  ///   - context: Threads, which do not change the graph; progress; a way to stop.
  /// - Throws: `MillError`: `bad-option` also while removed objects were not compacted; `over-budget`, `interrupted`.
  func neighborGraph(
    k: Int, symmetry: NeighborSymmetry, isWeighted: Bool, options: SearchOptions, context: RunContext
  ) throws(MillError) -> CSRGraph

  /// Objects that no search can reach.
  ///
  /// - Complexity: O(links).
  func unreachableCount() -> Int

  /// Writes the index under its final name; the same index gives the same bytes.
  ///
  /// - Parameters:
  ///   - path: A `.gmx` file.
  ///   - replaces: Whether a file that is there is replaced, at once and as a whole.
  ///   - context: Threads.
  /// - Returns: The number of bytes.
  /// - Throws: `MillError`, also `cannot-create` when the file exists and `replaces` is false.
  @discardableResult func write(to path: String, replaces: Bool, context: RunContext) throws(MillError) -> Int
}

extension VectorIndex {
  /// The k nearest objects whose keys fulfil a predicate, which is called once an object; see ``filter(_:)`` for many
  /// searches with one filter.
  ///
  /// - Throws: As without a filter.
  public func search(
    _ query: [Float], k: Int, options: SearchOptions = .init(), filter isAllowed: (_ key: Int) -> Bool
  ) throws(MillError) -> SearchResult {
    try search(query, k: k, options: options, filter: filter(isAllowed))
  }

  /// The k nearest objects among those with the given keys.
  ///
  /// - Throws: As without a filter.
  public func search(
    _ query: [Float], k: Int, options: SearchOptions = .init(), among keys: some Sequence<Int>
  ) throws(MillError) -> SearchResult {
    try search(query, k: k, options: options, filter: filter(keys: keys))
  }

  /// A filter that lets the objects through that have one of the names; names that nothing has are passed over.
  ///
  /// - Complexity: O(names), n / 8 bytes.
  public func filter(names: some Sequence<String>) -> SearchFilter { filter(keys: names.lazy.compactMap(key(named:))) }

  /// The k nearest objects to a vector, with the usual settings.
  ///
  /// - Throws: As with settings.
  public func search(_ query: [Float], k: Int) throws(MillError) -> SearchResult {
    try search(query, k: k, options: SearchOptions(), filter: nil)
  }

  /// Method, size, element type of the distance and dimension.
  public var description: String {
    "\(method.rawValue) index of \(count) vectors of dimension \(dimension) under \(metric.rawValue)"
  }
}
