import GraphKernels
import GraphGenerators
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct BreadthFirstSearchTests {
  /// 0 - 1 - 2 - 3, 0 - 4 - 3, 5 - 6: node 3 is reached from 2 and 4, whose smaller one is its parent.
  @Test func byHand() throws {
    let graph = try CSRGraph(nodeCount: 7, edges: [(0, 1), (1, 2), (2, 3), (3, 5), (0, 4), (4, 3), (4, 2)])
    var options = BreadthFirstSearchOptions()
    options.findsParents = true
    let result = try breadthFirstSearch(of: graph, from: 0, options: options)
    #expect(result.distances.array == [0, 1, 2, 2, 1, 3, -1])
    #expect(result.parents.map { $0.array } == [0, 0, 1, 4, 0, 3, -1])
    #expect(result.reached == 6)
    #expect(result.eccentricity == 3)
  }

  /// A star from its center: top-down looks at each arc of the center and back, 2 (n - 1) in all. With switching, the
  /// center's arcs exceed the limit at once, and bottom-up every leaf finds the center at its only arc; nothing is open
  /// at the last level.
  @Test func arcsOfAStar() throws {
    let graph = try TestGraph.star(100).frozen()
    let switching = try breadthFirstSearch(of: graph, from: 0)
    #expect(switching.arcsExamined == 99)
    #expect((switching.topDownLevels, switching.bottomUpLevels) == (0, 2))
    var options = BreadthFirstSearchOptions()
    options.isDirectionOptimizing = false
    let pushing = try breadthFirstSearch(of: graph, from: 0, options: options)
    #expect(pushing.arcsExamined == 198)
    #expect((pushing.topDownLevels, pushing.bottomUpLevels) == (2, 0))
    #expect(pushing.distances.array == switching.distances.array)
  }

  @Test("A path has one level an edge", arguments: [1, 2, 63, 64, 65, 1000])
  func path(n: Int) throws {
    let result = try breadthFirstSearch(of: TestGraph.path(n).frozen(), from: 0)
    #expect(result.eccentricity == n - 1)
    #expect(result.distances.array == (0..<n).map(Int32.init))
  }

  @Test("Distances and parents agree with brute force", arguments: TestGraph.small)
  func reference(input: TestGraph) throws {
    for isDirected in [false, true] {
      let reference = Reference(input, isDirected: isDirected)
      let graph = try input.frozen(isDirected: isDirected)
      for source in stride(from: 0, to: input.nodeCount, by: 1 + input.nodeCount / 5) {
        let distances = reference.distances(from: source)
        let parents = smallestParents(reference, distances, source)
        for graph in [graph, try graph.widened(), try graph.withInArcs(), try graph.withInArcs().widened()] {
          for options in variants {
            let result = try breadthFirstSearch(of: graph, from: source, options: options)
            #expect(result.distances.array.map(Int.init) == distances)
            #expect(result.parents.map { $0.array } == parents)
            #expect(result.reached == distances.count { $0 >= 0 })
            #expect(result.eccentricity == distances.max())
          }
        }
      }
    }
  }

  /// Top-down only, the default, bottom-up from the first level to the last, and switching at every level.
  private var variants: [BreadthFirstSearchOptions] {
    [(false, 15, 18), (true, 15, 18), (true, Int.max, Int.max), (true, Int.max, 1)].map {
      var options = BreadthFirstSearchOptions()
      options.findsParents = true
      (options.isDirectionOptimizing, options.bottomUpDivisor, options.topDownDivisor) = $0
      return options
    }
  }

  private func smallestParents(_ reference: Reference, _ distances: [Int], _ source: Int) -> [Int] {
    var parents = [Int](repeating: -1, count: distances.count)
    for u in distances.indices.reversed() where distances[u] >= 0 {
      for arc in reference.outgoing[u] where distances[arc.target] == distances[u] + 1 { parents[arc.target] = u }
    }
    parents[source] = source
    return parents
  }

  @Test("Distances and counters are the same for every thread count and width", arguments: [UInt64(1), 2])
  func threads(seed: UInt64) throws {
    var options = try RMATOptions(scale: 15, edgeCount: 150_000, seed: seed)
    for isDirected in [false, true] {
      options.isDirected = isDirected
      let narrow = try generateRMATGraph(options)
      for canSwitch in [true, false] {
        var search = BreadthFirstSearchOptions()
        search.findsParents = true
        search.isDirectionOptimizing = canSwitch
        let one = try breadthFirstSearch(of: narrow, from: 0, options: search, context: RunContext(threads: 1))
        #expect(one.reached > 10_000)
        #expect((one.bottomUpLevels > 0) == (canSwitch && !isDirected))
        for graph in [narrow, try narrow.widened()] {
          for threads in [2, 4] {
            let many = try breadthFirstSearch(
              of: graph, from: 0, options: search, context: RunContext(threads: threads))
            #expect(many.distances.array == one.distances.array)
            #expect(many.parents.map { $0.array } == one.parents.map { $0.array })
            #expect(many.arcsExamined == one.arcsExamined)
            #expect(
              (many.reached, many.topDownLevels, many.bottomUpLevels)
                == (one.reached, one.topDownLevels, one.bottomUpLevels))
          }
        }
      }
    }
  }

  @Test("Bottom-up spares most arcs of a skewed graph")
  func savesWork() throws {
    let graph = try generateRMATGraph(RMATOptions(scale: 14, edgeCount: 200_000))
    let result = try breadthFirstSearch(of: graph, from: 0)
    #expect(result.arcsExamined * 4 < graph.arcCount)
  }

  @Test func refusesASourceOutside() throws {
    let graph = try TestGraph.path(3).frozen()
    for source in [-1, 3, Int.max, Int.min] {
      let error = #expect(throws: MillError.self) { try breadthFirstSearch(of: graph, from: source) }
      #expect(error?.kind == .nodeOutOfRange)
      #expect(error?.field == "\(source)")
    }
    #expect(throws: MillError.self) { try breadthFirstSearch(of: TestGraph.empty.frozen(), from: 0) }
    var options = BreadthFirstSearchOptions()
    options.topDownDivisor = 0
    let error = #expect(throws: MillError.self) { try breadthFirstSearch(of: graph, from: 0, options: options) }
    #expect(error?.kind == .badOption)
  }

  @Test func stopsOnRequest() throws {
    let cancellation = Cancellation()
    cancellation.request()
    let graph = try TestGraph.path(3).frozen()
    let error = #expect(throws: MillError.self) {
      try breadthFirstSearch(of: graph, from: 0, context: RunContext(cancellation: cancellation))
    }
    #expect(error?.kind == .interrupted)
  }
}
