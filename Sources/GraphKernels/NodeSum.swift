import GraphStore
import MillRuntime

extension RowSource {
  /// Adds up a value of every node: chunk by chunk, then the chunks in order, so that the sum has the same bits for
  /// every thread count. `partial` has room for a value a chunk.
  @inline(__always) func nodeSum(
    _ partial: FlatBuffer<Double>, _ value: (_ node: Int) -> Double
  ) throws(MillError) -> Double {
    try forEachChunk { nodes, chunk, _ in
      var sum = 0.0
      for node in nodes { sum += value(node) }
      unsafe partial.base[chunk] = sum
    }
    return unsafe partial.elements.prefix(chunkCount).reduce(0, +)
  }
}
