import MillKernels
public import GraphStore
public import MillRuntime

/// The settings of ``predict(with:graph:features:options:context:)``.
public struct PredictionOptions: Sendable, Equatable, Codable {
  /// Which edges are used.
  public enum Edges: String, Sendable, CaseIterable, Codable {
    /// Those that the ticket kept, where the graph is the one it was found in; else the given ones.
    case automatic = "auto"
    /// Those that the ticket kept.
    case kept
    /// Those of the given graph.
    case given
  }

  /// Which edges are used.
  public var edges: Edges
  /// Whether the zeros among the weights are skipped; nil: where fewer than one weight in sixteen is left. The answer is
  /// the same.
  public var skipsZeros: Bool?

  /// By default the kept edges of the ticket's own graph.
  public init(edges: Edges = .automatic, skipsZeros: Bool? = nil) {
    self.edges = edges
    self.skipsZeros = skipsZeros
  }
}

/// What ``predict(with:graph:features:options:context:)`` found.
public struct Prediction: Sendable, Equatable {
  /// The class of each node, shape `[n]`.
  public let classes: SharedArray<Int32>
  /// The shares of the classes, shape `[n, classes]`; each row sums to 1 within rounding.
  public let probabilities: SharedArray<Float>
  /// Whether the ticket's edges were used.
  public let usedKeptEdges: Bool
  /// Multiplications of features with first-layer weights: those with a weight that is not 0.
  public let multiplications: Int
  /// The same with all weights.
  public let denseMultiplications: Int
}

/// Predicts the class of every node of a graph with a ticket's network.
///
/// The graph may be the ticket's own, also with new features, or any other one: then its nodes are new to the network.
///
/// - Parameters:
///   - ticket: The ticket.
///   - graph: Any graph; it is made undirected and loses loops.
///   - features: A row a node, with as many columns as the ticket's features.
///   - options: Edges, and how the weights are multiplied.
///   - context: Threads, cancellation.
/// - Throws: `MillError`: `bad-features` for another number of rows or columns, `bad-option` where kept edges are asked
///   for on another number of nodes, `over-budget`.
/// - Complexity: One forward pass. The same bits for every number of threads and every processor.
public func predict(
  with ticket: Ticket, graph: CSRGraph, features: FeatureMatrix, options: PredictionOptions = .init(),
  context: RunContext = .init()
) throws(MillError) -> Prediction {
  guard features.rowCount == graph.nodeCount else {
    throw MillError(.badFeatures, "\(features.rowCount) rows of features for \(graph.nodeCount) nodes")
  }
  guard features.columnCount == ticket.shape.featureCount else {
    throw MillError(
      .badFeatures, "\(features.columnCount) features a node, the ticket has \(ticket.shape.featureCount)")
  }
  let prepared = try graph.prepared(Preparation(weights: .ignored), context: context).graph
  let usesKept: Bool
  switch options.edges {
  case .given: usesKept = false
  case .automatic: usesKept = prepared.fingerprint(context: context) == ticket.graphFingerprint
  case .kept:
    guard graph.nodeCount == ticket.graph.nodeCount else {
      throw MillError(.badOption, "the kept edges join \(ticket.graph.nodeCount) nodes, not \(graph.nodeCount)")
    }
    usesKept = true
  }
  let weightCount = ticket.weightCount
  let input = NetworkInput(
    graph: usesKept ? ticket.graph : prepared, classCount: ticket.classNames.count,
    features: try InputFeatures(features, ticket.options.scaling), options: ticket.options,
    math: MatrixMath(threads: context.threads), context: context)
  let network = try input.network(training: false)
  network.parameters.layout.scatter(ticket.weights, into: network.parameters.values)
  network.skipsZeros = options.skipsZeros ?? (16 * weightCount < ticket.weights.count)
  try network.prepare()
  try network.evaluate()
  return try prediction(network.outputs, ticket, input, usesKept)
}

private func prediction(
  _ outputs: DenseMatrix, _ ticket: Ticket, _ input: NetworkInput, _ usesKept: Bool
) throws(MillError) -> Prediction {
  let (n, classes) = (outputs.rows, ticket.classNames.count)
  let shares = try DenseMatrix(rows: n, outputs.panels)
  let largest = try FlatBuffer<Float>(uninitializedCount: n)
  let sums = try FlatBuffer<Float>(uninitializedCount: n)
  input.math.forEachChunk(n) { rows in
    let at = rows.lowerBound
    unsafe input.math.kernels.softmax(
      outputs.row(at), Int64(rows.count), Int64(classes), Int64(outputs.width), shares.row(at), largest.base + at,
      sums.base + at)
  }
  let found = try FlatBuffer<Int32>(uninitializedCount: n)
  for row in 0..<n { unsafe found.base[row] = Int32(largestClass(outputs.row(row), classes)) }
  let counts = try ticket.multiplications(of: input.features)
  return Prediction(
    classes: SharedArray(found),
    probabilities: try dense(shares.buffer, rows: n, columns: classes, stride: outputs.width),
    usedKeptEdges: usesKept, multiplications: counts.used, denseMultiplications: counts.all)
}

extension Ticket {
  /// Multiplications of features with the weights of the first layer, without and with the zeros.
  fileprivate func multiplications(of features: InputFeatures) throws(MillError) -> (used: Int, all: Int) {
    let rows = shape.featureCount
    let counts = try FlatBuffer<Int>(count: rows)
    let first = shape.matrices.prefix(options.model == .sage ? 2 : 1)
    let columns = first.reduce(0) { $0 + $1.columns }
    for place in 0..<rows * columns where weights[place] != 0 {
      unsafe counts.base[place / first[0].columns % rows] += 1
    }
    var used = 0
    var entries = 0
    for row in 0..<features.rows {
      features.forEachEntry(ofRow: row) { column, _ in
        unsafe used += counts.base[column]
        entries += 1
      }
    }
    return (used, entries * columns)
  }
}
