import GraphStore
import MillKernels
import MillRuntime
import TestSupport
import Testing

@testable import GraphLearning

@Suite("Training of networks")
struct TrainNetworkTests {
  @Test("The same bits for any threads and kernels", arguments: GraphModel.allCases)
  func sameBits(model: GraphModel) throws {
    let data = try Sample.data(nodes: 1100, classes: 3, features: 30)
    let options = TrainingOptions(model: model, hidden: 20, heads: 3, epochs: 2, weightShare: 0.3, lambda: 2)
    let features = try InputFeatures(data.features, .rowSum)
    let teacher = try Sample.teacher(data)
    let first = try trainNetwork(on: data, options: options, teacher: teacher, context: .init(threads: 1))
    #expect(first.weights.contains { $0 != 0 })
    for variant in KernelVariant.available {
      for threads in [1, 2, 4] {
        let again = try trainNetwork(
          on: data, features, options: options, teacher: teacher, variant: variant, context: .init(threads: threads))
        #expect(again == first, "\(variant), \(threads) threads")
      }
    }
    var other = options
    other.seed += 1
    #expect(try trainNetwork(on: data, options: other, teacher: teacher).weights != first.weights)
  }

  @Test("Classes that features and edges tell are learnt", arguments: GraphModel.allCases)
  func learns(model: GraphModel) throws {
    let data = try Sample.data(nodes: 300, features: 30)
    let result = try trainNetwork(
      on: data,
      options: TrainingOptions(model: model, hidden: 16, heads: 2, epochs: 60, dropout: model == .gin ? 0 : 0.3))
    #expect(result.best.test > 0.85, "\(result.best)")
    #expect(result.history.count == 60 && result.history.last!.loss < 0.7 * result.history[0].loss)
    #expect(result.best.validation == result.history.map(\.validation).max())
    // Of equally good epochs the last.
    #expect(result.history.last { $0.validation == result.best.validation } == result.best)
    #expect(result.weights.count == result.shape.parameterCount)
  }

  @Test("A share of the weights is 0 after every step")
  func sparse() throws {
    let data = try Sample.data(nodes: 100)
    let result = try trainNetwork(on: data, options: TrainingOptions(hidden: 16, epochs: 20, weightShare: 0.8))
    let removed = Int((0.8 * Double(16 * 12 + 16 * 3)).rounded(.up))
    #expect(result.weights.count { $0 == 0 } >= removed)
    #expect(result.weightShare >= 0.8)
  }

  @Test("Nothing removed and no distance to a teacher is plain training, bit for bit")
  func plain() throws {
    let data = try Sample.data(nodes: 60)
    let options = TrainingOptions(hidden: 16, epochs: 10)
    let plain = try trainNetwork(on: data, options: options)
    let taught = try trainNetwork(on: data, options: options, teacher: Sample.teacher(data))
    #expect(plain == taught)
  }

  @Test("Dense and sparse features come to the same network, up to rounding")
  func dense() throws {
    let options = TrainingOptions(hidden: 12, epochs: 5)
    let sparse = try trainNetwork(on: Sample.data(nodes: 60), options: options)
    let dense = try trainNetwork(on: Sample.data(nodes: 60, isDense: true), options: options)
    for (a, b) in zip(sparse.outputs, dense.outputs) { #expect(abs(a - b) < 1e-3) }
    #expect(sparse.outputs != dense.outputs)
  }

  @Test("The distance to equal outputs is 0 and pulls nowhere; rows of the derivative sum to 0")
  func loss() throws {
    let data = try Sample.data(nodes: 30)
    let teacher = try Sample.teacher(data)
    let math = MatrixMath(threads: 1)
    let outputs = try DenseMatrix(rows: 30, ColumnPanels(whole: 3))
    for row in 0..<30 { for k in 0..<3 { outputs.row(row)[k] = teacher[3 * row + k] } }
    let plain = try Loss(data, teacher: nil, lambda: 0, math)
    let taught = try Loss(data, teacher: teacher, lambda: 5, math)
    let value = plain.measure(outputs)
    #expect(abs(taught.measure(outputs) - value) < 1e-9)
    for place in 0..<240 { #expect(taught.gradient.base[place] == plain.gradient.base[place]) }
    for row in 0..<30 {
      #expect(abs((0..<8).reduce(0) { $0 + plain.gradient.row(row)[$1] }) < 1e-7)
      for k in 0..<3 { outputs.row(row)[k] += Float(row) }
    }
    #expect(abs(plain.measure(outputs) - value) < 1e-5)
  }

  @Test("Options out of range are refused")
  func options() throws {
    let data = try Sample.data(nodes: 30)
    let changes: [(inout TrainingOptions) -> Void] = [
      { $0.hidden = 0 }, { $0.heads = 0 }, { $0.epochs = 0 }, { $0.rate = 0 }, { $0.rate = .nan },
      { $0.weightDecay = -1 }, { $0.dropout = 1 }, { $0.dropout = -0.1 }, { $0.weightShare = 1 },
      { $0.weightShare = -0.1 }, { $0.lambda = -1 },
      {
        $0.model = .gin
        $0.dropout = 0.5
      },
    ]
    for change in changes {
      var options = TrainingOptions(hidden: 4, epochs: 1)
      change(&options)
      let error = #expect(throws: MillError.self) { try trainNetwork(on: data, options: options) }
      #expect(error?.kind == .badOption)
    }
    let error = #expect(throws: MillError.self) {
      try trainNetwork(on: data, options: .init(hidden: 4, epochs: 1), teacher: .empty)
    }
    #expect(error?.kind == .badOption)
  }

  @Test("A run stops on request")
  func cancelled() throws {
    let cancellation = Cancellation()
    cancellation.request()
    let error = #expect(throws: MillError.self) {
      try trainNetwork(on: Sample.data(nodes: 30), context: .init(threads: 1, cancellation: cancellation))
    }
    #expect(error?.kind == .interrupted)
  }
}
