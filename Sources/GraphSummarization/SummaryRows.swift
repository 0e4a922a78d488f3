import GraphStore
import MillRuntime

/// The rows of an input beside those of its simple graph S: how often each arc of S occurs in it, and its self-loops.
struct SummaryRows {
  /// Copies of each arc of S; 0 where the input lacks it.
  let copies: FlatBuffer<UInt32>
  /// Self-loops of each node.
  let loops: FlatBuffer<UInt32>
  /// Where the row of each node begins in the input; shape `[n + 1]`.
  let offsets: FlatBuffer<UInt64>
  /// Where the first copy of each arc of S stands in the input.
  let starts: FlatBuffer<UInt64>
  /// Where the first self-loop of each node stands.
  let loopStarts: FlatBuffer<UInt64>

  /// Rows of no arc.
  init(_ pairs: SummaryPairs) throws(MillError) {
    copies = try FlatBuffer(count: max(1, pairs.simple.arcCount))
    loops = try FlatBuffer(count: max(1, pairs.nodeCount))
    offsets = try FlatBuffer(count: pairs.nodeCount + 1)
    starts = try FlatBuffer(count: max(1, pairs.simple.arcCount))
    loopStarts = try FlatBuffer(count: max(1, pairs.nodeCount))
  }

  /// The rows of an input, placed.
  init(of graph: CSRGraph, _ pairs: SummaryPairs) throws(MillError) {
    try self.init(pairs)
    try graph.withRows(Counting(rows: self, pairs: pairs))
    guard try place(pairs, limit: graph.arcCount) == graph.arcCount else { throw SummarySide.malformed("arcs") }
    guard !graph.isDirected else { return }
    // Sources ascend, so that the arcs back to them stand in order in every row.
    let cursors = try FlatBuffer<UInt64>(uninitializedCount: max(1, pairs.nodeCount))
    unsafe cursors.base.update(from: pairs.offsets, count: pairs.nodeCount)
    for u in 0..<pairs.nodeCount {
      for arc in pairs.arcs(of: u) {
        let v = unsafe Int(pairs.targets[arc])
        let back = unsafe Int(cursors.base[v])
        guard unsafe back < Int(pairs.offsets[v + 1]), unsafe Int(pairs.targets[back]) == u,
          unsafe copies.base[back] == copies.base[arc]
        else { throw Self.asymmetric }
        unsafe cursors.base[v] += 1
      }
    }
  }

  /// Counts the copies and the self-loops of an input.
  private struct Counting: RowsVisitor {
    let rows: SummaryRows
    let pairs: SummaryPairs

    func visit<ID: NodeIndex>(_ input: GraphRows<ID>) throws(MillError) {
      for u in 0..<pairs.nodeCount {
        var arc = unsafe Int(pairs.offsets[u])
        let end = unsafe Int(pairs.offsets[u + 1])
        for place in input.arcs(u) {
          let v = input.target(place)
          if v == u {
            unsafe rows.loops.base[u] += 1
            continue
          }
          while arc < end, unsafe Int(pairs.targets[arc]) < v { arc += 1 }
          guard arc < end, unsafe Int(pairs.targets[arc]) == v else { throw SummarySide.malformed("arcs") }
          unsafe rows.copies.base[arc] += 1
        }
      }
    }
  }

  static var asymmetric: MillError {
    MillError(.malformed, "an undirected graph has an arc without its counterpart")
  }

  /// Finds where everything stands; the number of arcs.
  ///
  /// - Throws: `MillError` of kind `malformed` when there are more than `limit`.
  func place(_ pairs: SummaryPairs, limit: Int) throws(MillError) -> Int {
    var total: UInt64 = 0
    for u in 0..<pairs.nodeCount {
      unsafe offsets.base[u] = total
      var hasLoops = false
      for arc in pairs.arcs(of: u) {
        if !hasLoops, unsafe Int(pairs.targets[arc]) > u {
          unsafe loopStarts.base[u] = total
          unsafe total += UInt64(loops.base[u])
          hasLoops = true
        }
        unsafe starts.base[arc] = total
        unsafe total += UInt64(copies.base[arc])
        guard total <= UInt64(limit) else { throw SummarySide.malformed("arcs") }
      }
      if !hasLoops {
        unsafe loopStarts.base[u] = total
        unsafe total += UInt64(loops.base[u])
      }
      guard total <= UInt64(limit) else { throw SummarySide.malformed("arcs") }
    }
    unsafe offsets.base[pairs.nodeCount] = total
    return Int(total)
  }

  /// Writes the targets of all rows.
  func fill(_ targets: UnsafeMutablePointer<UInt32>, _ pairs: SummaryPairs) {
    for u in 0..<pairs.nodeCount {
      for arc in pairs.arcs(of: u) {
        unsafe (targets + Int(starts.base[arc])).update(repeating: pairs.targets[arc], count: Int(copies.base[arc]))
      }
      unsafe (targets + Int(loopStarts.base[u])).update(repeating: UInt32(u), count: Int(loops.base[u]))
    }
  }
}
