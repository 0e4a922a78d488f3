import GraphStore
import MillRuntime

/// A number of every edge.
protocol EdgeValue {
  /// Writes the values of the `count` arcs from `arc` on, which leave `node` for `targets`.
  func fill<Target: NodeIndex>(
    _ values: UnsafeMutablePointer<UInt64>, _ node: Int, _ targets: UnsafePointer<Target>, _ arc: Int, _ count: Int)
}

/// Values that are computed in one go.
let edgeValueBlock = 64

extension RowSource {
  /// Visits every edge that row `node` owns with its value, in ascending order of targets.
  ///
  /// Values are computed in blocks: a short loop of loads that do not wait for one another keeps more of them in
  /// flight than a loop that decides in between. `scratch` has room for ``edgeValueBlock`` values.
  @inline(__always) func forEachOwnValue<Value: EdgeValue>(
    _ node: Int, _ value: Value, _ scratch: UnsafeMutablePointer<UInt64>,
    _ body: (_ target: Int, _ arc: Int, _ value: UInt64) -> Void
  ) {
    unsafe forEachOwnPiece(node) { targets, arc, pieceCount in
      var done = 0
      while done < pieceCount {
        let count = min(edgeValueBlock, pieceCount &- done)
        let block = unsafe targets + done
        unsafe value.fill(scratch, node, block, arc &+ done, count)
        for i in 0..<count {
          let target = unsafe Int(truncatingIfNeeded: block[i])
          if hasLoops, target == node { continue }
          unsafe body(target, arc &+ done &+ i, scratch[i])
        }
        done &+= count
      }
    }
  }

  /// Runs `body` over the nodes of every chunk, with room for ``edgeValueBlock`` values.
  func forEachChunk(
    _ body: (_ nodes: Range<Int>, _ chunk: Int, _ worker: Int, _ scratch: UnsafeMutablePointer<UInt64>) -> Void
  ) throws(MillError) {
    let scratch = try FlatBuffer<UInt64>(count: edgeValueBlock * min(context.threads, chunkCount))
    try forEachChunk { nodes, chunk, worker in unsafe body(nodes, chunk, worker, scratch.base + worker * edgeValueBlock)
    }
    withExtendedLifetime(scratch) {}
  }

  /// The edge of a row's arc in the order that ties are broken by: smaller end first unless directed.
  @inline(__always) func ordered(_ node: Int, _ other: Int) -> (u: Int, v: Int) {
    isDirected || node < other ? (node, other) : (other, node)
  }
}
