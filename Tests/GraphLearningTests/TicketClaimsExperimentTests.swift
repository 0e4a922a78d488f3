import GraphLearning
import MillRuntime
import Testing

@testable import ticket_claims

/// The experiment under Notebooks-as-scripts on a tiny input.
@Suite("The ticket-claims experiment")
struct TicketClaimsExperimentTests {
  @Test("All parts, the same rows for any threads")
  func parts() throws {
    let data = [NamedData(name: "sample", data: try Sample.data(nodes: 60))]
    var settings = ExperimentSettings()
    settings.training = TrainingOptions(hidden: 8, epochs: 3)
    settings.rounds = [1, 2]
    settings.seeds = [1, 2]
    let once = try runExperiment(on: data, settings, context: .init(threads: 1))
    let twice = try runExperiment(on: data, settings, context: .init(threads: 2))
    #expect(once.csv == twice.csv)
    let rows = once.csv.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    #expect(rows.allSatisfy { $0.count == 10 })
    func count(_ part: String) -> Int { rows.count { $0[1] == part } }
    // Two seeds of dense network and two rounds; five scores, two, two halves; the rival has no dense network.
    #expect(count("edges") == 30 && count("whole") == 12 && count("halves") == 12 && count("rival") == 14)
    #expect(once.markdown.contains("| trained factors |") && once.markdown.contains("processor seconds"))
    settings.parts = [.edges]
    settings.seeds = [3, 4]
    #expect(try runExperiment(on: data, settings, context: .init(threads: 1)).csv != once.csv)
  }
}
