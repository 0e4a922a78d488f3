public import MillKernels

/// What the elements of stored vectors are.
public enum ElementType: String, Sendable, CaseIterable {
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
}

/// A distance between vectors; smaller is nearer.
public enum Metric: String, Sendable, CaseIterable {
  /// Squared Euclidean distance.
  case l2
  /// 1 - a·b. Not a metric: a vector need not be its own nearest.
  case innerProduct = "ip"
  /// 1 - cosine: rows and queries are normalised, then 1 - a·b. A zero vector is at distance 1 to everything, itself
  /// included.
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
  /// Symmetrised Kullback–Leibler divergence.
  case jeffreys

  /// The kernel for rows of an element type; nil where the two do not go together.
  public func kernel(for element: ElementType) -> DistanceKernel? {
    switch (self, element) {
    case (.l2, .float32): .float32L2
    case (.l2, .float16): .float16L2
    case (.l2, .bfloat16): .bfloat16L2
    case (.l2, .uint8): .uint8L2
    case (.innerProduct, .float32), (.cosine, .float32): .float32InnerProduct
    case (.innerProduct, .float16), (.cosine, .float16): .float16InnerProduct
    case (.innerProduct, .bfloat16), (.cosine, .bfloat16): .bfloat16InnerProduct
    case (.l1, .float32): .float32L1
    case (.chebyshev, .float32): .float32Chebyshev
    case (.hamming, .bit): .hamming
    case (.jaccard, .bit): .jaccard
    case (.jensenShannon, .float32): .float32JensenShannon
    case (.jeffreys, .float32): .float32Jeffreys
    default: nil
    }
  }

  /// The power to which the plain distance is raised: 2 for the squared Euclidean one, else 1.
  package var power: Int { self == .l2 ? 2 : 1 }
}
