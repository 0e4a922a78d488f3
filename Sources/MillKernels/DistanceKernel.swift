import CMillKernels

/// A distance between rows of one element type.
public enum DistanceKernel: Int, Sendable, CaseIterable {
  /// Squared Euclidean distance of 32-bit floats.
  case float32L2
  /// 1 - a·b of 32-bit floats; 0 where rounding would take it below: the cosine distance of vectors of length 1.
  case float32Cosine
  /// -a·b of 32-bit floats.
  case float32Product
  /// Sum of absolute differences of 32-bit floats.
  case float32L1
  /// Largest absolute difference of 32-bit floats.
  case float32Chebyshev
  /// Squared Euclidean distance of IEEE half floats, summed in 32 bits.
  case float16L2
  /// 1 - a·b of IEEE half floats, summed in 32 bits; 0 where rounding would take it below: the cosine distance of vectors of length 1.
  case float16Cosine
  /// -a·b of IEEE half floats, summed in 32 bits.
  case float16Product
  /// Squared Euclidean distance of bfloat16, summed in 32 bits.
  case bfloat16L2
  /// 1 - a·b of bfloat16, summed in 32 bits; 0 where rounding would take it below.
  case bfloat16Cosine
  /// -a·b of bfloat16, summed in 32 bits.
  case bfloat16Product
  /// Squared Euclidean distance of bytes, exact up to the last rounding.
  case uint8L2
  /// Minus the product of a signed query and unsigned rows, exact up to the last rounding.
  case uint8Product
  /// Number of different bits.
  case hamming
  /// 1 - |both| / |any| of bit sets; 0 between two empty ones.
  case jaccard
  /// Square root of the Jensen–Shannon divergence (base 2) of 32-bit floats, in 0...1. One variant for all.
  case float32JensenShannon
  /// Symmetrized Kullback–Leibler divergence (natural logarithm); infinite where one side alone is 0. One variant for
  /// all.
  case float32Jeffreys
  /// Squared Euclidean distance of a query of 32-bit floats from rows of IEEE half floats.
  case askedFloat16L2
  /// 1 - a·b of such, not below 0.
  case askedFloat16Cosine
  /// -a·b of such.
  case askedFloat16Product
  /// Squared Euclidean distance of a query of 32-bit floats from rows of bfloat16.
  case askedBfloat16L2
  /// 1 - a·b of such, not below 0.
  case askedBfloat16Cosine
  /// -a·b of such.
  case askedBfloat16Product
  /// Squared Euclidean distance of a query of 32-bit floats from rows of bytes, summed in 64 bits: of whole numbers the
  /// same as between bytes. One variant for all.
  case askedUInt8L2

  private var raw: mill_kernel { mill_kernel(UInt32(rawValue)) }

  /// Distances from one query to many rows of a table, as a C function.
  ///
  /// - Parameter variant: An available variant.
  public func measure(_ variant: KernelVariant = .current) -> MeasureFunction {
    guard let function = unsafe mill_measure_of(raw, variant.raw) else {
      preconditionFailure("the kernel variant \(variant) cannot run here")
    }
    return unsafe function
  }

  /// The first row nearer than a bound, as a C function.
  ///
  /// - Parameter variant: An available variant.
  public func closer(_ variant: KernelVariant = .current) -> CloserFunction {
    guard let function = unsafe mill_closer_of(raw, variant.raw) else {
      preconditionFailure("the kernel variant \(variant) cannot run here")
    }
    return unsafe function
  }

  /// The distance of two rows of `dimension` elements.
  ///
  /// - Parameters:
  ///   - a: The query; readable to the end of its last element (of its last 8-byte word for bits).
  ///   - b: The row, likewise.
  ///   - dimension: Elements of a row (bits of a bit row).
  ///   - variant: The instructions to use.
  /// - Complexity: O(dimension). The same bits for every variant.
  public func distance(
    _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, dimension: Int, variant: KernelVariant = .current
  ) -> Float {
    var table = unsafe KernelRows(rows: b, stride: 0, dimension: dimension)
    var id: UInt32 = 0
    var result: Float = 0
    unsafe measure(variant)(&table, a, &id, 1, &result)
    return result
  }
}

/// Conversions between 32-bit floats and the narrow floating-point types, rounded to nearest, ties to even.
public enum NarrowFloat {
  /// The bits of the nearest IEEE half.
  public static func half(_ value: Float) -> UInt16 { mill_f16_from_float(value) }
  /// The value of an IEEE half.
  public static func float(half bits: UInt16) -> Float { mill_f16_to_float(bits) }
  /// The bits of the nearest bfloat16.
  public static func bfloat16(_ value: Float) -> UInt16 { mill_bf16_from_float(value) }
  /// The value of a bfloat16.
  public static func float(bfloat16 bits: UInt16) -> Float { mill_bf16_to_float(bits) }
}
