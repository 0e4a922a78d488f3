import Glibc

/// A value that one thread at a time may touch, for processes that fork too.
///
/// Not the standard library's `Mutex`: on Linux that one stores the number of the thread that holds it, and a child
/// after `fork` goes on with the numbers of its parent, so that the first contended lock of the child ends it with a
/// fatal error. (Swift 6.3; a Python program that uses `multiprocessing` is such a child.)
///
/// A lock that is held by another thread while the process forks stays locked in the child: fine for locks that one
/// operation makes and drops. Those that outlive an operation are made by ``survivingFork(_:)``.
@usableFromInline
@safe package struct Lock<Value>: ~Copyable, @unchecked Sendable {
  @usableFromInline let cell: UnsafeMutableRawPointer
  @usableFromInline let value: UnsafeMutablePointer<Value>
  private let isRegistered: Bool

  /// A lock around `value`.
  package init(_ value: consuming sending Value) { self.init(value, isRegistered: false) }

  /// A lock that no thread of a parent leaves locked in a child: a fork waits for it.
  ///
  /// So what is done under it must be short and must not take, make or drop another such lock.
  package static func survivingFork(_ value: consuming sending Value) -> Lock { Lock(value, isRegistered: true) }

  private init(_ value: consuming sending Value, isRegistered: Bool) {
    unsafe self.value = .allocate(capacity: 1)
    unsafe self.value.initialize(to: value)
    self.isRegistered = isRegistered
    unsafe cell = LockCell.make(isRegistered: isRegistered)
  }

  deinit {
    unsafe LockCell.destroy(cell, isRegistered: isRegistered)
    unsafe value.deinitialize(count: 1)
    unsafe value.deallocate()
  }

  /// Runs `body` on the value while no other thread does.
  @inlinable package borrowing func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    unsafe acquireLock(cell)
    defer { unsafe releaseLock(cell) }
    return try unsafe body(&value.pointee)
  }

  /// The same, or nil at once where another thread holds the lock.
  @inlinable package borrowing func withLockIfAvailable<Result, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result? {
    guard unsafe tryLock(cell) else { return nil }
    defer { unsafe releaseLock(cell) }
    return unsafe try body(&value.pointee)
  }
}

// Not methods of the generic type, whose calls from other modules would cost more than the lock.

@usableFromInline
func acquireLock(_ cell: UnsafeMutableRawPointer) {
  unsafe pthread_mutex_lock(&cell.assumingMemoryBound(to: LockCell.self).pointee.mutex)
}

@usableFromInline
func tryLock(_ cell: UnsafeMutableRawPointer) -> Bool {
  unsafe pthread_mutex_trylock(&cell.assumingMemoryBound(to: LockCell.self).pointee.mutex) == 0
}

@usableFromInline
func releaseLock(_ cell: UnsafeMutableRawPointer) {
  unsafe pthread_mutex_unlock(&cell.assumingMemoryBound(to: LockCell.self).pointee.mutex)
}

/// A mutex, and its place in the list of those that a fork waits for.
@safe private struct LockCell {
  var mutex = unsafe pthread_mutex_t()
  var previous: UnsafeMutablePointer<LockCell>?
  var next: UnsafeMutablePointer<LockCell>?

  static func make(isRegistered: Bool) -> UnsafeMutableRawPointer {
    let cell = UnsafeMutablePointer<LockCell>.allocate(capacity: 1)
    unsafe cell.initialize(to: LockCell())
    unsafe pthread_mutex_init(&cell.pointee.mutex, nil)
    if isRegistered { unsafe LockRegistry.add(cell) }
    return UnsafeMutableRawPointer(cell)
  }

  static func destroy(_ raw: UnsafeMutableRawPointer, isRegistered: Bool) {
    let cell = unsafe raw.assumingMemoryBound(to: LockCell.self)
    if isRegistered { unsafe LockRegistry.remove(cell) }
    unsafe pthread_mutex_destroy(&cell.pointee.mutex)
    unsafe cell.deallocate()
  }
}

/// All locks that a fork waits for.
private enum LockRegistry {
  nonisolated(unsafe) private static var first: UnsafeMutablePointer<LockCell>?
  nonisolated(unsafe) private static let mutex: UnsafeMutablePointer<pthread_mutex_t> = {
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    unsafe pthread_mutex_init(mutex, nil)
    pthread_atfork({ lockAll() }, { unlockAll() }, { unlockAll() })
    return unsafe mutex
  }()

  static func add(_ cell: UnsafeMutablePointer<LockCell>) {
    unsafe pthread_mutex_lock(mutex)
    unsafe cell.pointee.next = first
    unsafe first?.pointee.previous = cell
    unsafe first = cell
    unsafe pthread_mutex_unlock(mutex)
  }

  static func remove(_ cell: UnsafeMutablePointer<LockCell>) {
    unsafe pthread_mutex_lock(mutex)
    unsafe cell.pointee.next?.pointee.previous = cell.pointee.previous
    if let previous = unsafe cell.pointee.previous {
      unsafe previous.pointee.next = cell.pointee.next
    } else {
      unsafe first = cell.pointee.next
    }
    unsafe pthread_mutex_unlock(mutex)
  }

  private static func lockAll() {
    unsafe pthread_mutex_lock(mutex)
    unsafe forEach { unsafe pthread_mutex_lock(&$0.pointee.mutex) }
  }

  private static func unlockAll() {
    unsafe forEach { unsafe pthread_mutex_unlock(&$0.pointee.mutex) }
    unsafe pthread_mutex_unlock(mutex)
  }

  private static func forEach(_ body: (UnsafeMutablePointer<LockCell>) -> Void) {
    var place = unsafe first
    while let cell = unsafe place {
      unsafe body(cell)
      unsafe place = cell.pointee.next
    }
  }
}
