import MillRuntime
import TestSupport
import Testing

@testable import GraphLearning

@Suite("SAGE on samples of neighbors")
struct SampledSAGETests {
  private func options(_ sampling: SamplingOptions?, epochs: Int = 6) -> TrainingOptions {
    TrainingOptions(model: .sage, hidden: 12, epochs: epochs, dropout: 0, sampling: sampling)
  }

  @Test("Samples that are all neighbors, in one batch, come to the training on all nodes", arguments: [false, true])
  func whole(isDense: Bool) throws {
    let data = try Sample.data(nodes: 60, isDense: isDense)
    let all = SamplingOptions(batch: 1000, first: 1000, second: 1000)
    let sampled = try trainNetwork(on: data, options: options(all))
    let plain = try trainNetwork(on: data, options: options(nil))
    for (a, b) in zip(sampled.outputs, plain.outputs) { #expect(abs(a - b) < 1e-3) }
    for (a, b) in zip(sampled.history, plain.history) { #expect(abs(a.loss - b.loss) < 1e-4) }
  }

  @Test("The same bits for any threads; small batches and samples learn, too")
  func learns() throws {
    let data = try Sample.data(nodes: 300, features: 30)
    let teacher = try Sample.teacher(data)
    var options = options(SamplingOptions(batch: 16, first: 3, second: 2), epochs: 3)
    options.dropout = 0.3
    options.weightShare = 0.2
    options.lambda = 0.1
    let one = try trainNetwork(on: data, options: options, teacher: teacher, context: .init(threads: 1))
    let two = try trainNetwork(on: data, options: options, teacher: teacher, context: .init(threads: 2))
    #expect(one == two)
    options.lambda = 0
    options.epochs = 20
    let result = try trainNetwork(on: data, options: options)
    #expect(result.best.test > 0.85, "\(result.best)")
    #expect(result.outputs.count == 900)
  }

  @Test("Samples are sets of the right size, each member as likely as any other")
  func samples() {
    var counts = [Int](repeating: 0, count: 10)
    for item in 0..<2000 {
      var random = CounterRandom(seed: 5, stage: "sample", item: UInt64(item))
      let chosen = SampledSAGE.sample(3, of: 10, &random)
      #expect(chosen.count == 3 && chosen == chosen.sorted() && Set(chosen).count == 3)
      for member in chosen { counts[member] += 1 }
    }
    #expect(counts.allSatisfy { abs($0 - 600) < 100 }, "\(counts)")
  }

  @Test("Samples are for SAGE, and not empty")
  func badOptions() throws {
    let data = try Sample.data(nodes: 20)
    for (model, sampling) in [
      (GraphModel.gcn, SamplingOptions()), (.sage, SamplingOptions(batch: 0)), (.sage, SamplingOptions(first: 0)),
      (.sage, SamplingOptions(second: -1)),
    ] {
      let options = TrainingOptions(model: model, hidden: 4, epochs: 1, sampling: sampling)
      let error = #expect(throws: MillError.self) { try trainNetwork(on: data, options: options) }
      #expect(error?.kind == .badOption)
    }
  }
}
