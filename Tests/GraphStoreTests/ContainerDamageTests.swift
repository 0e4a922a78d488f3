import MillRuntime
import Testing

@testable import GraphStore

@Suite struct ContainerDamageTests {
  private func failure(_ file: ContainerBytes, _ verify: ContainerVerification = .deep) -> MillError? {
    do throws(MillError) {
      _ = try file.open(verify)
      return nil
    } catch {
      return error
    }
  }

  @Test func everyBitOfTheHeader() throws {
    let file = try ContainerBytes(ContainerSample(nodes: 9, edges: 12, isWeighted: true, names: .labels).graph())
    for byte in 0..<Int(file.word(12, UInt32.self)) {
      for bit in 0..<8 {
        var copy = file
        copy.bytes[byte] ^= 1 << bit
        let error = failure(copy, .quick)
        #expect(error?.exitCode == 65, "byte \(byte), bit \(bit)")
      }
    }
  }

  @Test func everyByteBehindTheHeader() throws {
    for codec in ContainerCodec.allCases {
      let file = try ContainerBytes(ContainerSample(nodes: 6, edges: 7, names: .ids).graph(), codec: codec)
      for byte in Int(file.word(12, UInt32.self))..<file.bytes.count {
        // Padding far from its ends says nothing new.
        if byte % 4096 > 700, byte % 4096 < 4090, byte % 97 > 0 { continue }
        var copy = file
        copy.bytes[byte] ^= 0x40
        #expect(failure(copy)?.exitCode == 65, "\(codec), byte \(byte)")
      }
    }
  }

  @Test func everyLength() throws {
    let file = try ContainerBytes(ContainerSample(nodes: 6, edges: 7).graph())
    let buffer = try file.buffer()
    while buffer.count > 0 {
      buffer.truncate(to: buffer.count - 1)
      let error = #expect(throws: MillError.self) { try openContainer(bytes: buffer, verify: .quick) }
      #expect(error?.exitCode == 65)
      #expect(error?.kind == (buffer.count < 4 ? .notAContainer : .truncated))
    }
    var longer = file
    longer.bytes.append(0)
    #expect(failure(longer)?.kind == .trailingGarbage)
  }

  @Test func textModeTransferIsTold() throws {
    var file = try ContainerBytes(CSRGraph(nodeCount: 2, edges: [(0, 1)]))
    file.bytes.remove(at: 4)
    #expect(failure(file)?.kind == .corruptHeader)
    #expect(failure(ContainerBytes(Array("1 2\n3 4\n".utf8)))?.kind == .notAContainer)
  }

  @Test func laterVersionsAndFlags() throws {
    let file = try ContainerBytes(CSRGraph(nodeCount: 2, edges: [(0, 1)]))
    var copy = file
    copy.bytes[8] = 2
    copy.sign()
    #expect(failure(copy)?.kind == .unsupportedVersion)
    copy = file
    copy.bytes[10] = 7  // a minor version is ignored
    copy.bytes[20] = 1  // so is a flag of the high half
    copy.sign()
    #expect(failure(copy) == nil)
    copy = file
    copy.bytes[17] |= 2
    copy.sign()
    #expect(failure(copy)?.kind == .unsupportedVersion)
  }

  @Test func privateSectionsAreIgnored() throws {
    var file = try ContainerBytes(CSRGraph(nodeCount: 2, edges: [(0, 1)]))
    file.setWord(file.entry(10), UInt32(1007))
    file.setWord(file.entry(1007) + 4, UInt32(77))
    file.sign()
    #expect(failure(file) == nil)
  }

  @Test("Headers that contradict themselves")
  func counts() throws {
    let file = try ContainerBytes(ContainerSample(nodes: 9, edges: 12).graph())
    for at in [24, 32, 40] {
      for value in [0, 1, 5, UInt64(UInt32.max), 1 << 40, 1 << 58, 1 << 61, 1 << 62, 1 << 63, .max] as [UInt64] {
        var copy = file
        copy.setWord(at, value)
        copy.sign()
        #expect(failure(copy, .quick)?.exitCode == 65, "\(at) \(value)")
      }
    }
    for bit in 0..<9 where bit != 3 && bit != 4 {  // multigraph promises less, loops are counted below
      var copy = file
      copy.setWord(16, UInt64(1) << UInt64(bit))
      copy.sign()
      #expect(failure(copy, .quick)?.exitCode == 65, "flag \(bit)")
    }
    var copy = file
    copy.setWord(16, UInt64(1) << 4)
    copy.sign()
    #expect(failure(copy)?.kind == .countMismatch)
  }

  @Test("Attacks on the section table")
  func table() throws {
    let file = try ContainerBytes(ContainerSample(nodes: 9, edges: 12, names: .labels).graph())
    func expectRefusal(_ what: String, _ change: (inout ContainerBytes) -> Void) {
      var copy = file
      change(&copy)
      copy.sign()
      let error = failure(copy, .quick)
      #expect(error?.exitCode == 65, "\(what): \(String(describing: error))")
    }
    for kind: UInt32 in [1, 2, 5, 6, 10] {
      let entry = file.entry(kind)
      let offset = UInt64(file.start(kind))
      for value in [0, 64, offset + 1, offset + 64, 1 << 40, 1 << 63, .max, .max - 4095, .max / 4096 * 4096] as [UInt64]
      {
        expectRefusal("offset \(value) of \(kind)") { $0.setWord(entry + 8, value) }
      }
      for value in [1 << 20, 1 << 40, 1 << 62, 1 << 63, .max, .max - offset + 1] as [UInt64] {
        expectRefusal("length \(value) of \(kind)") {
          $0.setWord(entry + 16, value)
          $0.setWord(entry + 24, value)
        }
        expectRefusal("raw length \(value) of \(kind)") { $0.setWord(entry + 24, value) }
        expectRefusal("zstd, raw length \(value) of \(kind)") {
          $0.setWord(entry + 4, UInt32(1))
          $0.setWord(entry + 24, value)
        }
      }
      expectRefusal("codec of \(kind)") { $0.setWord(entry + 4, UInt32(9)) }
      expectRefusal("twice the kind of \(kind)") { $0.setWord(entry, UInt32(kind == 1 ? 2 : 1)) }
    }
    expectRefusal("overlap") { $0.setWord($0.entry(2) + 8, UInt64($0.start(1))) }
    expectRefusal("many sections") { $0.setWord(56, UInt32.max) }
    expectRefusal("one section more") { $0.setWord(56, UInt32($0.word(56, UInt32.self) + 1)) }
    expectRefusal("one section less") { $0.setWord(56, UInt32(1)) }
    for length: UInt32 in [0, 63, 65, 100, 1 << 20, 0xffff_ffc0] {
      expectRefusal("header length \(length)") { $0.setWord(12, length) }
    }
  }

  @Test("What a fast check must find, since kernels index without checks")
  func unsafeContents() throws {
    let sample = ContainerSample(nodes: 9, edges: 12, isDirected: true, hasInArcs: true, names: .labels)
    for isWide in [false, true] {
      var sample = sample
      sample.isWide = isWide
      let file = try ContainerBytes(sample.graph(), includesInArcs: true)
      func expect(_ kind: MillError.Kind, _ change: (inout ContainerBytes) -> Void) {
        var copy = file
        change(&copy)
        copy.sign()
        #expect(failure(copy, .quick) == nil)
        #expect(failure(copy, .safe)?.kind == kind)
        #expect(failure(copy, .deep)?.kind == kind)
      }
      for kind: UInt32 in [1, 5, 7] {
        expect(.offsetsNotAscending) { $0.setWord($0.start(kind) + 8, UInt64.max) }
        expect(.offsetsNotAscending) { $0.setWord($0.start(kind) + 8, UInt64(1) << 62) }
        expect(.offsetsNotAscending) { $0.setWord($0.start(kind) + 8 * 4, UInt64(0)) }
        expect(.offsetsNotAscending) { $0.setWord($0.start(kind) + 8 * 4, UInt64(1000)) }
      }
      for kind: UInt32 in [2, 8] {
        let (count, width) = (Int(file.word(40, UInt64.self)), isWide ? 8 : 4)
        for arc in [0, count / 2, count - 1] {
          expect(.targetOutOfRange) {
            $0.setWord($0.start(kind) + width * arc, UInt32(9))
          }
          expect(.targetOutOfRange) { $0.setWord($0.start(kind) + width * arc, UInt32.max) }
          if isWide {
            expect(.targetOutOfRange) { $0.setWord($0.start(kind) + width * arc, UInt64.max) }
            expect(.targetOutOfRange) { $0.setWord($0.start(kind) + width * arc, UInt64(1) << 63) }
          }
        }
      }
    }
  }

  @Test("Offsets whose differences wrap around")
  func wrappingOffsets() throws {
    var file = try ContainerBytes(CSRGraph(nodeCount: 5, edges: [(0, 1), (1, 2)], isDirected: true))
    for (i, value) in [1 << 62, 1 << 63, 3 << 62, 1].enumerated() as EnumeratedSequence<[UInt64]> {
      file.setWord(file.start(1) + 8 * (i + 1), value)
    }
    file.sign()
    #expect(failure(file, .safe)?.kind == .offsetsNotAscending)
  }

  /// Lists of the path 0 - 1 - 2 - 3 - 4: [1], [0, 2], [1, 3], [2, 4], [3].
  private func path(isWeighted: Bool = false) throws -> ContainerBytes {
    try ContainerBytes(
      isWeighted
        ? CSRGraph(nodeCount: 5, weightedEdges: [(0, 1, 1), (1, 2, 2), (2, 3, 3), (3, 4, 4)])
        : CSRGraph(nodeCount: 5, edges: [(0, 1), (1, 2), (2, 3), (3, 4)]))
  }

  @Test("What only the deep check finds")
  func brokenPromises() throws {
    func expect(_ kind: MillError.Kind, isWeighted: Bool = false, _ change: (inout ContainerBytes) -> Void) throws {
      var file = try path(isWeighted: isWeighted)
      change(&file)
      file.sign()
      #expect(failure(file, .safe) == nil)
      #expect(failure(file, .deep)?.kind == kind)
    }
    try expect(.listNotSorted) {
      $0.setWord($0.start(2) + 4, UInt32(2))
      $0.setWord($0.start(2) + 8, UInt32(0))
    }
    try expect(.parallelEdge) {
      $0.setWord($0.start(2) + 8, UInt32(0)); $0.setWord($0.start(2) + 12, UInt32(2))
    }
    try expect(.notSymmetric) { $0.setWord($0.start(2), UInt32(3)) }
    try expect(.notSymmetric) { $0.setWord($0.start(2) + 28, UInt32(0)) }
    try expect(.notSymmetric, isWeighted: true) { $0.setWord($0.start(3) + 16, (2.5).bitPattern) }
    try expect(.weightNotFinite, isWeighted: true) { $0.setWord($0.start(3) + 16, Double.nan.bitPattern) }
    try expect(.weightNotFinite, isWeighted: true) { $0.setWord($0.start(3), (-Double.infinity).bitPattern) }
    // The padding and the checksums.
    var file = try path()
    file.bytes[file.start(1) + 6 * 8] = 1
    #expect(failure(file, .safe) == nil)
    #expect(failure(file)?.kind == .malformed)
    file = try path()
    file.bytes[file.start(10)] = 1
    #expect(failure(file, .safe) == nil)
    #expect(failure(file)?.kind == .checksumMismatch)
  }

  @Test func countsAndLoops() throws {
    // One loop and one edge: m = 2, 3 arcs. Saying m = 3 is within what the header alone can tell.
    let graph = try CSRGraph(nodeCount: 3, edges: [(0, 0), (1, 2)])
    var file = try ContainerBytes(graph)
    #expect(failure(file) == nil)
    file.setWord(32, UInt64(3))
    file.sign()
    #expect(failure(file, .quick) == nil)
    #expect(failure(file, .safe)?.kind == .countMismatch)
    // A loop that the flags deny, in a directed graph.
    var directed = try ContainerBytes(CSRGraph(nodeCount: 3, edges: [(0, 0), (1, 2)], isDirected: true))
    directed.bytes[16] &= ~(1 << 4)
    directed.sign()
    #expect(failure(directed)?.kind == .countMismatch)
  }

  @Test func inArcsOfAnotherGraph() throws {
    let sample = ContainerSample(nodes: 9, edges: 12, isDirected: true, hasInArcs: true)
    let file = try ContainerBytes(sample.graph(), includesInArcs: true)
    var found = 0
    for arc in 0..<Int(file.word(40, UInt64.self)) {
      for value in 0..<UInt32(9) where value != file.word(file.start(8) + 4 * arc, UInt32.self) {
        var copy = file
        copy.setWord(copy.start(8) + 4 * arc, value)
        copy.sign()
        let kind = failure(copy)?.kind
        #expect([.inArcsMismatch, .listNotSorted, .parallelEdge].contains(kind))
        found += kind == .inArcsMismatch ? 1 : 0
      }
    }
    #expect(found > 0)
  }

  @Test("Every single changed target of an undirected graph is found", arguments: [false, true])
  func everyTarget(isWide: Bool) throws {
    let file = try ContainerBytes(ContainerSample(nodes: 12, edges: 20, hasLoops: true, isWide: isWide).graph())
    for arc in 0..<Int(file.word(40, UInt64.self)) {
      for value in 0..<UInt32(12) where value != file.word(file.start(2) + (isWide ? 8 : 4) * arc, UInt32.self) {
        var copy = file
        copy.setWord(copy.start(2) + (isWide ? 8 : 4) * arc, value)
        copy.sign()
        #expect(failure(copy)?.exitCode == 65)
      }
    }
  }

  @Test("The verdict does not depend on threads", arguments: [1, 2, 4])
  func threads(count: Int) throws {
    let sample = ContainerSample(nodes: 2000, edges: 6000, isDirected: true, isWeighted: true)
    var file = try ContainerBytes(sample.graph())
    #expect(try file.open(.deep, threads: count).nodeCount == 2000)
    file.setWord(file.start(2) + 4 * 100, UInt32(77_777))
    file.setWord(file.start(3) + 8 * 90, Double.nan.bitPattern)
    file.sign()
    let error = #expect(throws: MillError.self) { try file.open(.deep, threads: count) }
    #expect(error?.kind == .weightNotFinite)
  }

  @Test("Random damage never crashes", arguments: 0..<40 as Range<UInt64>)
  func fuzz(seed: UInt64) throws {
    var random = CounterRandom(seed: seed, stage: "container fuzz")
    let samples = ContainerSample.all.filter { $0.nodes < 100 }
    let sample = samples[Int(random.below(UInt64(samples.count)))]
    let codec = ContainerCodec.allCases[Int(seed % 4)]
    let file = try ContainerBytes(sample.graph(seed: seed), codec: codec, includesInArcs: sample.hasInArcs)
    var interesting = Array(0..<Int(file.word(12, UInt32.self)))
    for i in 0..<Int(file.word(56, UInt32.self)) {
      let start = file.word(64 + 40 * i + 8, Int.self)
      interesting += start..<start + file.word(64 + 40 * i + 16, Int.self)
    }
    for _ in 0..<75 {
      var copy = file
      for _ in 0...random.below(4) { copy.damage(one: interesting, &random) }
      if random.below(10) == 0 { copy.bytes.removeLast(Int(random.below(UInt64(copy.bytes.count)))) }
      if copy.bytes.count >= 64, random.below(5) > 0 { copy.sign() }
      do throws(MillError) {
        let graph = try copy.open(.safe)
        // Whatever got through must be walkable.
        var sum = 0
        for v in 0..<graph.nodeCount {
          for u in graph.neighbors(of: v) { sum += graph.degree(of: u) }
          sum += graph.name(of: v).utf8.count
          if let inArcs = graph.inArcs {
            for arc in Int(inArcs.offsets[v])..<Int(inArcs.offsets[v + 1]) {
              sum += graph.degree(of: inArcs.sources[arc])
            }
          }
        }
        #expect(sum >= 0)
        _ = try copy.open(.deep)
      } catch {
        #expect(error.exitCode == 65 || error.kind == .overBudget, "\(error)")
      }
    }
  }
}
