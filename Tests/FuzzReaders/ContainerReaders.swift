import GraphGenerators
import GraphLearning
import GraphStore
import GraphSummarization
import MillRuntime
import ProximityGraphs
import TestSupport
import VectorStore

extension FuzzReader {
  /// The project's own binary files, with checksums made good again.
  static let containers = [
    FuzzReader(
      name: "gmg", ending: "gmg", seeds: { try containerSeeds($0) }, seal: SectionSeal.seal,
      read: { path, number throws(MillError) in try lookAtContainer(path, number) }),
    FuzzReader(
      name: "gms", ending: "gms", seeds: { try summarySeeds($0) }, seal: SectionSeal.seal,
      read: { path, _ throws(MillError) in try lookAt(try readSummary(path, context: RunContext(threads: 1))) }),
    FuzzReader(
      name: "gmx-hnsw", ending: "gmx", seeds: { try hierarchicalSeeds($0) }, seal: SectionSeal.seal,
      read: { path, number throws(MillError) in try lookAtIndex(path, number) }),
    FuzzReader(
      name: "gmx-nsw", ending: "gmx", seeds: { try flatSeeds($0) }, seal: SectionSeal.seal,
      read: { path, number throws(MillError) in try lookAtIndex(path, number) }),
    FuzzReader(
      name: "gmx-objects", ending: "gmx", seeds: { try objectSeeds($0) }, seal: SectionSeal.seal,
      read: { path, _ throws(MillError) in try lookAtObjects(path) }),
    FuzzReader(
      name: "gmt", ending: "gmt", seeds: { try ticketSeeds($0) }, seal: SectionSeal.seal,
      read: { path, _ throws(MillError) in try lookAtTicket(path) }),
  ]

  private static func sampleGraphs() throws -> [CSRGraph] {
    let plain = try CSRGraph(nodeCount: 9, edges: [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (2, 3), (6, 7)])
    let directed = try CSRGraph(
      nodeCount: 5, weightedEdges: [(0, 1, 2.5), (1, 0, 3), (2, 2, 0.25), (3, 4, 1e9)], isDirected: true
    ).withInArcs()
    return [
      plain, directed, try plain.named((0..<9).map { UInt64($0 * $0 * 77) }),
      try directed.named(["a", "", "ä", "z", "y"]),
      try CSRGraph(nodeCount: 0, edges: []),
    ]
  }

  private static func containerSeeds(_ folder: String) throws -> [[UInt8]] {
    var seeds: [[UInt8]] = []
    for graph in try sampleGraphs() {
      for codec in ContainerCodec.allCases {
        let path = folder + "/seed.gmg"
        try writeContainer(
          graph, to: path, replaces: true, options: ContainerOptions(codec: codec, includesInArcs: graph.isDirected))
        seeds.append(try fileBytes(path))
      }
    }
    return seeds
  }

  private static func lookAtContainer(_ path: String, _ number: UInt64) throws(MillError) -> String {
    _ = try containerInfo(path)
    let context = RunContext(threads: 1)
    let graph = try openContainer(path, mapped: number % 2 == 0, verify: .safe, context: context)
    var sum = 0
    for v in 0..<graph.nodeCount {
      for u in graph.neighbors(of: v) { sum &+= graph.degree(of: u) }
      sum &+= graph.name(of: v).utf8.count
      if let inArcs = graph.inArcs {
        for arc in Int(inArcs.offsets[v])..<Int(inArcs.offsets[v + 1]) { sum &+= graph.degree(of: inArcs.sources[arc]) }
      }
    }
    if case .packed(let packed) = try openStoredContainer(path, mapped: number % 2 == 1, context: context) {
      for v in 0..<packed.nodeCount { sum &+= packed.neighbors(of: v).count }
    }
    try checkDeep(path, mapped: number % 2 == 1, context: context)
    return "\(min(4, graph.nodeCount)) \(graph.isDirected) \(graph.isWeighted) \(sum == 0)"
  }

  private static func summarySeeds(_ folder: String) throws -> [[UInt8]] {
    var seeds: [[UInt8]] = []
    for graph in try sampleGraphs() {
      for compresses in [false, true] {
        let path = folder + "/seed.gms"
        try writeSummary(
          summarize(of: graph).summary, to: path, options: SummaryFileOptions(compresses: compresses, replaces: true))
        seeds.append(try fileBytes(path))
      }
    }
    return seeds
  }

  /// Asks a summary all that can be asked.
  static func lookAt(_ summary: GraphSummary) throws(MillError) -> String {
    let n = summary.nodeCount
    guard n <= 400, summary.edgeCount <= 100_000 else { return "large" }
    for v in 0..<n {
      _ = summary.neighbors(of: v)
      _ = summary.hasEdge(v, n - 1 - v)
    }
    if n > 0 { _ = summary.breadthFirstLevels(from: n / 2) }
    let graph = try summary.restore(context: RunContext(threads: 1))
    try checkDeep(graph)
    if n > 0 {
      _ = try summary.triangleCount()
      _ = try summary.pageRank(maximumRounds: 2)
    }
    return "\(min(4, n)) \(graph.isDirected) \(graph.isWeighted)"
  }

  private static func rows() -> [[Float]] { (0..<40).map { [Float($0 % 7), Float($0 * $0 % 11), 0.5] } }

  private static func hierarchicalSeeds(_ folder: String) throws -> [[UInt8]] {
    var seeds: [[UInt8]] = []
    for metric in [Metric.l2, .innerProduct, .cosine] {
      let index = try HNSWIndex(building: rows(), metric: metric)
      if metric == .l2 {
        try index.remove(key: 6)
        try index.quantize(.uint8)
      }
      try index.write(to: folder + "/seed.gmx", replaces: true)
      seeds.append(try fileBytes(folder + "/seed.gmx"))
    }
    return seeds
  }

  private static func flatSeeds(_ folder: String) throws -> [[UInt8]] {
    try NSWIndex(building: rows(), metric: .cosine).write(to: folder + "/seed.gmx", replaces: true)
    return [try fileBytes(folder + "/seed.gmx")]
  }

  private static func lookAtIndex(_ path: String, _ number: UInt64) throws(MillError) -> String {
    let context = RunContext(threads: 1)
    let index = try ProximityIndex.open(
      path, mapped: number % 2 == 0, verify: number % 3 == 0 ? .full : .quick, context: context)
    let query = [Float](repeating: 0.5, count: index.dimension)
    for k in [1, 10] { _ = try index.search(query, k: k) }
    if case .hnsw(let index) = index { _ = index.unreachableCount() }
    return "\(index.method) \(index.metric) \(min(4, index.count)) \(index.dimension)"
  }

  private struct Length: ObjectSpace {
    func distance(_ a: String, _ b: String) -> Float { Float(abs(a.utf8.count - b.utf8.count)) }
  }

  private static func objectSeeds(_ folder: String) throws -> [[UInt8]] {
    let words = (0..<30).map { String(repeating: "x", count: $0 % 9) + "\($0)" }
    try ObjectIndex(building: ObjectTable(Length(), words), options: HNSWOptions(m: 4)).write(
      to: folder + "/seed.gmx", replaces: true
    ) { Array($0.utf8) }
    return [try fileBytes(folder + "/seed.gmx")]
  }

  private static func lookAtObjects(_ path: String) throws(MillError) -> String {
    let index = try ObjectIndex.open(path, space: Length()) { String(validating: $0, as: UTF8.self) }
    _ = try index.search("xxx1", k: 10, ef: 30)
    _ = index.unreachableCount()
    return "\(min(4, index.count))"
  }

  private static func ticketSeeds(_ folder: String) throws -> [[UInt8]] {
    let options = SyntheticGraphOptions(
      graph: .init(nodeCount: 40, edgeCount: 90, depth: 1),
      features: .words(vocabulary: 12, each: 3, ownChance: 0.5), trainPerClass: 4, validation: 5, test: 5)
    let data = try syntheticAttributedGraph(options)
    return try GraphModel.allCases.map { model in
      let training = TrainingOptions(model: model, hidden: 3, heads: 2, epochs: 2)
      let ticket = try findTickets(in: data, options: .init(training: training, rounds: [9], seeds: [1])).best
      try writeTicket(ticket, to: folder + "/seed.gmt", replaces: true)
      return try fileBytes(folder + "/seed.gmt")
    }
  }

  private static func lookAtTicket(_ path: String) throws(MillError) -> String {
    let context = RunContext(threads: 1)
    let ticket = try readTicket(path, context: context)
    guard ticket.weights.count < 100_000, ticket.graph.nodeCount < 1000 else { return "large" }
    try checkDeep(ticket.graph)
    let n = ticket.graph.nodeCount
    let features = try FeatureMatrix(
      rowCount: n, columnCount: ticket.shape.featureCount, rows: .init(repeating: [(0, 1)], count: n))
    let found = try predict(
      with: ticket, graph: ticket.graph, features: features, options: .init(edges: .kept), context: context)
    return "\(ticket.options.model) \(min(4, found.classes.count))"
  }
}
