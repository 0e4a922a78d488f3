/// A distance of your own between objects of any type.
///
/// Smaller is nearer; it must be symmetric and never NaN, and need not obey the triangle inequality. ``ObjectTable`` is
/// generic over the space and inlinable, so the compiler specialises the loop over a batch of objects in your module;
/// the graph code pays one indirect call a batch.
public protocol ObjectSpace: Sendable {
  /// What is compared.
  associatedtype Object
  /// The distance of two objects. Called from many threads.
  func distance(_ a: Object, _ b: Object) -> Float
}

/// Objects of a space in one block of memory. Immutable.
public final class ObjectTable<Space: ObjectSpace>: @unchecked Sendable {
  /// The space.
  public let space: Space
  /// The number of objects.
  public let count: Int
  @usableFromInline let objects: UnsafeMutablePointer<Space.Object>
  @usableFromInline let measure: ObjectMeasure

  /// A table of the given objects.
  @inlinable public init(_ space: Space, _ objects: [Space.Object]) {
    self.space = space
    count = objects.count
    let storage = UnsafeMutablePointer<Space.Object>.allocate(capacity: max(1, objects.count))
    storage.initialize(from: objects, count: objects.count)
    self.objects = storage
    measure = ObjectMeasure { query, ids, count, out in
      let query = query.assumingMemoryBound(to: Space.Object.self)
      for i in 0..<count { out[i] = space.distance(query.pointee, storage[Int(ids[i])]) }
    }
  }

  deinit {
    objects.deinitialize(count: count)
    objects.deallocate()
  }

  /// Object `index`.
  public subscript(index: Int) -> Space.Object {
    precondition(index >= 0 && index < count, "index out of range")
    return objects[index]
  }

  /// The objects as search loops see them.
  public var points: PointSet {
    PointSet(
      count: count, base: UnsafeRawPointer(objects), stride: MemoryLayout<Space.Object>.stride,
      measure: { context, query, ids, count, out in
        Unmanaged<ObjectMeasure>.fromOpaque(context!).takeUnretainedValue().body(query!, ids!, count, out!)
      }, context: UnsafeRawPointer(Unmanaged.passUnretained(measure).toOpaque()), owner: self)
  }
}

/// The loop over a batch, specialised where the table was made.
@usableFromInline final class ObjectMeasure {
  @usableFromInline typealias Body = (UnsafeRawPointer, UnsafePointer<UInt32>, Int, UnsafeMutablePointer<Float>) -> Void
  let body: Body

  @usableFromInline init(_ body: @escaping Body) { self.body = body }
}
