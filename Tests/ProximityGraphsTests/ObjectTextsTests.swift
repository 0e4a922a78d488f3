import GraphStore
import MillRuntime
import TestSupport
import Testing
import VectorStore

@testable import ProximityGraphs

/// Names of objects: kept through files, changes, searches and graphs.
@Suite struct ObjectTextsTests {
  private let words = ["zoë", "ann", "d, e", "#4", "bob", "cy", "007", "東京"]
  private let rows: [[Float]] = [[0, 0], [1, 0], [0, 1], [5, 5], [5, 6], [6, 5], [9, 9], [9, 8]]

  private func index(_ method: IndexMethod, metric: Metric = .l2) throws -> any VectorIndex {
    let table = try VectorTable(rows: rows)
    return switch method {
    case .hnsw: try HNSWIndex(building: table, metric: metric, naming: .names(words), options: HNSWOptions(m: 4))
    case .nsw: try NSWIndex(building: table, metric: metric, naming: .names(words), options: NSWOptions(links: 4))
    }
  }

  @Test("Names through a file and back, byte for byte", arguments: IndexMethod.allCases)
  func files(method: IndexMethod) throws {
    let folder = TemporaryFolder()
    let (path, copy) = (folder.file("named.gmx"), folder.file("copy.gmx"))
    let built = try index(method)
    try built.write(to: path, replaces: false, context: RunContext())
    for isMapped in [true, false] {
      let opened = try ProximityIndex.open(path, mapped: isMapped, verify: .full)
      for index in [built, opened] {
        #expect(index.isNamed && index.keys == Array(0..<8))
        #expect(index.keys.map { index.name(ofKey: $0) } == words)
        #expect(words.map { index.key(named: $0) } == Array(0..<8))
        #expect(index.key(named: "no one") == nil && index.name(ofKey: 8) == nil && index.key(named: "") == nil)
        #expect(try index.search([5, 5.2], k: 2).keys.map { index.name(ofKey: $0) } == ["#4", "bob"])
        let among = index.filter(names: ["東京", "ann", "nobody"])
        #expect(among.count == 2)
        let found = try index.search([0, 0], k: 3, options: SearchOptions(), filter: among)
        #expect(found.keys.map { index.name(ofKey: $0) } == ["ann", "東京"])
      }
      try opened.write(to: copy, replaces: true)
      #expect(try IndexBytes.read(copy) == IndexBytes.read(path))
    }
  }

  @Test("An index without names has none, and its file no section for them") func unnamed() throws {
    let table = try VectorTable(rows: rows)
    for keys in [nil, VectorKeys.numbers([7, 3, 12, 5, 9, 1, 2, 40])] {
      let index = try HNSWIndex(building: table, metric: .l2, naming: keys)
      #expect(!index.isNamed && index.name(ofKey: index.keys[0]) == nil && index.key(named: "7") == nil)
      let folder = TemporaryFolder()
      try index.write(to: folder.file("a.gmx"))
      let bytes = try IndexBytes.read(folder.file("a.gmx"))
      #expect(!(0..<Int(bytes[56])).contains { [19, 20].contains(bytes[64 + 40 * $0]) })
      #expect(throws: MillError.self) { try index.add([1, 1], name: "new") }
    }
  }

  @Test("What cannot be a name is refused with its row") func refusals() throws {
    let table = try VectorTable(rows: rows)
    var names = words
    names[6] = "ann"
    for body in [
      { (keys: VectorKeys) in _ = try HNSWIndex(building: table, metric: .l2, naming: keys) },
      { (keys: VectorKeys) in _ = try NSWIndex(building: table, metric: .l2, naming: keys) },
    ] {
      let twice = refusal { try body(.names(names)) }
      #expect(twice?.kind == .duplicateKey && twice?.message.hasSuffix("in row 1 and in row 6") == true)
      let key = refusal { try body(.numbers([0, 1, 2, 3, 4, 5, 1, 7])) }
      #expect(key?.kind == .duplicateKey && key?.message == "the key 1 occurs twice, in row 1 and in row 6")
      let empty = refusal { try body(.names(words.dropLast() + [""])) }
      #expect(empty?.kind == .emptyName && empty?.message.contains("row 7") == true)
      #expect(refusal { try body(.names(["one"])) }?.kind == .keyCount)
    }
  }

  @Test("Adding, replacing, removing, compacting and renumbering keep names") func changes() throws {
    let index = try #require(try self.index(.hnsw, metric: .cosine) as? HNSWIndex)
    _ = index.key(named: "ann")
    #expect(try index.add([3, 1], name: "new") == 8)
    #expect(index.key(named: "new") == 8 && index.name(ofKey: 8) == "new")
    #expect(refusal { try index.add([3, 1], name: "ann") }?.kind == .duplicateKey)
    #expect(refusal { try index.add([3, 1], name: "") }?.kind == .emptyName)
    #expect(refusal { try index.add([3, 1]) }?.kind == .badOption)
    #expect(try index.add([1, 3], name: "bob", replace: true) == 4)
    #expect(index.name(ofKey: 4) == "bob" && index.count == 9)
    try index.remove(key: 5)
    #expect(index.key(named: "cy") == nil && index.name(ofKey: 5) == nil)
    let folder = TemporaryFolder()
    try index.write(to: folder.file("removed.gmx"))
    let opened = try HNSWIndex.open(folder.file("removed.gmx"), mapped: false, verify: .full)
    for index in [index, opened] {
      try index.reorder()
      #expect(index.key(named: "007") == 6 && index.key(named: "bob") == 4)
      try index.compact()
      #expect(index.count == 8)
      #expect(
        index.keys.map { index.name(ofKey: $0) ?? "" }.sorted() == (words.filter { $0 != "cy" } + ["new"]).sorted())
      #expect(try index.search([3, 1], k: 1).keys.map { index.name(ofKey: $0) } == ["new"])
      try index.update([9, -1], key: 8)
      #expect(index.key(named: "new") == 8)
    }
    let empty = try HNSWIndex(dimension: 2, metric: .l2)
    try empty.add([0, 0], name: "first")
    #expect(empty.isNamed && empty.key(named: "first") == 0)
  }

  @Test("The nodes of a neighbor graph are called by the names", arguments: IndexMethod.allCases)
  func graphs(method: IndexMethod) throws {
    let index = try index(method)
    let graph = try index.neighborGraph(
      k: 1, symmetry: .directed, isWeighted: false, options: SearchOptions(), context: RunContext())
    #expect((0..<8).map { graph.name(of: $0) } == words)
    let node = try #require(graph.node(named: "007"))
    #expect(graph.neighbors(of: node).map { graph.name(of: Int($0)) } == ["東京"])
  }

  @Test("Names that lie wrongly in a file are refused") func damage() throws {
    let folder = TemporaryFolder()
    let path = folder.file("named.gmx")
    try index(.hnsw).write(to: path, replaces: false, context: RunContext())
    let good = try IndexBytes.read(path)
    func place(_ kind: UInt8) throws -> Int {
      let entry = try #require((0..<Int(good[56])).first { good[64 + 40 * $0] == kind })
      return Int(IndexBytes.word(good, 64 + 40 * entry + 8))
    }
    let (offsets, texts) = (try place(19), try place(20))
    let changes: [(String, (inout [UInt8]) -> Void)] = [
      ("a first offset", { $0[offsets] = 1 }), ("descending", { $0[offsets + 16] = 1 }),
      ("beyond", { $0[offsets + 64 + 6] = 1 }),
      ("an empty name", { for i in 0..<8 { $0[offsets + 8 + i] = 0 } }),
      ("no text", { $0[texts] = 0xff }),
      ("twice", { $0.replaceSubrange(texts + 4..<texts + 7, with: Array("bob".utf8)) }),
    ]
    for (what, change) in changes {
      var bytes = good
      change(&bytes)
      IndexBytes.fixAll(&bytes)
      try WholeFile.write(bytes, to: path)
      #expect(refusal { _ = try ProximityIndex.open(path, verify: .full) }?.kind == .malformed, "\(what)")
      if let index = try? ProximityIndex.open(path) { _ = index.keys.map { index.name(ofKey: $0) } }
    }
  }
}
