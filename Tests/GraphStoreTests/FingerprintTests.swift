import MillRuntime
import Testing

@testable import GraphStore

@Suite struct FingerprintTests {
  /// A path of three nodes, written out by hand: n = 3, 4 arcs, flags 0; offsets 0 1 3 4; targets 1 | 0 2 | 1.
  @Test func theBytesAreThoseOfTheDescription() throws {
    let graph = try CSRGraph(nodeCount: 3, edges: [(0, 1), (1, 2)])
    let words: [UInt64] = [3, 4, 0, 0, 1, 3, 4]
    let targets: [UInt32] = [1, 0, 2, 1]
    let stream = XXH3Stream()
    words.withUnsafeBytes { stream.update($0) }
    targets.withUnsafeBytes { stream.update($0) }
    #expect(graph.fingerprint() == stream.hexDigest())
    // Computed with another program over the same 72 bytes.
    #expect(graph.sha256() == "3ecdda9f492fe404d10fcb665ed4cbd6fc821f0918a679f935ad7b7b0b26b879")
    #expect(graph.fingerprint() == "45966e42da9fa7d68f8685df6990b365")
  }

  @Test("Codec, threads, target width and in-arcs do not matter", arguments: ContainerSample.all)
  func invariance(sample: ContainerSample) throws {
    let graph = try sample.graph()
    var other = sample
    other.isWide.toggle()
    other.hasInArcs = false
    let twin = try other.graph()
    #expect(graph.fingerprint() == twin.fingerprint() && graph.sha256() == twin.sha256())
    #expect(graph.isIdentical(to: twin) && twin.isIdentical(to: graph))
    for codec in ContainerCodec.allCases {
      let again = try ContainerBytes(graph, codec: codec).open(.safe)
      for threads in [1, 2, 4] {
        #expect(again.fingerprint(context: RunContext(threads: threads)) == graph.fingerprint())
        #expect(again.sha256(context: RunContext(threads: threads)) == graph.sha256())
      }
    }
  }

  @Test func everyPropertyMatters() throws {
    let graphs = try ContainerSample.all.filter { !$0.isWide && !$0.hasInArcs }.map { ($0, try $0.graph()) }
    for (i, a) in graphs.enumerated() {
      for (j, b) in graphs.enumerated() where i < j {
        // A multigraph's or loops' sample differs from the plain one by its edges too.
        #expect(a.1.fingerprint() != b.1.fingerprint(), "\(a.0.testDescription) / \(b.0.testDescription)")
        #expect(!a.1.isIdentical(to: b.1))
      }
    }
    let a = try CSRGraph(nodeCount: 2, weightedEdges: [(0, 1, 1)])
    let b = try CSRGraph(nodeCount: 2, weightedEdges: [(0, 1, 1.0.nextUp)])
    #expect(a.fingerprint() != b.fingerprint() && !a.isIdentical(to: b))
    let c = try CSRGraph(nodeCount: 3, weightedEdges: [(0, 1, 1)])
    #expect(a.fingerprint() != c.fingerprint() && !a.isIdentical(to: c))
  }

  @Test func idsFromZeroUpAreNoNames() throws {
    let ids = try FlatBuffer<UInt32>(count: 4)
    for (i, id) in [0, 1, 1, 2].enumerated() as EnumeratedSequence<[UInt32]> { ids.base[i] = id }
    var options = FreezeOptions()
    options.naming = .compact
    let named = try freeze([EdgeBlock(ids: .narrow(ids), count: 2)], options: options).graph
    let dense = try CSRGraph(nodeCount: 3, edges: [(0, 1), (1, 2)])
    #expect(named.fingerprint() == dense.fingerprint() && named.isIdentical(to: dense))
    ids.base[3] = 3
    let gap = try freeze([EdgeBlock(ids: .narrow(ids), count: 2)], options: options).graph
    #expect(gap.fingerprint() != dense.fingerprint() && !gap.isIdentical(to: dense))
  }
}
