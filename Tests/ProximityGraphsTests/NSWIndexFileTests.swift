import GraphStore
import MillRuntime
import TestSupport
import Testing
import VectorStore

@testable import ProximityGraphs

@Suite struct NSWIndexFileTests {
  private func sample(_ metric: Metric = .cosine) throws -> NSWIndex {
    var options = NSWOptions()
    options.links = 4
    options.seed = 9
    let table = try Samples.uniform(150, 5)
    for _ in 0..<5 { try table.append([2, 2, 2, 2, 2]) }
    return try NSWIndex(building: table, metric: metric, keys: (0..<155).map { 3 * $0 + 1 }, options: options)
  }

  private func withFiles(_ body: (_ path: String, _ other: String) throws -> Void) throws {
    let folder = TemporaryFolder()
    let (path, other) = (folder.file("a.gmx"), folder.file("b.gmx"))
    try body(path, other)
  }

  @Test("Mapped and loaded indexes answer alike and write the same bytes", arguments: [Metric.cosine, .l2])
  func roundTrip(metric: Metric) throws {
    let index = try sample(metric)
    try withFiles { path, copy in
      #expect(try index.write(to: path) == IndexBytes.read(path).count)
      let original = try IndexBytes.read(path)
      for isMapped in [true, false] {
        for verify in [IndexVerification.quick, .full] {
          let opened = try NSWIndex.open(path, mapped: isMapped, verify: verify)
          #expect(opened.options == index.options && opened.metric == metric && opened.count == 155)
          #expect(opened.degrees == index.degrees && opened.unreachableCount() == 0)
          try opened.write(to: copy, replaces: true)
          #expect(try IndexBytes.read(copy) == original)
          for row in 0..<20 {
            let query = index.vectors.floats(row).map { $0 + 0.01 }
            for options in [flatOptions(restarts: 3), SearchOptions()] {
              #expect(try opened.search(query, k: 7, options: options) == index.search(query, k: 7, options: options))
            }
          }
          #expect(opened.vector(forKey: 4) == index.vector(forKey: 4))
        }
      }
      #expect(throws: MillError.self) { try index.write(to: path) }
    }
  }

  @Test("Empty, and without keys") func small() throws {
    try withFiles { path, copy in
      for count in [0, 1, 2] {
        for metric in [Metric.l2, .cosine] {
          let index = try NSWIndex(building: Samples.uniform(count, 3), metric: metric)
          try index.write(to: path, replaces: true)
          let opened = try NSWIndex.open(path, verify: .full)
          #expect(opened.count == count && !opened.names.hasKeys)
          #expect(try opened.search([1, 2, 3], k: 5).neighbors == index.search([1, 2, 3], k: 5).neighbors)
          try opened.write(to: copy, replaces: true)
          #expect(try IndexBytes.read(copy) == IndexBytes.read(path))
        }
      }
    }
  }

  @Test("The same bytes for every number of threads") func threads() throws {
    try withFiles { path, other in
      let table = try Samples.clustered(500, 10, clusters: 7)
      for threads in [1, 2, 4] {
        let context = RunContext(threads: threads)
        let index = try NSWIndex(building: table, metric: .cosine, context: context)
        try index.write(to: threads == 1 ? path : other, replaces: true, context: context)
        if threads > 1 { #expect(try IndexBytes.read(path) == IndexBytes.read(other)) }
      }
    }
  }

  @Test("Either method is opened by name, and the other one refused") func methods() throws {
    try withFiles { flat, levels in
      try sample().write(to: flat)
      try HNSWIndex(building: Samples.uniform(40, 3), metric: .l2).write(to: levels)
      for (path, method) in [(flat, IndexMethod.nsw), (levels, .hnsw)] {
        let opened = try ProximityIndex.open(path, verify: .full)
        #expect(opened.method == method && opened.count == (method == .nsw ? 155 : 40))
        #expect(opened.metric == (method == .nsw ? .cosine : .l2))
        #expect(try ProximityIndex.open(path, mapped: false).method == method)
      }
      let wrong = [
        #expect(throws: MillError.self) { try HNSWIndex.open(flat) },
        #expect(throws: MillError.self) { try NSWIndex.open(levels) },
      ]
      #expect(wrong.map { $0?.kind } == [.otherMethod, .otherMethod])
      #expect(wrong.map { $0?.file } == [flat, levels])
      #expect(wrong[0]?.exitCode == 65)
    }
  }

  @Test("Cut and changed files are refused, and never crash a search") func damage() throws {
    try withFiles { path, broken in
      try sample().write(to: path)
      let bytes = try IndexBytes.read(path)
      let borders = IndexBytes.borders(bytes)
      #expect(borders.count == 12)
      let cuts = Set([0, 1, 7, 8, 63, 64, 511, 512] + borders.flatMap { [$0 - 1, $0, $0 + 1] })
      for cut in cuts where cut < bytes.count {
        try WholeFile.write(Array(bytes.prefix(cut)), to: broken)
        #expect(throws: MillError.self, "cut at \(cut)") { try NSWIndex.open(broken) }
      }
      try WholeFile.write(bytes + [0], to: broken)
      #expect(throws: MillError.self) { try NSWIndex.open(broken) }
      var magic = bytes
      magic[3] = 0x47
      try WholeFile.write(magic, to: broken)
      #expect(throws: MillError.self) { try ProximityIndex.open(broken) }
      var random = CounterRandom(seed: 4, stage: "damage")
      var opened = 0
      for _ in 0..<200 {
        var changed = bytes
        let at = random.below(4) == 0 ? Int(random.below(700)) : Int(random.below(UInt64(bytes.count)))
        changed[at] ^= UInt8(1 + random.below(255))
        try WholeFile.write(changed, to: broken)
        #expect(throws: MillError.self, "byte \(at)") { try NSWIndex.open(broken, verify: .full) }
        guard let index = try? NSWIndex.open(broken) else { continue }
        opened += 1
        for options in [flatOptions(restarts: 2), flatOptions(restarts: 2, beam: 200)] {
          #expect(try index.search([0.3, 0.1, 0.9, 0.2, 0.5], k: 10, options: options).neighbors.count == 10)
        }
      }
      #expect(opened > 50)
    }
  }

  /// A file of lists that a test wrote by hand, over four points on a line.
  private func craft(
    _ offsets: [UInt64], _ targets: [UInt32], keys: [Int64] = [], to path: String,
    _ change: (inout IndexFile.Parameters) -> Void = { _ in }
  ) throws {
    let table = try VectorTable(rows: [[0], [1], [2], [3]])
    var parameters = IndexFile.Parameters(.nsw, table, .l2)
    parameters.m = 2
    parameters.restarts = 1
    change(&parameters)
    var sections = IndexFile.Sections()
    try sections.addCopy(.parameters, [parameters])
    try sections.addCopy(.listOffsets, offsets)
    try sections.addCopy(.listTargets, targets)
    sections.add(.rows, table.base, 4 * table.stride)
    try sections.addCopy(.keys, keys)
    _ = try withExtendedLifetime(table) {
      try sections.write(to: path, replaces: true, counts: (4, UInt64(targets.count), 0), RunContext(threads: 1))
    }
  }

  private struct BadLists {
    let what: String
    let offsets: [UInt64]
    let targets: [UInt32]

    init(_ what: String, _ offsets: [UInt64], _ targets: [UInt32]) {
      (self.what, self.offsets, self.targets) = (what, offsets, targets)
    }
  }

  @Test("Lists that are none: refused by a full check, searched without harm after a quick one") func lists() throws {
    let good: [UInt64] = [0, 1, 3, 5, 6]
    let line: [UInt32] = [1, 0, 2, 1, 3, 2]
    try withFiles { path, _ in
      try craft(good, line, to: path)
      #expect(try NSWIndex.open(path, verify: .full).unreachableCount() == 0)
      let bad = [
        BadLists("descending offsets", [0, 3, 1, 5, 6], line),
        BadLists("an offset beyond the end", [0, 1, 9, 5, 6], line),
        BadLists("a huge offset", [0, UInt64.max, 3, 5, 6], line),
        BadLists("a target beyond the last", good, [1, 0, 4, 1, 3, 2]),
        BadLists("a huge target", good, [UInt32.max, 0, 2, 1, 3, 2]),
        BadLists("a self-loop", good, [0, 0, 2, 1, 3, 2]), BadLists("a neighbor twice", good, [1, 0, 0, 1, 3, 2]),
        BadLists("a descending list", good, [1, 2, 0, 1, 3, 2]), BadLists("one way only", good, [1, 0, 2, 0, 3, 2]),
        BadLists("one way only", good, [2, 0, 2, 1, 3, 2]),
        BadLists("one way only", [0, 1, 3, 5, 5], [1, 0, 2, 1, 3]),
      ]
      for lists in bad {
        let (what, offsets, targets) = (lists.what, lists.offsets, lists.targets)
        try craft(offsets, targets, to: path)
        let error = #expect(throws: MillError.self, "\(what)") { try NSWIndex.open(path, verify: .full) }
        #expect(error?.kind == .malformed, "\(what)")
        let index = try NSWIndex.open(path)
        for k in [1, 4] {
          let found = try index.search([0.2], k: k, options: flatOptions(restarts: 3)).neighbors
          #expect(found.count == k)
          #expect(found.allSatisfy { $0.key < 4 && $0.distance.isFinite })
        }
        #expect(index.unreachableCount() < 4 && index.degrees.allSatisfy { $0 <= 6 })
        #expect(try index.neighborGraph(k: 2, options: flatOptions(restarts: 1)).nodeCount == 4)
      }
      // Ends that do not agree are seen at once.
      let ends: [[UInt64]] = [
        [0, 1, 3, 5, 5], [1, 1, 3, 5, 6], [0, 1, 3, 5, UInt64.max], [0, 1, 3, 6], [0, 1, 3, 5, 6, 6], [],
      ]
      for offsets in ends {
        try craft(offsets, line, to: path)
        #expect(throws: MillError.self) { try NSWIndex.open(path) }
      }
    }
  }

  @Test("Keys and parameters that are impossible") func values() throws {
    let (offsets, targets): ([UInt64], [UInt32]) = ([0, 1, 3, 5, 6], [1, 0, 2, 1, 3, 2])
    try withFiles { path, _ in
      try craft(offsets, targets, keys: [3, 1, 4, 5], to: path)
      #expect(try NSWIndex.open(path, verify: .full).search([0], k: 1).neighbors[0].key == 3)
      for keys in [[3, 1, 3, 5], [3, 1, -3, 5]] as [[Int64]] {
        try craft(offsets, targets, keys: keys, to: path)
        #expect(throws: MillError.self) { try NSWIndex.open(path, verify: .full) }
        #expect(try NSWIndex.open(path).search([0], k: 4).neighbors.count == 4)
      }
      try craft(offsets, targets, keys: [1, 2, 3], to: path)
      #expect(throws: MillError.self) { try NSWIndex.open(path) }
      let changes: [(inout IndexFile.Parameters) -> Void] = [
        { $0.m = 0 }, { $0.m = 1025 }, { $0.restarts = 0 }, { $0.restarts = .max }, { $0.dimension = 0 },
        { $0.dimension = .max }, { $0.stride = 0 }, { $0.stride = .max }, { $0.metric = 99 }, { $0.element = 99 },
        { $0.metric = Metric.hamming.fileNumber }, { $0.metric = Metric.cosine.fileNumber },
        { $0.method = 2 }, { $0.method = 0 }, { $0.kernelOrder = 7 },
      ]
      for (i, change) in changes.enumerated() {
        try craft(offsets, targets, to: path, change)
        let error = #expect(throws: MillError.self, "change \(i)") { try NSWIndex.open(path) }
        #expect(error?.exitCode == 65, "change \(i)")
      }
    }
  }

  @Test("Hostile counts in a header whose checksum is right") func counts() throws {
    try withFiles { path, _ in
      try craft([0, 1, 3, 5, 6], [1, 0, 2, 1, 3, 2], to: path)
      let bytes = try IndexBytes.read(path)
      let powers: [UInt64] = [31, 32, 60, 61, 62, 63].flatMap { power in [1 << power, (1 << power) - 1] as [UInt64] }
      let hostile: [UInt64] = [0, 1, 3, 5, 7, .max] + powers
      for place in [24, 32, 40] {
        for value in hostile where value != IndexBytes.word(bytes, place) {
          var changed = bytes
          IndexBytes.put(value, at: place, &changed)
          IndexBytes.fixHeader(&changed)
          try WholeFile.write(changed, to: path)
          let error = #expect(throws: MillError.self, "\(value) at \(place)") { try ProximityIndex.open(path) }
          #expect(error?.exitCode == 65)
        }
      }
    }
  }
}
