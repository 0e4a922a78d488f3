public import MillRuntime

extension CommunityTree.Named {
  /// Reads what ``CommunityTree/json(names:)`` wrote: the number of leaves, and an object a node with number, parent, size,
  /// similarity, and the name where there is one.
  ///
  /// - Throws: `MillError` of kind `malformed`, with the node as its field, where the document is no such tree.
  /// - Complexity: O(nodes).
  public init(json: JSONValue) throws(MillError) {
    guard case .integer(let leafCount)? = json["leaves"], case .array(let nodes)? = json["nodes"] else {
      throw MillError(.malformed, "a tree has a number of leaves and a list of nodes", field: "leaves, nodes")
    }
    let count = nodes.count
    guard leafCount >= 0, leafCount <= count, count <= Int(Int32.max) else {
      throw MillError(.malformed, "\(leafCount) leaves among \(count) nodes", field: "leaves")
    }
    var parents = [Int32?](repeating: nil, count: count)
    var sizes = [Int](repeating: 1, count: leafCount)
    var similarities = [Double](repeating: .nan, count: count)
    var names = (0..<count).map { $0 < leafCount ? "\($0)" : "" }
    for (place, node) in nodes.enumerated() {
      func failure(_ message: String) -> MillError { MillError(.malformed, message, field: "nodes[\(place)]") }
      guard case .integer(let id)? = node["id"], id >= 0, id < count, parents[id] == nil else {
        throw failure("nodes are numbered from 0 on, each once")
      }
      switch node["parent"] {
      case .integer(let parent)? where parent > id && parent < count: parents[id] = Int32(parent)
      case .null?, nil: parents[id] = -1
      default: throw failure("a node comes before its parent")
      }
      switch node["similarity"] {
      case .number(let value)?: similarities[id] = value
      case .integer(let value)?: similarities[id] = Double(value)
      case .null?, nil: break
      default: throw failure("a similarity is a number or null")
      }
      if case .string(let name)? = node["name"] { names[id] = name }
      guard id < leafCount else { continue }
      switch node["size"] {
      case .integer(let size)? where size >= 0: sizes[id] = size
      case nil: break
      default: throw failure("a size is a whole number from 0 on")
      }
    }
    let tree = try CommunityTree(
      leafCount: leafCount, parents: parents.map { $0 ?? -1 }, leafSizes: sizes, similarities: similarities)
    self.init(tree: tree, names: Array(names.prefix(leafCount)), innerNames: Array(names.dropFirst(leafCount)))
  }
}
