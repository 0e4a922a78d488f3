import MillRuntime
import VectorStore

/// A choice that an index file stores as a number.
///
/// A number stands in files for ever: it is never changed, and never given to another choice.
protocol FileNumbered: CaseIterable {
  var fileNumber: UInt32 { get }
}

extension IndexFile {
  /// What a file holds.
  enum Content: String, FileNumbered {
    case hnsw, nsw, objects

    var fileNumber: UInt32 {
      switch self {
      case .hnsw: 0
      case .nsw: 1
      case .objects: 2
      }
    }
  }

  /// Yes-or-no settings of a build.
  struct Switches: OptionSet, BitwiseCopyable {
    let rawValue: UInt32
    static let extendsCandidates = Switches(rawValue: 1)
    static let keepsPruned = Switches(rawValue: 2)
    static let isSequential = Switches(rawValue: 4)
    static let shuffles = Switches(rawValue: 8)
    static let known: Switches = [.extendsCandidates, .keepsPruned, .isSequential, .shuffles]
  }

  /// The choice behind a number.
  ///
  /// - Throws: `malformed` for a number that stands for nothing.
  static func value<Value: FileNumbered>(_ number: UInt32, _ what: String) throws(MillError) -> Value {
    for value in Value.allCases where value.fileNumber == number { return value }
    throw MillError(.malformed, "unknown \(what) \(number)")
  }
}

extension Metric: FileNumbered {
  var fileNumber: UInt32 {
    switch self {
    case .l2: 0
    case .innerProduct: 1
    case .cosine: 2
    case .l1: 3
    case .chebyshev: 4
    case .hamming: 5
    case .jaccard: 6
    case .jensenShannon: 7
    case .jeffreys: 8
    }
  }
}

extension ElementType: FileNumbered {
  var fileNumber: UInt32 {
    switch self {
    case .float32: 0
    case .float16: 1
    case .bfloat16: 2
    case .uint8: 3
    case .bit: 4
    }
  }
}

extension NeighborSelection: FileNumbered {
  var fileNumber: UInt32 {
    switch self {
    case .simple: 0
    case .heuristic: 1
    }
  }
}

extension ConnectivityRepair: FileNumbered {
  var fileNumber: UInt32 {
    switch self {
    case .none: 0
    case .reach: 1
    case .full: 2
    }
  }
}

/// 0 in a file is an index without codes.
extension Quantization: FileNumbered {
  var fileNumber: UInt32 {
    switch self {
    case .uint8: 1
    case .bfloat16: 2
    case .float16: 3
    case .bit: 4
    }
  }
}
