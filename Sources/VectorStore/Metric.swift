public import MillKernels

/// What the elements of stored vectors are.
public enum ElementType: String, Sendable, CaseIterable, Codable {
  /// 32-bit floats.
  case float32 = "f32"
  /// IEEE half floats.
  case float16 = "f16"
  /// bfloat16.
  case bfloat16 = "bf16"
  /// Bytes 0...255.
  case uint8 = "u8"
  /// Bits, packed into 64-bit words, the first bit lowest.
  case bit = "b1"

  /// Bytes of one row of `dimension` elements without padding; a row of bits is whole 8-byte words.
  public func rowBytes(dimension: Int) -> Int {
    switch self {
    case .float32: 4 * dimension
    case .float16, .bfloat16: 2 * dimension
    case .uint8: dimension
    case .bit: (dimension + 63) / 64 * 8
    }
  }

  /// What values fit, in words; nil where all finite floats do.
  var range: String? {
    switch self {
    case .float32, .bfloat16: nil
    case .float16: "-65504 to 65504"
    case .uint8: "the integers 0 to 255"
    case .bit: "0 and 1"
    }
  }

  /// The elements of a row as floats; bytes and bits as 0...255 and 0, 1.
  package func floats(_ row: UnsafeRawBufferPointer, count: Int) -> [Float] {
    (0..<count).map { unsafe float(row, $0) }
  }

  /// Element `i` of a row as a float.
  func float(_ row: UnsafeRawBufferPointer, _ i: Int) -> Float {
    switch self {
    case .float32: unsafe row.loadUnaligned(fromByteOffset: 4 * i, as: Float.self)
    case .float16: unsafe NarrowFloat.float(half: row.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self))
    case .bfloat16: unsafe NarrowFloat.float(bfloat16: row.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self))
    case .uint8: unsafe Float(row.load(fromByteOffset: i, as: UInt8.self))
    case .bit: unsafe Float((row.load(fromByteOffset: i / 8, as: UInt8.self) >> UInt8(i % 8)) & 1)
    }
  }
}

/// A distance between vectors; smaller is nearer.
public enum Metric: String, Sendable, CaseIterable, Codable {
  /// Squared Euclidean distance; ``plainDistance(_:)`` takes the root.
  case l2
  /// Minus the inner product, -a·b. Not a metric: a vector need not be its own nearest.
  case innerProduct = "ip"
  /// 1 - cosine: rows and queries are normalized, then 1 - a·b, never below 0. A zero vector is at distance 1 to
  /// everything, itself included.
  case cosine = "cos"
  /// Sum of absolute differences.
  case l1
  /// Largest absolute difference.
  case chebyshev
  /// Number of different bits.
  case hamming
  /// 1 - |both| / |any| of bit sets.
  case jaccard
  /// Square root of the Jensen–Shannon divergence to base 2 between probability vectors, in 0...1.
  case jensenShannon = "js"
  /// Symmetrized Kullback–Leibler divergence.
  case jeffreys

  /// The kernel for rows of an element type; nil where the two do not go together.
  public func kernel(for element: ElementType) -> DistanceKernel? {
    switch (self, element) {
    case (.l2, .float32): .float32L2
    case (.l2, .float16): .float16L2
    case (.l2, .bfloat16): .bfloat16L2
    case (.l2, .uint8): .uint8L2
    case (.innerProduct, .float32): .float32Product
    case (.innerProduct, .float16): .float16Product
    case (.innerProduct, .bfloat16): .bfloat16Product
    case (.cosine, .float32): .float32Cosine
    case (.cosine, .float16): .float16Cosine
    case (.cosine, .bfloat16): .bfloat16Cosine
    case (.l1, .float32): .float32L1
    case (.chebyshev, .float32): .float32Chebyshev
    case (.hamming, .bit): .hamming
    case (.jaccard, .bit): .jaccard
    case (.jensenShannon, .float32): .float32JensenShannon
    case (.jeffreys, .float32): .float32Jeffreys
    default: nil
    }
  }

  /// The kernel for queries of 32-bit floats against narrower rows; nil where the two have to be of one type.
  package func askedKernel(for element: ElementType) -> DistanceKernel? {
    switch (self, element) {
    case (.l2, .float16): .askedFloat16L2
    case (.l2, .bfloat16): .askedBfloat16L2
    case (.l2, .uint8): .askedUInt8L2
    case (.innerProduct, .float16): .askedFloat16Product
    case (.innerProduct, .bfloat16): .askedBfloat16Product
    case (.cosine, .float16): .askedFloat16Cosine
    case (.cosine, .bfloat16): .askedBfloat16Cosine
    default: nil
    }
  }

  /// The element types that the distance is defined for, in words.
  var elements: String {
    ElementType.allCases.filter { kernel(for: $0) != nil }.map(\.rawValue).joined(separator: ", ")
  }

  /// The distance that people mean by the name: the root of the squared Euclidean one, else the distance itself.
  public func plainDistance(_ distance: Float) -> Float { self == .l2 ? distance.squareRoot() : distance }

  /// The distance that searches compare, from the one that people mean: the inverse of ``plainDistance(_:)``, where
  /// a negative one stays negative, so that it reaches nothing.
  public func searchDistance(_ plain: Float) -> Float { self == .l2 ? (plain < 0 ? plain : plain * plain) : plain }

  /// The power to which the plain distance is raised: 2 for the squared Euclidean one, else 1.
  package var power: Int { self == .l2 ? 2 : 1 }
}
