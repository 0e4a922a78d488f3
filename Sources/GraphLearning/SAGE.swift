import MillRuntime

/// Two layers of means over neighbors beside the node itself: P1 = M (X Wl) + X Wr, H = dropout(relu(P1)),
/// O = M (H Vl) + H Vr, where a row of M holds 1 / degree for each neighbor and nothing for a node without any.
///
/// - Source: Hamilton, Ying, Leskovec, NeurIPS 2017, algorithm 1 with the mean aggregator.
final class SAGENetwork: GraphNetwork {
  let parameters: Parameters
  let outputs: DenseMatrix
  var skipsZeros = false
  let dropout: Dropout?
  private let math: MatrixMath
  private let features: InputFeatures
  private let means: SparseMatrix
  private let spread: SparseMatrix
  private let neighbor: Int
  private let own: Int
  private let second: Int
  private let projected: DenseMatrix
  private let hidden: DenseMatrix
  /// H Vl beside H Vr; in the backward pass their derivatives.
  private let both: DenseMatrix
  private let scores: DenseMatrix
  private var layer: HiddenLayer

  init(_ input: NetworkInput, training: Bool) throws(MillError) {
    let (n, options) = (input.graph.nodeCount, input.options)
    let panels = ColumnPanels(cutting: options.hidden)
    let classes = ColumnPanels(whole: input.classCount)
    let layout = input.layout
    neighbor = layout.blocks[0].offset
    own = layout.blocks[1].offset
    second = layout.blocks[2].offset
    parameters = try Parameters(layout, seed: options.seed, training: training)
    math = input.math
    features = input.features
    means = try Adjacency.matrix(of: input.graph, ownArcs: false, .mean, context: input.context)
    spread = try means.transposed().matrix
    projected = try DenseMatrix(rows: n, panels)
    hidden = try DenseMatrix(rows: n, panels)
    both = try DenseMatrix(rows: n, ColumnPanels(whole: 2 * classes.width))
    scores = try DenseMatrix(rows: n, classes)
    outputs = try DenseMatrix(rows: n, classes)
    dropout = try Dropout(
      rate: training ? options.usedDropout : 0, count: n * panels.stored, seed: options.seed, layer: "sage.dropout")
    layer = HiddenLayer(math: math, p: hidden)
  }

  private var weights: UnsafeMutablePointer<Float> { unsafe parameters.values.base }
  private var gradients: UnsafeMutablePointer<Float> { unsafe parameters.gradients.base }

  func prepare() throws(MillError) {
    try unsafe features.multiply(weights + neighbor, into: hidden, skipsZeros: skipsZeros, math)
    math.multiply(means, hidden, into: projected)
    try unsafe features.multiply(weights + own, into: hidden, skipsZeros: skipsZeros, math)
    math.add(projected.buffer, to: hidden.buffer)
  }

  func evaluate() {
    layer.kept = nil
    layer.scale = 1
    finish()
  }

  func train(step: Int) {
    dropout?.draw(step: step, math)
    layer.kept = dropout?.bits
    layer.scale = dropout?.scale ?? 1
    finish()
  }

  private func finish() {
    unsafe layer.multiply(weights + second, into: both)
    let width = outputs.width
    math.forEachChunk(outputs.rows) { rows in
      for row in rows { unsafe scores.row(row).update(from: both.row(row), count: width) }
    }
    math.multiply(means, scores, into: outputs)
    math.forEachChunk(outputs.rows) { rows in
      for row in rows {
        let (o, read) = unsafe (outputs.row(row), both.row(row) + width)
        for k in 0..<width { unsafe o[k] += read[k] }
      }
    }
  }

  func backward(_ gradient: DenseMatrix) throws(MillError) {
    let width = outputs.width
    math.multiply(spread, gradient, into: scores)
    math.forEachChunk(outputs.rows) { rows in
      for row in rows {
        unsafe both.row(row).update(from: scores.row(row), count: width)
        unsafe (both.row(row) + width).update(from: gradient.row(row), count: width)
      }
    }
    try unsafe layer.multiplyTransposed(both, into: gradients + second)
    try unsafe layer.gradient(both, weights + second, into: projected)
    try unsafe features.multiplyTransposed(projected, into: gradients + own, math)
    math.multiply(spread, projected, into: hidden)
    try unsafe features.multiplyTransposed(hidden, into: gradients + neighbor, math)
  }
}

extension ParameterLayout {
  /// Wl and Wr: features x hidden, Vl and Vr: hidden x classes.
  static func sage(_ options: TrainingOptions, features: Int, classes: Int) -> ParameterLayout {
    let hidden = ColumnPanels(cutting: options.hidden)
    var layout = ParameterLayout()
    for name in ["Wl", "Wr"] {
      layout.add(name, rows: features, hidden, bound: glorot(features, options.hidden))
    }
    layout.addBeside(
      ("Vl", "Vr"), rows: options.hidden, storedRows: hidden.stored, ColumnPanels(whole: classes),
      bound: glorot(options.hidden, classes))
    return layout
  }
}

extension MatrixMath {
  /// y += x.
  func add(_ x: FlatBuffer<Float>, to y: FlatBuffer<Float>) {
    Parallel.forEachRange(of: x.count, size: 1 << 15, threads: threads) { range, _ in
      for k in range { unsafe y.base[k] += x.base[k] }
    }
  }
}
