import EdgeSparsification
import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import teddy_structure

/// The experiment under Notebooks-as-scripts on a tiny input.
@Suite("The teddy-structure experiment")
struct TeddyStructureExperimentTests {
  @Test func sameBytesForAnyThreads() throws {
    var settings = ExperimentSettings()
    settings.draws = 3
    let graphs = [ExperimentGraph(name: "karate", graph: try karate())]
    let once = try runExperiment(on: graphs, settings, context: .init(threads: 1))
    let twice = try runExperiment(on: graphs, settings, context: .init(threads: 2))
    #expect(once.csv == twice.csv)
    #expect(once.markdown == twice.markdown)
    #expect(once.record == twice.record)
    settings.seed += 1
    #expect(try runExperiment(on: graphs, settings, context: .init(threads: 1)).csv != once.csv)

    let rows = once.csv.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    #expect(rows.count == 1 + 5 * (4 + 3))
    #expect(rows.allSatisfy { $0.count == 9 })
    // Share 1 - 0.95^20 of 78 edges by TEDDY, checked against the library.
    let row = try #require(rows.first { $0[1] == "0.6415" && $0[3] == "teddy" })
    let left = Structure(of: try sparsify(karate(), options: .init(.count(50))).graph)
    #expect(
      row.dropFirst(2).map { $0 } == [
        "50", "teddy", "0", "\(left.components)", "\(left.isolated)", "\(left.largestComponent)",
        "\(left.largestDegree)",
      ])
    #expect(once.record.contains("\"draws\": 3"))
  }

  @Test func structureByHand() throws {
    let graph = try CSRGraph(nodeCount: 7, edges: [(0, 1), (0, 2), (0, 3), (4, 5)])
    let structure = Structure(of: graph)
    #expect(structure.components == 3)
    #expect(structure.isolated == 1)
    #expect(structure.largestComponent == 4)
    #expect(structure.largestDegree == 3)
  }

  @Test func generatedGraphsDependOnTheSeedAlone() throws {
    let a = try ExperimentGraph.generated(seed: 1, nodeCount: 300)
    let b = try ExperimentGraph.generated(seed: 1, nodeCount: 300)
    let c = try ExperimentGraph.generated(seed: 2, nodeCount: 300)
    #expect(a.map(\.checksum) == b.map(\.checksum))
    #expect(Set(a.map(\.checksum) + c.map(\.checksum)).count == 4)
    for input in a {
      #expect(input.graph.nodeCount == 300)
      #expect(input.graph.edgeCount > 400)
      #expect((0..<300).map { input.graph.degree(of: $0) }.max()! > 12, "hubs")
    }
  }

  @Test func edgeLists() throws {
    func read(_ text: String) throws(MillError) -> ExperimentGraph {
      let bytes = Array(text.utf8)
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
      defer { buffer.deallocate() }
      buffer.copyBytes(from: bytes)
      return try ExperimentGraph(name: "x", lines: UnsafeRawBufferPointer(buffer), file: "x.tsv")
    }
    #expect(try read("0\t1\n1\t4\n").graph.edgeList == [Edge(0, 1), Edge(1, 4)])
    #expect(try read("").graph.nodeCount == 0)
    for bad in ["0\t1\n1 2\n", "0\t1\n1\n", "0\t1\n-1\t2\n", "0\t1\nx\t2\n", "0\t1\n1\t99999999999\n"] {
      #expect {
        try read(bad)
      } throws: { error in
        guard let error = error as? MillError else { return false }
        return error.kind == .malformed && error.line == 2
      }
    }
  }
}
