import GraphStore
import MillRuntime

/// What nodes were called, in memory of its own.
final class SummaryNames: @unchecked Sendable {
  let names: NodeNames
  private let owners: [AnyObject]

  /// Nodes are called by their numbers.
  init() {
    names = .dense
    owners = []
  }

  /// A copy of a graph's names.
  init(copying names: NodeNames, count: Int) throws(MillError) {
    switch names {
    case .dense:
      self.names = .dense
      owners = []
    case .ids(let ids):
      let copy = try FlatBuffer<UInt64>(uninitializedCount: max(1, count))
      for i in 0..<count { copy.base[i] = ids[i] }
      self.names = .ids(UnsafeBufferPointer(start: copy.base, count: count))
      owners = [copy]
    case .labels(let table):
      let offsets = try FlatBuffer<UInt64>(uninitializedCount: count + 1)
      for i in 0...count { offsets.base[i] = table.offsets[i] }
      let bytes = try FlatBuffer<UInt8>(uninitializedCount: max(1, table.bytes.count))
      for i in 0..<table.bytes.count { bytes.base[i] = table.bytes[i] }
      let copy = NodeNames.LabelTable(
        offsets: offsets.elements, bytes: UnsafeBufferPointer(start: bytes.base, count: table.bytes.count))
      self.names = .labels(copy)
      owners = [offsets, bytes]
    }
  }

  /// Names made by a reader, with what owns their memory.
  init(_ names: NodeNames, owners: [AnyObject]) {
    self.names = names
    self.owners = owners
  }
}
