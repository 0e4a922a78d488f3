public import CMillKernels

/// A distance and an id as one number: keys are ordered as the pairs (distance, id) are, with one comparison and no
/// branch. Ids are below 2^31; the lowest bit is free, which searches use to mark an entry.
public enum CandidateKey {
  /// The key of a pair.
  @inlinable @inline(__always) public static func make(_ distance: Float, _ id: UInt32) -> UInt64 {
    mill_key(distance, id)
  }

  /// The distance of a key.
  @inlinable @inline(__always) public static func distance(_ key: UInt64) -> Float { mill_key_distance(key) }

  /// The id of a key.
  @inlinable @inline(__always) public static func id(_ key: UInt64) -> UInt32 { mill_key_id(key) }

  /// Puts a key into an ascending pool and drops the last when the pool is full.
  ///
  /// - Parameters:
  ///   - key: The key; below the last one when the pool is full.
  ///   - pool: Memory for `capacity` keys, the first `count` of them filled.
  ///   - count: Keys in the pool.
  ///   - capacity: Keys that the pool holds at most.
  /// - Returns: The key's position.
  /// - Complexity: O(log count) comparisons without branches, and a move of what lies behind.
  @inlinable @inline(__always) @discardableResult public static func insert(
    _ key: UInt64, into pool: UnsafeMutablePointer<UInt64>, count: Int, capacity: Int
  ) -> Int {
    unsafe Int(mill_pool_insert(pool, count, capacity, key))
  }
}
