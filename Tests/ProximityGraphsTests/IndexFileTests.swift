import MillRuntime
import TestSupport
import Testing
import VectorStore

@testable import ProximityGraphs

@Suite struct IndexFileTests {
  private func sample() throws -> HNSWIndex {
    var options = HNSWOptions()
    options.m = 4
    options.efConstruction = 20
    let table = try Samples.uniform(150, 5)
    for _ in 0..<5 { try table.append([2, 2, 2, 2, 2]) }
    let keys = (0..<155).map { 3 * $0 + 1 }
    let index = try HNSWIndex(building: table, metric: .cosine, keys: keys, options: options)
    try index.remove(key: 4)
    try index.quantize(.uint8)
    return index
  }

  private func read(_ path: String) throws -> [UInt8] {
    let file = try MappedFile(path: path)
    return withExtendedLifetime(file) { Array(file.bytes) }
  }

  @Test("Mapped and loaded indexes answer alike and write the same bytes")
  func roundTrip() throws {
    let index = try sample()
    let folder = TemporaryFolder()
    let path = folder.file("a.gmx")
    let copy = folder.file("b.gmx")
    try index.write(to: path)
    let original = try read(path)
    for isMapped in [true, false] {
      let opened = try HNSWIndex.open(path, mapped: isMapped, verify: .full)
      #expect(opened.options == index.options)
      #expect(opened.isReadOnly == isMapped)
      try opened.write(to: copy, replaces: true)
      #expect(try read(copy) == original)
      for row in 0..<20 {
        let query = index.vectors.floats(row).map { $0 + 0.01 }
        #expect(
          try opened.search(query, k: 7, options: graphOptions(ef: 20))
            == index.search(query, k: 7, options: graphOptions(ef: 20)))
      }
    }
    let mapped = try HNSWIndex.open(path)
    #expect(refusal { _ = try mapped.add([1, 2, 3, 4, 5]) }?.kind == .readOnlyIndex)
    #expect(refusal { _ = try mapped.remove(key: 1) }?.kind == .readOnlyIndex)
    #expect(refusal { _ = try mapped.compact() }?.kind == .readOnlyIndex)
    let loaded = try HNSWIndex.open(path, mapped: false)
    #expect(try loaded.add([1, 2, 3, 4, 5]) == 3 * 154 + 2)
    #expect(throws: MillError.self) { try index.write(to: path) }
  }

  @Test("Cut and changed files are refused, and never crash a search")
  func damage() throws {
    let folder = TemporaryFolder()
    let path = folder.file("a.gmx")
    let broken = folder.file("broken.gmx")
    try sample().write(to: path)
    let bytes = try read(path)
    var cuts = [0, 1, 7, 8, 63, 64, bytes.count - 1]
    for border in stride(from: 4096, to: bytes.count, by: 4096) { cuts += [border - 1, border, border + 1] }
    for cut in cuts where cut < bytes.count {
      try WholeFile.write(Array(bytes.prefix(cut)), to: broken)
      #expect(throws: MillError.self, "cut at \(cut)") { try HNSWIndex.open(broken) }
    }
    try WholeFile.write(bytes + [0], to: broken)
    #expect(throws: MillError.self) { try HNSWIndex.open(broken) }
    var random = CounterRandom(seed: 4, stage: "damage")
    var opened = 0
    for _ in 0..<300 {
      var changed = bytes
      let at = random.below(4) == 0 ? Int(random.below(700)) : Int(random.below(UInt64(bytes.count)))
      changed[at] ^= UInt8(1 + random.below(255))
      try WholeFile.write(changed, to: broken)
      #expect(throws: MillError.self, "byte \(at)") { try HNSWIndex.open(broken, verify: .full) }
      // Without verification: an error, or an index that can be searched whatever its links say.
      guard let index = try? HNSWIndex.open(broken) else { continue }
      opened += 1
      for ef in [5, 200] {
        let found = try index.search([0.3, 0.1, 0.9, 0.2, 0.5], k: 10, options: graphOptions(ef: ef)).neighbors
        #expect(found.count <= 155)
      }
    }
    #expect(opened > 50)
  }
}
