import EdgeSparsification
import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import GraphLearning

@Suite("Tickets: rounds, files, predictions")
struct TicketTests {
  private let place = TemporaryFolder()
  private let options = TicketOptions(
    training: TrainingOptions(hidden: 12, epochs: 8), rounds: [9, 2], seeds: [3, 5])

  private func timeless(_ rounds: [TicketRound]) -> [TicketRound] {
    rounds.map { round in
      var round = round
      round.seconds = 0
      return round
    }
  }

  @Test("The schedule of shares, by hand")
  func schedule() {
    let options = TicketOptions()
    for (round, edges, weights) in [(0, 0.0, 0.0), (1, 0.05, 0.1), (2, 0.0975, 0.19), (20, 0.6415, 0.8784)] {
      let shares = options.shares(ofRound: round)
      #expect(abs(shares.edges - edges) < 1e-4 && abs(shares.weights - weights) < 1e-4)
    }
  }

  @Test("Rounds come seed by seed, from the dense network on, with the shares of the schedule")
  func rounds() throws {
    let data = try Sample.data(nodes: 80)
    var told: [TicketRound] = []
    let found = try findTickets(in: data, options: options) { told.append($0) }
    #expect(told == found.rounds)
    #expect(found.rounds.map(\.round) == [0, 2, 9, 0, 2, 9] && found.rounds.map(\.seed) == [3, 3, 3, 5, 5, 5])
    let edges = data.graph.edgeCount
    for round in found.rounds {
      let shares = options.shares(ofRound: round.round)
      #expect(round.edgeShare == Double(Int(shares.edges * Double(edges))) / Double(edges))
      #expect(round.weightShare >= shares.weights)
    }
    let others = found.rounds.filter { $0.round > 0 }
    #expect(found.best.best.validation == others.map(\.validation).max())
    #expect(found.best.graph.edgeCount < edges && found.best.round > 0)
    // Round 0 is plain training.
    var dense = options.training
    dense.seed = 5
    let network = try trainNetwork(on: data, options: dense)
    #expect(network.best.test == found.rounds[3].test && network.best.epoch == found.rounds[3].epoch)
  }

  @Test("A search goes on behind the rounds that are known, with the same results for any threads", arguments: 0...6)
  func resumed(count: Int) throws {
    let data = try Sample.data(nodes: 80)
    let whole = try findTickets(in: data, options: options, context: .init(threads: 1))
    let resumed = try findTickets(
      in: data, options: options, known: Array(whole.rounds.prefix(count)), context: .init(threads: 2))
    #expect(timeless(resumed.rounds) == timeless(whole.rounds))
    #expect(resumed.best.weights == whole.best.weights && resumed.best.round == whole.best.round)
  }

  @Test("Every score finds tickets; the random one depends on the seed", arguments: EdgeScoreMethod.allCases)
  func scores(method: EdgeScoreMethod) throws {
    let data = try Sample.data(nodes: 50)
    var options = options
    options.score = method
    options.rounds = [9]
    #expect(try findTickets(in: data, options: options).rounds.count == 4)
  }

  @Test("Without rounds the dense network is the ticket")
  func dense() throws {
    let data = try Sample.data(nodes: 40)
    var options = options
    options.rounds = []
    let found = try findTickets(in: data, options: options)
    #expect(found.rounds.count == 2 && found.best.round == 0 && found.best.graph.edgeCount == data.graph.edgeCount)
  }

  @Test("Means and deviations of rounds, by hand")
  func summary() {
    func round(_ round: Int, _ test: Double) -> TicketRound {
      TicketRound(
        round: round, seed: 1, edgeShare: 0.5, weightShare: 0.25, test: test, validation: 0.5, epoch: 3, seconds: 1)
    }
    let all = TicketSummary.all(of: [round(2, 0.75), round(0, 1), round(2, 0.25)])
    #expect(all.map(\.round) == [0, 2] && all.map(\.count) == [1, 2])
    #expect(all[1].test == 0.5 && abs(all[1].testDeviation - 0.125.squareRoot()) < 1e-15 && all[0].testDeviation == 0)
    #expect(all[1].edgeShare == 0.5 && all[1].weightShare == 0.25 && all[1].validation == 0.5)
  }

  @Test("Options out of range are refused")
  func badOptions() throws {
    let data = try Sample.data(nodes: 20)
    let changes: [(inout TicketOptions) -> Void] = [
      { $0.rounds = [0] }, { $0.rounds = [2, 2] }, { $0.edgeRate = 1 }, { $0.edgeRate = -0.1 }, { $0.weightRate = 1 },
      { $0.lambda = -1 }, { $0.seeds = [] }, { $0.seeds = [1, 1] }, { $0.training.hidden = 0 },
    ]
    for change in changes {
      var options = options
      change(&options)
      let error = #expect(throws: MillError.self) { try findTickets(in: data, options: options) }
      #expect(error?.kind == .badOption)
    }
  }

  private func ticket(_ model: GraphModel, _ data: AttributedGraph) throws -> Ticket {
    let training = TrainingOptions(model: model, hidden: 12, heads: 3, epochs: 5)
    return try findTickets(in: data, options: .init(training: training, rounds: [14], seeds: [2])).best
  }

  @Test("A file holds the ticket, and the same ticket gives the same bytes", arguments: GraphModel.allCases)
  func file(model: GraphModel) throws {
    let data = try Sample.data(nodes: 60)
    let ticket = try ticket(model, data)
    let path = place.file("a.gmt")
    let bytes = try writeTicket(ticket, to: path)
    let read = try readTicket(path)
    #expect(read.options == ticket.options && read.shape == ticket.shape && read.weights == ticket.weights)
    #expect(read.graph.isIdentical(to: ticket.graph) && read.graphFingerprint == data.graph.fingerprint())
    #expect(read.classNames == ticket.classNames && read.round == 14 && read.edgeShare == ticket.edgeShare)
    #expect(read.best == ticket.best)
    #expect(try writeTicket(read, to: place.file("b.gmt")) == bytes)
    #expect(try fileFingerprint(path) == fileFingerprint(place.file("b.gmt")))
    #expect(FileKind(path: path) == .ticket)
    let error = #expect(throws: MillError.self) { try writeTicket(ticket, to: path) }
    #expect(error?.kind == .cannotCreate)
  }

  @Test("Changed and cut files are refused, never a crash")
  func damage() throws {
    let data = try Sample.data(nodes: 20)
    let path = place.file("a.gmt")
    try writeTicket(ticket(.gcn, data), to: path)
    let bytes = try MappedFile(path: path, mapped: false).bytes.map { $0 }
    var random = CounterRandom(seed: 4, stage: "damage")
    for trial in 0..<400 {
      var changed = bytes
      if trial % 4 == 0 {
        changed.removeLast(Int(random.below(UInt64(bytes.count))))
        guard changed.count < bytes.count else { continue }
      } else {
        let at = Int(random.below(UInt64(bytes.count)))
        changed[at] ^= UInt8(1 + random.below(255))
      }
      let error = #expect(throws: MillError.self) { try readTicket(bytes: SharedArray(copying: changed)) }
      #expect(error?.kind.category == .badData)
    }
  }

  @Test(
    "The ticket's own graph gives the outputs of its training, with zeros skipped or not",
    arguments: GraphModel.allCases)
  func prediction(model: GraphModel) throws {
    for isDense in [false, true] {
      let data = try Sample.data(nodes: 70, isDense: isDense)
      let ticket = try ticket(model, data)
      let found = try predict(
        with: ticket, graph: data.graph, features: data.features, options: .init(skipsZeros: false))
      #expect(found.usedKeptEdges)
      let right = data.split.test.count { found.classes[Int($0)] == data.labels[Int($0)] }
      #expect(Double(right) / Double(data.split.test.count) == ticket.best.test)
      let skipping = try predict(
        with: ticket, graph: data.graph, features: data.features, options: .init(skipsZeros: true),
        context: .init(threads: 2))
      #expect(skipping == found)
      #expect(found.multiplications < found.denseMultiplications / 2 && found.multiplications > 0)
      for row in 0..<70 {
        #expect(abs((0..<3).reduce(0) { $0 + found.probabilities[3 * row + $1] } - 1) < 1e-5)
      }
    }
  }

  @Test("Other graphs are predicted on their own edges, new nodes among them")
  func newNodes() throws {
    let data = try Sample.data(nodes: 200, features: 30)
    let ticket = try findTickets(
      in: data,
      options: .init(
        training: TrainingOptions(hidden: 32, epochs: 80, scaling: .none), rounds: [5], lambda: 0.5, seeds: [2])
    ).best
    let other = try Sample.data(nodes: 150, features: 30, seed: 9)
    let found = try predict(with: ticket, graph: other.graph, features: other.features)
    #expect(!found.usedKeptEdges)
    let right = (0..<150).count { found.classes[$0] == other.labels[$0] }
    let given = try predict(with: ticket, graph: data.graph, features: data.features, options: .init(edges: .given))
    #expect(!given.usedKeptEdges && given.probabilities.count == 600)
    let own = (0..<200).count { given.classes[$0] == data.labels[$0] }
    #expect(right > 110 && own > 150, "\(right) of 150, \(own) of 200; \(ticket.best)")
    let kept = #expect(throws: MillError.self) {
      try predict(with: ticket, graph: other.graph, features: other.features, options: .init(edges: .kept))
    }
    #expect(kept?.kind == .badOption)
    let rows = #expect(throws: MillError.self) {
      try predict(with: ticket, graph: other.graph, features: data.features)
    }
    let columns = #expect(throws: MillError.self) {
      try predict(with: ticket, graph: other.graph, features: Sample.data(nodes: 150).features)
    }
    #expect(rows?.kind == .badFeatures && columns?.kind == .badFeatures)
  }
}
