public import MillRuntime

/// What the nodes `0..<n` were called in the input.
public enum NodeNames: Sendable, Equatable {
  /// Node v is called v.
  case dense
  /// Node v is called `ids[v]`; shape `[n]`, strictly ascending in graphs that readers make.
  case ids(SharedArray<UInt64>)
  /// Node v is called by entry v of a table of byte strings.
  case labels(LabelTable)

  /// Byte strings back to back: label v is `bytes[offsets[v]..<offsets[v + 1]]`.
  public struct LabelTable: Sendable, Equatable {
    /// Shape `[n + 1]`, ascending.
    public let offsets: SharedArray<UInt64>
    /// All labels, without separators.
    public let bytes: SharedArray<UInt8>

    /// The number of labels.
    public var count: Int { offsets.count - 1 }

    /// A table over offsets that ascend from 0 to the number of bytes.
    package init(offsets: SharedArray<UInt64>, bytes: SharedArray<UInt8>) {
      self.offsets = offsets
      self.bytes = bytes
    }

    /// The table of some labels.
    ///
    /// - Throws: `MillError` of kind `over-budget`.
    public init(_ labels: some Collection<String>) throws(MillError) {
      let offsets = try FlatBuffer<UInt64>(count: labels.count + 1)
      for (i, label) in labels.enumerated() {
        unsafe offsets.base[i + 1] = unsafe offsets.base[i] + UInt64(label.utf8.count)
      }
      let bytes = try unsafe FlatBuffer<UInt8>(uninitializedCount: Int(offsets.base[labels.count]))
      var place = unsafe bytes.base
      for label in labels {
        for byte in label.utf8 {
          unsafe place.pointee = byte
          unsafe place += 1
        }
      }
      self.init(offsets: SharedArray(offsets), bytes: SharedArray(bytes))
    }

    /// The bytes of label `node`; they share the table's memory.
    public subscript(node: Int) -> SharedArray<UInt8> { bytes.shared(Int(offsets[node])..<Int(offsets[node + 1])) }

    /// The bytes of label `node` as a bare view. Valid as long as a copy of the table lives.
    package func bareLabel(_ node: Int) -> UnsafeBufferPointer<UInt8> {
      unsafe UnsafeBufferPointer(rebasing: bytes.elements[Int(offsets[node])..<Int(offsets[node + 1])])
    }
  }

  /// The name of `node` as text; bytes that are not UTF-8 are replaced.
  public func text(of node: Int) -> String {
    switch self {
    case .dense: String(node)
    case .ids(let ids): String(ids[node])
    case .labels(let table): String(decoding: table[node], as: UTF8.self)
    }
  }

  /// The names of some nodes, in their order; dense names become ids.
  ///
  /// - Parameter node: The old node of each of `0..<count`.
  package func selected(count: Int, node: (Int) -> Int) throws(MillError) -> NodeNames {
    switch self {
    case .dense:
      let ids = try FlatBuffer<UInt64>(uninitializedCount: count)
      for i in 0..<count { unsafe ids.base[i] = UInt64(node(i)) }
      return .ids(SharedArray(ids))
    case .ids(let old):
      let ids = try FlatBuffer<UInt64>(uninitializedCount: count)
      for i in 0..<count { unsafe ids.base[i] = old[node(i)] }
      return .ids(SharedArray(ids))
    case .labels(let table):
      let offsets = try FlatBuffer<UInt64>(count: count + 1)
      for i in 0..<count {
        unsafe offsets.base[i + 1] = unsafe offsets.base[i] + UInt64(table.bareLabel(node(i)).count)
      }
      let bytes = try unsafe FlatBuffer<UInt8>(uninitializedCount: Int(offsets.base[count]))
      for i in 0..<count {
        let label = unsafe table.bareLabel(node(i))
        if let base = label.baseAddress {
          unsafe (bytes.base + Int(offsets.base[i])).update(from: base, count: label.count)
        }
      }
      return .labels(LabelTable(offsets: SharedArray(offsets), bytes: SharedArray(bytes)))
    }
  }
}

extension CSRGraph {
  /// The same graph with other names, sharing its arrays. O(1).
  ///
  /// - Throws: `MillError` of kind `bad-option` when there is not one name a node.
  public func withNames(_ names: NodeNames) throws(MillError) -> CSRGraph {
    let count =
      switch names {
      case .dense: nodeCount
      case .ids(let ids): ids.count
      case .labels(let table): table.count
      }
    guard count == nodeCount else {
      throw MillError(.badOption, "a graph of \(nodeCount) nodes needs as many names", field: "\(count)")
    }
    return CSRGraph(
      storage: CSRStorage(
        nodeCount: nodeCount, edgeCount: edgeCount, flags: storage.flags, offsets: offsets, targets: targets,
        weights: weights, names: names, inArcs: inArcs))
  }
}

extension NeighborGraph {
  /// What `node` was called in the input.
  public func name(of node: Int) -> String {
    precondition(node >= 0 && node < nodeCount, "node out of range")
    return names.text(of: node)
  }

  /// The node that the input called `name`; nil when there is none.
  ///
  /// - Complexity: O(log n) on graphs that readers made in sorted order, else O(n).
  public func node(named name: String) -> Int? { nodes(named: [name])[0] }

  /// The nodes that the input called by some names; nil for those that there are not.
  ///
  /// - Complexity: O(k log n) for k names on graphs that readers made in sorted order, else O(n) more in all.
  public func nodes(named names: [String]) -> [Int?] {
    var found = names.map(sortedNode)
    // Names may be in first-seen order, too: one scan for all that the binary search missed.
    let missing = found.indices.filter { found[$0] == nil }
    if missing.isEmpty { return found }
    switch self.names {
    case .dense: break
    case .ids(let ids):
      var places: [UInt64: [Int]] = [:]
      for place in missing { if let id = UInt64(names[place]) { places[id, default: []].append(place) } }
      for node in nodes where !places.isEmpty {
        for place in places.removeValue(forKey: ids[node]) ?? [] { found[place] = node }
      }
    case .labels(let table):
      var places: [[UInt8]: [Int]] = [:]
      for place in missing { places[Array(names[place].utf8), default: []].append(place) }
      for node in nodes where !places.isEmpty {
        for place in places.removeValue(forKey: Array(table[node])) ?? [] { found[place] = node }
      }
    }
    return found
  }

  /// The node of a name by binary search, where names ascend.
  private func sortedNode(named name: String) -> Int? {
    switch names {
    case .dense:
      guard let id = Int(name), id >= 0, id < nodeCount else { return nil }
      return id
    case .ids(let ids):
      guard let wanted = UInt64(name) else { return nil }
      let place = nodes.partitionPoint { ids[$0] >= wanted }
      return place < nodeCount && ids[place] == wanted ? place : nil
    case .labels(let table):
      let wanted = Array(name.utf8)
      let place = nodes.partitionPoint { !table[$0].lexicographicallyPrecedes(wanted) }
      return place < nodeCount && table[place].elementsEqual(wanted) ? place : nil
    }
  }
}

extension NodeNames {
  /// Refuses labels that a table cannot hold, where tabs separate columns and line ends rows.
  ///
  /// - Throws: `MillError` of kind `label-not-writable`.
  /// - Complexity: O(bytes of the labels).
  package func checkForTable(hint: Hint = "a table separates names by tabs") throws(MillError) {
    guard case .labels(let table) = self, table.bytes.contains(where: Self.breaksTable) else { return }
    throw MillError(.labelNotWritable, "a node's name holds a tab or a line end", hint: hint)
  }

  /// Whether a byte of a name would end its column or its row.
  package static func breaksTable(_ byte: UInt8) -> Bool { byte == 9 || byte == 10 || byte == 13 }
}

extension MillError.Kind {
  /// A label that the chosen text format cannot hold.
  public static let labelNotWritable = Self("label-not-writable", .badData)
}
