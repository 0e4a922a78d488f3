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

  /// Adds `value`.
  @inline(__always) static func add(_ value: UInt32, to address: UnsafeMutablePointer<UInt32>) {
    unsafe cell(address, UInt32.self).pointee.wrappingAdd(value, ordering: .relaxed)
  }

  /// Lowers a number by 1 where it is above `floor`; returns what stands there then, nil where it was not.
  @inline(__always) static func decrement(
    _ address: UnsafeMutablePointer<UInt32>, above floor: UInt32, isShared: Bool
  ) -> UInt32? {
    guard isShared else {
      guard unsafe address.pointee > floor else { return nil }
      unsafe address.pointee -= 1
      return unsafe address.pointee
    }
    let place = unsafe cell(address, UInt32.self)
    var seen = unsafe place.pointee.load(ordering: .relaxed)
    while seen > floor {
      let (exchanged, original) = unsafe place.pointee.weakCompareExchange(
        expected: seen, desired: seen - 1, ordering: .relaxed)
      if exchanged { return seen - 1 }
      seen = original
    }
    return nil
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

  /// The distance at `address`.
  @inline(__always) static func load(_ address: UnsafeMutablePointer<Double>) -> Double {
    unsafe Double(
      bitPattern: cell(UnsafeMutableRawPointer(address), UInt64.self).pointee.load(ordering: .relaxed))
  }

  /// Writes `value` where something larger stands; false when it does not. Values are not negative.
  @inline(__always) static func lower(
    _ address: UnsafeMutablePointer<Double>, to value: Double, isShared: Bool
  ) -> Bool {
    guard isShared else {
      if unsafe value >= address.pointee { return false }
      unsafe address.pointee = value
      return true
    }
    let place = unsafe cell(UnsafeMutableRawPointer(address), UInt64.self)
    var seen = unsafe place.pointee.load(ordering: .relaxed)
    while value < Double(bitPattern: seen) {
      let (exchanged, original) = unsafe place.pointee.weakCompareExchange(
        expected: seen, desired: value.bitPattern, ordering: .relaxed)
      if exchanged { return true }
      seen = original
    }
    return false
  }
}
