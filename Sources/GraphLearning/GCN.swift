import MillRuntime

/// Two layers of graph convolution: O = S (M .* relu(S X W1)) W2, where S is the normalized adjacency with own arcs.
///
/// Dense features are propagated once, before training: S X W1 = (S X) W1. Sparse ones would lose their zeros by that.
///
/// - Source: Kipf, Welling, ICLR 2017, equation 9.
final class GCNNetwork: GraphNetwork {
  let parameters: Parameters
  let outputs: DenseMatrix
  var skipsZeros = false
  private let math: MatrixMath
  private let features: InputFeatures
  private let isPropagated: Bool
  /// 1 / sqrt(degree) of each node, own arcs included.
  private let roots: FlatBuffer<Float>
  /// Arcs, rows multiplied by the roots: S x = adjacency (roots .* x).
  private var adjacency: SparseMatrix
  /// Arcs, rows multiplied by the factors of the features.
  private var spread: SparseMatrix
  private let first: Int
  private let second: Int
  private let projected: DenseMatrix
  private let hidden: DenseMatrix
  private let scores: DenseMatrix
  private(set) var layer: HiddenLayer

  init(_ input: NetworkInput, training: Bool) throws(MillError) {
    let (n, options) = (input.graph.nodeCount, input.options)
    let panels = ColumnPanels(cutting: options.hidden)
    let classes = ColumnPanels(whole: input.classCount)
    let layout = input.layout
    first = layout.blocks[0].offset
    second = layout.blocks[1].offset
    parameters = try Parameters(layout, seed: options.seed, training: training)
    math = input.math
    let arcs = try Adjacency.matrix(of: input.graph, ownArcs: true, .ones, context: input.context)
    roots = try Adjacency.inverseRoots(of: arcs)
    if case .dense(let numbers, let columns) = input.features {
      features = .dense(try math.propagate(numbers, columns: columns, by: arcs, roots), columns: columns)
      isPropagated = true
    } else {
      features = try input.features.scaled(by: roots)
      isPropagated = false
    }
    adjacency = arcs
    adjacency.factors = roots
    spread = arcs
    spread.factors = features.factors
    projected = try DenseMatrix(rows: n, panels)
    hidden = try DenseMatrix(rows: n, panels)
    scores = try DenseMatrix(rows: n, classes)
    outputs = try DenseMatrix(rows: n, classes)
    let dropout = try Dropout(
      rate: training ? options.usedDropout : 0, count: n * panels.stored, seed: options.seed, layer: "gcn.dropout")
    layer = HiddenLayer(math: math, p: hidden, dropout: dropout)
  }

  private var weights: UnsafeMutablePointer<Float> { unsafe parameters.values.base }
  private var gradients: UnsafeMutablePointer<Float> { unsafe parameters.gradients.base }

  func prepare() throws(MillError) {
    if isPropagated {
      try unsafe features.multiply(weights + first, into: hidden, skipsZeros: skipsZeros, math)
    } else {
      try unsafe features.multiply(weights + first, into: projected, skipsZeros: skipsZeros, math)
      math.multiply(adjacency, projected, into: hidden)
    }
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
    unsafe layer.multiply(weights + second, into: scores)
    math.scaleRows(of: scores, by: roots)
    math.multiply(adjacency, scores, into: outputs)
  }

  func backward(_ gradient: DenseMatrix) throws(MillError) {
    math.scaleRows(of: gradient, by: roots)
    math.multiply(adjacency, gradient, into: scores)
    try unsafe layer.multiplyTransposed(scores, into: gradients + second)
    if isPropagated {
      try unsafe layer.gradient(scores, weights + second, into: projected)
      try unsafe features.multiplyTransposed(projected, into: gradients + first, math)
    } else {
      math.scaleRows(of: scores, by: roots)
      try unsafe layer.gradient(scores, weights + second, into: projected)
      math.multiply(spread, projected, into: hidden)
      try unsafe features.multiplyTransposed(hidden, into: gradients + first, math)
    }
  }
}

extension ParameterLayout {
  /// W1: features x hidden, W2: hidden x classes.
  static func gcn(_ options: TrainingOptions, features: Int, classes: Int) -> ParameterLayout {
    let hidden = ColumnPanels(cutting: options.hidden)
    var layout = ParameterLayout()
    layout.add("W1", rows: features, hidden, bound: glorot(features, options.hidden))
    layout.add(
      "W2", rows: options.hidden, storedRows: hidden.stored, ColumnPanels(whole: classes),
      bound: glorot(options.hidden, classes))
    return layout
  }
}

extension MatrixMath {
  /// S x for a plain row-major x, where row i of S is roots[i] times the roots of the row's columns.
  func propagate(
    _ x: FlatBuffer<Float>, columns: Int, by arcs: SparseMatrix, _ roots: FlatBuffer<Float>
  ) throws(MillError) -> FlatBuffer<Float> {
    let result = try FlatBuffer<Float>(count: x.count)
    forEachChunk(arcs.rows) { rows in
      for row in rows {
        let y = unsafe result.base + row * columns
        for entry in unsafe Int(arcs.offsets.base[row])..<Int(arcs.offsets.base[row + 1]) {
          let other = unsafe Int(arcs.indices.base[entry])
          let from = unsafe x.base + other * columns
          let value = unsafe roots.base[row] * roots.base[other]
          for k in 0..<columns { unsafe y[k] += value * from[k] }
        }
      }
    }
    return result
  }

  /// Multiplies each row of a matrix of one panel by its factor.
  func scaleRows(of x: DenseMatrix, by factors: FlatBuffer<Float>) {
    forEachChunk(x.rows) { rows in
      for row in rows {
        let (numbers, factor) = unsafe (x.row(row), factors.base[row])
        for k in 0..<x.width { unsafe numbers[k] *= factor }
      }
    }
  }
}
