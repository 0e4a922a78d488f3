import MillRuntime
import Testing

@testable import HierarchicalCommunities

@Suite struct TreeJSONTests {
  private static func tree() throws -> CommunityTree {
    try CommunityTree(
      leafCount: 3, parents: [3, 3, 4, 4, -1], leafSizes: [2, 0, 5], similarities: [0.9, .nan, 1, 0.5, 0.25])
  }

  @Test("What is written is read back")
  func roundTrip() throws {
    let tree = try Self.tree()
    let named = try CommunityTree.Named(json: tree.json(names: ["a", "b", "c"]))
    #expect(named.tree == tree && named.names == ["a", "b", "c"] && named.innerNames == ["", ""])
    #expect(try CommunityTree.Named(json: tree.json()).names == ["0", "1", "2"])
    #expect(try CommunityTree.Named(json: CommunityTree.single(size: 4).json()).tree.sizes == [4])
  }

  @Test("Documents that are no tree are refused")
  func refusals() throws {
    func changed(_ node: Int, _ key: String, _ value: JSONValue?) throws -> JSONValue {
      var json = try Self.tree().json()
      guard case .array(var nodes)? = json["nodes"] else { return .null }
      nodes[node][key] = value
      json["nodes"] = .array(nodes)
      return json
    }
    let bad: [JSONValue] = [
      .null, [:], ["leaves": 1], ["leaves": 2, "nodes": []], ["leaves": -1, "nodes": []],
      try changed(0, "parent", -7), try changed(3, "parent", 1), try changed(0, "parent", 9), try changed(0, "id", 1),
      try changed(0, "id", 99), try changed(1, "id", nil), try changed(0, "size", -1), try changed(0, "size", "x"),
      try changed(2, "similarity", "x"), try changed(0, "parent", .null), try changed(0, "parent", "3"),
    ]
    for json in bad {
      let error = #expect(throws: MillError.self) { try CommunityTree.Named(json: json) }
      #expect(error?.kind == .malformed, "\(json.text())")
    }
  }

  @Test("Newick keeps the names of inner nodes; an error tells its line")
  func innerNames() throws {
    let named = try CommunityTree.newick("((a,b)left:1,((c)only,d)'the right')top;")
    #expect(named.names == ["a", "b", "c", "d"])
    #expect(named.innerNames == ["the right", "left", "top"])
    let error = #expect(throws: MillError.self) { try CommunityTree.newick("(a,\nb\n));") }
    #expect(error?.line == 3 && error?.byte == 7)
  }
}
