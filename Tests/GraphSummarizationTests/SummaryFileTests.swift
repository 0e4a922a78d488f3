import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import GraphSummarization

/// What a file holds.
func fileBytes(_ path: String) throws -> [UInt8] {
  let file = try MappedFile(path: path, mapped: false)
  return withExtendedLifetime(file) { Array(file.bytes) }
}

@Suite struct SummaryFileTests {
  private func bytes(_ path: String) throws -> [UInt8] { try fileBytes(path) }

  @Test("Every summary comes back as it was", arguments: TestGraph.small + [.nested(90, seed: 4), .clique(40)])
  func roundTrip(test: TestGraph) throws {
    let folder = TemporaryFolder()
    let graph = try test.frozen()
    let summary = try summarize(of: graph).summary
    for compresses in [false, true] {
      var options = SummaryFileOptions()
      options.compresses = compresses
      options.provenance = compresses ? "{}" : nil
      let path = folder.file("\(compresses).gms")
      let report = try writeSummary(summary, to: path, options: options)
      let content = try bytes(path)
      #expect(content.count == report.bytes)
      let back = try readSummary(path)
      #expect(back.isIdentical(to: summary))
      #expect(try areEqual(back.restore(), summary.restore()))
      #expect(try back.restore().isIdentical(to: graph))
      #expect(try areEqual(back.restoreSimple(), graph.simplified()))
    }
  }

  @Test func namesAreKept() throws {
    let folder = TemporaryFolder()
    let graph = try TestGraph.star(5).frozen()
    for named in [try graph.named(["a", "", "long name", "ä", "z"]), try graph.named([3, 5, 6, 1 << 40, 1 << 60])] {
      let path = folder.file("\(named.name(of: 0)).gms")
      try writeSummary(try summarize(of: named).summary, to: path)
      #expect(areEqual(try readSummary(path).restore(), named))
    }
    #expect(throws: MillError.self) { try writeSummary(summarize(of: graph).summary, to: folder.file("3.gms")) }
  }

  @Test("Every changed byte is noticed", arguments: [false, true]) func damage(compresses: Bool) throws {
    let folder = TemporaryFolder()
    let graph = try TestGraph.nested(60, seed: 9).frozen().named((0..<60).map { UInt64($0 * 3) })
    let summary = try summarize(of: graph).summary
    var options = SummaryFileOptions()
    options.compresses = compresses
    try writeSummary(summary, to: folder.file("a.gms"), options: options)
    let sound = try bytes(folder.file("a.gms"))
    for place in 0..<sound.count {
      var damaged = sound
      damaged[place] ^= UInt8(1 << (place % 8))
      #expect(throws: MillError.self, "byte \(place)") { try damaged.withUnsafeBytes { try readSummary(bytes: $0) } }
    }
    for length in stride(from: 0, to: sound.count, by: 97) {
      #expect(throws: MillError.self) { try sound[..<length].withUnsafeBytes { try readSummary(bytes: $0) } }
    }
    let longer = sound + [0]
    #expect(throws: MillError.self) { try longer.withUnsafeBytes { try readSummary(bytes: $0) } }
  }

  /// The bit streams behind the checksums: whatever they hold, decoding ends in an error or in a sound summary.
  @Test("Decoders stand any bits", arguments: 0..<40) func fuzzing(seed: Int) throws {
    let summary = try summarize(of: TestGraph.nested(50, seed: UInt64(seed)).frozen()).summary
    let (order, number) = SummaryFileCoding.preorder(summary)
    let hierarchy = SummaryFileCoding.encodeHierarchy(summary, order: order).bytes
    let edges = SummaryFileCoding.encodeEdges(summary, number: number).bytes
    var random = TestRandom(state: UInt64(seed))
    var refused = 0
    for _ in 0..<200 {
      var (a, b) = (hierarchy, edges)
      for _ in 0...random.below(3) {
        if random.below(2) == 0 { a[random.below(a.count)] ^= UInt8(1 << random.below(8)) }
        b[random.below(b.count)] ^= UInt8(1 << random.below(8))
      }
      if random.below(4) == 0 { a.removeLast(random.below(a.count)) }
      do throws(MillError) {
        let total = summary.positiveEdgeCount + summary.negativeEdgeCount
        let forest = try decodeForest(a, summary)
        let list = try decodeList(b, forest.order, total, summary.negativeEdgeCount)
        let draft = SummaryDraft(
          leafCount: summary.nodeCount, count: summary.supernodeCount, parent: forest.parent, edges: list)
        let back = try GraphSummary(draft, edgeCount: summary.edgeCount, names: .dense)
        try back.validate()
        for v in 0..<back.nodeCount { _ = back.neighbors(of: v) }
        _ = try back.restore()
      } catch {
        refused += 1
        #expect(error.exitCode == 65)
      }
    }
    #expect(refused > 0)
  }

  private func decodeForest(
    _ bytes: [UInt8], _ summary: GraphSummary
  ) throws(MillError) -> (parent: [UInt32], order: [UInt32]) {
    let buffer = try FlatBuffer<UInt8>(count: bytes.count)
    for (i, byte) in bytes.enumerated() { buffer.base[i] = byte }
    let result = try SummaryFileCoding.decodeHierarchy(
      UnsafeRawBufferPointer(buffer.elements), leafCount: summary.nodeCount, count: summary.supernodeCount)
    withExtendedLifetime(buffer) {}
    return result
  }

  private func decodeList(
    _ bytes: [UInt8], _ order: [UInt32], _ count: Int, _ negatives: Int
  ) throws(MillError) -> EdgeList {
    let buffer = try FlatBuffer<UInt8>(count: bytes.count)
    for (i, byte) in bytes.enumerated() { buffer.base[i] = byte }
    let result = try SummaryFileCoding.decodeEdges(
      UnsafeRawBufferPointer(buffer.elements), order: order, count: count, negatives: negatives)
    withExtendedLifetime(buffer) {}
    return result
  }

  @Test("Zeta codes come back, at their computed length", arguments: 1...7) func zeta(k: Int) throws {
    let values: [UInt64] = (1...300).map { $0 } + [1 << 16, 123_456_789, (1 << 32) - 1]
    var writer = BitWriter()
    for value in values {
      let before = writer.count
      writer.writeZeta(value, k: k)
      #expect(writer.count - before == BitWriter.zetaLength(value, k: k))
    }
    writer.finish()
    let failure: MillError? = writer.bytes.withUnsafeBytes { bytes in
      do throws(MillError) {
        var reader = BitReader(bytes)
        for value in values { #expect(try reader.readZeta(k: k) == value) }
        let isAtEnd = reader.isAtEnd()
        #expect(isAtEnd)
        return nil
      } catch {
        return error
      }
    }
    #expect(failure == nil)
  }
}
