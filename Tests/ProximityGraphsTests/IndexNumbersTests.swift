import MillRuntime
import TestSupport
import Testing
import VectorStore

@testable import ProximityGraphs

@Suite struct IndexNumbersTests {
  private func withFile(_ bytes: [UInt8], _ body: (_ path: String, _ copy: String) throws -> Void) throws {
    let folder = TemporaryFolder()
    let (path, copy) = (folder.file("golden.gmx"), folder.file("copy.gmx"))
    try WholeFile.write(bytes, to: path)
    try body(path, copy)
  }

  /// Opens a file fully checked, mapped and loaded; both write it again byte for byte.
  private func check(_ bytes: [UInt8], _ look: (ProximityIndex) throws -> Void) throws {
    try withFile(bytes) { path, copy in
      for isMapped in [true, false] {
        let index = try ProximityIndex.open(path, mapped: isMapped, verify: .full)
        try look(index)
        try index.write(to: copy, replaces: true)
        #expect(try IndexBytes.read(copy) == bytes)
      }
    }
  }

  @Test("Files of an earlier version open, say what they said, and are written again byte for byte")
  func goldenFiles() throws {
    try check(GoldenIndexFiles.cosine) { opened in
      let index = try #require(opened.index as? HNSWIndex)
      #expect(index.metric == .cosine && index.vectors.elementType == .float32)
      #expect(
        index.options == HNSWOptions(m: 2, efConstruction: 8, repair: .reach, shuffles: true, seed: 9))
      #expect(index.keys == GoldenIndexFiles.keys && index.quantization == .bfloat16)
      #expect(try index.search([3, 4, 0.1], k: 1, options: SearchOptions(exact: .always)).keys == [3])
    }
    try check(GoldenIndexFiles.shuffled) { opened in #expect(opened.keys == GoldenIndexFiles.keys) }
    try check(GoldenIndexFiles.jaccard) { opened in
      let index = try #require(opened.index as? HNSWIndex)
      #expect(index.metric == .jaccard && index.vectors.elementType == .bit && index.dimension == 40)
      #expect(
        index.options == HNSWOptions(m: 2, keepsPruned: false, repair: .none, isSequential: true, shuffles: false))
      #expect(index.count == 6 && index.quantization == nil)
    }
    try check(GoldenIndexFiles.flat) { opened in
      let index = try #require(opened.index as? NSWIndex)
      #expect(index.metric == .l1 && index.options == NSWOptions(links: 2, buildRestarts: 3))
      #expect(index.keys == GoldenIndexFiles.keys)
    }
    try check(GoldenIndexFiles.bytes) { opened in
      let index = try #require(opened.index as? HNSWIndex)
      #expect(index.metric == .l2 && index.options == HNSWOptions(m: 2, shuffles: false))
      #expect(index.quantization == .uint8 && index.report == BuildReport())
    }
  }

  @Test("The same vectors and settings still give those files") func goldenBuilds() throws {
    let table = try VectorTable(rows: GoldenIndexFiles.vectors)
    let keys = GoldenIndexFiles.keys
    try withFile([]) { path, _ in
      let cosine = try HNSWIndex(
        building: table, metric: .cosine, keys: keys,
        options: HNSWOptions(m: 2, efConstruction: 8, repair: .reach, shuffles: true, seed: 9))
      try cosine.quantize(.bfloat16)
      try cosine.write(to: path, replaces: true)
      #expect(try IndexBytes.read(path) == GoldenIndexFiles.shuffled)
      let bytes = try HNSWIndex(building: table, metric: .l2, options: HNSWOptions(m: 2, shuffles: false))
      try bytes.quantize(.uint8)
      try bytes.write(to: path, replaces: true)
      #expect(try IndexBytes.read(path) == GoldenIndexFiles.bytes)
      let flat = try NSWIndex(
        building: table, metric: .l1, keys: keys, options: NSWOptions(links: 2, buildRestarts: 3))
      try flat.write(to: path, replaces: true)
      #expect(try IndexBytes.read(path) == GoldenIndexFiles.flat)
    }
  }

  /// The numbers of files that exist. A failure here means that files would be read as something else: give a new case
  /// a new number, never change one.
  @Test func numbersStandForEver() {
    #expect(
      Dictionary(uniqueKeysWithValues: Metric.allCases.map { ($0.rawValue, $0.fileNumber) }) == [
        "l2": 0, "ip": 1, "cos": 2, "l1": 3, "chebyshev": 4, "hamming": 5, "jaccard": 6, "js": 7, "jeffreys": 8,
      ])
    let elements = Dictionary(uniqueKeysWithValues: ElementType.allCases.map { ($0.rawValue, $0.fileNumber) })
    for (name, number) in ["f32": 0, "f16": 1, "bf16": 2, "u8": 3, "b1": 4] as [String: UInt32] {
      #expect(elements[name] == number)
    }
    #expect(Set(elements.values).count == elements.count)
    #expect(NeighborSelection.simple.fileNumber == 0 && NeighborSelection.heuristic.fileNumber == 1)
    #expect(ConnectivityRepair.allCases.map(\.fileNumber) == [0, 1, 2])
    #expect(
      [Quantization.uint8, .bfloat16, .float16, .bit].map(\.fileNumber) == [1, 2, 3, 4])
    #expect([IndexFile.Content.hnsw, .nsw, .objects].map(\.fileNumber) == [0, 1, 2])
    let switches: [IndexFile.Switches] = [.extendsCandidates, .keepsPruned, .isSequential, .shuffles]
    #expect(switches.map(\.rawValue) == [1, 2, 4, 8])
  }

  @Test func unknownSwitchesAreRefused() throws {
    var bytes = GoldenIndexFiles.bytes
    // In the parameters, the first section.
    let offset = try #require(MemoryLayout<IndexFile.Parameters>.offset(of: \.switches))
    let place = Int(IndexBytes.word(bytes, 64 + 8)) + offset
    #expect(bytes[place] == 2)
    bytes[place] = 2 | 16
    IndexBytes.fixAll(&bytes)
    try withFile(bytes) { path, _ in
      #expect(refusal { _ = try ProximityIndex.open(path) }?.kind == .unsupportedVersion)
    }
  }
}
