public import GraphStore
import MillRuntime

/// Where the groups come from that the bottom-up method links.
public enum CommunityStart: Sendable, Equatable, Codable {
  /// From the spectrum and from Leiden's groups at several resolutions, each polished: what gives the shortest
  /// description of the graph by its tree, or nearly so.
  case automatic
  /// From the spectrum of the Bethe-Hessian alone.
  case spectral
  /// From Leiden's groups at several resolutions, without the spectrum.
  case leiden
  /// From given groups, one label a node of the input, below the number of nodes; nodes with negative labels start
  /// alone. So an earlier result goes on where the graph has changed.
  case labels([Int32])
}

/// The settings of ``bottomUpCommunities(of:options:context:)``.
public struct BottomUpOptions: Sendable, Equatable, Codable {
  /// Where nodes without edges go.
  public enum Isolated: String, Sendable, CaseIterable, Codable {
    /// Nowhere: their label is -1.
    case drop
    /// Into a leaf of their own that joins at similarity 0.
    case leaf
    /// Into the leaf of the most nodes (the first of several), whose densities count them.
    case largest
  }
  /// On which edges groups are linked when the graph is split.
  public enum LinkedEdges: String, Sendable, CaseIterable, Codable {
    /// On those that the first stage did not see.
    case heldOut = "held-out"
    /// On all.
    case all
  }

  /// The number of communities; nil to find it.
  public var communities: Int?
  /// Where the groups come from.
  public var start: CommunityStart
  /// The first stage.
  public var spectral: SpectralOptions
  /// Whether the spectrum counts communities again inside each group, and groups that have some are split, as long as
  /// there are no more than the maximum; not where their number is given. It finds levels that the whole spectrum hides, in
  /// unbalanced trees above all, and over-splits groups of very unequal degrees; see the experiment hsbm-phases.
  public var isRecursive: Bool
  /// How groups are linked; nil for average, or volume where degrees vary much.
  public var linkage: LinkageRule?
  /// Which labels of the spectrum's groups are refined; nil for levels, or leaves where refinement corrects for degrees.
  public var refinement: RefinementScope?
  /// Whether refinement corrects for degrees; nil where their variance is more than 4 times their mean.
  public var isDegreeCorrected: Bool?
  /// Where nodes without edges go.
  public var isolated: Isolated
  /// Components of fewer nodes than this, other than the largest, are leaves of their own that join last; at least 1.
  public var minimumComponent: Int
  /// How a directed graph becomes undirected.
  public var direction: DirectionPolicy
  /// Whether weights count: in Leiden's groups, by their ranks in descriptions, and in the links of groups. The spectrum sees
  /// them only where `spectral.weights` says so, and its refinement never.
  public var usesWeights: Bool
  /// The share of edges held out of the first stage, in 0..<1; 0 for none.
  public var heldOutShare: Double
  /// Where groups are linked when edges are held out.
  public var linkedEdges: LinkedEdges
  /// Starts of k-means.
  public var starts: Int
  /// Resampled trees for the confidence of merges; 0 for none.
  public var replicates: Int
  /// The seed.
  public var seed: UInt64

  /// Settings; without arguments the start is automatic, and communities are counted, linked and refined.
  public init(
    communities: Int? = nil, start: CommunityStart = .automatic, spectral: SpectralOptions = .init(),
    isRecursive: Bool = false, linkage: LinkageRule? = nil, refinement: RefinementScope? = nil,
    isDegreeCorrected: Bool? = nil,
    isolated: Isolated = .drop, minimumComponent: Int = 25, direction: DirectionPolicy = .union,
    usesWeights: Bool = true, heldOutShare: Double = 0, linkedEdges: LinkedEdges = .heldOut, starts: Int = 5,
    replicates: Int = 0, seed: UInt64 = 42
  ) {
    self.communities = communities
    self.start = start
    self.spectral = spectral
    self.isRecursive = isRecursive
    self.linkage = linkage
    self.refinement = refinement
    self.isDegreeCorrected = isDegreeCorrected
    self.isolated = isolated
    self.minimumComponent = minimumComponent
    self.direction = direction
    self.usesWeights = usesWeights
    self.heldOutShare = heldOutShare
    self.linkedEdges = linkedEdges
    self.starts = starts
    self.replicates = replicates
    self.seed = seed
  }

  func check(nodeCount: Int) throws(MillError) {
    if let communities {
      guard communities >= 1 else {
        throw MillError(.badOption, "the number of communities must be at least 1", field: "\(communities)")
      }
      guard communities <= max(nodeCount, 1) else {
        throw MillError(
          .badOption, "more communities than the \(nodeCount) nodes of the graph", field: "\(communities)")
      }
      guard communities <= SpectralOptions.largestCount || start != .spectral else {
        throw MillError(.badOption, "the spectrum gives at most 120 communities", field: "\(communities)")
      }
    }
    if case .labels(let labels) = start {
      guard labels.count == nodeCount else {
        throw MillError(.badOption, "\(labels.count) labels for the \(nodeCount) nodes of the graph")
      }
      if let large = labels.first(where: { $0 >= nodeCount }) {
        throw MillError(.badOption, "a label to start from must be below the number of nodes", field: "\(large)")
      }
    }
    guard spectral.maximumCount >= 1, spectral.maximumCount <= SpectralOptions.largestCount else {
      throw MillError(
        .badOption, "the maximum of communities must be in 1...120", field: "\(spectral.maximumCount)")
    }
    guard spectral.weights == .none || (spectral.radius == .degrees && spectral.embedding == .oneShot) else {
      throw MillError(
        .badOption, "weights in the first stage go with the radius of degrees and the one-shot embedding only",
        field: spectral.weights.rawValue)
    }
    guard heldOutShare >= 0, heldOutShare < 1 else {
      throw MillError(.badOption, "the share of held-out edges must be in 0..<1", field: "\(heldOutShare)")
    }
    guard spectral.significance >= 0, spectral.tolerance > 0, minimumComponent >= 1, starts >= 1, replicates >= 0 else {
      throw MillError(.badOption, "an option of the bottom-up method is out of its range")
    }
  }
}
