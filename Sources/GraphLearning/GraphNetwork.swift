import GraphStore
import MillRuntime

/// A network on a graph whose parameters change from step to step.
///
/// A round of its use: ``prepare()`` once for the present parameters, ``evaluate()`` for outputs without dropout,
/// ``train(step:)`` for outputs with the dropout of a step, ``backward(_:)`` for the gradients of the latter.
protocol GraphNetwork: AnyObject {
  /// The parameters in use, and their gradients.
  var parameters: Parameters { get }
  /// What was computed last, a row a node.
  var outputs: DenseMatrix { get }
  /// Whether the zeros among the weights of features are skipped; false at first.
  var skipsZeros: Bool { get set }
  /// Computes what evaluation and training share.
  func prepare() throws(MillError)
  /// Computes the outputs without dropout.
  func evaluate() throws(MillError)
  /// Computes the outputs with the dropout of a step.
  func train(step: Int) throws(MillError)
  /// Computes the gradients from that of the outputs of the last ``train(step:)``.
  func backward(_ gradient: DenseMatrix) throws(MillError)
}

/// What networks are made of.
struct NetworkInput {
  /// Undirected, without loops.
  let graph: CSRGraph
  let classCount: Int
  let features: InputFeatures
  let options: TrainingOptions
  let math: MatrixMath
  let context: RunContext

  /// The parameters of the network.
  var layout: ParameterLayout {
    ParameterLayout(options, featureCount: features.columns, classCount: classCount)
  }

  /// The network of the options, with fresh parameters; for evaluation alone they are 0.
  func network(training: Bool = true) throws(MillError) -> any GraphNetwork {
    switch options.model {
    case .gcn: try GCNNetwork(self, training: training)
    case .gin: try GINNetwork(self, training: training)
    case .gat: try GATNetwork(self, training: training)
    case .sage: try SAGENetwork(self, training: training)
    }
  }
}

/// Which activations dropout keeps: bits drawn anew for every step.
struct Dropout {
  let bits: FlatBuffer<UInt64>
  let scale: Float
  private let source: BernoulliBits

  /// Nil for a chance of 0.
  init?(rate: Double, count: Int, seed: UInt64, layer: StaticString) throws(MillError) {
    guard rate > 0 else { return nil }
    source = BernoulliBits(chance: 1 - rate, stream: RandomStream(seed: seed, stage: layer))
    bits = try FlatBuffer<UInt64>(count: (count + 63) / 64)
    scale = Float(1 / source.chance)
  }

  func draw(step: Int, _ math: MatrixMath) { source.fill(bits, draw: step, threads: math.threads) }
}
