import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import GraphLearning

@Suite("Tickets from trained factors")
struct IterativeTicketTests {
  private let options = IterativeTicketOptions(
    training: TrainingOptions(hidden: 12, epochs: 6), rounds: 3, edgeRate: 0.1, weightRate: 0.2, seeds: [4, 6])

  @Test("Rounds remove what they should, the same for any threads")
  func rounds() throws {
    let data = try Sample.data(nodes: 80)
    var told: [TicketRound] = []
    let one = try findTicketsIteratively(in: data, options: options, context: .init(threads: 1)) { told.append($0) }
    #expect(one == told && one.map(\.round) == [1, 2, 3, 1, 2, 3])
    var (edges, weights) = (data.graph.edgeCount, 12 * 12 + 12 * 3)
    let (allEdges, allWeights) = (Double(edges), Double(weights))
    for round in one.prefix(3) {
      edges -= Int(0.1 * Double(edges))
      weights -= Int(0.2 * Double(weights))
      #expect(abs(round.edgeShare - (1 - Double(edges) / allEdges)) < 1e-12)
      #expect(abs(round.weightShare - (1 - Double(weights) / allWeights)) < 1e-12)
    }
    let two = try findTicketsIteratively(in: data, options: options, context: .init(threads: 2))
    for (a, b) in zip(one, two) { #expect(a.test == b.test && a.validation == b.validation && a.epoch == b.epoch) }
  }

  @Test("With all factors at 1 the network is plain GCN, up to rounding")
  func plain() throws {
    let data = try Sample.data(nodes: 40)
    let input = try Sample.input(data, TrainingOptions(hidden: 10, seed: 3))
    let layout = input.layout
    let present = try FlatBuffer<Float>(count: layout.stored)
    layout.forEachParameter { _, place in present.base[place] = 1 }
    let networks: [any GraphNetwork] = [
      try MaskedGCN(input, present: present, maskSeed: nil), try input.network(),
    ]
    let loss = try Loss(data, teacher: nil, lambda: 0, input.math)
    for network in networks {
      try network.prepare()
      try network.train(step: 2)
      _ = loss.measure(network.outputs)
      try network.backward(loss.gradient)
    }
    for (a, b) in zip(networks[0].outputs.buffer.array, networks[1].outputs.buffer.array) { #expect(abs(a - b) < 1e-6) }
    for (a, b) in zip(networks[0].parameters.gradients.array, networks[1].parameters.gradients.array) {
      #expect(abs(a - b) < 1e-6)
    }
  }

  @Test("Gradients of weights and factors against central differences in doubles")
  func gradients() throws {
    let data = try Sample.data(nodes: 12)
    let input = try Sample.input(data, TrainingOptions(hidden: 5, dropout: 0))
    let layout = input.layout
    let present = try FlatBuffer<Float>(count: layout.stored)
    layout.forEachParameter { index, place in present.base[place] = index % 7 == 0 ? 0 : 1 }
    let network = try MaskedGCN(input, present: present, maskSeed: 8)
    // Factors away from 1, and different for the two arcs of an edge.
    var random = CounterRandom(seed: 1, stage: "factors")
    for mask in [network.weightMask, network.arcMask] {
      mask.layout.forEachParameter { _, place in mask.values.base[place] = Float(0.5 + random.unit()) }
    }
    let loss = try Loss(data, teacher: nil, lambda: 0, input.math)
    try network.prepare()
    network.train(step: 1)
    _ = loss.measure(network.outputs)
    try network.backward(loss.gradient)
    let reference = ReferenceNetwork(data)
    let there = layout.tables(present)
    let arcs = network.arcMask.layout.tables(network.arcMask.values)
    let weights = layout.tables(network.parameters.values)
    let masks = layout.tables(network.weightMask.values)
    func value(_ w: [Table], _ m: [Table], _ arcs: Table) -> Double {
      var s = reference.normalized
      network.forEachArcInOrder { i, j, entry in if i != j { s[i, j] *= arcs[0, entry] } }
      let used = zip(zip(w, m), there).map { $0.0.times($0.1).times($1) }
      let outputs = s * ((s * (reference.features * used[0])).map { max($0, 0) } * used[1])
      return reference.loss(outputs, teacher: nil, lambda: 0)
    }
    #expect(gradientError(network) { value($0, masks, arcs[0]) } < 1e-6)
    #expect(gradientError(of: network.weightMask) { value(weights, $0, arcs[0]) } < 1e-6)
    #expect(gradientError(of: network.arcMask) { value(weights, masks, $0[0]) } < 1e-6)
  }

  @Test("Options out of range are refused")
  func badOptions() throws {
    let data = try Sample.data(nodes: 20)
    let changes: [(inout IterativeTicketOptions) -> Void] = [
      { $0.rounds = 0 }, { $0.edgeRate = 1 }, { $0.weightRate = -1 }, { $0.edgePenalty = -1 },
      { $0.weightPenalty = .infinity }, { $0.seeds = [] }, { $0.training.model = .gat }, { $0.training.epochs = 0 },
    ]
    for change in changes {
      var options = options
      change(&options)
      let error = #expect(throws: MillError.self) { try findTicketsIteratively(in: data, options: options) }
      #expect(error?.kind == .badOption)
    }
  }
}
