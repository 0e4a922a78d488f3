public import GraphStore
import MillRuntime

/// A plain edge list, from which tests make graphs and references.
public struct TestGraph: Sendable, CustomStringConvertible {
  /// What failing tests call it.
  public let name: String
  /// The number of nodes.
  public let nodeCount: Int
  /// Edges in input order, loops and repetitions among them.
  public let edges: [Edge]

  /// One edge.
  public struct Edge: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Where it starts.
    public let source: Int
    /// Where it ends.
    public let target: Int
    /// Its weight.
    public let weight: Double

    /// An edge.
    public init(_ source: Int, _ target: Int, _ weight: Double = 1) {
      self.source = source
      self.target = target
      self.weight = weight
    }

    /// By source, then target, then weight.
    public static func < (a: Edge, b: Edge) -> Bool {
      (a.source, a.target, a.weight) < (b.source, b.target, b.weight)
    }

    /// `3-5`, with a weight other than 1 `3-5 (2.5)`.
    public var description: String { "\(source)-\(target)" + (weight == 1 ? "" : " (\(weight))") }
  }

  /// The edges without weights.
  public var pairs: [(Int, Int)] { edges.map { ($0.source, $0.target) } }

  /// A graph from edges.
  public init(_ name: String, nodeCount: Int, edges: [Edge]) {
    self.name = name
    self.nodeCount = nodeCount
    self.edges = edges
  }

  /// A graph from pairs.
  public init(_ name: String, nodeCount: Int, pairs: [(Int, Int)]) {
    self.init(name, nodeCount: nodeCount, edges: pairs.map { Edge($0.0, $0.1) })
  }

  /// The name.
  public var description: String { name }

  /// The graph, frozen.
  public func frozen(
    isDirected: Bool = false, isWeighted: Bool = false, duplicates: DuplicatePolicy = .sum
  ) throws -> CSRGraph {
    let ids = try FlatBuffer<UInt32>(count: 2 * edges.count)
    let weights = isWeighted ? try FlatBuffer<Double>(count: edges.count) : nil
    for (i, edge) in edges.enumerated() {
      ids.base[2 * i] = UInt32(edge.source)
      ids.base[2 * i + 1] = UInt32(edge.target)
      weights?.base[i] = edge.weight
    }
    var options = FreezeOptions()
    options.isDirected = isDirected
    options.duplicates = duplicates
    options.naming = .dense(nodeCount: nodeCount)
    let block = EdgeBlock(ids: .narrow(ids), weights: weights, count: edges.count)
    return try freeze([block], options: options).graph
  }
}

extension TestGraph {
  /// No node.
  public static let empty = TestGraph("empty", nodeCount: 0, pairs: [])
  /// One node without edges.
  public static let single = TestGraph("single", nodeCount: 1, pairs: [])
  /// One node with a loop.
  public static let loop = TestGraph("loop", nodeCount: 1, pairs: [(0, 0)])
  /// Five nodes without edges.
  public static let isolated = TestGraph("isolated", nodeCount: 5, pairs: [])
  /// Two triangles and a lone node, numbered so that they interleave.
  public static let twoTriangles = TestGraph(
    "two triangles", nodeCount: 7, pairs: [(0, 2), (2, 4), (4, 0), (1, 3), (3, 5), (5, 1)])

  /// Loops, once and twice, and an edge that occurs three times.
  public static let loopsAndRepeats = TestGraph(
    "loops and repeats", nodeCount: 4, pairs: [(0, 0), (1, 2), (2, 1), (1, 2), (3, 3), (3, 3)])

  /// 0 — 1 — … — n - 1.
  public static func path(_ n: Int) -> TestGraph {
    TestGraph("path \(n)", nodeCount: n, pairs: (1..<max(1, n)).map { ($0 - 1, $0) })
  }

  /// A path whose nodes are numbered at random.
  public static func shuffledPath(_ n: Int, seed: UInt64) -> TestGraph {
    var random = CounterRandom(seed: seed, stage: "test-path")
    let order = (0..<n).shuffled(using: &random)
    return TestGraph("shuffled path \(n)", nodeCount: n, pairs: zip(order, order.dropFirst()).map { ($0, $1) })
  }

  /// Node `center` joined to all others.
  public static func star(_ n: Int, center: Int = 0) -> TestGraph {
    TestGraph("star \(n)", nodeCount: n, pairs: (0..<n).filter { $0 != center }.map { (center, $0) })
  }

  /// All pairs.
  public static func clique(_ n: Int) -> TestGraph {
    TestGraph("clique \(n)", nodeCount: n, pairs: (0..<n).flatMap { u in (0..<u).map { ($0, u) } })
  }

  /// A grid of `side` times `side` nodes.
  public static func grid(_ side: Int) -> TestGraph {
    var pairs: [(Int, Int)] = []
    for v in 0..<side * side {
      if v % side + 1 < side { pairs.append((v, v + 1)) }
      if v + side < side * side { pairs.append((v, v + side)) }
    }
    return TestGraph("grid \(side)", nodeCount: side * side, pairs: pairs)
  }

  /// Edges drawn uniformly, loops and repetitions included, with weights in quarters (so that sums are exact).
  public static func random(_ n: Int, edges count: Int, seed: UInt64) -> TestGraph {
    var random = CounterRandom(seed: seed, stage: "test-graph")
    let edges = (0..<(n > 0 ? count : 0)).map { _ in
      Edge(
        Int(random.below(UInt64(n))), Int(random.below(UInt64(n))), Double(Int(random.below(64)) - 16) / 4)
    }
    return TestGraph("random \(n) \(count) seed \(seed)", nodeCount: n, edges: edges)
  }

  /// Zachary's karate club, 34 members, 78 ties, counted from 0: the committed data set.
  public static let karate: TestGraph = {
    do {
      let counted = try SharedData.graph(atPath: SharedData.committed("karate/edges.tsv"))
      return TestGraph("karate", nodeCount: 34, pairs: counted.pairs.map { ($0 - 1, $1 - 1) })
    } catch {
      fatalError("Datasets/karate: \(error)")
    }
  }()

  /// Random pairs, loops and repetitions included, of which the first end favors small nodes a little.
  public static func uneven(_ n: Int, pairs count: Int, seed: UInt64) -> TestGraph {
    var random = CounterRandom(seed: seed, stage: "test.pairs")
    let pairs = (0..<count).map { _ in
      let u = min(random.below(UInt64(n)), random.below(UInt64(n)))
      return (Int(u), Int(random.below(UInt64(n))))
    }
    return TestGraph("uneven \(n) \(count) seed \(seed)", nodeCount: n, pairs: pairs)
  }

  /// Edges that favor small nodes, so that there are hubs and many lone nodes.
  public static func skewed(_ n: Int, edges count: Int, seed: UInt64) -> TestGraph {
    var random = CounterRandom(seed: seed, stage: "test-skewed")
    func draw() -> Int { Int(Double(n) * random.unit() * random.unit() * random.unit()) }
    return TestGraph(
      "skewed \(n) \(count) seed \(seed)", nodeCount: n, edges: (0..<count).map { _ in Edge(draw(), draw()) })
  }

  /// Small graphs of all shapes.
  public static let small: [TestGraph] = {
    var graphs: [TestGraph] = [
      .empty, .single, .loop, .isolated, .twoTriangles, .path(2), .path(65), .shuffledPath(130, seed: 1), .star(100),
      .star(64, center: 63), .clique(20), .grid(9), .loopsAndRepeats,
    ]
    for seed: UInt64 in 0..<6 { graphs.append(.random(40, edges: 12 * Int(seed), seed: seed)) }
    for seed: UInt64 in 0..<4 { graphs.append(.skewed(300, edges: 150 * Int(1 + seed), seed: seed)) }
    return graphs
  }()
}
