import Synchronization

/// What every long operation is told about its surroundings: threads, an observer of progress, a way to stop it.
///
/// Nothing in it changes a result.
public struct RunContext: Sendable {
  /// Threads to use at most, at least 1.
  public var threads: Int
  /// Receives progress; nil for none.
  public var progress: RunProgress?
  /// Set from outside to stop at the next safe point; nil for a run that cannot be stopped.
  public var cancellation: Cancellation?

  /// A context; by default all cores of the process, silent.
  public init(threads: Int = Parallel.availableCores, progress: RunProgress? = nil, cancellation: Cancellation? = nil) {
    self.threads = max(1, threads)
    self.progress = progress
    self.cancellation = cancellation
  }

  /// Returns normally unless the run was asked to stop.
  ///
  /// - Throws: ``MillError`` of kind `interrupted`.
  public func checkCancelled() throws(MillError) {
    if let cancellation, cancellation.isRequested { throw MillError(.interrupted, "stopped on request") }
  }
}

/// A flag that asks a run to stop at its next safe point. Thread-safe, and safe to set from a signal handler.
public final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)
  /// A flag that is not set.
  public init() {}
  /// Whether somebody asked.
  public var isRequested: Bool { flag.load(ordering: .relaxed) }
  /// Asks.
  public func request() { flag.store(true, ordering: .relaxed) }
}
