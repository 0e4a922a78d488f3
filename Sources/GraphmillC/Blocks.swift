import CGraphmill
import MillRuntime

/// Bytes of a result whose size the caller cannot know before.
final class Block: Sendable {
  let bytes: SharedArray<UInt8>

  init(_ bytes: SharedArray<UInt8>) { self.bytes = bytes }

  /// The memory of some values.
  ///
  /// - Throws: `MillError` of kind `over-budget`.
  convenience init<Value: BitwiseCopyable>(_ values: [Value]) throws(MillError) {
    let buffer = try FlatBuffer<UInt8>(uninitializedCount: values.count * MemoryLayout<Value>.stride)
    unsafe values.withUnsafeBytes { unsafe UnsafeMutableRawBufferPointer(buffer.mutableElements).copyMemory(from: $0) }
    self.init(SharedArray(buffer))
  }

  static func of(_ handle: OpaquePointer?) -> Block? {
    unsafe handle.map { unsafe Unmanaged<Block>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
  }
}

/// The bytes of a block.
@c @implementation
public func gm_block_data(_ block: OpaquePointer?) -> UnsafeRawPointer? {
  unsafe Block.of(block).map { unsafe UnsafeRawPointer($0.bytes.base) }
}

/// The number of bytes of a block.
@c @implementation
public func gm_block_size(_ block: OpaquePointer?) -> Int64 { unsafe Int64(Block.of(block)?.bytes.count ?? 0) }

/// Gives a block back.
@c @implementation
public func gm_block_free(_ block: OpaquePointer?) { unsafe free(block, Block.self) }
