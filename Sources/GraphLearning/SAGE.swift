import MillRuntime

/// Two layers of means over neighbors beside the node itself: P1 = M (X Wl) + X Wr, H = dropout(relu(P1)),
/// O = M (H Vl) + H Vr, where a row of M holds 1 / degree for each neighbor and nothing for a node without any.
///
/// - Source: Hamilton, Ying, Leskovec, NeurIPS 2017, algorithm 1 with the mean aggregator.
final class SAGENetwork: GraphNetwork {
  let parameters: Parameters
  let outputs: DenseMatrix
  var skipsZeros = false
  private let math: MatrixMath
  private let blocks: SAGEBlocks
  private let firstSpread: SparseMatrix
  private let secondSpread: SparseMatrix
  private let neighbor: Int
  private let own: Int
  private let second: Int
  private let projected: DenseMatrix
  private let hidden: DenseMatrix
  private let back: DenseMatrix
  /// H Vl beside H Vr; in the backward pass their derivatives.
  private let both: DenseMatrix
  private let scores: DenseMatrix
  private(set) var layer: HiddenLayer

  /// The network on all nodes, with parameters of its own.
  convenience init(_ input: NetworkInput, training: Bool) throws(MillError) {
    let parameters = try Parameters(input.layout, seed: input.options.seed, training: training)
    try self.init(input, parameters, SAGEBlocks(all: input), dropoutRate: training ? input.options.usedDropout : 0)
  }

  /// The network on some blocks.
  init(
    _ input: NetworkInput, _ parameters: Parameters, _ blocks: SAGEBlocks, dropoutRate: Double
  ) throws(MillError) {
    let panels = ColumnPanels(cutting: input.options.hidden)
    let classes = ColumnPanels(whole: input.classCount)
    self.parameters = parameters
    self.blocks = blocks
    neighbor = parameters.layout.blocks[0].offset
    own = parameters.layout.blocks[1].offset
    second = parameters.layout.blocks[2].offset
    math = input.math
    firstSpread = try blocks.first.transposed().matrix
    secondSpread = blocks.isWhole ? firstSpread : try blocks.second.transposed().matrix
    let (n0, n1, n2) = (blocks.first.columns, blocks.first.rows, blocks.second.rows)
    projected = try DenseMatrix(rows: n0, panels)
    hidden = try DenseMatrix(rows: n1, panels)
    back = blocks.isWhole ? projected : try DenseMatrix(rows: n1, panels)
    both = try DenseMatrix(rows: n1, ColumnPanels(whole: 2 * classes.width))
    scores = try DenseMatrix(rows: n1, classes)
    outputs = try DenseMatrix(rows: n2, classes)
    let dropout = try Dropout(
      rate: dropoutRate, count: n1 * panels.stored, seed: input.options.seed, layer: "sage.dropout")
    layer = HiddenLayer(math: math, p: hidden, dropout: dropout)
  }

  private var weights: UnsafeMutablePointer<Float> { unsafe parameters.values.base }
  private var gradients: UnsafeMutablePointer<Float> { unsafe parameters.gradients.base }

  func prepare() throws(MillError) {
    // On all nodes `back` is the same room as `projected`, of which nothing is needed behind the means.
    try unsafe blocks.features.multiply(weights + neighbor, into: projected, skipsZeros: skipsZeros, math)
    math.multiply(blocks.first, projected, into: hidden)
    try unsafe blocks.ownFeatures.multiply(weights + own, into: back, skipsZeros: skipsZeros, math)
    math.add(back.buffer, to: hidden.buffer)
  }

  func evaluate() {
    layer.keepAll()
    finish()
  }

  func train(step: Int) {
    layer.drop(step: step)
    finish()
  }

  private func finish() {
    unsafe layer.multiply(weights + second, into: both)
    let width = outputs.width
    math.copyColumns(width, of: both, to: scores)
    math.multiply(blocks.second, scores, into: outputs)
    math.forEachChunk(outputs.rows) { rows in
      for row in rows {
        let (o, read) = unsafe (outputs.row(row), both.row(row) + width)
        for k in 0..<width { unsafe o[k] += read[k] }
      }
    }
  }

  func backward(_ gradient: DenseMatrix) throws(MillError) {
    let width = outputs.width
    math.multiply(secondSpread, gradient, into: scores)
    math.forEachChunk(both.rows) { rows in
      for row in rows {
        unsafe both.row(row).update(from: scores.row(row), count: width)
        let own = unsafe both.row(row) + width
        if row < gradient.rows {
          unsafe own.update(from: gradient.row(row), count: width)
        } else {
          unsafe own.update(repeating: 0, count: width)
        }
      }
    }
    try unsafe layer.multiplyTransposed(both, into: gradients + second)
    try unsafe layer.gradient(both, weights + second, into: back)
    try unsafe blocks.ownFeatures.multiplyTransposed(back, into: gradients + own, math)
    if blocks.isWhole {
      math.multiply(firstSpread, back, into: hidden)
      try unsafe blocks.features.multiplyTransposed(hidden, into: gradients + neighbor, math)
    } else {
      math.multiply(firstSpread, back, into: projected)
      try unsafe blocks.features.multiplyTransposed(projected, into: gradients + neighbor, math)
    }
  }
}

/// What two layers of SAGE run on: outputs are those of the first n2 of n1 nodes, which are the first of n0 nodes.
struct SAGEBlocks {
  /// Features of n0 nodes, and of the first n1 of them.
  let features: InputFeatures
  let ownFeatures: InputFeatures
  /// Means over neighbors: n1 x n0 and n2 x n1.
  let first: SparseMatrix
  let second: SparseMatrix
  /// Whether all are all nodes.
  let isWhole: Bool

  init(features: InputFeatures, ownFeatures: InputFeatures, first: SparseMatrix, second: SparseMatrix) {
    self.features = features
    self.ownFeatures = ownFeatures
    self.first = first
    self.second = second
    isWhole = false
  }

  /// All nodes, with all neighbors.
  init(all input: NetworkInput) throws(MillError) {
    features = input.features
    ownFeatures = input.features
    first = try Adjacency.matrix(of: input.graph, ownArcs: false, .mean, context: input.context)
    second = first
    isWhole = true
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
