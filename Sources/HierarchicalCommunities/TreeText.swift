public import MillRuntime

/// How similarities become the distances of exported trees.
public enum TreeDistance: String, Sendable, CaseIterable {
  /// 1 - w: densities of unweighted graphs.
  case complement
  /// 1 / (1 + w): any similarity from 0 on.
  case reciprocal

  /// The distance of a similarity.
  public func callAsFunction(_ similarity: Double) -> Double {
    let w = similarity.isNaN ? 0 : similarity
    return self == .complement ? 1 - w : 1 / (1 + w)
  }
}

extension CommunityTree {
  /// `complement` when all similarities are at most 1, else `reciprocal`.
  public var naturalDistance: TreeDistance {
    innerNodes.allSatisfy { similarities[$0] <= 1 } ? .complement : .reciprocal
  }

  /// The heights of the nodes for exports: distances, made to grow towards the root where inversions would make them fall.
  func heights(_ distance: TreeDistance) -> [Double] {
    var heights = [Double](repeating: 0, count: nodeCount)
    for node in innerNodes {
      heights[node] = distance(similarities[node])
      for child in children(of: node) { heights[node] = max(heights[node], heights[Int(child)]) }
    }
    return heights
  }

  /// The tree in Newick form with branch lengths, ending in `;` and a line feed.
  ///
  /// - Parameters:
  ///   - names: The name of each leaf; nil for its number.
  ///   - distance: How similarities become heights; nil for ``naturalDistance``. Inversions give branches of length 0.
  /// - Complexity: O(tree nodes).
  public func newick(names: [String]? = nil, distance: TreeDistance? = nil) -> String {
    guard let root else { return ";\n" }
    let heights = self.heights(distance ?? naturalDistance)
    var text = ""
    // Entered nodes are pushed again to be closed after their children.
    var stack: [(node: Int, isOpen: Bool, isFirst: Bool)] = [(root, false, true)]
    while let (node, isOpen, isFirst) = stack.popLast() {
      if isOpen {
        text += ")"
      } else {
        if !isFirst { text += "," }
        if node >= leafCount {
          text += "("
          stack.append((node, true, true))
          for (place, child) in children(of: node).enumerated().reversed() {
            stack.append((Int(child), false, place == 0))
          }
          continue
        }
        text += Self.quoted(names?[node] ?? "\(node)")
      }
      if node != root { text += ":\(heights[Int(parents[node])] - heights[node])" }
    }
    return text + ";\n"
  }

  private static func quoted(_ name: String) -> String {
    let isPlain =
      !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 48...57, 65...90, 97...122, 45, 46: true
        case 128...255: true
        default: false
        }
      }
    if isPlain { return name }
    return "'" + name.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }

  /// SciPy's linkage table as TSV: two clusters, their distance, the number of leaves; one row a merge.
  ///
  /// An inner node of many children becomes several merges at one distance.
  public func linkageTable(distance: TreeDistance? = nil) -> String {
    linkageRows(distance: distance).map { "\($0.a)\t\($0.b)\t\($0.distance)\t\($0.leaves)\n" }.joined()
  }

  /// One merge of SciPy's linkage: clusters below K are leaves, K + i is what row i made.
  public struct LinkageRow: Sendable, Equatable {
    /// One cluster.
    public var a: Int
    /// The other one, larger than `a`.
    public var b: Int
    /// The distance at which they merge.
    public var distance: Double
    /// Leaves of the new cluster.
    public var leaves: Int

    /// A row.
    public init(a: Int, b: Int, distance: Double, leaves: Int) {
      self.a = a
      self.b = b
      self.distance = distance
      self.leaves = leaves
    }
  }

  /// The rows of SciPy's linkage, by distance.
  public func linkageRows(distance: TreeDistance? = nil) -> [LinkageRow] {
    let heights = self.heights(distance ?? naturalDistance)
    var cluster = (0..<nodeCount).map { $0 }
    var leaves = [Int](repeating: 1, count: nodeCount)
    var rows: [LinkageRow] = []
    for node in innerNodes.sorted(by: { (heights[$0], $0) < (heights[$1], $1) }) {
      let parts = children(of: node).map(Int.init)
      var current = cluster[parts[0]]
      var count = leaves[parts[0]]
      for part in parts.dropFirst() {
        count += leaves[part]
        let (a, b) = (min(current, cluster[part]), max(current, cluster[part]))
        rows.append(LinkageRow(a: a, b: b, distance: heights[node], leaves: count))
        current = leafCount + rows.count - 1
      }
      cluster[node] = current
      leaves[node] = count
    }
    return rows
  }

  /// A tree from SciPy's linkage.
  ///
  /// - Parameters:
  ///   - rows: K - 1 merges.
  ///   - leafSizes: Nodes of each leaf; nil for 1 each.
  /// - Throws: `MillError` of kind `malformed` when the rows are no linkage of K leaves.
  public init(linkage rows: [LinkageRow], leafSizes: [Int]? = nil) throws(MillError) {
    let k = rows.count + 1
    guard leafSizes.map({ $0.count == k }) ?? true else {
      throw MillError(.malformed, "a linkage of \(k) leaves with sizes of \(leafSizes!.count)")
    }
    var parents = [Int32](repeating: -1, count: k + rows.count)
    var leaves = [Int](repeating: 1, count: k + rows.count)
    for (index, row) in rows.enumerated() {
      let node = k + index
      for part in [row.a, row.b] {
        guard part >= 0, part < node, parents[part] < 0, row.a != row.b else {
          throw MillError(.malformed, "a merge of clusters that do not stand alone", line: index + 1, field: "\(part)")
        }
        parents[part] = Int32(node)
      }
      leaves[node] = leaves[row.a] + leaves[row.b]
      guard row.distance.isFinite else {
        throw MillError(
          .malformed, "a merge at a height that is not a finite number", line: index + 1, field: "\(row.distance)")
      }
      guard row.leaves == leaves[node] else {
        throw MillError(
          .malformed, "a merge of \(leaves[node]) leaves with another count", line: index + 1, field: "\(row.leaves)")
      }
    }
    try self.init(
      leafCount: k, parents: parents, leafSizes: leafSizes ?? [Int](repeating: 1, count: k),
      similarities: [Double](repeating: .nan, count: k) + rows.map { 1 - $0.distance })
  }

  /// The tree as a JSON object: leaf count, root, and one object a node with parent, size, similarity, confidence.
  public func json(names: [String]? = nil) -> JSONValue {
    let nodes = (0..<nodeCount).map { node -> JSONValue in
      var entry: [String: JSONValue] = [
        "id": .integer(node), "parent": parents[node] < 0 ? .null : .integer(Int(parents[node])),
        "size": .integer(sizes[node]), "similarity": .number(similarities[node]),
      ]
      if node >= leafCount { entry["children"] = .array(children(of: node).map { .integer(Int($0)) }) }
      if let confidences { entry["confidence"] = .number(confidences[node]) }
      if let names, node < leafCount { entry["name"] = .string(names[node]) }
      return .object(entry)
    }
    return ["leaves": .integer(leafCount), "root": root.map { .integer($0) } ?? .null, "nodes": .array(nodes)]
  }
}
