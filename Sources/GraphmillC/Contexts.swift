public import CGraphmill
import Glibc
import MillRuntime
import Synchronization

/// A run's surroundings: threads, a flag to stop it, and how far it is.
final class CallContext: Sendable {
  let run: RunContext
  private let cancellation = Cancellation()
  private let progress: ProgressNote

  init(threads: Int) {
    let note = ProgressNote()
    progress = note
    run = RunContext(
      threads: threads, progress: RunProgress(interval: 0.05) { note.set($0) }, cancellation: cancellation)
  }

  func cancel() { cancellation.request() }

  /// The last update.
  func latest() -> ProgressUpdate? { progress.get() }
}

/// Keeps the last update for whoever asks.
private final class ProgressNote: Sendable {
  private let update = Lock<ProgressUpdate?>.survivingFork(nil)
  func set(_ update: ProgressUpdate) { self.update.withLock { $0 = update } }
  func get() -> ProgressUpdate? { update.withLock { $0 } }
}

/// The context of a handle; all cores and silence for null.
func context(_ handle: OpaquePointer?) -> RunContext {
  guard let handle = unsafe handle else { return RunContext() }
  return unsafe Unmanaged<CallContext>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue().run
}

/// Makes a context.
@c @implementation
public func gm_context_new(_ threads: Int32, _ out: HandleOut, _ error: HandleOut) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    let threads = try number(Int64(threads), "the number of threads", in: 0...1024)
    return CallContext(threads: threads == 0 ? Parallel.availableCores : threads)
  }
}

/// Asks a run to stop; safe in signal handlers.
@c @implementation
public func gm_context_cancel(_ context: OpaquePointer?) {
  guard let context = unsafe context else { return }
  // No reference is counted: this may run in a signal handler.
  unsafe Unmanaged<CallContext>.fromOpaque(UnsafeRawPointer(context))._withUnsafeGuaranteedRef { $0.cancel() }
}

/// How far a run is.
@c @implementation
public func gm_context_progress(_ context: OpaquePointer?, _ progress: UnsafeMutablePointer<gm_progress>?) {
  guard let context = unsafe context else { return }
  let latest = unsafe Unmanaged<CallContext>.fromOpaque(UnsafeRawPointer(context)).takeUnretainedValue().latest()
  var result = gm_progress()
  result.total = -1
  if let latest {
    result.done = Int64(latest.done)
    result.total = Int64(latest.total ?? -1)
    unsafe withUnsafeMutableBytes(of: &result.stage) { stage in
      for (place, byte) in latest.stage.utf8.prefix(stage.count - 1).enumerated() { unsafe stage[place] = byte }
    }
  }
  _ = door(nil) { () throws(MillError) in try unsafe fill(progress, result, "progress") }
}

/// Gives a context back.
@c @implementation
public func gm_context_free(_ context: OpaquePointer?) { unsafe free(context, CallContext.self) }

/// Limits the memory of all arrays.
@c @implementation
public func gm_memory_set_limit(_ bytes: Int64, _ error: HandleOut) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let bytes = try number(bytes, "the limit", in: 0...Int.max)
    MemoryBudget.limit = bytes == 0 ? .max : bytes
  }
}

/// Bytes that arrays take now.
@c @implementation
public func gm_memory_used() -> Int64 { Int64(MemoryBudget.used) }

/// The most bytes that arrays took.
@c @implementation
public func gm_memory_peak() -> Int64 { Int64(MemoryBudget.peak) }

/// Sets the folder for arrays beyond the limit.
@c @implementation
public func gm_memory_set_spill_folder(_ path: UnsafePointer<CChar>?, _ error: HandleOut) -> Int32 {
  unsafe door(error) { () throws(MillError) in MemoryBudget.spillFolder = try unsafe text(path, "path") }
}
