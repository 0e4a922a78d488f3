import Glibc
import MillRuntime
import Testing

@testable import GraphStore

/// Edges to CSR, against a dictionary.
@Suite struct FreezeTests {
  private struct Input {
    var edges: [(u: UInt64, v: UInt64, weight: Double)]
    var isWeighted: Bool
  }

  private func input(seed: UInt64, count: Int, nodes: UInt64, spread: UInt64, weighted: Bool) -> Input {
    var random = CounterRandom(seed: seed, stage: "freeze")
    let edges = (0..<count).map { _ in
      // Squares make some nodes much more frequent than others.
      let u = random.below(nodes)
      let v = random.below(nodes) * random.below(nodes) / nodes
      return (u: u * spread, v: v * spread, weight: Double(random.below(1000)) / 8)
    }
    return Input(edges: edges, isWeighted: weighted)
  }

  /// The edges in blocks of the given length, narrow where they fit and `wide` allows.
  private func blocks(_ input: Input, length: Int, wide: Bool) throws -> [EdgeBlock] {
    var blocks: [EdgeBlock] = []
    for low in stride(from: 0, to: input.edges.count, by: length) {
      let part = input.edges[low..<min(low + length, input.edges.count)]
      let weights = input.isWeighted ? try FlatBuffer<Double>(count: part.count) : nil
      for (i, edge) in part.enumerated() { weights?.base[i] = edge.weight }
      if wide || part.contains(where: { max($0.u, $0.v) > UInt64(UInt32.max) }) {
        let ids = try FlatBuffer<UInt64>(count: 2 * part.count)
        for (i, edge) in part.enumerated() { (ids.base[2 * i], ids.base[2 * i + 1]) = (edge.u, edge.v) }
        blocks.append(EdgeBlock(ids: .wide(ids), weights: weights, count: part.count))
      } else {
        let ids = try FlatBuffer<UInt32>(count: 2 * part.count)
        for (i, edge) in part.enumerated() { (ids.base[2 * i], ids.base[2 * i + 1]) = (UInt32(edge.u), UInt32(edge.v)) }
        blocks.append(EdgeBlock(ids: .narrow(ids), weights: weights, count: part.count))
      }
    }
    return blocks
  }

  /// The arcs that the policies leave, by id.
  private func reference(_ input: Input, _ options: FreezeOptions) -> [[UInt64]: [Double]] {
    var arcs: [[UInt64]: [Double]] = [:]
    func add(_ u: UInt64, _ v: UInt64, _ weight: Double) {
      var seen = arcs[[u, v]] ?? []
      switch options.duplicates {
      case .keep: seen.append(weight)
      case .sum: seen = [seen.reduce(0, +) + weight]
      case .first: if seen.isEmpty { seen = [weight] }
      case .min: seen = [min(seen.first ?? .infinity, weight)]
      case .max: seen = [max(seen.first ?? -.infinity, weight)]
      case .error: break
      }
      arcs[[u, v]] = seen
    }
    for edge in input.edges where !(edge.u == edge.v && options.loops == .drop) {
      add(edge.u, edge.v, edge.weight)
      if !options.isDirected, edge.u != edge.v { add(edge.v, edge.u, edge.weight) }
    }
    return arcs
  }

  private func arcs(of graph: CSRGraph) -> [[UInt64]: [Double]] {
    var arcs: [[UInt64]: [Double]] = [:]
    for u in 0..<graph.nodeCount {
      var last = -1
      for arc in graph.arcs(of: u) {
        let v = graph.targets[arc]
        #expect(graph.isMultigraph ? v >= last : v > last)
        last = v
        arcs[[UInt64(graph.name(of: u))!, UInt64(graph.name(of: v))!], default: []].append(graph.weights?[arc] ?? 1)
      }
    }
    return arcs
  }

  static let policies: [(DuplicatePolicy, LoopPolicy, Bool)] = DuplicatePolicy.allCases.filter { $0 != .error }.flatMap
  {
    policy in [(policy, .keep, false), (policy, .drop, true), (policy, .keep, true), (policy, .drop, false)]
  }

  @Test("Every policy, compact and dense, against a dictionary", arguments: 0..<16)
  func policies(index: Int) throws {
    let (duplicates, loops, directed) = Self.policies[index % Self.policies.count]
    for (spread, weighted) in [(1, true), (1, false), (1001, true), (1 << 40, true), (1 << 40, false)]
      as [(UInt64, Bool)]
    {
      let input = input(seed: UInt64(index), count: 700, nodes: 50, spread: spread, weighted: weighted)
      var options = FreezeOptions()
      options.duplicates = duplicates
      options.loops = loops
      options.isDirected = directed
      options.naming = spread == 1 && index % 2 == 0 ? .dense(nodeCount: 55) : .compact
      var prints: Set<String> = []
      for (length, threads, wide) in [(700, 1, false), (100, 2, true), (37, 4, false)] {
        let (graph, report) = try freeze(
          blocks(input, length: length, wide: wide), options: options, context: RunContext(threads: threads))
        var expected = reference(input, options)
        if !weighted { expected = expected.mapValues { $0.map { _ in 1 } } }
        #expect(arcs(of: graph) == expected)
        prints.insert(graph.fingerprint())
        let arcCount = expected.values.reduce(0) { $0 + $1.count }
        #expect(graph.arcCount == arcCount)
        let loopArcs = expected.reduce(0) { $0 + ($1.key[0] == $1.key[1] ? $1.value.count : 0) }
        #expect(graph.edgeCount == (directed ? arcCount : (arcCount + loopArcs) / 2))
        #expect(try graph.loopCount() == loopArcs)
        #expect(report.edges == 700)
        #expect(report.selfLoops == input.edges.count { $0.u == $0.v })
        let used = Set(expected.keys.flatMap { $0 })
        #expect(report.isolated == graph.nodeCount - used.count)
        let dropped = loops == .drop ? report.selfLoops : 0
        #expect(report.duplicates == 700 - dropped - graph.edgeCount)
        options.forcesWideTargets = false
      }
      #expect(prints.count == 1)
    }
  }

  @Test(
    "Many partitions and long lists, narrow and wide keys",
    arguments: [(40_000, 500_000), (5_000_000, 300_000), (3, 200_000)])
  func large(nodes: Int, edges: Int) throws {
    let input = input(seed: 9, count: edges, nodes: UInt64(nodes), spread: 1, weighted: false)
    var options = FreezeOptions()
    options.naming = .dense(nodeCount: nodes)
    let (graph, report) = try freeze(
      blocks(input, length: 60_000, wide: false), options: options, context: RunContext(threads: 2))
    let expected = Set(input.edges.flatMap { [[$0.u, $0.v], [$0.v, $0.u]] })
    #expect(graph.arcCount == expected.count)
    var found = 0
    for u in 0..<nodes {
      for v in graph.neighbors(of: u) where expected.contains([UInt64(u), UInt64(v)]) { found += 1 }
    }
    #expect(found == expected.count)
    #expect(report.duplicates == edges - graph.edgeCount)
    try checkDeep(graph)
    let again = try freeze(blocks(input, length: 7_777, wide: true), options: options, context: RunContext(threads: 1))
    #expect(again.graph.fingerprint() == graph.fingerprint())
  }

  @Test("64-bit targets hold the same graph", arguments: 0..<4 as Range<UInt64>)
  func wideTargets(seed: UInt64) throws {
    let input = input(seed: seed, count: 300, nodes: 40, spread: 5, weighted: seed % 2 == 0)
    var options = FreezeOptions()
    options.naming = .compact
    let narrow = try freeze(blocks(input, length: 50, wide: false), options: options).graph
    options.forcesWideTargets = true
    let wide = try freeze(blocks(input, length: 50, wide: false), options: options).graph
    guard case .wide = wide.targets, case .narrow = narrow.targets else {
      Issue.record("widths are not as asked")
      return
    }
    #expect(arcs(of: wide) == arcs(of: narrow))
  }

  @Test func refusals() throws {
    var options = FreezeOptions()
    options.duplicates = .error
    let twice = Input(edges: [(0, 1, 1), (1, 0, 1)], isWeighted: false)
    #expect(throws: MillError.self) { try freeze(blocks(twice, length: 9, wide: false), options: options) }
    options = FreezeOptions()
    options.loops = .error
    let loop = Input(edges: [(1, 1, 1)], isWeighted: false)
    #expect(throws: MillError.self) { try freeze(blocks(loop, length: 9, wide: false), options: options) }
    options = FreezeOptions()
    options.naming = .dense(nodeCount: 1)
    #expect(throws: MillError.self) { try freeze(blocks(twice, length: 9, wide: false), options: options) }
    options.naming = .dense(nodeCount: nil)
    let huge = Input(edges: [(0, .max, 1)], isWeighted: false)
    #expect(throws: MillError.self) { try freeze(blocks(huge, length: 9, wide: true), options: options) }
  }

  @Test func noEdges() throws {
    for naming in [FreezeOptions.Naming.compact, .dense(nodeCount: nil), .dense(nodeCount: 5)] {
      var options = FreezeOptions()
      options.naming = naming
      let (graph, report) = try freeze([], options: options)
      #expect(graph.edgeCount == 0)
      #expect(graph.offsets.count == graph.nodeCount + 1)
      #expect(report.isolated == graph.nodeCount)
      #expect(report.minimumID == nil)
    }
  }

  /// In a process of its own: the budget is the process's.
  @Test func budgetIsRefusedNotExceeded() async {
    await #expect(processExitsWith: .success) {
      let ids = try FlatBuffer<UInt32>(count: 800_000)
      for i in 0..<800_000 { ids.base[i] = UInt32(i) }
      MemoryBudget.limit = MemoryBudget.used + 1_000_000
      do {
        _ = try freeze([EdgeBlock(ids: .narrow(ids), count: 400_000)])
        exit(1)
      } catch {
        exit((error as? MillError)?.exitCode == 71 ? 0 : 2)
      }
    }
  }
}
