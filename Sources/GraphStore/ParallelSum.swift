public import MillRuntime

extension MillError.Kind {
  /// A node number that the graph does not have.
  public static let nodeOutOfRange = Self("node-out-of-range", .usage)
}

/// Nodes a chunk of the loops over all nodes.
package let nodesPerChunk = 1 << 14

/// Runs `body` over fixed chunks of `0..<count` and adds up what they return; stops between chunks when asked.
package func parallelSum(
  _ count: Int, size: Int = nodesPerChunk, context: RunContext, _ body: (_ range: Range<Int>) -> Int
) throws(MillError) -> Int {
  let chunks = Parallel.chunkCount(count, size: size)
  if chunks <= 1 {
    try context.checkCancelled()
    return count > 0 ? body(0..<count) : 0
  }
  let sums = try FlatBuffer<Int>(count: chunks)
  try Parallel.forEachThrowing(chunks, threads: context.threads) { (chunk, _) throws(MillError) in
    try context.checkCancelled()
    unsafe sums.base[chunk] = body(Parallel.range(ofChunk: chunk, size: size, count: count))
  }
  return unsafe sums.elements.reduce(0, +)
}
