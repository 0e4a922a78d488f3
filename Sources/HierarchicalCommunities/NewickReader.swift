public import MillRuntime

extension CommunityTree {
  /// A tree and the names of its leaves.
  public struct Named: Sendable, Equatable {
    /// The tree; leaves in the order of the text, each of size 1.
    public let tree: CommunityTree
    /// The name of each leaf.
    public let names: [String]
    /// The name of each inner node, in the order of their numbers; empty where it has none.
    public let innerNames: [String]

    /// A tree and names; nil for inner nodes without names.
    init(tree: CommunityTree, names: [String], innerNames: [String]? = nil) {
      self.tree = tree
      self.names = names
      self.innerNames = innerNames ?? [String](repeating: "", count: tree.innerNodes.count)
    }
  }

  /// Reads a Newick tree; inner nodes of one child are dissolved, comments in brackets skipped. An underscore in a name
  /// without quotes stands for a blank.
  ///
  /// The similarity of a node is 1 minus its height, the largest sum of branch lengths down to a leaf.
  ///
  /// - Throws: `MillError` of kind `malformed` with the byte where the text is no tree.
  /// - Complexity: O(bytes).
  /// - Source: Olsen, "Interpretation of the Newick's 8:45 tree format standard", 1990.
  public static func newick(_ text: String) throws(MillError) -> Named {
    var reader = NewickReader(bytes: Array(text.utf8))
    return try reader.read()
  }
}

extension CommunityTree.Named {
  /// Reads a tree in either form, told by the text: Newick begins with a bracket, a quote or a comment or ends in `;`,
  /// all else is SciPy's linkage table.
  ///
  /// - Throws: `MillError` of kind `malformed`.
  public init(text: String) throws(MillError) {
    self = try Self.isNewick(text) ? .newick(text) : .linkageTable(text)
  }

  /// Whether a text is taken for Newick.
  package static func isNewick(_ text: String) -> Bool {
    let bytes = text.utf8
    func isBlank(_ byte: UInt8) -> Bool { [9, 10, 13, 32].contains(byte) }
    let head = bytes.drop { isBlank($0) || [0xef, 0xbb, 0xbf].contains($0) }.first
    let end = bytes.last { !isBlank($0) }
    return head.map { "([;'".utf8.contains($0) } ?? false || end == UInt8(ascii: ";")
  }

  /// Reads a Newick tree, as ``CommunityTree/newick(_:)`` does.
  ///
  /// - Throws: `MillError` of kind `malformed`.
  public static func newick(_ text: String) throws(MillError) -> Self { try CommunityTree.newick(text) }

  /// Reads SciPy's linkage table: four columns a line, two clusters, their distance, the number of leaves; `#` comments.
  /// Leaves are called by their numbers.
  ///
  /// - Throws: `MillError` of kind `malformed` with the line where the text is no linkage.
  public static func linkageTable(_ text: String) throws(MillError) -> Self {
    var rows: [CommunityTree.LinkageRow] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      if line.hasPrefix("#") || line.allSatisfy(\.isWhitespace) { continue }
      let fields = line.split { $0.isWhitespace || $0 == "," }
      let numbers = fields.compactMap { Double($0) }
      guard fields.count == 4, numbers.count == 4 else {
        throw MillError(
          .malformed, "a line of a linkage has four numbers", line: index + 1, field: String(line.prefix(60)))
      }
      guard let a = Int(exactly: numbers[0]), let b = Int(exactly: numbers[1]), let leaves = Int(exactly: numbers[3])
      else {
        throw MillError(
          .malformed, "clusters and counts are whole numbers", line: index + 1, field: String(line.prefix(60)))
      }
      rows.append(CommunityTree.LinkageRow(a: a, b: b, distance: numbers[2], leaves: leaves))
    }
    let tree = try CommunityTree(linkage: rows)
    return Self(tree: tree, names: (0..<tree.leafCount).map { String($0) })
  }
}

/// Reads Newick without recursion, so that no depth of brackets exhausts the stack.
private struct NewickReader {
  let bytes: [UInt8]
  var at = 0

  /// A node as read: children first.
  private struct Node {
    var children: [Int] = []
    var name = ""
    var length = 0.0
    var parent = -1
  }

  init(bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { at = 3 }
  }

  mutating func read() throws(MillError) -> CommunityTree.Named {
    var nodes = [Node()]
    var current = 0
    // Whether the current node still waits for its bracket or name.
    var isFresh = true
    reading: while true {
      try skipBlanks()
      guard at < bytes.count else { throw failure("the tree does not end in ';'") }
      switch bytes[at] {
      case UInt8(ascii: "("):
        guard isFresh else { throw failure("a bracket where none can be") }
        at += 1
        current = add(&nodes, to: current)
      case UInt8(ascii: ","), UInt8(ascii: ")"):
        let isEnd = bytes[at] == UInt8(ascii: ")")
        guard nodes[current].parent >= 0 else { throw failure("more brackets are closed than opened") }
        if nodes[current].children.isEmpty, nodes[current].name.isEmpty { throw failure("a leaf without a name") }
        at += 1
        current = nodes[current].parent
        if isEnd {
          try readLabel(&nodes[current])
          isFresh = false
        } else {
          current = add(&nodes, to: current)
          isFresh = true
        }
      case UInt8(ascii: ";"):
        guard current == 0 else { throw failure("a bracket is not closed") }
        at += 1
        break reading
      default:
        guard isFresh else { throw failure("text where none can be") }
        try readLabel(&nodes[current])
        isFresh = false
      }
    }
    try skipBlanks()
    guard at == bytes.count else { throw failure("text behind the end of the tree") }
    return try build(nodes)
  }

  private func add(_ nodes: inout [Node], to parent: Int) -> Int {
    nodes.append(Node(parent: parent))
    nodes[parent].children.append(nodes.count - 1)
    return nodes.count - 1
  }

  private mutating func skipBlanks() throws(MillError) {
    while at < bytes.count {
      if [9, 10, 13, 32].contains(bytes[at]) {
        at += 1
      } else if bytes[at] == UInt8(ascii: "[") {
        guard let end = bytes[at...].firstIndex(of: UInt8(ascii: "]")) else { throw failure("a comment without end") }
        at = end + 1
      } else {
        return
      }
    }
  }

  private mutating func readLabel(_ node: inout Node) throws(MillError) {
    try skipBlanks()
    var name: [UInt8] = []
    if at < bytes.count, bytes[at] == UInt8(ascii: "'") {
      at += 1
      while true {
        guard at < bytes.count else { throw failure("a name without closing quote") }
        if bytes[at] == UInt8(ascii: "'") {
          at += 1
          guard at < bytes.count, bytes[at] == UInt8(ascii: "'") else { break }
        }
        name.append(bytes[at])
        at += 1
      }
    } else {
      while at < bytes.count, !"()[],:;'".utf8.contains(bytes[at]), ![9, 10, 13, 32].contains(bytes[at]) {
        name.append(bytes[at] == UInt8(ascii: "_") ? UInt8(ascii: " ") : bytes[at])
        at += 1
      }
    }
    node.name = String(decoding: name, as: UTF8.self)
    try skipBlanks()
    guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { return }
    at += 1
    try skipBlanks()
    let start = at
    while at < bytes.count, "+-.0123456789eE".utf8.contains(bytes[at]) { at += 1 }
    let field = String(decoding: bytes[start..<at], as: UTF8.self)
    guard let length = Double(field), length.isFinite else {
      at = start
      throw failure("a branch length that is no number")
    }
    node.length = length
  }

  private func failure(_ message: String) -> MillError {
    let line = 1 + bytes[..<min(at, bytes.count)].count { $0 == 10 }
    return MillError(.malformed, message, line: line, byte: at)
  }

  private func build(_ nodes: [Node]) throws(MillError) -> CommunityTree.Named {
    // Children have larger numbers than their parents, so going backwards is bottom-up.
    var heights = [Double](repeating: 0, count: nodes.count)
    for i in nodes.indices.reversed() {
      for child in nodes[i].children { heights[i] = max(heights[i], heights[child] + nodes[child].length) }
    }
    guard heights.allSatisfy(\.isFinite) else { throw failure("branch lengths whose sum is beyond all numbers") }
    var stands = nodes.map { $0.children.count != 1 }
    if nodes.count == 1, nodes[0].name.isEmpty { stands[0] = false }
    let leaves = nodes.indices.filter { nodes[$0].children.isEmpty && stands[$0] }
    guard !leaves.isEmpty else { throw failure("a tree without leaves") }
    let inner = nodes.indices.filter { nodes[$0].children.count > 1 }.reversed()
    let order = leaves + inner
    var numbers = [Int32](repeating: -1, count: nodes.count)
    for (number, node) in order.enumerated() { numbers[node] = Int32(number) }
    let parents = order.map { node -> Int32 in
      var parent = nodes[node].parent
      while parent >= 0, !stands[parent] { parent = nodes[parent].parent }
      return parent < 0 ? -1 : numbers[parent]
    }
    let tree = try CommunityTree(
      leafCount: leaves.count, parents: parents, leafSizes: [Int](repeating: 1, count: leaves.count),
      similarities: order.map { nodes[$0].children.isEmpty ? .nan : 1 - heights[$0] })
    return CommunityTree.Named(
      tree: tree, names: leaves.map { nodes[$0].name }, innerNames: inner.map { nodes[$0].name })
  }
}
