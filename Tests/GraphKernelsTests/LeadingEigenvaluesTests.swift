import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct LeadingEigenvaluesTests {
  private func values(_ graph: CSRGraph, _ count: Int) throws -> [Double] {
    let found = try leadingEigenvalues(of: graph, options: .init(count: count, tolerance: 1e-10))
    #expect(found.isConverged)
    return Array(found.values)
  }

  private func expectEqual(_ values: [Double], _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation)
  {
    #expect(values.count == expected.count, sourceLocation: sourceLocation)
    for (a, b) in zip(values, expected) { #expect(abs(a - b) < 1e-7, sourceLocation: sourceLocation) }
  }

  @Test func byHand() throws {
    // A complete graph has n - 1 and -1, a star the roots of its leaves and 0, a path of three 0 and the roots of 2.
    expectEqual(try values(TestGraph.clique(7).frozen(), 3), [6, -1])
    expectEqual(try values(TestGraph.star(10).frozen(), 9), [3, 0, -3])
    let root = (2.0).squareRoot()
    expectEqual(try values(TestGraph.path(3).frozen(), 3), [root, 0, -root])
    expectEqual(try values(TestGraph.isolated.frozen(), 4), [0])
    #expect(try values(TestGraph.empty.frozen(), 4).isEmpty)
    // Directions, weights, loops and parallel arcs do not matter.
    let arcs = try CSRGraph(weightedEdges: [(0, 1, 5), (1, 0, 2), (1, 2, 9), (2, 2, 7)], isDirected: true)
    expectEqual(try values(arcs, 1), [root])
  }

  @Test("The different values are those of the whole matrix", arguments: TestGraph.small)
  func againstDenseMatrix(input: TestGraph) throws {
    let graph = try input.frozen()
    let n = graph.nodeCount
    var matrix = [Double](repeating: 0, count: n * n)
    for (u, others) in neighborSets(of: graph).enumerated() { for v in others { matrix[u * n + v] = 1 } }
    var expected: [Double] = []
    for value in SymmetricEigen.decompose(matrix, size: n).values.reversed() {
      if expected.isEmpty || expected[expected.count - 1] - value > 1e-6 { expected.append(value) }
    }
    expectEqual(try values(graph, 6), Array(expected.prefix(6)))
  }

  @Test("The same bits for 1, 2, 4 threads and both widths") func threads() throws {
    let graph = try TestGraph.skewed(3000, edges: 9000, seed: 2).frozen()
    let one = try leadingEigenvalues(of: graph, context: RunContext(threads: 1))
    #expect(one.isConverged && one.values.count == 10)
    for threads in [2, 4] { #expect(try leadingEigenvalues(of: graph, context: RunContext(threads: threads)) == one) }
    #expect(try leadingEigenvalues(of: graph.widened()) == one)
    for (a, b) in zip(one.values, try leadingEigenvalues(of: graph, options: .init(seed: 7)).values) {
      #expect(abs(a - b) < 1e-6)
    }
  }

  @Test func fewSteps() throws {
    let found = try leadingEigenvalues(of: TestGraph.grid(20).frozen(), options: .init(count: 3, maximumSteps: 5))
    #expect(found.steps == 5 && !found.isConverged)
  }

  @Test func refusals() throws {
    for bad in [
      LeadingEigenvaluesOptions(count: 0), .init(maximumSteps: 0), .init(tolerance: -1), .init(tolerance: .nan),
    ] {
      let error = #expect(throws: MillError.self) {
        try leadingEigenvalues(of: TestGraph.path(3).frozen(), options: bad)
      }
      #expect(error?.kind == .badOption)
    }
  }
}
