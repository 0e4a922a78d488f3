import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import GraphSummarization

/// Graphs that are more than their simple undirected ones.
enum SideSample {
  static func graph(
    seed: UInt64, isDirected: Bool, isWeighted: Bool, hasLoops: Bool, hasCopies: Bool, fractions: Bool = false
  ) throws -> CSRGraph {
    var random = TestRandom(state: seed)
    let base = TestGraph.nested(30 + random.below(40), seed: seed)
    let isTied = random.below(2) == 0
    var edges: [TestGraph.Edge] = []
    func add(_ u: Int, _ v: Int) {
      let number = Double(isTied ? random.below(5) - 2 : random.below(1 << 20))
      let edge = TestGraph.Edge(u, v, fractions ? number / 7 : number)
      edges += [TestGraph.Edge](repeating: edge, count: hasCopies && random.below(4) == 0 ? 1 + random.below(4) : 1)
    }
    for edge in base.edges {
      switch random.below(3) {
      case 0: add(edge.target, edge.source)
      case 1 where isDirected:
        add(edge.source, edge.target)
        add(edge.target, edge.source)
      default: add(edge.source, edge.target)
      }
      if hasLoops, random.below(10) == 0 { add(edge.source, edge.source) }
    }
    let graph = TestGraph("side \(seed)", nodeCount: base.nodeCount, edges: edges)
    return try graph.frozen(isDirected: isDirected, isWeighted: isWeighted, duplicates: hasCopies ? .keep : .first)
  }
}

@Suite struct SummarySideTests {
  @Test("Every kind of graph comes back as it was, from memory and from a file", arguments: 0..<64 as Range<UInt64>)
  func roundTrip(seed: UInt64) throws {
    let plain = try SideSample.graph(
      seed: seed / 4, isDirected: seed & 1 == 1, isWeighted: seed & 2 == 2, hasLoops: seed & 4 == 4,
      hasCopies: seed & 8 == 8, fractions: seed & 16 == 16)
    let named =
      switch seed % 3 {
      case 0: plain
      case 1: try plain.named((0..<plain.nodeCount).map { UInt64(5 * $0 + 2) })
      default: try plain.named((0..<plain.nodeCount).map { "node \($0)" })
      }
    for graph in [named, try named.widened()] {
      let summary = try summarize(of: graph, options: .init(iterations: 5, seed: seed)).summary
      #expect(try summary.restore().isIdentical(to: graph))
      #expect(summary.isDirected == graph.isDirected && summary.isWeighted == graph.isWeighted)
      #expect(summary.isMultigraph == graph.isMultigraph && summary.hasLoops == graph.hasLoops)
      #expect(summary.inputEdgeCount == graph.edgeCount)
      let simple = try graph.withoutWeights().symmetrized().simplified()
      #expect(try summary.restoreSimple().isIdentical(to: simple))
      let folder = TemporaryFolder()
      for compresses in [false, true] {
        let path = folder.file("\(compresses).gms")
        let report = try writeSummary(summary, to: path, options: .init(compresses: compresses))
        let back = try readSummary(path)
        #expect(back.isIdentical(to: summary))
        #expect(try back.restore().fingerprint() == graph.fingerprint())
        #expect(report.sideBits.total <= summary.sideBits.total)
        #expect(try report.bytes == fileBytes(path).count)
      }
    }
  }

  @Test("A simple undirected graph has nothing beside the model, and a small file is small")
  func plain() throws {
    let summary = try summarize(of: TestGraph.path(2).frozen()).summary
    #expect(summary.side == nil && summary.sideBits.total == 0)
    let folder = TemporaryFolder()
    let report = try writeSummary(summary, to: folder.file("a.gms"))
    #expect(report.bytes < 300 && report.fileBitsPerEdge == Double(8 * report.bytes))
    #expect(report.bitsPerEdge.map { $0 < 100 } == true)
  }

  @Test("1, 2 and 4 threads write the same bytes and give the same graph back", arguments: 0..<4 as Range<UInt64>)
  func threads(seed: UInt64) throws {
    let folder = TemporaryFolder()
    let graph = try SideSample.graph(
      seed: seed, isDirected: seed & 1 == 0, isWeighted: true, hasLoops: true, hasCopies: true)
    for threads in [1, 2, 4] {
      let context = RunContext(threads: threads)
      let summary = try summarize(of: graph, context: context).summary
      try writeSummary(summary, to: folder.file("\(threads)"), context: context)
      #expect(
        try readSummary(folder.file("\(threads)"), context: context).restore(context: context).isIdentical(to: graph))
      #expect(folder.bytes(of: "\(threads)") == folder.bytes(of: "1"))
    }
  }

  @Test("Repeated loops need the flag of parallel edges, weights must be finite") func promises() throws {
    let edges: [TestGraph.Edge] = [.init(0, 1, 0.1), .init(1, 1, 2), .init(1, 1, 3)]
    let graph = try TestGraph("loops", nodeCount: 2, edges: edges).frozen(isWeighted: true, duplicates: .keep)
    let summary = try summarize(of: graph).summary
    let simple = try summary.restoreSimple()
    func restored(_ side: SummarySide) throws(MillError) -> CSRGraph {
      try side.applied(to: simple, order: summary.leafOrder.base, names: summary.names)
    }
    let sound = try #require(summary.side)
    #expect(try restored(sound).isIdentical(to: graph))
    var unflagged = sound
    unflagged.flags.remove(.multigraph)
    #expect(throws: MillError.self) { try restored(unflagged) }
    var endless = sound
    endless.weights =
      [1]
      + (0..<8).flatMap { byte in
        [0.1, 2, Double.infinity].map { UInt8(truncatingIfNeeded: $0.bitPattern >> UInt64(8 * byte)) }
      }
    #expect(throws: MillError.self) { try restored(endless) }
  }

  @Test("Values that a dictionary must keep by bits, and too many for one")
  func weights() throws {
    let values = [
      0.0, -0.0, 1, -1, 0.1, 9_007_199_254_740_992, .leastNonzeroMagnitude, -1e300, .greatestFiniteMagnitude, 3, 3, 3,
    ]
    for count in [2, 4, 12, 90_000] {
      var random = TestRandom(state: UInt64(count))
      let weights = (0..<count).map { $0 < 12 ? values[$0] : Double(random.below(1 << 30)) + Double($0) * 0x1p-20 }
      let graph = try CSRGraph(
        nodeCount: count + 1, weightedEdges: weights.enumerated().map { ($0.offset, $0.offset + 1, $0.element) })
      let summary = try summarize(of: graph, options: .init(iterations: 1)).summary
      #expect(try summary.restore().isIdentical(to: graph), "\(count)")
    }
  }

  @Test("What is kept costs little where it says little: all arcs both ways, one weight")
  func cheap() throws {
    let base = TestGraph.nested(200, seed: 4)
    let graph = try CSRGraph(
      nodeCount: 200, weightedEdges: base.edges.flatMap { [($0.source, $0.target, 2.5), ($0.target, $0.source, 2.5)] },
      isDirected: true)
    let summary = try summarize(of: graph).summary
    #expect(try summary.restore().isIdentical(to: graph))
    #expect(summary.sideBits.directions < summary.edgeCount / 4 && summary.sideBits.weights < 400)
  }

  /// The streams behind the checksums: whatever they hold, restoring ends in an error or in a sound graph.
  @Test("Streams of any bits", arguments: 0..<24 as Range<UInt64>) func fuzzing(seed: UInt64) throws {
    let graph = try SideSample.graph(
      seed: seed, isDirected: seed & 1 == 0, isWeighted: true, hasLoops: true, hasCopies: true,
      fractions: seed & 2 == 0)
    let summary = try summarize(of: graph, options: .init(iterations: 3)).summary
    let simple = try summary.restoreSimple()
    let sound = try #require(summary.side)
    var random = TestRandom(state: seed)
    var refused = 0
    for _ in 0..<60 {
      var side = sound
      func damage(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        switch random.below(4) {
        case 0: bytes.removeLast(1 + random.below(bytes.count))
        case 1: bytes.append(UInt8(random.below(256)))
        default: bytes[random.below(bytes.count)] ^= UInt8(1 << random.below(8))
        }
      }
      switch random.below(6) {
      case 0: damage(&side.loops)
      case 1: damage(&side.directions)
      case 2: damage(&side.multiplicities)
      case 3: damage(&side.weights)
      case 4: side.arcCount += random.below(3) - 1
      default: side.edgeCount += random.below(3) - 1
      }
      do throws(MillError) {
        let back = try side.applied(to: simple, order: summary.leafOrder.base, names: summary.names)
        try checkDeep(back)
      } catch {
        refused += 1
        #expect(error.exitCode == 65, "\(error)")
      }
    }
    #expect(refused > 20)
  }
}

@Suite struct AdaptiveCoderTests {
  @Test("Bits and numbers come back, and use up the bytes exactly", arguments: 0..<20 as Range<UInt64>)
  func roundTrip(seed: UInt64) {
    var random = TestRandom(state: seed)
    let count = random.below(3000)
    let numbers = (0..<count).map { _ in
      random.below(10) == 0 ? random.below(1 << 31) : random.below(1 + random.below(9))
    }
    var writer = AdaptiveCoder(size: count)
    for (i, number) in numbers.enumerated() {
      _ = writer.code(number & 1, .init(UInt32(i & 3), 1, 2, 3), set: i & 255)
      _ = writer.codeNumber(number, .init(0, UInt32(i & 7), 0, 9), set: 3)
    }
    writer.finish()
    var reader = AdaptiveCoder(writer.bytes, size: count)
    var found: [Int] = []
    for i in 0..<count {
      let bit = reader.code(0, .init(UInt32(i & 3), 1, 2, 3), set: i & 255)
      let number = reader.codeNumber(0, .init(0, UInt32(i & 7), 0, 9), set: 3)
      #expect(bit == number & 1)
      found.append(number)
    }
    #expect(found == numbers && reader.isAtEnd)
  }

  @Test("What is always the same costs next to nothing, and the largest number comes back") func sizes() {
    var coder = AdaptiveCoder(size: 10_000)
    for _ in 0..<10_000 { _ = coder.code(1, .init(1, 2, 3, 4), set: 0) }
    coder.finish()
    #expect(coder.bytes.count < 40)
    var largest = AdaptiveCoder(size: 1)
    _ = largest.codeNumber(Int(UInt32.max) - 1, .zero, set: 0)
    largest.finish()
    var reader = AdaptiveCoder(largest.bytes, size: 1)
    #expect(reader.codeNumber(0, .zero, set: 0) == Int(UInt32.max) - 1 && reader.isAtEnd)
  }
}
