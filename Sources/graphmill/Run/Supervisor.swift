import Glibc
import MillRuntime
import Synchronization

/// Watches for SIGINT, SIGTERM and the time limit on a thread of its own, and asks the run to stop.
///
/// A run that does not come to a safe point within the grace period (it may wait for a pipe) is ended from here,
/// after its temporary files were removed; a second signal ends it at once.
final class Supervisor: Sendable {
  static let shared = Supervisor()

  let cancellation = Cancellation()
  private let cause = Atomic<Int32>(0)
  private let isOver = Lock(false)
  private let graceSeconds = 0.4
  private let longGrace = Atomic<Bool>(false)

  /// Exit code of the request to stop: 130, 143 or 124; 0 when there was none.
  var requestedExitCode: Int32 { cause.load(ordering: .relaxed) }

  /// Blocks the signals in all threads to come and starts watching. Called once, before other threads exist.
  ///
  /// - Parameter timeout: Seconds from now until the run is asked to stop; nil for no limit.
  func start(timeout: Double?) {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] {
      var old = sigaction()
      unsafe sigaction(number, nil, &old)
      // A signal that the parent had ignored (nohup, background jobs) stays ignored.
      let ignored = unsafe unsafeBitCast(SIG_IGN, to: Int.self)
      if unsafe unsafeBitCast(old.__sigaction_handler.sa_handler, to: Int.self) != ignored {
        unsafe sigaddset(&signals, number)
      }
    }
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    // A limit beyond thirty years is none that the clock's arithmetic has to bear.
    let deadline = timeout.map { monotonicSeconds() + min($0, 1e9) }
    let start = unsafe Unmanaged.passRetained(WatchStart(signals: signals, deadline: deadline))
    var thread = pthread_t()
    let failed = unsafe pthread_create(
      &thread, nil,
      { argument in
        let start = unsafe Unmanaged<WatchStart>.fromOpaque(argument!).takeRetainedValue()
        Supervisor.shared.watch(start.signals, deadline: start.deadline)
        return nil
      }, unsafe start.toOpaque())
    if failed == 0 { pthread_detach(thread) } else { unsafe start.release() }
    BusErrors.watch()
  }

  /// Gives the run ten minutes instead of less than half a second to come to a safe point: it will hand over what it has.
  func allowLongFinish() { longGrace.store(true, ordering: .relaxed) }

  /// Claims the end of the process for the caller; false when the watcher is already ending it.
  func finish() -> Bool {
    isOver.withLock { over in
      defer { over = true }
      return !over
    }
  }

  private func watch(_ signals: sigset_t, deadline: Double?) {
    let code = wait(signals, until: deadline)
    cause.store(code, ordering: .relaxed)
    cancellation.request()
    let grace = longGrace.load(ordering: .relaxed) ? 600 : graceSeconds
    _ = wait(signals, until: monotonicSeconds() + grace)
    guard finish() else {
      // The work is done and its report is on its way; a reader that does not take it must not hold us for ever.
      _ = wait(signals, until: monotonicSeconds() + 25 * graceSeconds)
      _exit(code)
    }
    Self.end(Self.error(code), code: code)
  }

  /// Ends the process from beside the run: temporary files are removed, the error is told.
  static func end(_ error: MillError, code: Int32) -> Never {
    OutputFile.removeTemporaries()
    ErrorReport.current.print(error, code: code)
    _exit(code)
  }

  /// Sleeps until a signal or the deadline; returns the exit code that belongs to it.
  private func wait(_ signals: sigset_t, until deadline: Double?) -> Int32 {
    var signals = signals
    while true {
      let left = deadline.map { max(0, $0 - monotonicSeconds()) } ?? 3600
      var time = timespec(tv_sec: Int(left), tv_nsec: Int((left - left.rounded(.down)) * 1e9))
      let number = unsafe sigtimedwait(&signals, nil, &time)
      if number == SIGINT { return 130 }
      if number == SIGTERM { return 143 }
      if let deadline, monotonicSeconds() >= deadline { return 124 }
    }
  }

  /// The message of a run that was stopped.
  static func error(_ code: Int32) -> MillError {
    switch code {
    case 124: MillError(.interrupted, "stopped: the time limit is over")
    case 143: MillError(.interrupted, "stopped by SIGTERM")
    default: MillError(.interrupted, "stopped by SIGINT")
    }
  }
}

private final class WatchStart {
  let signals: sigset_t
  let deadline: Double?

  init(signals: sigset_t, deadline: Double?) {
    self.signals = signals
    self.deadline = deadline
  }
}
