import GraphStore
public import MillRuntime
public import VectorStore

/// How a proximity graph is made.
public enum IndexMethod: String, Sendable, CaseIterable {
  /// The hierarchical graph of 2016, ``HNSWIndex``.
  case hnsw
  /// The flat graph of 2014, ``NSWIndex``.
  case nsw
}

/// An index from a file, of the method that the file names.
public enum ProximityIndex: Sendable {
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
      switch reader.method {
      case .hnsw: return .hnsw(try reader.hnswIndex(verify, mapped: mapped, context))
      case .nsw: return .nsw(try reader.nswIndex(verify))
      }
    } catch {
      throw error.inFile(path)
    }
  }

  /// What it is.
  public var method: IndexMethod {
    switch self {
    case .hnsw: .hnsw
    case .nsw: .nsw
    }
  }

  /// The distance.
  public var metric: Metric {
    switch self {
    case .hnsw(let index): index.metric
    case .nsw(let index): index.metric
    }
  }

  /// The number of objects that can be found.
  public var count: Int {
    switch self {
    case .hnsw(let index): index.count
    case .nsw(let index): index.count
    }
  }
}

extension MillError.Kind {
  /// An index file of another method than was asked for.
  public static let otherMethod = Self("other-method", .badData)
}
