import GraphFormats
import GraphStore
import MillRuntime
import Testing

@Suite struct MatrixMarketTests {
  private func read(_ text: String, _ change: (inout GraphReadOptions) -> Void = { _ in }) throws -> CSRGraph {
    let scratch = Scratch()
    var options = GraphReadOptions()
    change(&options)
    return try readGraph(scratch.file("m.mtx", text), options: options).graph
  }

  @Test func patternSymmetric() throws {
    let graph = try read("%%MatrixMarket matrix coordinate pattern symmetric\n% c\n4 4 3\n2 1\n3 2\n3 3\n")
    #expect(graph.nodeCount == 4)
    #expect(graph.edgeCount == 3)
    #expect(!graph.isDirected)
    #expect(!graph.isWeighted)
    #expect(graph.plainArcs.map { "\($0.source)\($0.target)" } == ["12", "21", "23", "32", "33"])
  }

  @Test func realGeneralIsDirected() throws {
    let graph = try read("%%MatrixMarket MATRIX Coordinate Real General\n3 3 2\n1 2 0.5\n2 1 -1e2\n")
    #expect(graph.isDirected)
    #expect(graph.plainArcs.map(\.weight) == [0.5, -100])
    let undirected = try read("%%MatrixMarket matrix coordinate real general\n3 3 2\n1 2 0.5\n2 1 2\n") {
      $0.isDirected = false
    }
    #expect(undirected.edgeCount == 1)
    #expect(undirected.plainArcs.map(\.weight) == [2, 2])
  }

  @Test func skewSymmetricHasBothSigns() throws {
    let graph = try read("%%MatrixMarket matrix coordinate integer skew-symmetric\n2 2 1\n2 1 3\n")
    #expect(graph.isDirected)
    #expect(
      graph.plainArcs == [.init(source: "1", target: "2", weight: -3), .init(source: "2", target: "1", weight: 3)])
  }

  @Test func bipartite() throws {
    let graph = try read("%%MatrixMarket matrix coordinate pattern general\n2 3 2\n1 3\n2 1\n") {
      $0.isBipartite = true
    }
    #expect(graph.nodeCount == 5)
    #expect(!graph.isDirected)
    #expect(graph.hasEdge(0, 4))
    #expect(graph.hasEdge(1, 2))
  }

  @Test func explicitZeros() throws {
    let text = "%%MatrixMarket matrix coordinate real general\n2 2 2\n1 2 0\n2 1 1\n"
    #expect(try read(text).edgeCount == 2)
    #expect(try read(text) { $0.dropsZeros = true }.edgeCount == 1)
    #expect(try read(text) { $0.weights = .no }.isWeighted == false)
  }

  @Test("Nodes are called by the file's own numbers")
  func names() throws {
    let text = "%%MatrixMarket matrix coordinate pattern symmetric\n4 4 2\n2 1\n4 2\n"
    let graph = try read(text)
    #expect(graph.nodeNames == ["1", "2", "3", "4"])
    #expect(graph.node(named: "4") == 3)
    #expect(graph.node(named: "0") == nil)
    #expect(try read(text) { $0.ids = .dense }.nodeNames == ["0", "1", "2", "3"])
    #expect(try read(text.replacing("4 4 2\n", with: "% ids from 0\n4 4 2\n")).nodeNames == ["0", "1", "2", "3"])
  }

  @Test func unsignedIntegers() throws {
    let text = "%%MatrixMarket matrix coordinate unsigned-integer general\n3 3 3\n1 2 7\n2 3 9\n3 1 4\n"
    let graph = try read(text)
    #expect(graph.isDirected)
    #expect(graph.plainArcs.map { "\($0.source)\($0.target) \($0.weight)" } == ["12 7.0", "23 9.0", "31 4.0"])
    #expect(throws: MillError.self) { try read(text.replacing("7", with: "7.5")) }
  }

  @Test("A symmetric matrix written as general: equal directions are one edge, of unequal ones the larger counts")
  func directionsJoined() throws {
    let scratch = Scratch()
    var options = GraphReadOptions()
    options.isDirected = false
    let text =
      "%%MatrixMarket matrix coordinate real general\n4 4 7\n1 2 2.5\n2 1 2.5\n2 3 4\n3 2 4\n3 3 1\n3 4 1\n4 3 2\n"
    let reading = try readGraph(scratch.file("m.mtx", text), options: options)
    let arcs = reading.graph.plainArcs.map { "\($0.source)\($0.target) \($0.weight)" }
    #expect(arcs == ["12 2.5", "21 2.5", "23 4.0", "32 4.0", "33 1.0", "34 2.0", "43 2.0"])
    #expect(reading.report.warnings.count == 1)
    #expect(reading.report.warnings.first?.contains("1 pairs of arcs have unequal weights both ways") == true)
    options.duplicates = .max
    #expect(try readGraph(scratch.file("m.mtx", text), options: options).graph.plainArcs.last?.weight == 2)
  }

  @Test("A declared size is not trusted")
  func declaredSize() throws {
    let text = "%%MatrixMarket matrix coordinate pattern general\n900000000000 900000000000 1\n1 2\n"
    #expect(throws: MillError.self) { try read(text) }
    #expect(throws: MillError.self) { try read(text.replacing("900000000000", with: "1100000")) }
    #expect(try read(text.replacing("900000000000", with: "1000000")).nodeCount == 1_000_000)
  }

  @Test(
    "Refused",
    arguments: [
      ("", nil), ("%%MatrixMarket matrix array real general\n2 2\n1\n1\n1\n1\n", 1),
      ("%%MatrixMarket matrix coordinate complex general\n1 1 1\n1 1 1 1\n", 1),
      ("%%MatrixMarket matrix coordinate real hermitian\n1 1 1\n1 1 1\n", 1),
      ("%%MatrixMarket matrix coordinate pattern skew-symmetric\n1 1 0\n", 1),
      ("%%MatrixMarket vector coordinate real general\n1 1 0\n", 1),
      ("no banner\n1 1 0\n", 1),
      ("%%MatrixMarket matrix coordinate pattern general\n", 1),
      ("%%MatrixMarket matrix coordinate pattern general\n2 2\n", 2),
      ("%%MatrixMarket matrix coordinate pattern general\n2 3 0\n", 2),
      ("%%MatrixMarket matrix coordinate pattern symmetric\n3 3 1\n1 2\n", 3),
      ("%%MatrixMarket matrix coordinate real skew-symmetric\n3 3 1\n2 2 1\n", 3),
      ("%%MatrixMarket matrix coordinate pattern general\n3 3 1\n0 1\n", 3),
      ("%%MatrixMarket matrix coordinate pattern general\n3 3 1\n1 4\n", 3),
      ("%%MatrixMarket matrix coordinate pattern general\n3 3 2\n1 2\n", 2),
      ("%%MatrixMarket matrix coordinate pattern general\n3 3 1\n1 2\n2 3\n", 2),
      ("%%MatrixMarket matrix coordinate pattern general\n3 3 1\n1 2 7\n", 3),
      ("%%MatrixMarket matrix coordinate integer general\n3 3 1\n1 2 0.5\n", 3),
      ("%%MatrixMarket matrix coordinate real general\n3 3 1\n1 2\n", 3),
    ] as [(String, Int?)])
  func refused(text: String, line: Int?) throws {
    let scratch = Scratch()
    do {
      _ = try readGraph(scratch.file("m.mtx", text))
      Issue.record("was read")
    } catch {
      #expect(error.exitCode == 65)
      #expect(error.line == line)
      #expect(error.file?.hasSuffix("m.mtx") == true)
    }
  }
}
