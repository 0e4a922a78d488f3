import GraphStore
import MillRuntime
import TestSupport
import Testing
import VectorStore

@testable import ProximityGraphs

@Suite struct ObjectIndexFileTests {
  private struct Length: ObjectSpace {
    func distance(_ a: String, _ b: String) -> Float { Float(abs(a.utf8.count - b.utf8.count)) }
  }

  private let words = (0..<120).map { i in String(repeating: "x", count: i % 17) + "\(i * i % 91)" }

  private func withFiles(_ body: (_ path: String, _ other: String) throws -> Void) throws {
    let folder = TemporaryFolder()
    let (path, other) = (folder.file("objects.gmx"), folder.file("other.gmx"))
    try body(path, other)
  }

  private func open(_ path: String, spaceName: String? = nil) throws -> ObjectIndex<Length> {
    try ObjectIndex.open(path, space: Length(), spaceName: spaceName, verify: .full) {
      String(validating: $0, as: UTF8.self)
    }
  }

  @Test("An index with its objects opens as it was, and is written again byte for byte") func withObjects() throws {
    let index = try ObjectIndex(building: ObjectTable(Length(), words), options: HNSWOptions(m: 4))
    try withFiles { path, copy in
      #expect(try index.write(to: path) { Array($0.utf8) } == IndexBytes.read(path).count)
      let opened = try open(path)
      #expect((0..<120).map { opened.objects[$0] } == words)
      #expect(opened.options == index.options && opened.unreachableCount() == 0)
      #expect("\(opened)" == "hnsw index of 120 objects of Length")
      for word in words.prefix(20) {
        #expect(try opened.search(word + "y", k: 7) == index.search(word + "y", k: 7))
      }
      #expect(try opened.neighborGraph(k: 3).fingerprint() == index.neighborGraph(k: 3).fingerprint())
      try opened.write(to: copy) { Array($0.utf8) }
      #expect(try IndexBytes.read(copy) == IndexBytes.read(path))
      #expect(refusal { try index.write(to: path) { Array($0.utf8) } }?.kind == .cannotCreate)
    }
  }

  @Test("Objects kept elsewhere; another space, method or number is refused") func without() throws {
    let table = ObjectTable(Length(), words)
    let index = try ObjectIndex(building: table, spaceName: "length in bytes")
    try withFiles { path, vectors in
      try index.write(to: path)
      let opened = try ObjectIndex.open(path, over: table, spaceName: "length in bytes", verify: .full)
      #expect(try opened.search("xxxx", k: 9) == index.search("xxxx", k: 9))
      #expect(refusal { _ = try ObjectIndex.open(path, over: table) }?.kind == .otherSpace)
      #expect(refusal { _ = try open(path, spaceName: "length in bytes") }?.kind == .malformed)
      let few = ObjectTable(Length(), Array(words.dropLast()))
      #expect(
        refusal { _ = try ObjectIndex.open(path, over: few, spaceName: "length in bytes") }?.kind == .malformed)
      #expect(refusal { _ = try ProximityIndex.open(path) }?.kind == .otherMethod)
      #expect(refusal { _ = try HNSWIndex.open(path) }?.kind == .otherMethod)
      try HNSWIndex(building: [[1], [2]], metric: .l2).write(to: vectors)
      #expect(refusal { _ = try ObjectIndex.open(vectors, over: table) }?.kind == .otherMethod)
      #expect(refusal { _ = try open(vectors) }?.file == vectors)
    }
  }

  @Test func emptyIndex() throws {
    try withFiles { path, _ in
      try ObjectIndex(building: ObjectTable(Length(), [])).write(to: path) { Array($0.utf8) }
      #expect(try open(path).search("a", k: 3).neighbors.isEmpty)
    }
  }

  @Test("Changed bytes under right checksums are refused, or searched without harm") func damage() throws {
    try withFiles { path, broken in
      try ObjectIndex(building: ObjectTable(Length(), words), options: HNSWOptions(m: 4))
        .write(to: path) { Array($0.utf8) }
      let bytes = try IndexBytes.read(path)
      var (opened, refused) = (0, 0)
      for round in 0..<250 as Range<UInt64> {
        var random = CounterRandom(seed: 5, stage: "object damage", item: round)
        var changed = bytes
        for _ in 0...random.below(3) {
          let place = random.below(2) == 0 ? Int(random.below(600)) : Int(random.below(UInt64(bytes.count)))
          changed[place] = random.below(2) == 0 ? 255 : UInt8(random.below(256))
        }
        if random.below(6) == 0 { changed.removeLast(1 + Int(random.below(UInt64(bytes.count - 64)))) }
        IndexBytes.fixAll(&changed)
        try WholeFile.write(changed, to: broken)
        do {
          let index = try ObjectIndex.open(broken, space: Length()) { String(validating: $0, as: UTF8.self) }
          #expect(try index.search("xxx1", k: 10, ef: 30).neighbors.count <= 10)
          _ = index.unreachableCount()
          opened += 1
        } catch let error as MillError {
          #expect(error.exitCode == 65, "\(error)")
          refused += 1
        }
      }
      #expect(opened > 20 && refused > 20)
    }
  }

  @Test("Neighborhoods of a graph are opened with their entry hints") func neighborhoods() throws {
    var edges: [(Int, Int)] = []
    for group in 0..<60 {
      for member in 0..<5 { for shared in 0..<3 { edges.append((group * 5 + member, 300 + group * 3 + shared)) } }
    }
    let graph = try CSRGraph(nodeCount: 480, edges: edges)
    let nodes = (0..<UInt32(300)).map { $0 }
    let index = try ObjectIndex(neighborhoodsOf: graph, nodes: nodes, similarity: .cosine)
    try withFiles { path, _ in
      try index.write(to: path)
      let opened = try ObjectIndex.open(path, neighborhoodsOf: graph, nodes: nodes, similarity: .cosine, verify: .full)
      for node in stride(from: UInt32(0), to: 300, by: 13) {
        #expect(try opened.search(node, k: 5, ef: 16) == index.search(node, k: 5, ef: 16))
      }
      #expect(
        refusal { _ = try ObjectIndex.open(path, neighborhoodsOf: graph, nodes: nodes) }?.kind == .otherSpace)
      #expect(
        refusal { _ = try ObjectIndex.open(path, neighborhoodsOf: graph, similarity: .cosine) }?.kind == .malformed)
    }
  }
}
