public import GraphStore
public import MillRuntime
public import VectorStore

/// An index from a file, of the method that the file names.
///
/// ```swift
/// let index = try ProximityIndex.open("base.gmx")
/// print(index, try index.search(query, k: 10))
/// ```
public enum ProximityIndex: VectorIndex {
  /// A hierarchical graph.
  case hnsw(HNSWIndex)
  /// A flat graph.
  case nsw(NSWIndex)

  /// Opens an index file of either method.
  ///
  /// - Parameters:
  ///   - path: A `.gmx` file.
  ///   - mapped: Whether links and vectors stay in the mapped file, or are read into memory.
  ///   - verify: How much is checked.
  ///   - context: Threads, a way to stop.
  /// - Throws: `MillError` for every damage, as ``HNSWIndex/open(_:mapped:verify:context:)``.
  public static func open(
    _ path: String, mapped: Bool = true, verify: IndexVerification = .quick, context: RunContext = .init()
  ) throws(MillError) -> ProximityIndex {
    do throws(MillError) {
      let reader = try IndexReader(try MappedFile(path: path, mapped: mapped))
      switch reader.content {
      case .hnsw: return .hnsw(try reader.hnswIndex(verify, mapped: mapped, context))
      case .nsw: return .nsw(try reader.nswIndex(verify))
      case .objects: throw reader.otherMethod("vectors")
      }
    } catch {
      throw error.inFile(path)
    }
  }

  /// What it is.
  public var index: any VectorIndex {
    switch self {
    case .hnsw(let index): index
    case .nsw(let index): index
    }
  }

  /// How the graph was made.
  public var method: IndexMethod { index.method }
  /// The distance.
  public var metric: Metric { index.metric }
  /// The number of objects that can be found.
  public var count: Int { index.count }
  /// Elements of a vector.
  public var dimension: Int { index.dimension }
  /// The keys of all objects that can be found, in the order of their rows.
  public var keys: [Int] { index.keys }
  /// What it is, in words.
  public var description: String { index.description }

  /// The k nearest objects to a vector; see ``VectorIndex/search(_:k:options:filter:)``.
  ///
  /// - Throws: `MillError`.
  public func search(
    _ query: [Float], k: Int, options: SearchOptions = .init(), filter: SearchFilter? = nil
  ) throws(MillError) -> SearchResult {
    try index.search(query, k: k, options: options, filter: filter)
  }

  /// The k nearest objects to every row of a table; see ``VectorIndex/search(_:k:options:filter:context:)``.
  ///
  /// - Throws: `MillError`.
  public func search(
    _ queries: VectorTable, k: Int, options: SearchOptions = .init(), filter: SearchFilter? = nil,
    context: RunContext = .init()
  ) throws(MillError) -> BatchSearchResult {
    try index.search(queries, k: k, options: options, filter: filter, context: context)
  }

  /// All objects within a distance; see ``VectorIndex/search(_:radius:slack:options:filter:)``.
  ///
  /// - Throws: `MillError`.
  public func search(
    _ query: [Float], radius: Float, slack: Float = 0, options: SearchOptions = .init(), filter: SearchFilter? = nil
  ) throws(MillError) -> SearchResult {
    try index.search(query, radius: radius, slack: slack, options: options, filter: filter)
  }

  /// Whether an object has this key.
  public func contains(key: Int) -> Bool { index.contains(key: key) }

  /// Whether objects have names.
  public var isNamed: Bool { index.isNamed }
  /// The name of the object that has a key; nil where there is none, or objects have no names.
  public func name(ofKey key: Int) -> String? { index.name(ofKey: key) }
  /// The key of the object that has a name; nil where there is none.
  public func key(named name: String) -> Int? { index.key(named: name) }

  /// The vector of a key, its length restored under the cosine distance; nil when there is none.
  public func vector(forKey key: Int) -> [Float]? { index.vector(forKey: key) }

  /// A filter that lets those objects through whose key fulfils the predicate.
  public func filter(_ isAllowed: (_ key: Int) -> Bool) -> SearchFilter { index.filter(isAllowed) }

  /// A filter that lets the objects through that have one of the keys.
  public func filter(keys: some Sequence<Int>) -> SearchFilter { index.filter(keys: keys) }

  /// The k nearest others of every object as a graph; see
  /// ``VectorIndex/neighborGraph(k:symmetry:isWeighted:options:context:)``.
  ///
  /// - Throws: `MillError`.
  public func neighborGraph(
    k: Int, symmetry: NeighborSymmetry = .union, isWeighted: Bool = false, options: SearchOptions = .init(),
    context: RunContext = .init()
  ) throws(MillError) -> CSRGraph {
    try index.neighborGraph(k: k, symmetry: symmetry, isWeighted: isWeighted, options: options, context: context)
  }

  /// Objects that no search can reach.
  public func unreachableCount() -> Int { index.unreachableCount() }

  /// Writes the index; see ``VectorIndex/write(to:replaces:context:)``.
  ///
  /// - Returns: The number of bytes.
  /// - Throws: `MillError`.
  @discardableResult public func write(
    to path: String, replaces: Bool = false, context: RunContext = .init()
  ) throws(MillError) -> Int {
    try index.write(to: path, replaces: replaces, context: context)
  }
}
