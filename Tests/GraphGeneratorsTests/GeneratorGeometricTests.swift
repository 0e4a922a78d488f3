import GraphGenerators
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct GeneratorGeometricTests {
  @Test(
    "Nodes are joined where they are near, with a rim and without",
    arguments: [0, 0.001, 0.06, 0.2, 0.34, 0.5, 0.7, 1.5, Double.infinity])
  func againstAllPairs(radius: Double) throws {
    for isPeriodic in [false, true] {
      let sample = try generateGeometric(.init(nodeCount: 300, radius: radius, isPeriodic: isPeriodic, seed: 8))
      #expect(sample.graph.structuralFaults() == [])
      let places = sample.positions.array
      #expect(places.allSatisfy { (0..<1).contains($0) })
      func distance(_ a: Double, _ b: Double) -> Double { isPeriodic ? min(abs(a - b), 1 - abs(a - b)) : abs(a - b) }
      for u in 0..<300 {
        for v in 0..<300 where u != v {
          let (x, y) = (distance(places[2 * u], places[2 * v]), distance(places[2 * u + 1], places[2 * v + 1]))
          #expect(sample.graph.hasEdge(u, v) == (x * x + y * y <= radius * radius))
        }
      }
    }
  }

  @Test("Degrees follow a Poisson law with the mean that was asked for") func degreeLaw() throws {
    let options = GeometricOptions(nodeCount: 20_000, meanDegree: 6, isPeriodic: true, seed: 3)
    let graph = try generateGeometric(options).graph
    let degrees = graph.nodes.map { Double(graph.degree(of: $0)) }
    let mean = degrees.reduce(0, +) / 20_000
    let variance = degrees.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(abs(mean - 6) < 0.15 && abs(variance - 6) < 0.6)
    let rim = try generateGeometric(.init(nodeCount: 20_000, meanDegree: 6, seed: 3)).graph
    #expect(rim.edgeCount < graph.edgeCount)
  }

  @Test func threadsAndRefusals() throws {
    let options = GeometricOptions(nodeCount: 30_000, meanDegree: 10)
    let one = try generateGeometric(options, context: RunContext(threads: 1))
    for threads in [2, 4] {
      let other = try generateGeometric(options, context: RunContext(threads: threads))
      #expect(other.graph == one.graph && other.positions == one.positions)
    }
    #expect(try generateGeometric(.init(nodeCount: 0, radius: 1)).graph.nodeCount == 0)
    for bad in [
      GeometricOptions(nodeCount: -1, radius: 0), .init(nodeCount: 5, radius: -1), .init(nodeCount: 5, radius: .nan),
      .init(nodeCount: 5, meanDegree: -3), .init(nodeCount: Int(UInt32.max), radius: 1),
    ] {
      #expect((#expect(throws: MillError.self) { try generateGeometric(bad) })?.kind == .badOption)
    }
  }
}
