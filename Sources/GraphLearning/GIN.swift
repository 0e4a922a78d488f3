import MillRuntime

/// Two layers of sums over neighbors, each read out: Z1 = X W1, R1 = relu(A Z1 + (1 + e1) Z1), Z2 = R1 W2,
/// R2 = relu(A Z2 + (1 + e2) Z2), O = (R1 W3 + R2) / 2. The factors e are trained and begin with 0.
///
/// - Source: Xu, Hu, Leskovec, Jegelka, ICLR 2019, equation 4.1.
final class GINNetwork: GraphNetwork {
  let parameters: Parameters
  let outputs: DenseMatrix
  var skipsZeros = false
  private let math: MatrixMath
  private let features: InputFeatures
  private let adjacency: SparseMatrix
  private let first: Int
  private let second: Int
  private let factors: Int
  private let projected: DenseMatrix
  private let hidden: DenseMatrix
  private let back: DenseMatrix
  /// R1 W2 beside R1 W3; in the backward pass their derivatives.
  private let both: DenseMatrix
  private let scores: DenseMatrix
  private let sums: DenseMatrix
  private let layer: HiddenLayer

  init(_ input: NetworkInput, training: Bool) throws(MillError) {
    let (n, options) = (input.graph.nodeCount, input.options)
    let panels = ColumnPanels(cutting: options.hidden)
    let classes = ColumnPanels(whole: input.classCount)
    let layout = input.layout
    first = layout.blocks[0].offset
    second = layout.blocks[1].offset
    factors = layout.blocks[3].offset
    parameters = try Parameters(layout, seed: options.seed, training: training)
    math = input.math
    features = input.features
    adjacency = try Adjacency.matrix(of: input.graph, ownArcs: false, .ones, context: input.context)
    projected = try DenseMatrix(rows: n, panels)
    hidden = try DenseMatrix(rows: n, panels)
    back = training ? try DenseMatrix(rows: n, panels) : projected
    both = try DenseMatrix(rows: n, ColumnPanels(whole: 2 * classes.width))
    scores = try DenseMatrix(rows: n, classes)
    sums = try DenseMatrix(rows: n, classes)
    outputs = try DenseMatrix(rows: n, classes)
    layer = HiddenLayer(math: math, p: hidden)
  }

  private var weights: UnsafeMutablePointer<Float> { unsafe parameters.values.base }
  private var gradients: UnsafeMutablePointer<Float> { unsafe parameters.gradients.base }
  private func own(_ index: Int) -> Float { unsafe 1 + weights[factors + index] }

  func prepare() throws(MillError) {
    try unsafe features.multiply(weights + first, into: projected, skipsZeros: skipsZeros, math)
    math.multiply(adjacency, projected, own: own(0), into: hidden)
    unsafe layer.multiply(weights + second, into: both)
    let width = outputs.width
    math.copyColumns(width, of: both, to: scores)
    math.multiply(adjacency, scores, own: own(1), into: sums)
    math.forEachChunk(outputs.rows) { rows in
      for row in rows {
        let (o, read, sum) = unsafe (outputs.row(row), both.row(row) + width, sums.row(row))
        for k in 0..<width { unsafe o[k] = (read[k] + max(sum[k], 0)) * 0.5 }
      }
    }
  }

  func evaluate() {}
  func train(step: Int) {}

  func backward(_ gradient: DenseMatrix) throws(MillError) {
    let width = outputs.width
    // outputs serves as room: it is computed anew before it is read again.
    math.forEachChunk(outputs.rows) { rows in
      for row in rows {
        let (g, read, sum, own) = unsafe (
          gradient.row(row), both.row(row) + width, sums.row(row), outputs.row(row)
        )
        for k in 0..<width {
          unsafe read[k] = g[k] * 0.5
          unsafe own[k] = sum[k] > 0 ? g[k] * 0.5 : 0
        }
      }
    }
    unsafe gradients[factors + 1] = Float(math.dot(outputs.base, scores.base, count: outputs.rows * width))
    math.multiply(adjacency, outputs, own: own(1), into: scores)
    math.copyColumns(width, of: scores, to: both)
    try unsafe layer.multiplyTransposed(both, into: gradients + second)
    try unsafe layer.gradient(both, weights + second, into: back)
    unsafe gradients[factors] = Float(math.dot(back.base, projected.base, count: back.buffer.count))
    math.multiply(adjacency, back, own: own(0), into: hidden)
    try unsafe features.multiplyTransposed(hidden, into: gradients + first, math)
  }
}

extension ParameterLayout {
  /// W1: features x hidden, W2 and W3: hidden x classes, e: two factors.
  static func gin(_ options: TrainingOptions, features: Int, classes: Int) -> ParameterLayout {
    func bound(_ rows: Int) -> Double { 1 / Double(rows).squareRoot() }
    let hidden = ColumnPanels(cutting: options.hidden)
    var layout = ParameterLayout()
    layout.add("W1", rows: features, hidden, bound: bound(features))
    layout.addBeside(
      ("W2", "W3"), rows: options.hidden, storedRows: hidden.stored, ColumnPanels(whole: classes),
      bound: bound(options.hidden))
    layout.add("e", rows: 1, ColumnPanels(whole: 2), bound: 0)
    return layout
  }
}
