import MillKernels
public import MillRuntime

/// What one epoch came to.
public struct EpochRecord: Sendable, Equatable, Codable {
  /// The epoch, counted from 1.
  public let epoch: Int
  /// The loss before the epoch's step, with dropout.
  public let loss: Double
  /// Accuracy on the validation nodes after the step, in 0...1.
  public let validation: Double
  /// Accuracy on the test nodes after the step, in 0...1; NaN without test nodes.
  public let test: Double
}

/// What ``trainNetwork(on:options:teacher:context:)`` found.
public struct TrainedNetwork: Sendable, Equatable {
  /// The settings.
  public let options: TrainingOptions
  /// The network's matrices.
  public let shape: NetworkShape
  /// All parameters at the chosen epoch, matrix by matrix, row by row; at least the asked share is 0.
  public let weights: SharedArray<Float>
  /// Outputs without dropout at the chosen epoch, shape `[n, classes]`.
  public let outputs: SharedArray<Float>
  /// The chosen epoch: of the best validation accuracy, the last one of equals.
  public let best: EpochRecord
  /// All epochs.
  public let history: [EpochRecord]

  /// The share of the parameters that are 0.
  public var weightShare: Double { Double(weights.count { $0 == 0 }) / Double(max(1, weights.count)) }
}

/// The matrices of a network.
public struct NetworkShape: Sendable, Equatable {
  /// One matrix of parameters.
  public struct Matrix: Sendable, Equatable {
    /// Its name, such as `W1`.
    public let name: String
    /// Its rows.
    public let rows: Int
    /// Its columns.
    public let columns: Int
  }

  /// The matrices in their order.
  public let matrices: [Matrix]
  /// Features of a node.
  public let featureCount: Int
  /// Classes.
  public let classCount: Int

  /// All parameters.
  public var parameterCount: Int { matrices.reduce(0) { $0 + $1.rows * $1.columns } }
}

/// Trains a network, on all nodes at once unless samples are asked for, and keeps the parameters of the epoch with the best validation accuracy.
///
/// Each epoch is a forward pass with dropout, a backward pass, a step of Adam and the projection on the parameters of
/// largest magnitude; then the network is evaluated without dropout. A weight that was set to 0 is free to return.
///
/// - Parameters:
///   - data: Graph, features, labels and split.
///   - options: The network and its training.
///   - teacher: Outputs of shape `[n, classes]` that the network is to come near, by `lambda`; nil for none.
///   - context: Threads, progress (a unit an epoch), cancellation between epochs.
/// - Throws: `MillError`: `bad-option`, `bad-features` where training overflows, `over-budget`, `interrupted`.
/// - Complexity: An epoch of GCN with H hidden columns: O((stored features + arcs) H + n H classes). Memory: features,
///   five times the parameters, two n x H matrices. The same bits for every number of threads and every processor.
/// - Source: Kipf, Welling, ICLR 2017; the projection and the distance to a teacher: Seo, Yun, Yang, ICLR 2024
///   (arXiv 2402.01261).
public func trainNetwork(
  on data: AttributedGraph, options: TrainingOptions = .init(), teacher: SharedArray<Float>? = nil,
  context: RunContext = .init()
) throws(MillError) -> TrainedNetwork {
  try options.check()
  let features = try InputFeatures(data.features, options.scaling)
  return try trainNetwork(on: data, features, options: options, teacher: teacher, context: context)
}

/// ``trainNetwork(on:options:teacher:context:)`` with features that are scaled already, and any variant of the kernels.
func trainNetwork(
  on data: AttributedGraph, _ features: InputFeatures, options: TrainingOptions, teacher: SharedArray<Float>?,
  variant: KernelVariant = .current, context: RunContext
) throws(MillError) -> TrainedNetwork {
  if let teacher, teacher.count != data.nodeCount * data.classCount {
    throw MillError(.badOption, "the teacher's outputs are not a row of \(data.classCount) numbers a node")
  }
  let math = MatrixMath(variant: variant, threads: context.threads)
  let input = NetworkInput(
    graph: data.graph, classCount: data.classCount, features: features, options: options, math: math, context: context)
  if let sampling = options.sampling { return try trainSampled(on: data, input, sampling, teacher: teacher) }
  let network = try input.network()
  let loss = try Loss(data, teacher: teacher, lambda: options.lambda, math)
  let parameters = network.parameters
  let removed = parameters.count(ofShare: options.weightShare)
  let chosen = try FlatBuffer<Float>(uninitializedCount: parameters.layout.stored)
  let outputs = try FlatBuffer<Float>(uninitializedCount: network.outputs.buffer.count)
  let epochs = try runEpochs(network, loss, data, options, context) {
    parameters.step(options, math)
    parameters.project(removing: removed, math)
  } keep: {
    unsafe chosen.base.update(from: parameters.values.base, count: chosen.count)
    unsafe outputs.base.update(from: network.outputs.base, count: outputs.count)
  }
  return TrainedNetwork(
    options: options, shape: parameters.layout.shape(featureCount: features.columns, classCount: data.classCount),
    weights: try parameters.layout.gather(chosen),
    outputs: try dense(outputs, rows: data.nodeCount, columns: data.classCount, stride: network.outputs.width),
    best: epochs.best, history: epochs.history)
}

/// Runs the epochs of a training: forward, backward, `step`, evaluation.
///
/// - Parameters:
///   - step: Changes the parameters by their gradients.
///   - keep: Hears of every epoch whose validation accuracy is the best so far, or equal to it.
func runEpochs(
  _ network: any GraphNetwork, _ loss: Loss, _ data: AttributedGraph, _ options: TrainingOptions,
  _ context: RunContext, step: () throws(MillError) -> Void, keep: () -> Void
) throws(MillError) -> (best: EpochRecord, history: [EpochRecord]) {
  var epochs = EpochLog(options, context)
  try network.prepare()
  for epoch in 1...options.epochs {
    try context.checkCancelled()
    try network.train(step: epoch)
    let value = loss.measure(network.outputs)
    try network.backward(loss.gradient)
    try step()
    try network.prepare()
    try network.evaluate()
    try epochs.add(
      loss: value, validation: accuracy(network.outputs, data, on: data.split.validation),
      test: accuracy(network.outputs, data, on: data.split.test), keep: keep)
  }
  return epochs.end()
}

/// The epochs of a training so far, and which of them was the best.
struct EpochLog {
  private let context: RunContext
  private var history: [EpochRecord] = []
  private var best: EpochRecord?

  init(_ options: TrainingOptions, _ context: RunContext) {
    self.context = context
    context.progress?.begin("train", total: options.epochs, unit: .items)
  }

  /// Notes an epoch; `keep` is called where its validation accuracy is the best so far, or equal to it.
  ///
  /// - Throws: `MillError` of kind `bad-features` for a loss that is not finite.
  mutating func add(
    loss: Double, validation: Double, test: Double, keep: () -> Void
  ) throws(MillError) {
    let record = EpochRecord(epoch: history.count + 1, loss: loss, validation: validation, test: test)
    guard loss.isFinite else {
      throw MillError(
        .badFeatures, "the loss left the range of numbers in epoch \(record.epoch)", field: "\(loss)",
        hint: "scale the features, or lower the rate")
    }
    history.append(record)
    if validation >= best?.validation ?? -1 {
      best = record
      keep()
    }
    context.progress?.note("epoch \(record.epoch), loss \(rounded(loss)), validation \(rounded(validation))")
    context.progress?.advance(by: 1)
  }

  /// Ends the training.
  func end() -> (best: EpochRecord, history: [EpochRecord]) {
    context.progress?.end()
    return (best!, history)
  }
}

/// Four places behind the point.
private func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }

/// The first `columns` numbers of each row.
func dense(
  _ buffer: FlatBuffer<Float>, rows: Int, columns: Int, stride: Int
) throws(MillError) -> SharedArray<Float> {
  let result = try FlatBuffer<Float>(uninitializedCount: rows * columns)
  for row in 0..<rows {
    unsafe (result.base + row * columns).update(from: buffer.base + row * stride, count: columns)
  }
  return SharedArray(result)
}

extension ParameterLayout {
  /// The matrices as users see them.
  func shape(featureCount: Int, classCount: Int) -> NetworkShape {
    NetworkShape(
      matrices: blocks.map { NetworkShape.Matrix(name: $0.name, rows: $0.rows.count, columns: $0.columns.count) },
      featureCount: featureCount, classCount: classCount)
  }

  /// All parameters, matrix by matrix, row by row.
  func gather(_ stored: FlatBuffer<Float>) throws(MillError) -> SharedArray<Float> {
    let result = try FlatBuffer<Float>(uninitializedCount: count)
    forEachParameter { index, place in unsafe result.base[index] = stored.base[place] }
    return SharedArray(result)
  }

  /// Puts parameters given in that order to their places.
  func scatter(_ weights: SharedArray<Float>, into stored: FlatBuffer<Float>) {
    forEachParameter { index, place in unsafe stored.base[place] = weights[index] }
  }

  /// Visits all parameters in that order.
  func forEachParameter(_ body: (_ index: Int, _ place: Int) -> Void) {
    var index = 0
    for block in blocks {
      for row in 0..<block.rows.count {
        for column in 0..<block.columns.count {
          body(index, block.place(row, column))
          index += 1
        }
      }
    }
  }
}
