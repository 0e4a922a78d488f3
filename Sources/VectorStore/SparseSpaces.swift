/// A vector given by its entries other than zero.
public struct SparseVector: Sendable, Equatable {
  /// Columns in strictly ascending order.
  public let columns: [UInt32]
  /// One value a column, finite.
  public let values: [Float]

  /// A vector from entries in any order; nil when a column repeats or a value is not finite.
  public init?(_ entries: [(column: UInt32, value: Float)]) {
    let sorted = entries.sorted { $0.column < $1.column }
    for i in sorted.indices {
      if !sorted[i].value.isFinite || (i > 0 && sorted[i].column == sorted[i - 1].column) { return nil }
    }
    columns = sorted.map(\.column)
    values = sorted.map(\.value)
  }

  /// The vector scaled to unit length; a zero vector stays zero.
  public var normalized: SparseVector {
    let norm = values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    guard norm > 0 else { return self }
    return SparseVector(columns: columns, values: values.map { Float(Double($0) / norm) })
  }

  private init(columns: [UInt32], values: [Float]) {
    self.columns = columns
    self.values = values
  }
}

/// 1 - a·b of sparse vectors, never below 0: the cosine distance when both are normalized. O(entries of both), in column order.
public struct SparseCosineSpace: ObjectSpace {
  /// A normalized vector (``SparseVector/normalized``).
  public typealias Object = SparseVector

  /// The space.
  public init() {}

  /// The distance of two objects.
  public func distance(_ a: SparseVector, _ b: SparseVector) -> Float {
    var sum = 0.0
    unsafe a.columns.withUnsafeBufferPointer { p in
      unsafe b.columns.withUnsafeBufferPointer { q in
        var i = 0
        var j = 0
        while i < p.count, j < q.count {
          if unsafe p[i] == q[j] {
            sum += Double(a.values[i]) * Double(b.values[j])
            i += 1
            j += 1
          } else if unsafe p[i] < q[j] {
            i += 1
          } else {
            j += 1
          }
        }
      }
    }
    return Float(max(0, 1 - sum))
  }
}

/// 1 - |both| / |any| of id sets; 0 between two empty ones. O(ids of both).
public struct JaccardSetSpace: ObjectSpace {
  /// Ids in strictly ascending order.
  public typealias Object = [UInt32]

  /// The space.
  public init() {}

  /// The distance of two objects.
  public func distance(_ a: [UInt32], _ b: [UInt32]) -> Float {
    let common = unsafe a.withUnsafeBufferPointer { p in
      unsafe b.withUnsafeBufferPointer { q in unsafe commonCount(p, q) }
    }
    let any = a.count + b.count - common
    return any == 0 ? 0 : 1 - Float(common) / Float(any)
  }
}

/// Entries that two strictly ascending lists share.
package func commonCount(_ p: UnsafeBufferPointer<UInt32>, _ q: UnsafeBufferPointer<UInt32>) -> Int {
  var i = 0
  var j = 0
  var common = 0
  while i < p.count, j < q.count {
    let (x, y) = unsafe (p[i], q[j])
    if x == y { common &+= 1 }
    if x <= y { i &+= 1 }
    if y <= x { j &+= 1 }
  }
  return common
}
