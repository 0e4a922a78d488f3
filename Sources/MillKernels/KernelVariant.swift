internal import CMillKernels
import Glibc

/// An instruction set that the distance kernels are written in.
///
/// All variants add in one order (64 partial sums by fused multiply-add, then a fixed tree), so they give equal bits;
/// the choice is one of speed alone. The sums are ours because a BLAS changes its order with processor and threads.
public enum KernelVariant: String, Sendable, CaseIterable {
  /// Plain C.
  case scalar
  /// AVX2, FMA and F16C.
  case avx2
  /// AVX-512 F, BW, DQ, VL, VNNI and VPOPCNTDQ.
  case avx512
  /// 64-bit ARM.
  case neon

  /// Whether this processor and this build can run the variant.
  public var isAvailable: Bool { mill_variant_available(raw) != 0 }

  /// The variants that can run here, slowest first.
  public static var available: [KernelVariant] { allCases.filter(\.isAvailable) }

  /// The variant in use: the fastest, unless the environment variable `GRAPHMILL_KERNELS` names another one that can
  /// run here.
  public static let current: KernelVariant = {
    if let name = unsafe getenv("GRAPHMILL_KERNELS"),
      let forced = unsafe KernelVariant(rawValue: String(cString: name)),
      forced.isAvailable
    {
      return forced
    }
    return available.last ?? .scalar
  }()

  var raw: mill_variant {
    switch self {
    case .scalar: MILL_SCALAR
    case .avx2: MILL_AVX2
    case .avx512: MILL_AVX512
    case .neon: MILL_NEON
    }
  }
}
