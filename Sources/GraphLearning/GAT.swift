import MillRuntime

/// Two layers of attention: dropout on the features, heads side by side, elu, dropout, and one head for the classes.
///
/// - Source: Veličković et al., ICLR 2018, section 3.3.
final class GATNetwork: GraphNetwork {
  let parameters: Parameters
  let outputs: DenseMatrix
  var skipsZeros = false
  let featureDropout: Dropout?
  let hiddenDropout: Dropout?
  let first: AttentionLayer
  let second: AttentionLayer
  private let math: MatrixMath
  private let features: DroppedFeatures
  private let places: Places
  private let hidden: DenseMatrix
  private let dropped: DenseMatrix
  private let back: DenseMatrix
  private let transposed: FlatBuffer<Float>

  private struct Places {
    let w1, to1, from1, w2, to2, from2: Int
  }

  init(_ input: NetworkInput, training: Bool) throws(MillError) {
    let (n, options) = (input.graph.nodeCount, input.options)
    let (heads, width) = (options.heads, (options.hidden + 7) / 8 * 8)
    let classes = ColumnPanels(whole: input.classCount)
    let layout = input.layout
    let offsets = layout.blocks.map(\.offset)
    places = Places(
      w1: offsets[0], to1: offsets[1], from1: offsets[2], w2: offsets[3], to2: offsets[4], from2: offsets[5])
    parameters = try Parameters(layout, seed: options.seed, training: training)
    math = input.math
    let arcs = try AttentionArcs(
      Adjacency.matrix(of: input.graph, ownArcs: true, .ones, context: input.context))
    let rate = training ? options.usedDropout : 0
    first = try AttentionLayer(arcs, heads: heads, width: width, dropout: rate, seed: options.seed, math)
    second = try AttentionLayer(arcs, heads: 1, width: classes.width, dropout: 0, seed: options.seed, math)
    let panels = ColumnPanels(whole: heads * width)
    hidden = try DenseMatrix(rows: n, panels)
    dropped = try DenseMatrix(rows: n, panels)
    back = try DenseMatrix(rows: n, panels)
    transposed = try FlatBuffer<Float>(count: panels.stored * classes.width)
    outputs = try DenseMatrix(rows: n, classes)
    features = try DroppedFeatures(input.features, room: rate > 0)
    featureDropout = try Dropout(
      rate: rate, count: features.numberCount, seed: options.seed, layer: "gat.features")
    hiddenDropout = try Dropout(rate: rate, count: hidden.buffer.count, seed: options.seed, layer: "gat.hidden")
  }

  private var weights: UnsafeMutablePointer<Float> { unsafe parameters.values.base }
  private var gradients: UnsafeMutablePointer<Float> { unsafe parameters.gradients.base }

  func prepare() {}
  func evaluate() throws(MillError) { try forward(step: nil) }
  func train(step: Int) throws(MillError) { try forward(step: step) }

  private func forward(step: Int?) throws(MillError) {
    if let step, let featureDropout { featureDropout.draw(step: step, math) }
    let x = features.features(step == nil ? nil : featureDropout, math)
    try unsafe x.multiply(weights + places.w1, into: first.z, skipsZeros: skipsZeros, math)
    unsafe first.forward(to: weights + places.to1, from: weights + places.from1, step: step, into: hidden)
    Parallel.forEachRange(of: hidden.buffer.count, size: 1 << 15, threads: math.threads) { range, _ in
      unsafe math.kernels.elu(hidden.base + range.lowerBound, Int64(range.count))
    }
    math.copy(hidden.buffer, to: dropped.buffer)
    if let step, let hiddenDropout {
      hiddenDropout.draw(step: step, math)
      math.drop(dropped.buffer, hiddenDropout)
    }
    unsafe math.multiply(dropped.base, inner: dropped.width, parameters: weights + places.w2, into: second.z)
    unsafe second.forward(to: weights + places.to2, from: weights + places.from2, step: nil, into: outputs)
  }

  func backward(_ gradient: DenseMatrix) throws(MillError) {
    let classes = outputs.width
    let outer = try unsafe second.backward(
      gradient, to: weights + places.to2, from: weights + places.from2, toGradient: gradients + places.to2,
      fromGradient: gradients + places.from2)
    try unsafe math.multiplyTransposed(
      dropped.base, inner: dropped.width, outer, into: gradients + places.w2)
    unsafe math.transpose(weights + places.w2, rows: hidden.width, columns: classes, into: transposed.base)
    unsafe math.multiply(outer.base, inner: classes, parameters: transposed.base, into: back)
    if let hiddenDropout { math.drop(back.buffer, hiddenDropout) }
    Parallel.forEachRange(of: back.buffer.count, size: 1 << 15, threads: math.threads) { range, _ in
      unsafe math.kernels.elu_gradient(
        back.base + range.lowerBound, hidden.base + range.lowerBound, Int64(range.count))
    }
    let inner = try unsafe first.backward(
      back, to: weights + places.to1, from: weights + places.from1, toGradient: gradients + places.to1,
      fromGradient: gradients + places.from1)
    try unsafe features.last.multiplyTransposed(inner, into: gradients + places.w1, math)
  }
}

/// Features, and a copy of their numbers from which dropout leaves some out.
@safe final class DroppedFeatures: @unchecked Sendable {
  private let whole: InputFeatures
  private let room: InputFeatures?
  /// The features that were handed out last.
  private(set) var last: InputFeatures

  /// - Parameter room: Whether there will be dropout.
  init(_ features: InputFeatures, room: Bool) throws(MillError) {
    whole = features
    last = features
    guard room else {
      self.room = nil
      return
    }
    switch features {
    case .dense(let numbers, let columns):
      self.room = .dense(try FlatBuffer<Float>(count: numbers.count), columns: columns)
    case .sparse(let matrix, let transposed, let places):
      var (one, other) = (matrix, transposed)
      one.values = try FlatBuffer<Float>(count: matrix.entryCount)
      other.values = try FlatBuffer<Float>(count: matrix.entryCount)
      self.room = .sparse(one, transposed: other, places: places)
    }
  }

  /// Stored numbers.
  var numberCount: Int {
    switch whole {
    case .dense(let numbers, _): numbers.count
    case .sparse(let matrix, _, _): matrix.entryCount
    }
  }

  /// All features, or what a dropout leaves of them.
  func features(_ dropout: Dropout?, _ math: MatrixMath) -> InputFeatures {
    guard let dropout, let room else {
      last = whole
      return whole
    }
    switch (whole, room) {
    case (.dense(let numbers, _), .dense(let copy, _)):
      math.copy(numbers, to: copy)
      math.drop(copy, dropout)
    case (.sparse(let matrix, _, let places), .sparse(let one, let other, _)):
      guard let from = matrix.values, let values = one.values, let moved = other.values else { break }
      math.copy(from, to: values)
      math.drop(values, dropout)
      Parallel.forEachRange(of: values.count, size: 1 << 15, threads: math.threads) { range, _ in
        for entry in range { unsafe moved.base[Int(places.base[entry])] = values.base[entry] }
      }
    default: break
    }
    last = room
    return room
  }
}

extension ParameterLayout {
  /// W1: features x (heads hidden), the vectors of its heads, W2: (heads hidden) x classes, the vectors of its head.
  /// Column k of head h lies at h times the padded width, plus k; so do the rows of W2.
  static func gat(_ options: TrainingOptions, features: Int, classes: Int) -> ParameterLayout {
    let (heads, own) = (options.heads, options.hidden)
    let width = (own + 7) / 8 * 8
    let last = ColumnPanels(whole: classes)
    let columns = ParameterBlock.Axis(count: heads * own, group: own, stride: 1, groupStride: width)
    let single = ParameterBlock.Axis(count: 1, group: 1, stride: 0, groupStride: 0)
    var layout = ParameterLayout()
    layout.add(
      "W1", rows: .init(count: features, group: features, stride: heads * width, groupStride: 0), columns: columns,
      bound: glorot(features, heads * own), room: features * heads * width)
    for name in ["to1", "from1"] {
      layout.add(name, rows: single, columns: columns, bound: glorot(heads, own), room: heads * width)
    }
    layout.add(
      "W2", rows: .init(count: heads * own, group: own, stride: last.width, groupStride: width * last.width),
      columns: .init(count: classes, group: classes, stride: 1, groupStride: 0), bound: glorot(heads * own, classes),
      room: heads * width * last.width)
    for name in ["to2", "from2"] { layout.add(name, rows: 1, last, bound: glorot(1, classes)) }
    return layout
  }
}
