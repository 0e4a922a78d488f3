import Foundation
import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import GraphSummarization

@Suite struct SummarizeTests {
  private func summary(
    _ graph: TestGraph, _ options: SummarizeOptions = .init(), threads: Int = 1
  ) throws -> (SummarizeResult, CSRGraph) {
    let frozen = try graph.frozen()
    return (try summarize(of: frozen, options: options, context: RunContext(threads: threads)), frozen)
  }

  /// Options that take different paths.
  static let variants: [SummarizeOptions] = {
    var sequential = SummarizeOptions()
    sequential.schedule = .sequential
    var low = SummarizeOptions()
    low.heightLimit = 2
    var unpruned = SummarizeOptions()
    unpruned.pruningSteps = 0
    unpruned.reencodes = false
    var crowded = SummarizeOptions()
    crowded.groupCap = 3
    crowded.maximumDepth = 1
    crowded.neighborhood = .open
    var flat = SummarizeOptions()
    flat.model = .flat
    return [.init(), .published, sequential, low, unpruned, crowded, flat]
  }()

  @Test("Every small graph is decoded again, whatever the options", arguments: TestGraph.small)
  func small(graph: TestGraph) throws {
    for options in Self.variants {
      let (result, frozen) = try summary(graph, options)
      #expect(SummaryReference(result.summary).faults(frozen).isEmpty)
      #expect(result.summary.cost <= result.summary.edgeCount)
      try result.summary.validate()
      if options.pruningSteps > 0 { #expect(SummaryReference(result.summary).useless.isEmpty) }
      if options.model == .flat { #expect(result.summary.height <= 1) }
      if let limit = options.heightLimit { #expect(result.summary.height <= limit) }
    }
  }

  @Test(
    "Families",
    arguments: [
      TestGraph.clique(8), .biclique(6, 6), .star(12), .path(13), .cycle(17), .hypercube(5), .nested(60, seed: 1),
      .nested(60, seed: 2), .biclique(1, 9), .biclique(13, 4), .grid(7),
    ])
  func families(graph: TestGraph) throws {
    for seed: UInt64 in 1...5 {
      for var options in Self.variants {
        options.seed = seed
        let (result, frozen) = try summary(graph, options)
        #expect(SummaryReference(result.summary).faults(frozen).isEmpty)
        #expect(result.summary.cost <= frozen.edgeCount)
      }
    }
  }

  @Test("Random graphs of every density", arguments: 0..<24)
  func random(index: Int) throws {
    let n = 6 + index * 54 / 23
    for density in [5, 20, 40, 60, 80, 95, 100] {
      var random = TestRandom(state: UInt64(1000 * index + density))
      var pairs: [(Int, Int)] = []
      for u in 0..<n { for v in 0..<u where random.below(100) < density { pairs.append((u, v)) } }
      var options = Self.variants[index % Self.variants.count]
      options.seed = UInt64(index)
      let (result, frozen) = try summary(TestGraph("random", nodeCount: n, pairs: pairs), options)
      #expect(SummaryReference(result.summary).faults(frozen).isEmpty, "n \(n), density \(density)")
      #expect(result.summary.cost <= frozen.edgeCount)
    }
  }

  @Test("All graphs on up to 5 nodes", arguments: 0...5) func all(n: Int) throws {
    let pairs = (0..<n).flatMap { u in (0..<u).map { ($0, u) } }
    var options = SummarizeOptions()
    options.iterations = 3
    for mask in 0..<1 << pairs.count {
      let chosen = pairs.indices.filter { mask >> $0 & 1 == 1 }.map { pairs[$0] }
      let (result, frozen) = try summary(TestGraph("mask \(mask)", nodeCount: n, pairs: chosen), options)
      #expect(SummaryReference(result.summary).faults(frozen).isEmpty, "n \(n), mask \(mask)")
      #expect(result.summary.cost <= frozen.edgeCount)
    }
  }

  /// With nodes in order of falling degree every graph on 6 nodes occurs, most of its numberings do not.
  @Test("All graphs on 6 nodes", arguments: 0..<16) func six(part: Int) throws {
    let pairs = (0..<6).flatMap { u in (0..<u).map { ($0, u) } }
    var options = SummarizeOptions()
    options.iterations = 3
    var count = 0
    for mask in stride(from: part, to: 1 << 15, by: 16) {
      let chosen = pairs.indices.filter { mask >> $0 & 1 == 1 }.map { pairs[$0] }
      var degrees = [Int](repeating: 0, count: 6)
      for (u, v) in chosen {
        degrees[u] += 1
        degrees[v] += 1
      }
      if zip(degrees, degrees.dropFirst()).contains(where: { $0 < $1 }) { continue }
      count += 1
      let (result, frozen) = try summary(TestGraph("mask \(mask)", nodeCount: 6, pairs: chosen), options)
      #expect(SummaryReference(result.summary).faults(frozen).isEmpty, "mask \(mask)")
      #expect(result.summary.cost <= frozen.edgeCount)
    }
    #expect(count > 0)
  }

  @Test("Small optima") func optima() throws {
    func cost(_ graph: TestGraph) throws -> Int { try summary(graph).0.summary.cost }
    #expect(try cost(.clique(8)) == 9)
    #expect(try cost(.biclique(6, 6)) == 12)
    #expect(try cost(.star(12)) == 11)
    #expect(try cost(.path(13)) == 12)
    #expect(try cost(.path(2)) == 1)
    #expect(try cost(.clique(30)) == 31)
    #expect(try cost(.biclique(20, 11)) == 31)
  }

  @Test func emptyGraphs() throws {
    for graph in [TestGraph.empty, .single, .isolated, .loop] {
      let result = try summary(graph).0
      #expect(result.summary.cost == 0 && result.summary.relativeSize == nil)
      #expect(result.summary.nodeCount == graph.nodeCount)
      #expect(try result.summary.restore().nodeCount == graph.nodeCount)
    }
    let loop = try summary(.loop)
    #expect(try loop.0.droppedLoops == 0 && loop.0.summary.restore().isIdentical(to: loop.1))
    #expect(try summary(.loop, .init(keepsInput: false)).0.droppedLoops == 1)
    #expect(try summary(.path(2)).0.summary.relativeSize == 1)
  }

  @Test("Directions and repetitions are dropped where asked, and that is said") func simplified() throws {
    let graph = try CSRGraph(nodeCount: 4, edges: [(0, 1), (1, 0), (2, 1), (3, 3)], isDirected: true)
    let result = try summarize(of: graph, options: .init(keepsInput: false))
    #expect(result.wasSimplified && result.droppedLoops == 1)
    #expect(try result.summary.restore().edgeCount == 2 && !result.summary.isDirected)
    let whole = try summarize(of: graph)
    #expect(!whole.wasSimplified && whole.droppedLoops == 0 && whole.summary.cost == result.summary.cost)
    #expect(try whole.summary.restore().isIdentical(to: graph) && whole.summary.inputEdgeCount == 4)
    #expect(result.summary.edgeCount == 2)
    #expect(SummaryReference(result.summary).faults(graph).isEmpty)
  }

  @Test("Cost never rises in pruning, and what is reported is what there is", arguments: 1...8 as ClosedRange<UInt64>)
  func steps(seed: UInt64) throws {
    var options = SummarizeOptions()
    options.seed = seed
    let result = try summary(.nested(120, seed: seed), options).0
    #expect(result.steps.map(\.name).starts(with: ["merge", "useless", "lone-roots", "flat-pairs", "reencode"]))
    for (one, next) in zip(result.steps, result.steps.dropFirst()) { #expect(next.cost <= one.cost) }
    #expect(result.steps.last?.cost == result.summary.cost)
    #expect(result.iterations.last.map { $0.cost } == result.steps[0].cost)
    #expect(result.iterations.count == 20)
  }

  @Test("1, 2 and 4 threads give the same summary", arguments: 1...4 as ClosedRange<UInt64>)
  func threads(seed: UInt64) throws {
    var options = SummarizeOptions()
    options.seed = seed
    for graph in [TestGraph.nested(200, seed: seed), .skewed(3000, edges: 9000, seed: seed)] {
      let one = try summary(graph, options).0
      for threads in [2, 4] {
        let other = try summary(graph, options, threads: threads).0
        #expect(other.summary.isIdentical(to: one.summary))
        #expect(other.iterations == one.iterations)
      }
    }
  }

  @Test("A sequential run refuses nothing: the private copies see what is there") func copiesAreExact() throws {
    var options = SummarizeOptions()
    options.schedule = .sequential
    for seed: UInt64 in 1...4 {
      options.seed = seed
      for graph in [TestGraph.nested(150, seed: seed), .skewed(2000, edges: 9000, seed: seed)] {
        let result = try summary(graph, options).0
        #expect(result.iterations.allSatisfy { $0.refused == 0 })
        #expect(result.iterations.contains { $0.merges > 0 })
      }
    }
  }

  @Test("The flat model counts what it builds", arguments: 1...4 as ClosedRange<UInt64>) func flat(seed: UInt64) throws
  {
    var options = SummarizeOptions()
    options.model = .flat
    options.seed = seed
    let (result, frozen) = try summary(.nested(100, seed: seed), options)
    #expect(SummaryReference(result.summary).faults(frozen).isEmpty)
    #expect(result.iterations.last?.cost == result.steps[0].cost)
    #expect(result.summary.hierarchyEdgeCount == result.summary.membershipCount)
    #expect(result.summary.cost < frozen.edgeCount && result.summary.height == 1)
  }

  @Test func stopsOnRequest() throws {
    let cancellation = Cancellation()
    cancellation.request()
    let graph = try TestGraph.nested(80, seed: 3).frozen()
    let result = try summarize(of: graph, context: RunContext(threads: 1, cancellation: cancellation))
    #expect(!result.isComplete && result.iterations.isEmpty)
    #expect(SummaryReference(result.summary).faults(graph).isEmpty)
  }

  @Test(
    "Options out of range are refused by name",
    arguments: [
      (SummarizeOptions(iterations: -1), "iterations is -1"), (.init(groupCap: 1), "group cap is 1"),
      (.init(groupCap: 65536), "group cap is 65536"), (.init(maximumDepth: 0), "maximum depth is 0"),
      (.init(heightLimit: 0), "height limit is 0"), (.init(pruningSteps: 4), "pruning steps is 4"),
      (.init(reductionOffset: 2.5), "reduction offset is 2.5"),
      (.init(reductionOffset: .nan), "reduction offset is nan"),
      (.init(threshold: .geometric(high: 0.5, ratio: 0)), "0.5 * 0.0^x"),
    ]) func refusesBadOptions(options: SummarizeOptions, words: String) throws
  {
    let graph = try TestGraph.path(3).frozen()
    let error = #expect(throws: MillError.self) { try summarize(of: graph, options: options) }
    #expect(error?.kind == .badOption && error?.exitCode == 64 && error?.message.hasSuffix(words) == true)
  }

  @Test func optionsGoThroughJSON() throws {
    for options in [SummarizeOptions(), .published, .init(model: .flat, heightLimit: 3, seed: .max)] {
      #expect(try JSONDecoder().decode(SummarizeOptions.self, from: JSONEncoder().encode(options)) == options)
    }
    let file = SummaryFileOptions(compresses: true, provenance: "{}")
    #expect(try JSONDecoder().decode(SummaryFileOptions.self, from: JSONEncoder().encode(file)) == file)
  }

  @Test("The forest as a tree has the summary's own numbers and order", arguments: 0..<4 as Range<UInt64>)
  func tree(seed: UInt64) throws {
    let graph = try TestGraph.nested(120, seed: seed).frozen()
    let result = try summarize(of: graph)
    let summary = result.summary
    let tree = try summary.tree(isNamed: true)
    #expect(tree.leafCount == summary.nodeCount && tree.nodeCount == summary.supernodeCount)
    #expect(tree.roots == summary.roots && tree.height == summary.height && tree.names?[7] == "7")
    for x in 0..<summary.supernodeCount {
      #expect(tree.children(of: x).map { Int($0) } == summary.children(of: x))
      #expect(tree.subtree(of: x).filter { $0 < tree.leafCount } == summary.leaves(of: x))
      #expect(tree.parents[x] == Int32(summary.parent(of: x) ?? -1) && tree.sizes[x] == summary.leafCount(of: x))
    }
    #expect("\(summary)".contains("cost \(summary.cost)") && "\(result)".contains("\(summary)"))
  }
}
