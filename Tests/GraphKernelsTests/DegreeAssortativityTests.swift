import GraphKernels
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct DegreeAssortativityTests {
  @Test func byHand() throws {
    // A star joins its hub to leaves only; in a cycle all degrees are equal.
    #expect(abs(try #require(try degreeAssortativity(of: TestGraph.star(9).frozen())) + 1) < 1e-12)
    #expect(try degreeAssortativity(of: TestGraph.clique(5).frozen()) == nil)
    #expect(try degreeAssortativity(of: TestGraph.isolated.frozen()) == nil)
    // A path of four: the arcs join degrees 1-2 twice each way and 2-2 both ways, mean 5/3.
    #expect(abs(try #require(try degreeAssortativity(of: TestGraph.path(4).frozen())) + 0.5) < 1e-12)
  }

  @Test("Assortativity is the correlation over all arcs, the same bits for 1, 2, 4 threads", arguments: TestGraph.small)
  func againstPairs(input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      let arcs = Set(graph.arcList.filter { $0.source != $0.target }.map { NodePair($0.source, $0.target) })
      let pairs = arcs.sorted().map { arc in
        (Double(arcs.count { $0.source == arc.source }), Double(arcs.count { $0.target == arc.target }))
      }
      let count = Double(pairs.count)
      let means = (pairs.reduce(0) { $0 + $1.0 } / count, pairs.reduce(0) { $0 + $1.1 } / count)
      let variances = (
        pairs.reduce(0) { $0 + ($1.0 - means.0) * ($1.0 - means.0) },
        pairs.reduce(0) { $0 + ($1.1 - means.1) * ($1.1 - means.1) }
      )
      let product = pairs.reduce(0) { $0 + ($1.0 - means.0) * ($1.1 - means.1) }
      let found = try [1, 2, 4].map { try degreeAssortativity(of: graph, context: RunContext(threads: $0)) }
      #expect(found[0] == found[1] && found[1] == found[2])
      #expect(try degreeAssortativity(of: graph.widened()) == found[0])
      guard pairs.count > 0, variances.0 > 1e-9, variances.1 > 1e-9 else {
        #expect(found[0] == nil)
        continue
      }
      #expect(abs(try #require(found[0]) - product / (variances.0 * variances.1).squareRoot()) < 1e-9)
    }
  }
}
