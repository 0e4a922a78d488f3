import GraphFormats
import GraphStore
import MillRuntime
import TestSupport
import Testing

@Suite struct NodeListTests {
  private let folder = TemporaryFolder()

  private func nodes(_ text: String, _ graph: CSRGraph) throws -> [Int] {
    try readNodeList(folder.file("nodes.tsv", text), of: graph)
  }

  @Test func namesOfEveryKind() throws {
    let labels = try CSRGraph(edges: [("ann", "bob"), ("bob", "cy")])
    #expect(try nodes("cy\nann\n", labels) == [2, 0])
    #expect(try nodes("node\tlabel\r\nbob\t7\r\n\r\n", labels) == [1])
    #expect(try nodes("# people\nbob\n", labels) == [1] && nodes("", labels) == [])
    let numbers = try CSRGraph(edges: [(0, 1), (1, 2)]).named([5, 90, 7])
    #expect(try nodes("90\n5\n7\n", numbers) == [1, 0, 2])
    #expect(try nodes("2\n", CSRGraph(edges: [(0, 1), (1, 2)])) == [2])
    let unsorted = try labels.named(["zoe", "ann", "café"])
    #expect(try nodes("café\nzoe\nann\n", unsorted) == [2, 0, 1])
  }

  @Test func refusals() throws {
    let graph = try CSRGraph(edges: [("ann", "bob")])
    let unknown = #expect(throws: MillError.self) { try nodes("ann\nzoe\n", graph) }
    #expect(unknown?.kind == .noSuchNode && unknown?.line == 2 && unknown?.field == "zoe" && unknown?.exitCode == 65)
    let twice = #expect(throws: MillError.self) { try nodes("ann\nbob\nann\n", graph) }
    #expect(twice?.kind == .malformed && twice?.line == 3)
    let bytes = #expect(throws: MillError.self) { try readNodeList(folder.file("x", [97, 0xff, 10]), of: graph) }
    #expect(bytes?.kind == .notUTF8)
    let numbers = try CSRGraph(edges: [(0, 1)]).named([5, 6])
    for name in ["x", "-5", "99999999999999999999"] {
      #expect((#expect(throws: MillError.self) { try nodes(name + "\n", numbers) })?.kind == .noSuchNode)
    }
  }
}
