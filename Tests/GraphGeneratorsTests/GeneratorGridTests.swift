import GraphGenerators
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct GeneratorGridTests {
  @Test func byHand() throws {
    #expect(
      try generateGridGraph(.init(lengths: [2, 3])).lists == [
        [1, 3], [0, 2, 4], [1, 5], [0, 4], [1, 3, 5], [2, 4],
      ])
    #expect(try generateGridGraph(.init(lengths: [3], isPeriodic: true)).lists == [[1, 2], [0, 2], [0, 1]])
    #expect(try generateGridGraph(.init(lengths: [2], isPeriodic: true)).lists == [[1], [0]])
    #expect(try generateGridGraph(.init(lengths: [1, 1])).edgeCount == 0)
    #expect(try generateGridGraph(.init(lengths: [])).nodeCount == 0)
    #expect(try generateGridGraph(.init(lengths: [9, 9])) == TestGraph.grid(9).frozen())
  }

  @Test(
    "Nodes are joined where their places differ by one step",
    arguments: [[5], [4, 3], [3, 4, 5], [2, 3, 2, 3], [7, 1, 2]])
  func steps(lengths: [Int]) throws {
    func place(_ node: Int) -> [Int] {
      var (rest, place) = (node, [Int]())
      for length in lengths.reversed() {
        place.insert(rest % length, at: 0)
        rest /= length
      }
      return place
    }
    for isPeriodic in [false, true] {
      let graph = try generateGridGraph(.init(lengths: lengths, isPeriodic: isPeriodic))
      #expect(graph.nodeCount == lengths.reduce(1, *))
      for u in graph.nodes {
        for v in graph.nodes {
          let steps = zip(lengths, zip(place(u), place(v))).map { length, places in
            let straight = abs(places.0 - places.1)
            return isPeriodic ? min(straight, length - straight) : straight
          }
          #expect(graph.hasEdge(u, v) == (steps.reduce(0, +) == 1))
        }
      }
    }
  }

  @Test func threadsAndRefusals() throws {
    let options = GridOptions(lengths: [700, 800], isPeriodic: true)
    let one = try generateGrid(options, context: RunContext(threads: 1)).pairs
    for threads in [2, 4] { #expect(try generateGrid(options, context: RunContext(threads: threads)).pairs == one) }
    for bad in [[0], [3, -1], [1 << 20, 1 << 20], [Int.max, 2]] {
      #expect((#expect(throws: MillError.self) { try generateGrid(.init(lengths: bad)) })?.kind == .badOption)
    }
  }
}
