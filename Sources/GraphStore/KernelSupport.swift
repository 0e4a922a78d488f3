package import MillRuntime
import Synchronization

/// A target width that kernels are specialised for: `UInt32` or `UInt64`.
typealias NodeIndex = BitwiseCopyable & FixedWidthInteger & Sendable & UnsignedInteger

extension MillError.Kind {
  /// A node number that the graph does not have.
  package static let nodeOutOfRange = Self("node-out-of-range", .usage)
}

/// Atomic access to plain memory that several threads write in one phase of a kernel.
///
/// All orders are relaxed: the end of a parallel loop publishes what it wrote.
enum SharedMemory {
  @inline(__always)
  private static func cell(_ address: UnsafeMutablePointer<UInt64>) -> UnsafeMutablePointer<Atomic<UInt64>> {
    UnsafeMutableRawPointer(address).assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  /// Adds `value`.
  @inline(__always) static func add(_ value: UInt64, to address: UnsafeMutablePointer<UInt64>) {
    cell(address).pointee.wrappingAdd(value, ordering: .relaxed)
  }

  /// Sets `bits`, unless they are all set already.
  @inline(__always) static func set(_ bits: UInt64, in address: UnsafeMutablePointer<UInt64>) {
    if cell(address).pointee.load(ordering: .relaxed) & bits != bits {
      cell(address).pointee.bitwiseOr(bits, ordering: .relaxed)
    }
  }
}

/// A node index that can be read and swapped atomically in plain memory.
protocol AtomicNodeIndex: NodeIndex {
  static func atomicLoad(_ address: UnsafeMutablePointer<Self>) -> Self
  static func atomicStore(_ value: Self, to address: UnsafeMutablePointer<Self>)
  static func atomicReplace(_ old: Self, by new: Self, at address: UnsafeMutablePointer<Self>) -> Bool
}

extension UInt32: AtomicNodeIndex {
  @inline(__always) private static func cell(_ p: UnsafeMutablePointer<UInt32>) -> UnsafeMutablePointer<Atomic<UInt32>>
  {
    UnsafeMutableRawPointer(p).assumingMemoryBound(to: Atomic<UInt32>.self)
  }
  @inline(__always) static func atomicLoad(_ address: UnsafeMutablePointer<UInt32>) -> UInt32 {
    cell(address).pointee.load(ordering: .relaxed)
  }
  @inline(__always) static func atomicStore(_ value: UInt32, to address: UnsafeMutablePointer<UInt32>) {
    cell(address).pointee.store(value, ordering: .relaxed)
  }
  @inline(__always) static func atomicReplace(
    _ old: UInt32, by new: UInt32, at address: UnsafeMutablePointer<UInt32>
  ) -> Bool {
    cell(address).pointee.compareExchange(expected: old, desired: new, ordering: .relaxed).exchanged
  }
}

extension UInt64: AtomicNodeIndex {
  @inline(__always) private static func cell(_ p: UnsafeMutablePointer<UInt64>) -> UnsafeMutablePointer<Atomic<UInt64>>
  {
    UnsafeMutableRawPointer(p).assumingMemoryBound(to: Atomic<UInt64>.self)
  }
  @inline(__always) static func atomicLoad(_ address: UnsafeMutablePointer<UInt64>) -> UInt64 {
    cell(address).pointee.load(ordering: .relaxed)
  }
  @inline(__always) static func atomicStore(_ value: UInt64, to address: UnsafeMutablePointer<UInt64>) {
    cell(address).pointee.store(value, ordering: .relaxed)
  }
  @inline(__always) static func atomicReplace(
    _ old: UInt64, by new: UInt64, at address: UnsafeMutablePointer<UInt64>
  ) -> Bool {
    cell(address).pointee.compareExchange(expected: old, desired: new, ordering: .relaxed).exchanged
  }
}

/// Nodes a chunk of the loops over all nodes.
let nodesPerChunk = 1 << 14

/// Runs `body` over fixed chunks of `0..<count` and adds up what they return; stops between chunks when asked.
func parallelSum(
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
    sums.base[chunk] = body(Parallel.range(ofChunk: chunk, size: size, count: count))
  }
  return sums.elements.reduce(0, +)
}
