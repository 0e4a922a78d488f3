import MillRuntime
import Testing
import VectorStore

@testable import ProximityGraphs

@Suite struct IndexMutationTests {
  /// CRC-32C of the header with its own field as zero.
  private func fixHeader(_ bytes: inout [UInt8]) {
    let length = Int(bytes[12]) | Int(bytes[13]) << 8
    guard (64...bytes.count).contains(length) else { return }
    var sum = ~UInt32(0)
    for i in 0..<length {
      sum ^= (60..<64).contains(i) ? 0 : UInt32(bytes[i])
      for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0x82f6_3b78 : sum >> 1 }
    }
    for i in 0..<4 { bytes[60 + i] = UInt8(truncatingIfNeeded: ~sum >> UInt32(8 * i)) }
  }

  @Test("Changed bytes under a right checksum are refused or searched, renumbered and changed without a crash")
  func mutations() throws {
    let path = TemporaryFile.path("mutated.gmx")
    defer { TemporaryFile.remove(path) }
    var options = HNSWOptions()
    options.m = 4
    options.efConstruction = 20
    let table = try Samples.uniform(120, 5)
    for _ in 0..<5 { try table.append([2, 2, 2, 2, 2]) }
    let index = try HNSWIndex(building: table, metric: .l2, keys: (0..<125).map { 3 * $0 }, options: options)
    try index.remove(key: 6)
    try index.quantize(.uint8)
    try index.write(to: path)
    let file = try MappedFile(path: path)
    let original = withExtendedLifetime(file) { Array(file.bytes) }
    var random = CounterRandom(seed: 21, stage: "mutations")
    var opened = 0
    let query: [Float] = [0.5, 0.5, 0.5, 0.5, 0.5]
    for _ in 0..<150 {
      var bytes = original
      for _ in 0...random.below(4) {
        let isHead = random.below(3) == 0
        let at = isHead ? Int(random.below(700)) : 4096 + Int(random.below(UInt64(bytes.count - 4096)))
        bytes[at] = random.below(2) == 0 ? 255 : UInt8(random.below(256))
      }
      fixHeader(&bytes)
      try WholeFile.write(bytes, to: path)
      if let mapped = try? HNSWIndex.open(path), mapped.dimension == 5 {
        opened += 1
        var search = graphOptions(ef: 30)
        _ = try mapped.search(query, k: 10, options: search)
        _ = try mapped.search(query, radius: 1)
        _ = mapped.unreachableCount() + mapped.linkCount + mapped.levelCounts.count
        search.filter = mapped.filter { $0 % 2 == 0 }
        #expect(try mapped.search(query, k: 10, options: search).neighbors.allSatisfy { $0.id % 2 == 0 })
        #expect(try mapped.pages(query, options: search).next(7).count <= 7)
      }
      guard let loaded = try? HNSWIndex.open(path, mapped: false), loaded.dimension == 5 else { continue }
      try loaded.reorder(context: RunContext(threads: 1))
      _ = try? loaded.add(query, key: 1)
      _ = try? loaded.compact(context: RunContext(threads: 1))
      _ = try loaded.search(query, k: 3, options: graphOptions(ef: 10))
    }
    #expect(opened > 20)
  }
}
