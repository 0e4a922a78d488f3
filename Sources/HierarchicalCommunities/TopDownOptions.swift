public import GraphStore
import MillRuntime

/// The settings of ``topDownCommunities(of:options:context:)``.
public struct TopDownOptions: Sendable, Equatable, Codable {
  /// How a group is split in two.
  public enum Split: String, Sendable, CaseIterable, Codable {
    /// By the sign of the second singular vector of the adjacency matrix.
    case sign
    /// By k-means on the two leading eigenvectors of the regularized normalized adjacency matrix.
    case spectral
  }
  /// When a group is not split any more.
  public enum Stopping: Sendable, Equatable, Codable {
    /// When fewer than 2 eigenvalues of its own graph lie beyond threshold and margin.
    case betheHessian
    /// When fewer than 2 real eigenvalues of the non-backtracking matrix lie outside its bulk; they are as many as the
    /// negative ones of the Bethe-Hessian without a margin, which is how they are counted.
    case nonBacktracking
    /// When a matrix of rank 2 does not predict held-out node pairs of its own graph better than one of rank 1: three times
    /// a tenth of the pairs is held out. A graph of two sides that avoid each other is of rank 2 as well.
    case edgeCrossValidation
    /// At this depth.
    case depth(Int)
  }

  /// How a group is split.
  public var split: Split
  /// When it is not.
  public var stopping: Stopping
  /// A group of fewer than twice this many nodes is not split; at least 1.
  public var minimumSize: Int
  /// tau of the spectral split, as a share of the mean degree.
  public var regularization: Double
  /// Which labels are refined afterwards; `leaves` refines only the lowest groups.
  public var refinement: RefinementScope
  /// Whether refinement corrects for degrees; nil as for ``BottomUpOptions``.
  public var isDegreeCorrected: Bool?
  /// How a directed graph becomes undirected.
  public var direction: DirectionPolicy
  /// The seed.
  public var seed: UInt64

  /// Settings; without arguments splits are spectral, stopped by the Bethe-Hessian, and not refined.
  public init(
    split: Split = .spectral, stopping: Stopping = .betheHessian, minimumSize: Int = 10, regularization: Double = 0.1,
    refinement: RefinementScope = .none, isDegreeCorrected: Bool? = nil, direction: DirectionPolicy = .union,
    seed: UInt64 = 42
  ) {
    self.split = split
    self.stopping = stopping
    self.minimumSize = minimumSize
    self.regularization = regularization
    self.refinement = refinement
    self.isDegreeCorrected = isDegreeCorrected
    self.direction = direction
    self.seed = seed
  }

  func check() throws(MillError) {
    guard minimumSize >= 1, regularization >= 0 else {
      throw MillError(.badOption, "the smallest size must be at least 1", field: "\(minimumSize)")
    }
    if case .depth(let depth) = stopping, depth < 0 {
      throw MillError(.badOption, "the depth must not be negative", field: "\(depth)")
    }
  }
}
