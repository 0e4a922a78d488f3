import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import GraphSummarization

/// A file as the first version wrote it: a clique of eight less an edge, and a ninth node at the first one; seed 7.
///
/// Its sections stand at multiples of a page, with zeros between.
struct VersionOneFile: Sendable {
  let length: Int
  let pieces: [(offset: Int, digits: String)]
  /// What the nodes are called.
  let names: [String]
  /// The kinds of its sections.
  let kinds: [SummaryFile.Kind]

  var bytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: length)
    for piece in pieces {
      let digits = piece.digits.compactMap(\.hexDigitValue)
      for i in 0..<digits.count / 2 { bytes[piece.offset + i] = UInt8(16 * digits[2 * i] + digits[2 * i + 1]) }
    }
    return bytes
  }

  /// The graph that was summarized.
  func graph() throws -> CSRGraph {
    let clique = (0..<8).flatMap { u in (0..<u).map { ($0, u) } }.filter { $0 != (6, 7) }
    let graph = try CSRGraph(nodeCount: 9, edges: clique + [(0, 8)])
    return try names[0] == "10" ? graph.named(names.compactMap { UInt64($0) }) : graph.named(names)
  }

  static let all = [labels, ids]

  static let labels = VersionOneFile(
    length: 20507,
    pieces: [
      (
        0,
        """
        89474d530d0a1a0a0100000040010000020000000000000009000000000000001c000000000000000a00000000000000 \
        1b5000000000000005000000063cb5720100000000000000001000000000000010000000000000001000000000000000 \
        6fa5aae8761cd31c0200000000000000002000000000000004000000000000000400000000000000a797534e6fbaffe5 \
        03000000000000000030000000000000080000000000000008000000000000007f9f666cb9ed69180500000002000000 \
        00400000000000000900000000000000480000000000000000d8a999e009709406000000000000000050000000000000 \
        1b000000000000001b0000000000000003fedd47d9137f88
        """
      ),
      (4096, "03000000000000000100000000000000"),
      (8192, "019ffff0"),
      (12288, "0101036842fd2f00"),
      (16384, "030303030303030303"),
      (20480, "616e6e626f6263796464616e65766566617967757368616c696461"),
    ], names: ["ann", "bob", "cyd", "dan", "eve", "fay", "gus", "hal", "ida"],
    kinds: [.counts, .hierarchy, .edges, .labelOffsets, .labelBytes])

  static let ids = VersionOneFile(
    length: 16393,
    pieces: [
      (
        0,
        """
        89474d530d0a1a0a0100000000010000010000000000000009000000000000001c000000000000000a00000000000000 \
        09400000000000000400000063a297ad0100000000000000001000000000000010000000000000001000000000000000 \
        6fa5aae8761cd31c0200000000000000002000000000000004000000000000000400000000000000a797534e6fbaffe5 \
        03000000000000000030000000000000080000000000000008000000000000007f9f666cb9ed69180400000002000000 \
        00400000000000000900000000000000480000000000000085d18553f0155e75
        """
      ),
      (4096, "03000000000000000100000000000000"),
      (8192, "019ffff0"),
      (12288, "0101036842fd2f00"),
      (16384, "0a0a0a0a0a0a0a0a0a"),
    ], names: (1...9).map { "\(10 * $0)" }, kinds: [.counts, .hierarchy, .edges, .originalIDs])
}

@Suite struct SummaryVersionTests {
  @Test("Files of version 1 open, and give their graph back", arguments: VersionOneFile.all)
  func opens(file: VersionOneFile) throws {
    let folder = TemporaryFolder()
    let summary = try readSummary(folder.file("one.gms", file.bytes))
    let graph = try file.graph()
    #expect(summary.side == nil && summary.cost == 11 && summary.inputEdgeCount == 28)
    #expect(try summary.restore().isIdentical(to: graph))
    #expect(try areEqual(summary.restore(), graph))
    #expect((0..<9).map { summary.names.text(of: $0) } == file.names)
  }

  @Test("The sections of the model hold the bytes of version 1, in a smaller file", arguments: VersionOneFile.all)
  func sections(file: VersionOneFile) throws {
    let folder = TemporaryFolder()
    let summary = try summarize(of: file.graph(), options: .init(seed: 7)).summary
    let report = try writeSummary(summary, to: folder.file("two.gms"))
    let now = try #require(folder.bytes(of: "two.gms"))
    #expect(report.bytes == now.count && now.count < 600 && now[8] == 2)
    let old = try contents(file.bytes)
    #expect(old.count == file.kinds.count)
    #expect(try contents(now) == old)
  }

  @Test("What a file of version 1 cannot have is refused") func refusesSideFlags() throws {
    var bytes = VersionOneFile.ids.bytes
    bytes[16] |= UInt8(SummarySide.Flags.directed.rawValue)
    bytes.replaceSubrange(60..<64, with: [0, 0, 0, 0])
    let sum = bytes[..<256].withUnsafeBytes { crc32c($0) }
    for i in 0..<4 { bytes[60 + i] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * i)) }
    let error = #expect(throws: MillError.self) { try bytes.withUnsafeBytes { try readSummary(bytes: $0) } }
    #expect(error?.kind == .malformed && error?.message.contains("version 1") == true)
  }

  /// The stored bytes of each section, by kind.
  private func contents(_ bytes: [UInt8]) throws -> [UInt32: [UInt8]] {
    try bytes.withUnsafeBytes { bytes in
      let file = try SectionFile(bytes, format: SummaryFile.format)
      return Dictionary(uniqueKeysWithValues: file.sections.map { ($0.kind, Array(file.content($0))) })
    }
  }
}
