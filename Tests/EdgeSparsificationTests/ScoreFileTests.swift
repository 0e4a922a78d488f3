import EdgeSparsification
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite("Score files")
struct ScoreFileTests {
  private func text(_ graph: CSRGraph, _ options: EdgeScoreOptions = .init(), threads: Int = 1) throws -> String {
    var bytes: [UInt8] = []
    let lines = try writeEdgeScores(of: graph, options: options, context: .init(threads: threads)) {
      bytes += Array($0)
    }
    #expect(lines == bytes.filter { $0 == UInt8(ascii: "\n") }.count)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func smallGraphs() throws {
    #expect(try text(CSRGraph(nodeCount: 3, edges: [])) == "")
    #expect(
      try text(CSRGraph(nodeCount: 5, edges: [(1, 0), (3, 0), (2, 0), (0, 4), (2, 2)])) == """
        0\t1\t0.125
        0\t2\t0.125
        0\t3\t0.125
        0\t4\t0.125

        """)
    var options = EdgeScoreOptions(method: .degreeProduct)
    options.directed = true
    #expect(
      try text(CSRGraph(nodeCount: 3, edges: [(2, 0), (2, 1), (0, 2)], isDirected: true), options)
        == "0\t2\t1\n2\t0\t0.5\n2\t1\t0.5\n")
  }

  @Test("Scores read back to the same bits", arguments: EdgeScoreMethod.allCases)
  func roundTrip(method: EdgeScoreMethod) throws {
    let options = EdgeScoreOptions(method: method)
    let lines = try text(karate(), options).split(separator: "\n").map { $0.split(separator: "\t") }
    let edges = try edgeScores(of: karate(), options: options)
    #expect(lines.count == 78)
    for (line, edge) in zip(lines, edges) {
      #expect(line.map(String.init).prefix(2) == ["\(edge.source)", "\(edge.target)"])
      #expect(Double(line[2]) == edge.score)
    }
    #expect(try text(karate(), options, threads: 2) == (try text(karate(), options)))
  }

  @Test func manyChunks() throws {
    let n = 20_000
    let graph = try CSRGraph(nodeCount: n, edges: (0..<n).flatMap { [($0, ($0 + 1) % n), ($0, ($0 * 5 + 3) % n)] })
    let once = try text(graph)
    #expect(try text(graph, threads: 3) == once)
    let firsts = once.split(separator: "\n").map { Int($0.split(separator: "\t")[0])! }
    #expect(firsts == firsts.sorted())
  }

  @Test func inputNames() throws {
    let ids = try FlatBuffer<UInt64>(count: 4)
    for (i, id) in [900, 20, 20, 5].enumerated() { ids.base[i] = UInt64(id) }
    var freezing = FreezeOptions()
    freezing.naming = .compact
    let graph = try freeze([EdgeBlock(ids: .wide(ids), count: 2)], options: freezing).graph
    #expect(try text(graph, .init(method: .degreeProduct)) == "5\t20\t0.5\n20\t900\t0.5\n")
  }

  @Test func labels() throws {
    #expect(try text(labeled(["ann", "bob"]), .init(method: .triangles)) == "ann\tbob\t0\n")
    #expect {
      try text(labeled(["an\tn", "bob"]))
    } throws: { error in
      guard let error = error as? MillError else { return false }
      return error.kind.name == "label-not-writable" && error.exitCode == 65
    }
  }

  @Test func errorsOfTheReceiverComeThrough() throws {
    let full = MillError(.inputOutput, "the disk is full")
    #expect(throws: full) {
      try writeEdgeScores(of: karate()) { _ throws(MillError) in throw full }
    }
  }

  /// Two nodes with one edge.
  private func labeled(_ labels: [String]) throws -> CSRGraph {
    try CSRGraph(nodeCount: labels.count, edges: [(0, 1)]).withNames(.labels(.init(labels)))
  }
}
