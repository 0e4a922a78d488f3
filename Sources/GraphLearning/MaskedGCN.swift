import GraphStore
import MillRuntime

/// A GCN with a factor on every weight and on every arc, all of them trained or all held: O = S' (M .* relu(S' X W1')) W2',
/// where W' = mask .* W and S' = mask .* S. Arcs of a node to itself have no factor.
///
/// - Source: Chen, Sui, Chen, Zhang, Wang, ICML 2021 (arXiv 2102.06790), section 3.2.
final class MaskedGCN: GraphNetwork {
  let parameters: Parameters
  let outputs: DenseMatrix
  var skipsZeros = false
  /// A factor for each weight.
  let weightMask: Parameters
  /// A factor for each arc, in the order of the matrix.
  let arcMask: Parameters
  /// Which weights are there at all.
  private let present: FlatBuffer<Float>
  private let math: MatrixMath
  private let features: InputFeatures
  private let plain: SparseMatrix
  private let reverse: FlatBuffer<UInt32>
  private let adjacency: SparseMatrix
  private let transposed: SparseMatrix
  private let used: FlatBuffer<Float>
  private let first: Int
  private let second: Int
  private let projected: DenseMatrix
  private let hidden: DenseMatrix
  private let back: DenseMatrix
  private let scores: DenseMatrix
  private let spread: DenseMatrix
  private var layer: HiddenLayer
  private let areMasksTrained: Bool

  /// - Parameters:
  ///   - present: 1 for each weight that is there, 0 for the others, in the order of their storage.
  ///   - maskSeed: Factors begin with 1 plus noise of up to 1e-5 from this seed, and are trained; nil holds them at 1.
  init(_ input: NetworkInput, present: FlatBuffer<Float>, maskSeed: UInt64?) throws(MillError) {
    let (n, options) = (input.graph.nodeCount, input.options)
    let panels = ColumnPanels(cutting: options.hidden)
    let classes = ColumnPanels(whole: input.classCount)
    let layout = input.layout
    first = layout.blocks[0].offset
    second = layout.blocks[1].offset
    parameters = try Parameters(layout, seed: options.seed)
    math = input.math
    features = input.features
    self.present = present
    plain = try Adjacency.matrix(of: input.graph, ownArcs: true, .symmetric, context: input.context)
    reverse = try plain.transposed().places
    var adjacency = plain
    var transposed = plain
    adjacency.values = try FlatBuffer<Float>(count: plain.entryCount)
    transposed.values = try FlatBuffer<Float>(count: plain.entryCount)
    self.adjacency = adjacency
    self.transposed = transposed
    used = try FlatBuffer<Float>(count: layout.stored)
    areMasksTrained = maskSeed != nil
    weightMask = try Parameters(layout, seed: maskSeed ?? 0, bound: maskSeed == nil ? 0 : 1e-5)
    var arcs = ParameterLayout()
    arcs.add("arcs", rows: 1, ColumnPanels(whole: plain.entryCount), bound: 0)
    arcMask = try Parameters(arcs, seed: CounterRandom.mix(maskSeed ?? 0), bound: maskSeed == nil ? 0 : 1e-5)
    for mask in [weightMask.values, arcMask.values] {
      for place in 0..<mask.count { unsafe mask.base[place] += 1 }
    }
    projected = try DenseMatrix(rows: n, panels)
    hidden = try DenseMatrix(rows: n, panels)
    back = try DenseMatrix(rows: n, panels)
    scores = try DenseMatrix(rows: n, classes)
    spread = try DenseMatrix(rows: n, classes)
    outputs = try DenseMatrix(rows: n, classes)
    let dropout = try Dropout(
      rate: options.usedDropout, count: n * panels.stored, seed: options.seed, layer: "gcn.dropout")
    layer = HiddenLayer(math: math, p: hidden, dropout: dropout)
  }

  func prepare() throws(MillError) {
    for place in 0..<used.count {
      unsafe used.base[place] =
        parameters.values.base[place] * weightMask.values.base[place] * present.base[place]
    }
    guard let values = adjacency.values, let others = transposed.values, let plainValues = plain.values else { return }
    forEachArc { node, other, entry in
      let factor = node == other ? 1 : unsafe arcMask.values.base[entry]
      let value = unsafe plainValues.base[entry] * factor
      unsafe values.base[entry] = value
      unsafe others.base[Int(reverse.base[entry])] = value
    }
    try unsafe features.multiply(used.base + first, into: projected, skipsZeros: skipsZeros, math)
    math.multiply(adjacency, projected, into: hidden)
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
    unsafe layer.multiply(used.base + second, into: scores)
    math.multiply(adjacency, scores, into: outputs)
  }

  func backward(_ gradient: DenseMatrix) throws(MillError) {
    let gradients = unsafe parameters.gradients.base
    math.multiply(transposed, gradient, into: spread)
    try unsafe layer.multiplyTransposed(spread, into: gradients + second)
    try unsafe layer.gradient(spread, used.base + second, into: back)
    if areMasksTrained { arcGradients(gradient) }
    math.multiply(transposed, back, into: hidden)
    try unsafe features.multiplyTransposed(hidden, into: gradients + first, math)
    for place in 0..<used.count {
      let own = unsafe gradients[place] * present.base[place]
      unsafe weightMask.gradients.base[place] = own * parameters.values.base[place]
      unsafe gradients[place] = own * weightMask.values.base[place]
    }
  }

  /// The derivative by the factor of arc i <- j: S_ij times the products of what comes to i and what leaves j.
  private func arcGradients(_ gradient: DenseMatrix) {
    guard let plainValues = plain.values else { return }
    let width = Int64(projected.width)
    forEachArc { node, other, entry in
      var sum = 0.0
      if node != other {
        sum = unsafe math.kernels.dot(gradient.row(node), scores.row(other), Int64(scores.width))
        for panel in 0..<projected.panels.count {
          unsafe sum += math.kernels.dot(back.row(node, panel: panel), projected.row(other, panel: panel), width)
        }
      }
      unsafe arcMask.gradients.base[entry] = Float(sum) * plainValues.base[entry]
    }
  }

  /// Visits all arcs i <- j, chunks of rows in parallel.
  func forEachArc(_ body: (_ node: Int, _ other: Int, _ entry: Int) -> Void) {
    math.forEachChunk(plain.rows) { forEachArc(of: $0, body) }
  }

  /// Visits all arcs i <- j in the order of the rows.
  func forEachArcInOrder(_ body: (_ node: Int, _ other: Int, _ entry: Int) -> Void) {
    forEachArc(of: 0..<plain.rows, body)
  }

  private func forEachArc(of nodes: Range<Int>, _ body: (_ node: Int, _ other: Int, _ entry: Int) -> Void) {
    for node in nodes {
      for entry in unsafe Int(plain.offsets.base[node])..<Int(plain.offsets.base[node + 1]) {
        body(node, unsafe Int(plain.indices.base[entry]), entry)
      }
    }
  }

  /// The place of the arc the other way.
  func reverse(of entry: Int) -> Int { unsafe Int(reverse.base[entry]) }
}
