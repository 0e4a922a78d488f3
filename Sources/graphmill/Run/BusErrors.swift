import Glibc
import MillRuntime
import Synchronization

/// Ends the run with exit 74 when another process shortens a file that is mapped.
///
/// The thread that touches what is gone gets SIGBUS. Its handler notes the address, wakes a thread that waits for
/// that, and rests for good; nothing else is safe there. The thread that wakes removes temporary files and tells of the
/// file: no lock that it takes is ever held while mapped memory is touched.
enum BusErrors {
  private static let address = Atomic<UInt>(0)
  private nonisolated(unsafe) static let semaphore = {
    let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    unsafe sem_init(semaphore, 0, 0)
    return unsafe semaphore
  }()

  /// SIGBUS alone.
  private static var watched: sigset_t {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGBUS)
    return signals
  }

  /// Begins to watch. Called once, after the signals of the run are blocked.
  static func watch() {
    var thread = pthread_t()
    // Made here, so that the handler finds it made.
    let waits = unsafe semaphore
    // A signal that somebody sends goes to any thread that does not block it: were it the one that waits, nobody would wake.
    var (watched, former) = (watched, sigset_t())
    unsafe pthread_sigmask(SIG_BLOCK, &watched, &former)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &former, nil) }
    let failed = unsafe pthread_create(
      &thread, nil,
      { semaphore in
        while unsafe sem_wait(semaphore!.assumingMemoryBound(to: sem_t.self)) != 0 {}
        BusErrors.end()
      }, waits)
    guard failed == 0 else { return }
    pthread_detach(thread)
    var action = sigaction()
    action.sa_flags = SA_SIGINFO
    unsafe action.__sigaction_handler.sa_sigaction = { _, information, _ in
      let place = unsafe information!.pointee._sifields._sigfault.si_addr
      BusErrors.address.store(UInt(bitPattern: place), ordering: .relaxed)
      unsafe sem_post(BusErrors.semaphore)
      while true { pause() }
    }
    unsafe sigaction(SIGBUS, &action, nil)
  }

  private static func end() -> Never {
    guard let path = MappedRanges.path(at: address.load(ordering: .relaxed)) else {
      // Another fault than the one that is known: as if nobody had watched.
      signal(SIGBUS, SIG_DFL)
      var watched = watched
      unsafe pthread_sigmask(SIG_UNBLOCK, &watched, nil)
      kill(getpid(), SIGBUS)
      while true { pause() }
    }
    _ = Supervisor.shared.finish()
    let error = MappedRanges.shortened(path)
    Supervisor.end(error, code: error.exitCode)
  }
}
