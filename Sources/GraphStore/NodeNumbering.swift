import MillRuntime

/// How the ids of an input become nodes `0..<nodeCount`, and what the nodes are called afterwards.
struct NodeNumbering {
  private enum Mapping {
    case identity
    case table(FlatBuffer<UInt32>)
    case sorted(IDHashTable)
  }

  let nodeCount: Int
  let names: NodeNames
  private let mapping: Mapping

  /// Graphs of more nodes than this are refused: nobody could hold their offsets.
  static let nodeLimit = 1 << 40

  init(_ edges: EdgeRuns, options: FreezeOptions, largestID: UInt64?, threads: Int) throws(MillError) {
    switch options.naming {
    case .dense(let given):
      if let given, !(0...Self.nodeLimit).contains(given) {
        throw MillError(.badOption, "the number of nodes must be in 0...\(Self.nodeLimit)", field: String(given))
      }
      let needed = largestID.map { $0 == .max ? .max : $0 + 1 } ?? 0
      let limit = UInt64(given ?? Self.nodeLimit)
      guard needed <= limit else {
        throw MillError(
          .idOutOfRange, "id \(needed - 1) is beyond the \(limit) nodes allowed", field: String(needed - 1),
          hint: "ids with gaps: \(setting: "ids", "compact")")
      }
      self.init(nodeCount: given ?? Int(needed), names: .dense, mapping: .identity)
    case .labels(let table):
      self.init(nodeCount: table.count, names: .labels(table), mapping: .identity)
      precondition(largestID.map { $0 < UInt64(nodeCount) } ?? true, "an id without a label")
    case .compact:
      guard let largestID else {
        self.init(nodeCount: 0, names: .ids(.empty), mapping: .identity)
        return
      }
      self = try Self.compact(edges, largestID: largestID, threads: threads)
    }
  }

  private init(nodeCount: Int, names: NodeNames, mapping: Mapping) {
    self.nodeCount = nodeCount
    self.names = names
    self.mapping = mapping
  }

  /// Ids that occur, in ascending order: by a direct table where the largest id is not far above the number of
  /// edges, by a hash table else.
  private static func compact(_ edges: EdgeRuns, largestID: UInt64, threads: Int) throws(MillError) -> NodeNumbering {
    guard largestID < UInt64(4 * edges.count + 1 << 20), largestID < UInt64(UInt32.max) else {
      let table = try IDHashTable(edges)
      return NodeNumbering(
        nodeCount: table.sortedIDs.count, names: .ids(SharedArray(table.sortedIDs)), mapping: .sorted(table))
    }
    let limit = Int(largestID) + 1
    let occurs = try edges.touchedNodes(limit, threads: threads)
    let nodeCount = unsafe occurs.elements.reduce(0) { $0 + $1.nonzeroBitCount }
    let ids = try FlatBuffer<UInt64>(count: nodeCount)
    let table = nodeCount == limit ? nil : try FlatBuffer<UInt32>(count: limit)
    var node = 0
    for word in 0..<occurs.count {
      var bits = unsafe occurs.base[word]
      while bits != 0 {
        let id = word &* 64 &+ bits.trailingZeroBitCount
        unsafe ids.base[node] = UInt64(id)
        unsafe table?.base[id] = UInt32(truncatingIfNeeded: node)
        node &+= 1
        bits &= bits &- 1
      }
    }
    return NodeNumbering(
      nodeCount: nodeCount, names: .ids(SharedArray(ids)), mapping: table.map { .table($0) } ?? .identity)
  }

  /// Replaces ids by nodes; afterwards ids are 32-bit unless there are 2^32 - 1 nodes or more.
  func apply(to edges: inout EdgeRuns, threads: Int) throws(MillError) {
    let narrows = nodeCount < Int(UInt32.max)
    switch mapping {
    case .identity:
      if !edges.isNarrow, narrows { edges.renumber(narrows: true, threads: threads) { $0 } }
    case .table(let table):
      let nodes = unsafe table.base
      if edges.isNarrow {
        unsafe edges.renumberNarrow(by: nodes, threads: threads)
      } else {
        edges.renumber(narrows: true, threads: threads) { unsafe UInt64(nodes[Int($0)]) }
      }
    case .sorted(let table):
      edges.renumber(narrows: narrows, threads: threads) { UInt64(table.rank(of: $0)) }
    }
  }
}

/// Distinct 64-bit ids with their ranks: open addressing with linear probing, at most half full.
///
/// Memory: 16 bytes a slot, 24 to 40 bytes a distinct id. Built by one thread, looked up by many.
final class IDHashTable: @unchecked Sendable {
  /// The distinct ids, ascending.
  let sortedIDs: FlatBuffer<UInt64>
  private var keys: FlatBuffer<UInt64>
  private var ranks: FlatBuffer<UInt64>
  private var mask: Int

  /// Rank + 1 while a slot is taken, 0 while it is free.
  init(_ edges: EdgeRuns) throws(MillError) {
    mask = 1 << 10 - 1
    keys = try FlatBuffer<UInt64>(count: mask + 1)
    ranks = try FlatBuffer<UInt64>(count: mask + 1)
    var count = 0
    var grower = Grower(keys: keys, ranks: ranks, mask: mask)
    for run in edges.runs {
      for i in 0..<2 * run.count {
        let id = unsafe run.narrow.map { unsafe UInt64($0[i]) } ?? run.wide![i]
        let slot = unsafe Self.slot(of: id, grower.keys.base, grower.ranks.base, grower.mask)
        if unsafe grower.ranks.base[slot] == 0 {
          unsafe grower.keys.base[slot] = id
          unsafe grower.ranks.base[slot] = 1
          count += 1
          if 2 * count > grower.mask { try grower.grow() }
        }
      }
    }
    sortedIDs = try FlatBuffer<UInt64>(count: count)
    var filled = 0
    for slot in 0...grower.mask where unsafe grower.ranks.base[slot] != 0 {
      unsafe sortedIDs.base[filled] = grower.keys.base[slot]
      filled += 1
    }
    var unsorted = unsafe sortedIDs.mutableElements
    unsafe unsorted.sort()
    for rank in 0..<count {
      let slot = unsafe Self.slot(of: sortedIDs.base[rank], grower.keys.base, grower.ranks.base, grower.mask)
      unsafe grower.ranks.base[slot] = UInt64(rank) + 1
    }
    keys = grower.keys
    ranks = grower.ranks
    mask = grower.mask
  }

  /// The rank of an id that is in the table.
  func rank(of id: UInt64) -> Int { unsafe Int(ranks.base[Self.slot(of: id, keys.base, ranks.base, mask)]) - 1 }

  /// The slot that holds `id`, or the free one where it belongs.
  private static func slot(
    of id: UInt64, _ keys: UnsafeMutablePointer<UInt64>, _ ranks: UnsafeMutablePointer<UInt64>, _ mask: Int
  ) -> Int {
    var slot = Int(truncatingIfNeeded: CounterRandom.mix(id)) & mask
    while unsafe ranks[slot] != 0, unsafe keys[slot] != id { slot = (slot &+ 1) & mask }
    return slot
  }

  private struct Grower {
    var keys: FlatBuffer<UInt64>
    var ranks: FlatBuffer<UInt64>
    var mask: Int

    mutating func grow() throws(MillError) {
      let wider = 2 * mask + 1
      let newKeys = try FlatBuffer<UInt64>(count: wider + 1)
      let newRanks = try FlatBuffer<UInt64>(count: wider + 1)
      for old in 0...mask where unsafe ranks.base[old] != 0 {
        let slot = unsafe IDHashTable.slot(of: keys.base[old], newKeys.base, newRanks.base, wider)
        unsafe newKeys.base[slot] = keys.base[old]
        unsafe newRanks.base[slot] = ranks.base[old]
      }
      keys = newKeys
      ranks = newRanks
      mask = wider
    }
  }
}
