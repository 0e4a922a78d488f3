/// A distance of your own between objects of any type.
///
/// Smaller is nearer; it must be symmetric and never NaN, and need not obey the triangle inequality. ``ObjectTable`` is
/// generic over the space and inlinable, so the compiler specializes the loop over a batch of objects in your module;
/// the graph code pays one indirect call a batch.
public protocol ObjectSpace: Sendable {
  /// What is compared.
  associatedtype Object
  /// The distance of two objects. Called from many threads.
  func distance(_ a: Object, _ b: Object) -> Float
}

/// Objects of a space in one block of memory. Immutable.
@safe public final class ObjectTable<Space: ObjectSpace>: @unchecked Sendable {
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
    unsafe storage.initialize(from: objects, count: objects.count)
    unsafe self.objects = storage
    measure = unsafe ObjectMeasure { query, ids, count, out in
      let query = unsafe query.assumingMemoryBound(to: Space.Object.self)
      for i in 0..<count { unsafe out[i] = unsafe space.distance(query.pointee, storage[Int(ids[i])]) }
    }
  }

  deinit {
    unsafe objects.deinitialize(count: count)
    unsafe objects.deallocate()
  }

  /// Object `index`.
  public subscript(index: Int) -> Space.Object {
    precondition(index >= 0 && index < count, "index out of range")
    return unsafe objects[index]
  }

  /// The objects as search loops see them.
  public var points: PointSet {
    unsafe PointSet(
      count: count, base: UnsafeRawPointer(objects), stride: MemoryLayout<Space.Object>.stride,
      measure: { context, query, ids, count, out in
        unsafe Unmanaged<ObjectMeasure>.fromOpaque(context!).takeUnretainedValue().body(query!, ids!, count, out!)
      }, context: unsafe UnsafeRawPointer(Unmanaged.passUnretained(measure).toOpaque()), owner: self)
  }
}

/// The loop over a batch, specialized where the table was made.
@safe @usableFromInline final class ObjectMeasure {
  @usableFromInline typealias Body = (UnsafeRawPointer, UnsafePointer<UInt32>, Int, UnsafeMutablePointer<Float>) -> Void
  let body: Body

  @usableFromInline init(_ body: @escaping Body) { unsafe self.body = unsafe body }
}
