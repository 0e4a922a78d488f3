/// What the nodes `0..<n` were called in the input. Valid as long as a copy of its graph lives.
public enum NodeNames: @unchecked Sendable {
  /// Node v is called v.
  case dense
  /// Node v is called `ids[v]`; shape `[n]`, strictly ascending in graphs that readers make.
  case ids(UnsafeBufferPointer<UInt64>)
  /// Node v is called by the bytes `bytes[offsets[v]..<offsets[v + 1]]`.
  case labels(LabelTable)

  /// Byte strings back to back.
  public struct LabelTable: @unchecked Sendable {
    /// Shape `[n + 1]`.
    public let offsets: UnsafeBufferPointer<UInt64>
    /// All labels, without separators.
    public let bytes: UnsafeBufferPointer<UInt8>

    /// A table over existing memory.
    public init(offsets: UnsafeBufferPointer<UInt64>, bytes: UnsafeBufferPointer<UInt8>) {
      self.offsets = offsets
      self.bytes = bytes
    }

    /// The bytes of label `node`.
    public subscript(node: Int) -> UnsafeBufferPointer<UInt8> {
      UnsafeBufferPointer(rebasing: bytes[Int(offsets[node])..<Int(offsets[node + 1])])
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
}

extension CSRGraph {
  /// What `node` was called in the input.
  public func name(of node: Int) -> String { names.text(of: node) }

  /// The node that the input called `name`; nil when there is none.
  ///
  /// - Complexity: O(log n) on graphs that readers made in sorted order, else O(n).
  public func node(named name: String) -> Int? {
    switch names {
    case .dense:
      guard let id = Int(name), id >= 0, id < nodeCount else { return nil }
      return id
    case .ids(let ids):
      guard let wanted = UInt64(name) else { return nil }
      return Self.find(nodeCount, isBefore: { ids[$0] < wanted }, isEqual: { ids[$0] == wanted })
    case .labels(let table):
      let wanted = Array(name.utf8)
      return Self.find(
        nodeCount, isBefore: { table[$0].lexicographicallyPrecedes(wanted) },
        isEqual: { table[$0].elementsEqual(wanted) })
    }
  }

  /// Binary search, then (for names in first-seen order) a scan.
  private static func find(_ count: Int, isBefore: (Int) -> Bool, isEqual: (Int) -> Bool) -> Int? {
    var low = 0
    var high = count
    while low < high {
      let middle = low + (high - low) / 2
      if isBefore(middle) { low = middle + 1 } else { high = middle }
    }
    if low < count, isEqual(low) { return low }
    return (0..<count).first(where: isEqual)
  }
}
