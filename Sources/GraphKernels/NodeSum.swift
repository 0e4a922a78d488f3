import GraphStore
import MillRuntime

extension RowSource {
  /// Adds up a value of every node: chunk by chunk, then the chunks in order, so that the sum has the same bits for
  /// every thread count. `partial` has room for a value a chunk, `sum` adds up those of a chunk's nodes: a loop of its
  /// own, as a call a node would cost more than many a value.
  @inline(__always) func nodeSum(
    _ partial: FlatBuffer<Double>, _ sum: (_ nodes: Range<Int>) -> Double
  ) throws(MillError) -> Double {
    try forEachChunk { nodes, chunk, _ in unsafe partial.base[chunk] = sum(nodes) }
    return unsafe partial.elements.prefix(chunkCount).reduce(0, +)
  }
}
