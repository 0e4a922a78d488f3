import MillRuntime
import Testing

@testable import GraphLearning

@Suite("Gradients against central differences in doubles")
struct GradientTests {
  /// Float gradients of a 12-node graph differ from exact ones by a few units in the last place of the largest.
  static let bound = 1e-6

  /// The forward and backward pass of one step, and its loss.
  private func step(
    _ data: AttributedGraph, _ options: TrainingOptions, _ teacher: SharedArray<Float>?
  ) throws -> (network: any GraphNetwork, loss: Double) {
    let input = try Sample.input(data, options)
    let network = try input.network()
    let loss = try Loss(data, teacher: teacher, lambda: options.lambda, input.math)
    try network.prepare()
    try network.evaluate()
    try network.train(step: 3)
    let value = loss.measure(network.outputs)
    try network.backward(loss.gradient)
    return (network, value)
  }

  @Test("GCN", arguments: [(5, false), (20, true), (70, false)], [0.0, 10])
  func gcn(shape: (hidden: Int, isDense: Bool), lambda: Double) throws {
    let data = try Sample.data(nodes: 12, isDense: shape.isDense)
    let teacher = try Sample.teacher(data)
    let options = TrainingOptions(hidden: shape.hidden, lambda: lambda)
    let (network, value) = try step(data, options, teacher)
    let reference = ReferenceNetwork(data)
    let gcn = try #require(network as? GCNNetwork)
    let mask = try #require(gcn.layer.dropout).mask(rows: 12, ColumnPanels(cutting: shape.hidden))
    func loss(_ w: [Table]) -> Double {
      reference.loss(reference.gcn(w, mask: mask), teacher: lambda > 0 ? teacher : nil, lambda: lambda)
    }
    #expect(abs(loss(network.parameters.layout.tables(network.parameters.values)) - value) < 1e-6 * (1 + value))
    #expect(gradientError(network, loss: loss) < Self.bound)
  }

  @Test("GIN", arguments: [5, 20, 70], [0.0, 10])
  func gin(hidden: Int, lambda: Double) throws {
    let data = try Sample.data(nodes: 12)
    let teacher = try Sample.teacher(data)
    let options = TrainingOptions(model: .gin, hidden: hidden, lambda: lambda)
    let (network, value) = try step(data, options, teacher)
    let reference = ReferenceNetwork(data)
    func loss(_ w: [Table]) -> Double {
      reference.loss(reference.gin(w), teacher: lambda > 0 ? teacher : nil, lambda: lambda)
    }
    #expect(abs(loss(network.parameters.layout.tables(network.parameters.values)) - value) < 1e-6 * (1 + value))
    #expect(gradientError(network, loss: loss) < Self.bound)
  }

  @Test("SAGE", arguments: [(5, false), (20, true), (70, false)])
  func sage(hidden: Int, isDense: Bool) throws {
    let data = try Sample.data(nodes: 12, isDense: isDense)
    let options = TrainingOptions(model: .sage, hidden: hidden)
    let (network, value) = try step(data, options, nil)
    let reference = ReferenceNetwork(data)
    let sage = try #require(network as? SAGENetwork)
    let mask = try #require(sage.layer.dropout).mask(rows: 12, ColumnPanels(cutting: hidden))
    func loss(_ w: [Table]) -> Double { reference.loss(reference.sage(w, mask: mask), teacher: nil, lambda: 0) }
    #expect(abs(loss(network.parameters.layout.tables(network.parameters.values)) - value) < 1e-6 * (1 + value))
    #expect(gradientError(network, loss: loss) < Self.bound)
  }

  @Test("GAT", arguments: [(8, 2, false), (5, 3, true), (3, 9, false)], [0.0, 10])
  func gat(shape: (hidden: Int, heads: Int, isDense: Bool), lambda: Double) throws {
    let data = try Sample.data(nodes: 12, isDense: shape.isDense)
    let teacher = try Sample.teacher(data)
    let options = TrainingOptions(model: .gat, hidden: shape.hidden, heads: shape.heads, lambda: lambda)
    let (network, value) = try step(data, options, teacher)
    let reference = ReferenceNetwork(data)
    let masks = try masks(of: try #require(network as? GATNetwork), reference, shape.hidden, shape.heads)
    func loss(_ w: [Table]) -> Double {
      reference.loss(
        reference.gat(w, heads: shape.heads, masks: masks), teacher: lambda > 0 ? teacher : nil, lambda: lambda)
    }
    #expect(abs(loss(network.parameters.layout.tables(network.parameters.values)) - value) < 1e-6 * (1 + value))
    #expect(gradientError(network, loss: loss) < Self.bound)
  }

  private func masks(
    of network: GATNetwork, _ reference: ReferenceNetwork, _ hidden: Int, _ heads: Int
  ) throws -> ReferenceNetwork.GATMasks {
    let (features, inner, attention) = (
      try #require(network.featureDropout), try #require(network.hiddenDropout),
      try #require(network.first.dropout)
    )
    let width = (hidden + 7) / 8 * 8
    let lanes = (heads + 7) / 8 * 8
    var ofFeatures = reference.features
    var entry = 0
    var isSparse = false
    if case .sparse = reference.data.features.storage { isSparse = true }
    for row in 0..<12 {
      for column in 0..<ofFeatures.columns {
        let isStored = !isSparse || reference.features[row, column] != 0
        ofFeatures[row, column] = isStored ? features.factor(entry) : 0
        if isStored { entry += 1 }
      }
    }
    var ofArcs = [Table](repeating: Table(12, 12), count: heads)
    var arc = 0
    let own = reference.withOwnArcs
    for row in 0..<12 {
      for column in 0..<12 where own[row, column] == 1 {
        for head in 0..<heads { ofArcs[head][row, column] = attention.factor(arc * lanes + head) }
        arc += 1
      }
    }
    return ReferenceNetwork.GATMasks(
      features: ofFeatures,
      hidden: Table(12, heads * hidden) {
        inner.factor($0 * heads * width + $1 / hidden * width + $1 % hidden)
      }, attention: ofArcs)
  }
}
