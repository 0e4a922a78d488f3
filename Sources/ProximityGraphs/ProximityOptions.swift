public import MillRuntime
public import VectorStore

/// How neighbours are chosen from candidates.
public enum NeighborSelection: String, Sendable, CaseIterable {
  /// The nearest (2016 paper, algorithm 3).
  case simple
  /// One link a direction: a candidate is skipped when a chosen neighbour is nearer to it than the node is
  /// (algorithm 4).
  case heuristic
}

/// What is done after a build so that every object can be found.
public enum ConnectivityRepair: String, Sendable, CaseIterable {
  /// Nothing.
  case none
  /// Every object becomes reachable from the entry point.
  case reach
  /// Also, every object is searched for itself once, and those that are missed get one more link.
  case full
}

/// The settings of an HNSW graph. Defaults suit most data; see the article on choosing parameters.
public struct HNSWOptions: Sendable, Equatable {
  /// Links a new node makes on each level, 2...512; useful are 5...48.
  public var m = 16
  /// Links of a node on level 0 at most, at least ``m``; nil for twice ``m``.
  public var baseLinks: Int?
  /// Beam width of the build; raised to ``m``.
  public var efConstruction = 200
  /// Level scale mL; nil for 1 / ln(m), 0 for a flat graph.
  public var levelScale: Double?
  /// How neighbours are chosen.
  public var selection = NeighborSelection.heuristic
  /// Whether the heuristic looks at neighbours of candidates too; only for extremely clustered data.
  public var extendsCandidates = false
  /// Whether lists are filled up with skipped candidates, nearest first.
  public var keepsPruned = true
  /// Factor of the heuristic's test on plain distances, at least 1; larger keeps more and longer links.
  public var alpha: Float = 1
  /// What is done after a bulk build.
  public var repair = ConnectivityRepair.full
  /// Whether a bulk build inserts one by one, the reference; else in batches that see each other's links.
  public var isSequential = false
  /// Whether a bulk build inserts in random order.
  public var shuffles = false
  /// Seed of levels and shuffles.
  public var seed: UInt64 = 42

  /// The defaults.
  public init() {}

  /// Links of a node on level 0 at most.
  public var maximumBaseLinks: Int { baseLinks ?? 2 * m }
  /// The level scale in use.
  public var scale: Double { levelScale ?? Self.defaultScale(m) }
  static func defaultScale(_ m: Int) -> Double { 1 / naturalLogarithm(Double(m)) }

  /// - Throws: ``ProximityError/badOption(_:)``.
  func validate() throws(ProximityError) {
    guard (2...512).contains(m) else { throw .badOption("m is \(m), not in 2...512") }
    guard (m...1024).contains(maximumBaseLinks) else { throw .badOption("baseLinks is not in m...1024") }
    guard (1...1 << 20).contains(efConstruction) else { throw .badOption("efConstruction is not in 1...1048576") }
    guard scale >= 0, scale <= 16 else { throw .badOption("levelScale is not in 0...16") }
    guard alpha >= 1, alpha <= 16 else { throw .badOption("alpha is not in 1...16") }
  }
}

/// How exact search is chosen.
public enum ExactPolicy: String, Sendable {
  /// Where it is both faster and right: few objects, few allowed ones, or very many answers wanted.
  case automatic
  /// Never: through the graph.
  case never
  /// Always: a full scan.
  case always
}

/// The settings of one search.
public struct SearchOptions: Sendable {
  /// Beam width; raised to k.
  public var ef = 64
  /// Objects that may be returned; nil for all. See ``HNSWIndex/filter(_:)``.
  public var filter: SearchFilter?
  /// Candidates that are ranked again by exact distance when the index has codes; nil for 3k, 0 to answer with code
  /// distances.
  public var rerank: Int?
  /// Whether the codes are used where there are some.
  public var usesCodes = true
  /// When to scan instead.
  public var exact = ExactPolicy.automatic

  /// ef = 64, no filter.
  public init() {}

  /// A beam width.
  public init(ef: Int) { self.ef = ef }
}

/// What an operation cost; independent of machine, threads and kernels.
public struct SearchCounters: Sendable, Equatable {
  /// Distances computed, upper levels included.
  public var distances: UInt64 = 0
  /// Nodes whose neighbours were looked at.
  public var hops: UInt64 = 0

  /// Nothing yet.
  public init() {}

  /// Adds another operation's cost.
  public static func += (sum: inout SearchCounters, other: SearchCounters) {
    sum.distances += other.distances
    sum.hops += other.hops
  }
}

/// What a build cost and what the repair did.
public struct BuildReport: Sendable, Equatable {
  /// Distances of searches for new points, and hops.
  public var search = SearchCounters()
  /// Distances of the selection of new points' neighbours.
  public var selectDistances: UInt64 = 0
  /// Distances of back-links: to the old list, and its selection.
  public var reverseDistances: UInt64 = 0
  /// Distances between points of one batch, and their selection.
  public var batchDistances: UInt64 = 0
  /// Distances of the repair's searches.
  public var repairDistances: UInt64 = 0
  /// Objects that were not reachable before the repair.
  public var unreachedBefore = 0
  /// Objects that did not find themselves before the second pass of the repair.
  public var missedBefore = 0
  /// Edges that the repair added.
  public var repairEdges = 0
  /// Objects kept in chains behind an equal one.
  public var duplicates = 0

  /// All distances.
  public var distances: UInt64 {
    search.distances + selectDistances + reverseDistances + batchDistances + repairDistances
  }

  /// Nothing yet.
  public init() {}
}

/// Why a proximity graph refused.
public enum ProximityError: MillErrorConvertible, Equatable, Sendable {
  /// A setting out of its range.
  case badOption(String)
  /// Vectors that were refused.
  case vectors(VectorError)
  /// A key that is taken; `replace` allows it.
  case duplicateKey(Int)
  /// A key that nothing has.
  case unknownKey(Int)
  /// Keys are not negative.
  case negativeKey(Int)
  /// The number of keys is not that of the vectors.
  case keyCount(expected: Int, found: Int)
  /// More objects than 31-bit numbers can name.
  case tooManyObjects(Int)
  /// A mapped index was to be changed.
  case readOnly
  /// The stop was asked for, memory refused, or a file failed.
  case resource(MillError)

  /// The same with kind, message and exit code.
  public var millError: MillError {
    switch self {
    case .badOption(let text): MillError(.badOption, text)
    case .vectors(let error): error.millError
    case .duplicateKey(let key): MillError(.malformed, "the key \(key) occurs twice")
    case .unknownKey(let key): MillError(.badOption, "no object has the key \(key)")
    case .negativeKey(let key): MillError(.malformed, "the key \(key) is negative")
    case .keyCount(let expected, let found): MillError(.badOption, "\(found) keys for \(expected) vectors")
    case .tooManyObjects(let count): MillError(.unsupported, "\(count) objects, at most 2^31 - 2")
    case .readOnly: MillError(.badOption, "a mapped index is read-only", hint: "load it into memory to change it")
    case .resource(let error): error
    }
  }
}

func allocating<Result>(_ body: () throws(MillError) -> Result) throws(ProximityError) -> Result {
  do throws(MillError) { return try body() } catch { throw .resource(error) }
}

func vectorCall<Result>(_ body: () throws(VectorError) -> Result) throws(ProximityError) -> Result {
  do throws(VectorError) { return try body() } catch { throw .vectors(error) }
}

/// Objects that may be returned: a bit an object, in the index's own numbering.
public struct SearchFilter: Sendable {
  let words: [UInt64]
  /// The number of objects allowed.
  public let count: Int

  init(words: [UInt64]) {
    self.words = words
    count = words.reduce(0) { $0 + $1.nonzeroBitCount }
  }
}
