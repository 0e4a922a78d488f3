import GraphStore
import Synchronization

/// Atomic access to plain memory that several threads read and write in one phase of a kernel.
///
/// All orders are relaxed: the end of a parallel loop publishes what it wrote.
enum SharedMemory {
  @inline(__always)
  private static func cell<Value: AtomicRepresentable>(
    _ address: UnsafeMutableRawPointer, _: Value.Type
  ) -> UnsafeMutablePointer<Atomic<Value>> {
    unsafe address.assumingMemoryBound(to: Atomic<Value>.self)
  }

  /// Adds `value`.
  @inline(__always) static func add(_ value: UInt64, to address: UnsafeMutablePointer<UInt64>) {
    unsafe cell(address, UInt64.self).pointee.wrappingAdd(value, ordering: .relaxed)
  }

  /// Sets `bits`, unless they are all set already.
  @inline(__always) static func set(_ bits: UInt64, in address: UnsafeMutablePointer<UInt64>) {
    if unsafe cell(address, UInt64.self).pointee.load(ordering: .relaxed) & bits != bits {
      unsafe cell(address, UInt64.self).pointee.bitwiseOr(bits, ordering: .relaxed)
    }
  }

  /// The node number at `address`.
  @inline(__always) static func load<ID: NodeIndex>(_ address: UnsafeMutablePointer<ID>) -> ID {
    if ID.bitWidth == 32 {
      return unsafe ID(truncatingIfNeeded: cell(address, UInt32.self).pointee.load(ordering: .relaxed))
    }
    return unsafe ID(truncatingIfNeeded: cell(address, UInt64.self).pointee.load(ordering: .relaxed))
  }

  /// Writes a node number.
  @inline(__always) static func store<ID: NodeIndex>(_ value: ID, to address: UnsafeMutablePointer<ID>) {
    if ID.bitWidth == 32 {
      unsafe cell(address, UInt32.self).pointee.store(UInt32(truncatingIfNeeded: value), ordering: .relaxed)
    } else {
      unsafe cell(address, UInt64.self).pointee.store(UInt64(truncatingIfNeeded: value), ordering: .relaxed)
    }
  }

  /// Writes `new` where `old` stands; false when something else stands there.
  @inline(__always) static func replace<ID: NodeIndex>(
    _ old: ID, by new: ID, at address: UnsafeMutablePointer<ID>
  ) -> Bool {
    if ID.bitWidth == 32 {
      return unsafe cell(address, UInt32.self).pointee.compareExchange(
        expected: UInt32(truncatingIfNeeded: old), desired: UInt32(truncatingIfNeeded: new), ordering: .relaxed
      ).exchanged
    }
    return unsafe cell(address, UInt64.self).pointee.compareExchange(
      expected: UInt64(truncatingIfNeeded: old), desired: UInt64(truncatingIfNeeded: new), ordering: .relaxed
    ).exchanged
  }
}
