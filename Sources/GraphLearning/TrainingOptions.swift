import MillRuntime

/// The networks that can be trained.
public enum GraphModel: String, Sendable, CaseIterable, Codable {
  /// Graph convolution: symmetric normalization, two layers (Kipf, Welling, ICLR 2017).
  case gcn
  /// Sums over neighbors with a trained weight of the node itself (Xu et al., ICLR 2019).
  case gin
  /// Attention over neighbors (Veličković et al., ICLR 2018).
  case gat
  /// Means over neighbors beside the node itself (Hamilton et al., NeurIPS 2017).
  case sage
}

/// How SAGE is trained on samples: memory is that of a batch and its samples, whatever the size of the graph.
public struct SamplingOptions: Sendable, Equatable, Codable {
  /// Training nodes of a step, at least 1.
  public var batch: Int
  /// Neighbors at most that a node of the first layer takes, at least 1.
  public var first: Int
  /// The same for the second layer, the nodes of the batch.
  public var second: Int

  /// By default batches of 512 nodes, 10 and 10 neighbors.
  public init(batch: Int = 512, first: Int = 10, second: Int = 10) {
    self.batch = batch
    self.first = first
    self.second = second
  }
}

/// The settings of ``trainNetwork(on:options:teacher:context:)``.
public struct TrainingOptions: Sendable, Equatable, Codable {
  /// The network.
  public var model: GraphModel
  /// Hidden columns, at least 1; of GAT, columns of a head.
  public var hidden: Int
  /// Heads of GAT's first layer, at least 1; no other network has any.
  public var heads: Int
  /// Epochs, at least 1.
  public var epochs: Int
  /// Adam's rate, above 0.
  public var rate: Double
  /// Weight decay, added to the gradients; at least 0.
  public var weightDecay: Double
  /// The chance that dropout leaves a number out, in 0..<1; nil for the network's own: 0.5 (GCN, SAGE), 0.6 (GAT),
  /// 0 (GIN, which has none).
  public var dropout: Double?
  /// The share of the parameters that is 0 after every step, in 0..<1.
  public var weightShare: Double
  /// The weight of the distance to the teacher's outputs, at least 0; without a teacher it is not looked at.
  public var lambda: Double
  /// What is done with the features first.
  public var scaling: FeatureScaling
  /// How SAGE takes its neighbors: by samples, batch by batch, where this is set; nil for all nodes at once.
  public var sampling: SamplingOptions?
  /// Seed of the start, of dropout and of samples.
  public var seed: UInt64

  /// By default a GCN of 512 hidden columns, dense, without a teacher.
  public init(
    model: GraphModel = .gcn, hidden: Int = 512, heads: Int = 8, epochs: Int = 200, rate: Double = 0.01,
    weightDecay: Double = 5e-4, dropout: Double? = nil, weightShare: Double = 0, lambda: Double = 0,
    scaling: FeatureScaling = .rowSum, sampling: SamplingOptions? = nil, seed: UInt64 = 42
  ) {
    self.model = model
    self.hidden = hidden
    self.heads = heads
    self.epochs = epochs
    self.rate = rate
    self.weightDecay = weightDecay
    self.dropout = dropout
    self.weightShare = weightShare
    self.lambda = lambda
    self.scaling = scaling
    self.sampling = sampling
    self.seed = seed
  }

  /// The chance of dropout that is used.
  public var usedDropout: Double {
    switch model {
    case .gcn, .sage: dropout ?? 0.5
    case .gat: dropout ?? 0.6
    case .gin: dropout ?? 0
    }
  }

  func check() throws(MillError) {
    try need(hidden >= 1 && hidden <= 1 << 16, "hidden columns must be 1 to 65536", hidden)
    try need(heads >= 1 && heads <= 1 << 10, "heads must be 1 to 1024", heads)
    try need(epochs >= 1, "there must be one epoch at least", epochs)
    try need(rate > 0 && rate.isFinite, "the rate must be above 0", rate)
    try need(weightDecay >= 0 && weightDecay.isFinite, "the weight decay must not be negative", weightDecay)
    try need(usedDropout >= 0 && usedDropout < 1, "the chance of dropout must be at least 0 and below 1", usedDropout)
    try need(model != .gin || usedDropout == 0, "GIN has no dropout", usedDropout)
    try need(
      weightShare >= 0 && weightShare < 1, "the share of weights to remove must be at least 0 and below 1", weightShare)
    if let sampling {
      try need(model == .sage, "neighbors are sampled for SAGE alone", model.rawValue)
      try need(sampling.batch >= 1, "a batch must have one node at least", sampling.batch)
      try need(
        sampling.first >= 1 && sampling.second >= 1, "a sample must have one neighbor at least",
        min(sampling.first, sampling.second))
    }
    try need(lambda >= 0 && lambda.isFinite, "lambda must not be negative", lambda)
  }
}

/// Refuses an option for which `holds` is false.
func need(_ holds: Bool, _ message: String, _ value: some CustomStringConvertible) throws(MillError) {
  if !holds { throw MillError(.badOption, message, field: "\(value)") }
}
