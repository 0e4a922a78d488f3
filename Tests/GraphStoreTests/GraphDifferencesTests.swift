import MillRuntime
import Testing

@testable import GraphStore

@Suite struct GraphDifferencesTests {
  private func compact(_ edges: [(UInt32, UInt32)], weights: [Double]? = nil, isDirected: Bool = false) throws
    -> CSRGraph
  {
    let ids = try FlatBuffer<UInt32>(count: 2 * edges.count)
    for (i, edge) in edges.enumerated() { (ids.base[2 * i], ids.base[2 * i + 1]) = edge }
    var buffer: FlatBuffer<Double>?
    if let weights {
      let filled = try FlatBuffer<Double>(count: weights.count)
      for (i, weight) in weights.enumerated() { filled.base[i] = weight }
      buffer = filled
    }
    var options = FreezeOptions()
    options.naming = .compact
    options.isDirected = isDirected
    return try freeze([EdgeBlock(ids: .narrow(ids), weights: buffer, count: edges.count)], options: options).graph
  }

  private func labeled(_ labels: [String], _ edges: [(UInt32, UInt32)]) throws -> CSRGraph {
    let ids = try FlatBuffer<UInt32>(count: 2 * edges.count)
    for (i, edge) in edges.enumerated() { (ids.base[2 * i], ids.base[2 * i + 1]) = edge }
    var options = FreezeOptions()
    options.naming = .labels(try .init(labels))
    return try freeze([EdgeBlock(ids: .narrow(ids), count: edges.count)], options: options).graph
  }

  @Test("A graph does not differ from itself", arguments: ContainerSample.all)
  func itself(sample: ContainerSample) throws {
    let graph = try sample.graph()
    #expect(try differences(between: graph, and: graph).isEmpty)
  }

  @Test func byHand() throws {
    let a = try compact([(10, 20), (20, 30), (30, 40), (40, 40)], weights: [1, 2, 3, 4])
    let b = try compact([(10, 20), (20, 30), (5, 30), (40, 40), (10, 40)], weights: [1, 2.5, 3, 4, 9])
    let found = try differences(between: a, and: b)
    #expect(found.nodesOnlyInFirst == 0 && found.nodesOnlyInSecond == 1)
    #expect(found.edgesOnlyInFirst == 1 && found.edgesOnlyInSecond == 2 && found.weightDifferences == 1)
    #expect(
      found.examples == [
        .init(kind: .onlyInSecond, source: "5", target: "30", firstWeight: nil, secondWeight: 3),
        .init(kind: .onlyInSecond, source: "10", target: "40", firstWeight: nil, secondWeight: 9),
        .init(kind: .weight, source: "20", target: "30", firstWeight: 2, secondWeight: 2.5),
        .init(kind: .onlyInFirst, source: "30", target: "40", firstWeight: 3, secondWeight: nil),
      ])
    let turned = try differences(between: b, and: a, limit: 1)
    #expect(turned.edgesOnlyInFirst == 2 && turned.edgesOnlyInSecond == 1 && turned.weightDifferences == 1)
    #expect(turned.examples.count == 1 && !turned.isEmpty)
  }

  @Test func namesMatterAndNotTheOrderOfNodes() throws {
    let a = try labeled(["x", "y", "z"], [(0, 1), (1, 2)])
    let b = try labeled(["z", "x", "y"], [(1, 2), (2, 0)])
    #expect(!a.isIdentical(to: b))
    #expect(try differences(between: a, and: b).isEmpty)
    let c = try labeled(["x", "y", "w"], [(0, 1), (1, 2)])
    let found = try differences(between: a, and: c)
    #expect(found.nodesOnlyInFirst == 1 && found.nodesOnlyInSecond == 1)
    #expect(found.edgesOnlyInFirst == 1 && found.edgesOnlyInSecond == 1)
  }

  @Test func numbersMatchLabelsOfDigits() throws {
    let numbers = try compact([(7, 8), (8, 10)])
    let labels = try labeled(["10", "7", "8"], [(1, 2), (2, 0)])
    #expect(try differences(between: numbers, and: labels).isEmpty)
    let dense = try CSRGraph(nodeCount: 11, edges: [(7, 8), (8, 10)])
    let found = try differences(between: dense, and: numbers)
    #expect(found.nodesOnlyInFirst == 8 && found.edgesOnlyInFirst == 0 && found.edgesOnlyInSecond == 0)
  }

  @Test func directionAndWeights() throws {
    let undirected = try compact([(1, 2)])
    let directed = try compact([(1, 2)], isDirected: true)
    let found = try differences(between: undirected, and: directed)
    #expect(found.directionDiffers && found.edgesOnlyInFirst == 1 && found.edgesOnlyInSecond == 0 && !found.isEmpty)
    let weighted = try compact([(1, 2)], weights: [1])
    let other = try differences(between: undirected, and: weighted)
    #expect(other.weightingDiffers && other.weightDifferences == 0 && !other.isEmpty)
  }

  @Test("Random graphs: the counts are those of set differences", arguments: 0..<10 as Range<UInt64>)
  func sets(seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "differences")
    func draw() -> [(UInt32, UInt32)] {
      (0..<60).map { _ in (UInt32(random.below(12)) * 3, UInt32(random.below(12)) * 3) }
    }
    let (p, q) = (draw(), draw())
    func keys(_ edges: [(UInt32, UInt32)]) -> Set<[UInt32]> { Set(edges.map { [min($0, $1), max($0, $1)] }) }
    let found = try differences(between: compact(p), and: compact(q), limit: 1000)
    #expect(found.edgesOnlyInFirst == keys(p).subtracting(keys(q)).count)
    #expect(found.edgesOnlyInSecond == keys(q).subtracting(keys(p)).count)
    #expect(found.examples.count == found.edgesOnlyInFirst + found.edgesOnlyInSecond)
  }

  @Test func parallelEdgesCountEach() throws {
    let ids = try FlatBuffer<UInt32>(count: 6)
    for i in 0..<3 { (ids.base[2 * i], ids.base[2 * i + 1]) = (0, 1) }
    var options = FreezeOptions()
    options.duplicates = .keep
    let three = try freeze([EdgeBlock(ids: .narrow(ids), count: 3)], options: options).graph
    let one = try freeze([EdgeBlock(ids: .narrow(ids), count: 1)], options: options).graph
    let found = try differences(between: three, and: one)
    #expect(found.edgesOnlyInFirst == 2 && found.edgesOnlyInSecond == 0)
  }
}
