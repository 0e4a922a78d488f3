import MillRuntime
import TestSupport
import Testing

@testable import GraphStore

@Suite struct PackedGraphTests {
  private static let samples = ContainerSample.all.filter { !$0.isWide }

  @Test("A packed graph has the rows, names and weights of its graph", arguments: samples)
  func rows(sample: ContainerSample) throws {
    let graph = try sample.graph()
    let packed = try PackedGraph(packing: graph)
    #expect(packed.nodeCount == graph.nodeCount && packed.edgeCount == graph.edgeCount)
    #expect(packed.arcCount == graph.arcCount && packed.isDirected == graph.isDirected)
    #expect(packed.isMultigraph == graph.isMultigraph && packed.hasLoops == graph.hasLoops)
    #expect(packed.weights == graph.weights && packed.names == graph.names)
    for v in graph.nodes {
      #expect(packed.neighbors(of: v) == Array(graph.neighbors(of: v)))
      #expect(packed.degree(of: v) == graph.degree(of: v))
      for u in graph.nodes.prefix(50) { #expect(packed.hasEdge(v, u) == graph.hasEdge(v, u)) }
    }
    #expect(packed.fingerprint() == graph.fingerprint() && packed.sha256() == graph.sha256())
    #expect(try packed.loopCount() == graph.loopCount())
    for threads in [1, 2, 4] {
      let context = RunContext(threads: threads)
      let again = try PackedGraph(packing: graph, context: context)
      #expect(again.lists.starts == packed.lists.starts && again.lists.bytes == packed.lists.bytes)
      #expect(again.inLists?.bytes == packed.inLists?.bytes)
      let expanded = try again.expanded(context: context)
      #expect(expanded.isIdentical(to: graph) && expanded.storage.flags == graph.storage.flags)
    }
  }

  /// Lists of given targets, whatever n is.
  private func lists(_ rows: [[UInt32]], allowsParallel: Bool = false) throws -> PackedLists {
    let offsets = rows.reduce(into: [UInt64(0)]) { $0.append($0.last! + UInt64($1.count)) }
    return try PackedLists(
      packing: rows.flatMap(\.self), offsets: SharedArray(copying: offsets), allowsParallel: allowsParallel,
      context: RunContext(threads: 1))
  }

  @Test("Gaps of every width and lists of every length come back", arguments: [false, true])
  func widths(allowsParallel: Bool) throws {
    var random = CounterRandom(seed: 3, stage: "packed-widths")
    var rows: [[UInt32]] = [[], [0], [.max], [0, .max], [.max - 1, .max], Array(0..<1000)]
    for width in 0...30 {
      for length in [1, 2, 8, 9, 10, 17, 120, 121, 122, 129, 130, 249, 250, 800] where length << width < 1 << 31 {
        var last = UInt32(truncatingIfNeeded: random.next()) >> 2
        rows.append(
          (0..<length).map { _ in
            last += (allowsParallel ? 0 : 1) + UInt32(random.below(1 << UInt64(width)))
            return last
          })
      }
    }
    let lists = try lists(rows, allowsParallel: allowsParallel)
    #expect(Array(try lists.expanded(context: RunContext(threads: 2)).targets) == rows.flatMap(\.self))
    let packed = lists.rows()
    for (node, row) in rows.enumerated() {
      for isBrief in [false, true] {
        var found: [UInt32] = []
        packed.forEachPiece(node, isBrief: isBrief) { targets, arc, count in
          #expect(arc == packed.begin(node) + found.count)
          found += UnsafeBufferPointer(start: targets, count: count)
          return true
        }
        #expect(found == row)
      }
      for place in Set([0, 1, 8, 9, 130, row.count - 1]) where row.indices.contains(place) {
        #expect(packed.target(of: node, at: place) == Int(row[place]))
        let wanted = Int(row[place])
        #expect(packed.firstArc(of: node, notBelow: wanted) == packed.begin(node) + row.firstIndex(of: row[place])!)
        #expect(packed.search(node) { $0 == wanted }.examined == row.firstIndex(of: row[place])! + 1)
      }
      #expect(packed.search(node) { _ in false } == (row.count, false))
      var tail: [Int] = []
      packed.forEachTarget(node, from: 125) { target, _ in tail.append(target) }
      #expect(tail == row.dropFirst(125).map(Int.init))
    }
    withExtendedLifetime(lists) {}
  }

  @Test func layoutIsAsDescribed() throws {
    // Node 1 of 3 has neighbors 0 and 2, 10 apart from nothing: gap 2 - 0 - 1 = 1, of one bit.
    let graph = try CSRGraph(nodeCount: 3, edges: [(0, 1), (1, 2)])
    let lists = try PackedGraph(packing: graph).lists
    // 0: first 1 - 0 = 1 is 2; 1: width 1, first -1 is 1, gap 1; 2: first -1 is 1.
    #expect(Array(lists.bytes) == [0, 2] + [1, 1, 1] + [0, 1] + [UInt8](repeating: 0, count: 64))
    // One block: arcs 0, 1, 3, 4 in 3 bits, bytes 0, 2, 5, 7 in 3 bits, from byte 24 on.
    let records = [0, 1 | 2 << 3, 3 | 5 << 3, 4 | 7 << 3].enumerated().reduce(0) { $0 | $1.element << (6 * $1.offset) }
    let layout = 24 << 12 | 3 << 6 | 3
    let words = [0, 0, layout].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    #expect(
      Array(lists.starts)
        == words + (0..<3).map { UInt8(truncatingIfNeeded: records >> (8 * $0)) } + [UInt8](repeating: 0, count: 8))
  }

  @Test func containersOpenAsTheyAre() throws {
    let folder = TemporaryFolder()
    let sample = ContainerSample(isDirected: true, isWeighted: true, hasInArcs: true, names: .labels)
    let graph = try sample.graph()
    var options = ContainerOptions()
    options.codec = .packed
    options.includesInArcs = true
    try writeContainer(graph, to: folder.file("g"), options: options)
    for verify in [ContainerVerification.quick, .safe, .deep] {
      guard case .packed(let packed) = try openStoredContainer(folder.file("g"), verify: verify) else {
        Issue.record("not packed")
        continue
      }
      #expect(packed.fingerprint() == graph.fingerprint() && packed.inLists != nil)
      #expect(packed.neighbors(of: 7) == Array(graph.neighbors(of: 7)) && packed.name(of: 5) == graph.name(of: 5))
      #expect(try openContainer(folder.file("g"), verify: verify).isIdentical(to: graph))
    }
    let info = try containerInfo(folder.file("g"))
    #expect(info.codec == "packed" && info.sections.map(\.codec).count { $0 == "packed" } == 4)
    let bytes = info.sections.filter { [1, 2].contains($0.kind) }.reduce(0) { $0 + $1.bytes }
    #expect(info.bitsPerEdge == 8 * Double(bytes) / Double(graph.edgeCount))
    try writeContainer(graph, to: folder.file("raw"))
    guard case .lists(let raw) = try openStoredContainer(folder.file("raw")) else {
      Issue.record("raw lists are packed")
      return
    }
    #expect(raw.isIdentical(to: graph))
  }

  @Test(
    "Damage behind good checksums is refused, or leads to a graph that can be walked",
    arguments: 0..<12 as Range<UInt64>)
  func damage(seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "packed fuzz")
    let samples = Self.samples.filter { $0.nodes < 100 }
    let sample = samples[Int(random.below(UInt64(samples.count)))]
    let file = try ContainerBytes(sample.graph(seed: seed), codec: .packed, includesInArcs: sample.hasInArcs)
    var interesting: [Int] = []
    for kind: UInt32 in [1, 2, 7, 8] where file.entry(kind) >= 0 {
      let length = file.word(file.entry(kind) + 16, Int.self)
      interesting += file.start(kind)..<file.start(kind) + length
    }
    let folder = TemporaryFolder()
    var refused = 0
    for trial in 0..<80 {
      var copy = file
      for _ in 0...random.below(3) { copy.damage(one: interesting, &random) }
      copy.sign()
      let path = folder.file("\(trial)", copy.bytes)
      do throws(MillError) {
        guard case .packed(let graph) = try openStoredContainer(path) else { continue }
        for v in graph.nodes {
          #expect(graph.neighbors(of: v).allSatisfy { $0 < graph.nodeCount })
          #expect(graph.neighbors(of: v).count == graph.degree(of: v))
        }
        _ = try graph.expanded()
        try checkDeep(path)
      } catch {
        refused += 1
        #expect(error.exitCode == 65, "\(error)")
      }
    }
    #expect(refused > 20)
  }

  @Test func impossibleSizesAreRefusedBeforeMemoryIsAskedFor() throws {
    let file = try ContainerBytes(CSRGraph(nodeCount: 3, edges: [(0, 1), (1, 2)]), codec: .packed)
    // 2^32 - 2 nodes, then 2^40 edges, in a few bytes.
    for (word, value, section, rawLength) in [
      (24, UInt64(UInt32.max) - 1, UInt32(1), 8 * UInt64(UInt32.max)), (40, 1 << 41, 2, 4 << 41),
    ] {
      var copy = file
      copy.setWord(word, value)
      if word == 40 { copy.setWord(32, value / 2) }
      copy.setWord(copy.entry(section) + 24, rawLength)
      copy.sign()
      let error = #expect(throws: MillError.self) { try copy.open(.safe) }
      #expect(error?.kind == .malformed)
    }
  }

  @Test func widerGraphsAreNarrowedOrRefused() throws {
    let graph = try ContainerSample(isWide: true).graph()
    let packed = try PackedGraph(packing: graph)
    #expect(packed.fingerprint() == graph.fingerprint())
    #expect(try packed.expanded().isIdentical(to: graph))
  }
}
