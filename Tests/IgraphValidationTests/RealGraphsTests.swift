import GraphFormats
import GraphKernels
import GraphStore
import IgraphValidation
import MillRuntime
import TestSupport
import Testing

/// Components, degrees and distances of real graphs beside igraph's: the committed small ones, and larger ones where
/// they are.
@Suite(.serialized, .enabled(if: Igraph.isAvailable, "igraph is not linked; run with --traits Validation"))
struct RealGraphsTests {
  @Test(
    "Committed graphs",
    arguments: [
      "karate/edges.tsv", "les-miserables/edges.wel", "southern-women/edges.tsv", "florentine-families/edges.tsv",
      "krackhardt-kite/edges.tsv", "petersen/edges.tsv", "fly-mushroom-body/edges.wel",
    ])
  func committed(name: String) throws { try compare(SharedData.committed(name)) }

  @Test(
    "Shared graphs", .needsSharedData("graphs"),
    arguments: [
      "power", "as20000102", "email-eu-core", "wiki-vote", "protein", "luxembourg-osm", "ca-astroph-cc",
      "p2p-gnutella31",
    ])
  func shared(name: String) throws { try compare(SharedData.path("graphs/\(name).txt.gz")) }

  private func compare(_ path: String) throws {
    for isDirected in [false, true] {
      var options = GraphReadOptions()
      options.isDirected = isDirected
      let graph = try readGraph(path, options: options).graph.withInArcs()
      let components = try connectedComponents(of: graph)
      let theirs = try Igraph.components(of: graph)
      #expect(components.count == Set(theirs).count)
      var pairs: [Int: Int] = [:]
      for node in 0..<graph.nodeCount {
        let label = Int(components.labels.base[node])
        #expect(pairs[theirs[node], default: label] == label)
        pairs[theirs[node]] = label
      }
      var degreeOptions = DegreeOptions()
      degreeOptions.countsLoopsTwice = true
      #expect(try degrees(of: graph, options: degreeOptions).array.map(Int.init) == Igraph.degrees(of: graph))
      for source in [0, graph.nodeCount / 2] {
        let search = try breadthFirstSearch(of: graph, from: source)
        #expect(try Igraph.distances(of: graph, from: source) == search.distances.array.map(Int.init))
      }
    }
  }
}
