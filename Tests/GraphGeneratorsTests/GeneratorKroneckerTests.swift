import GraphGenerators
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct GeneratorKroneckerTests {
  @Test("Pairs come in proportion to the Kronecker power of the matrix") func chances() throws {
    let matrix = [[0.5, 0.2, 0], [0.1, 0.3, 0.7], [0, 0.4, 0.2]]
    let options = KroneckerOptions(initiator: matrix, levels: 2, edgeCount: 60_000, isDirected: true, seed: 2)
    let pairs = try generateKronecker(options).pairs
    var counts = [[Int]](repeating: [Int](repeating: 0, count: 9), count: 9)
    for edge in 0..<60_000 { counts[Int(pairs[2 * edge])][Int(pairs[2 * edge + 1])] += 1 }
    let total = matrix.joined().reduce(0, +)
    for u in 0..<9 {
      for v in 0..<9 {
        let mean = 60_000 * matrix[u / 3][v / 3] * matrix[u % 3][v % 3] / (total * total)
        #expect(abs(Double(counts[u][v]) - mean) < 5 * mean.squareRoot() + 1e-9, "\(u) \(v)")
      }
    }
  }

  @Test func sizes() throws {
    let matrix = [[0.9, 0.6], [0.6, 0.4]]
    let directed = try generateKronecker(.init(initiator: matrix, levels: 10, isDirected: true))
    #expect(directed.nodeCount == 1024 && directed.edgeCount == 9537)
    let undirected = try generateKronecker(.init(initiator: matrix, levels: 10))
    #expect(undirected.edgeCount == Int(((9536.743 + 13.786) / 2).rounded()))
    let graph = try generateKroneckerGraph(.init(initiator: matrix, levels: 10))
    #expect(graph.structuralFaults() == [] && !graph.hasLoops && graph.edgeCount < undirected.edgeCount)
    #expect(try generateKroneckerGraph(.init(levels: 0)).nodeCount == 1)
    #expect(try generateKronecker(.init(initiator: [[1]], levels: 5)).nodeCount == 1)
  }

  @Test("With two rows degrees are as uneven as those of R-MAT") func asRMAT() throws {
    let options = KroneckerOptions(
      initiator: [[0.57, 0.19], [0.19, 0.05]], levels: 12, edgeCount: 40_000, isDirected: true, seed: 5)
    let ours = try generateKroneckerGraph(options)
    var rmat = RMATOptions(nodeCount: 1 << 12, edgeCount: 40_000, isDirected: true, seed: 5)
    rmat.b = 0.19
    let other = try generateRMATGraph(rmat)
    #expect(abs(Double(ours.edgeCount) / Double(other.edgeCount) - 1) < 0.02)
    let (a, b) = (ours.nodes.map { ours.degree(of: $0) }.max()!, other.nodes.map { other.degree(of: $0) }.max()!)
    #expect(abs(Double(a) / Double(b) - 1) < 0.15)
  }

  @Test func threadsAndRefusals() throws {
    let options = KroneckerOptions(edgeCount: 600_000)
    let one = try generateKronecker(options, context: RunContext(threads: 1)).pairs
    for threads in [2, 4] {
      #expect(try generateKronecker(options, context: RunContext(threads: threads)).pairs == one)
    }
    for bad in [
      KroneckerOptions(initiator: []), .init(initiator: [[1, 2]]), .init(initiator: [[-1]]), .init(initiator: [[0]]),
      .init(initiator: [[.nan]]), .init(initiator: [[.infinity]]), .init(levels: 33), .init(levels: -1),
      .init(initiator: [[1, 1, 1], [1, 1, 1], [1, 1, 1]], levels: 32), .init(edgeCount: -1),
      .init(initiator: [[1e9]], levels: 32),
    ] {
      #expect((#expect(throws: MillError.self) { try generateKronecker(bad) })?.kind == .badOption)
    }
  }
}
