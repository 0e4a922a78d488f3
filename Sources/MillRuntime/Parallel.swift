import Glibc
import Synchronization

/// Parallel loops over fixed-size chunks.
///
/// Chunks are cut by the work, never by the thread count, and a chunk's result may depend on its index alone; then
/// every thread count gives the same result. Loops inside loops run serially, as do loops of a second caller while
/// the pool is busy.
///
/// A child process after `fork` starts threads of its own with its first loop, whatever its parent was doing. Only a
/// fork inside the body of a loop has a limit: the child must not return into that loop, whose other chunks run in the
/// parent; it ends with a message when it does.
public enum Parallel {
  /// Cores that this process may use: its affinity mask, and the quota of its control group, rounded up.
  public static let availableCores: Int = {
    var cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    if let mask = firstLine(of: "/proc/self/status", startingWith: "Cpus_allowed:") {
      let allowed = mask.compactMap { $0.hexDigitValue }.reduce(0) { $0 + $1.nonzeroBitCount }
      if allowed > 0 { cores = min(cores, allowed) }
    }
    if let quota = firstLine(of: "/sys/fs/cgroup/cpu.max", startingWith: "") {
      let fields = quota.split(separator: " ").compactMap { Int($0) }
      if fields.count == 2, fields[1] > 0 { cores = min(cores, max(1, (fields[0] + fields[1] - 1) / fields[1])) }
    }
    return cores
  }()

  /// Runs `body(chunk, worker)` once for every chunk in `0..<chunkCount`.
  ///
  /// - Parameters:
  ///   - chunkCount: The number of chunks.
  ///   - threads: Threads to use at most, the caller's included.
  ///   - body: The work; `worker` in `0..<threads` names the executing thread, for scratch space.
  public static func forEach(
    _ chunkCount: Int, threads: Int, _ body: (_ chunk: Int, _ worker: Int) -> Void
  ) {
    let threads = min(threads, chunkCount, WorkerPool.maximumThreads)
    guard threads > 1, WorkerPool.shared.run(chunkCount, threads: threads, body) else {
      for chunk in 0..<max(0, chunkCount) { body(chunk, 0) }
      return
    }
  }

  /// The throwing form: of all failing chunks the one with the lowest index is reported.
  ///
  /// Chunks that start after a failure of a lower chunk are skipped.
  public static func forEachThrowing(
    _ chunkCount: Int, threads: Int, _ body: (_ chunk: Int, _ worker: Int) throws(MillError) -> Void
  ) throws(MillError) {
    let firstFailure = Lock<(chunk: Int, error: MillError)?>(nil)
    let failedChunk = Atomic<Int>(Int.max)
    forEach(chunkCount, threads: threads) { chunk, worker in
      if chunk > failedChunk.load(ordering: .relaxed) { return }
      do throws(MillError) {
        try body(chunk, worker)
      } catch {
        firstFailure.withLock { seen in
          if seen.map({ chunk < $0.chunk }) ?? true {
            seen = (chunk, error)
            failedChunk.store(chunk, ordering: .relaxed)
          }
        }
      }
    }
    if let failure = firstFailure.withLock({ $0 }) { throw failure.error }
  }

  /// The number of chunks of `size` items that hold `count` items.
  @inlinable public static func chunkCount(_ count: Int, size: Int) -> Int { (count + size - 1) / size }

  /// The items of one chunk.
  @inlinable public static func range(ofChunk chunk: Int, size: Int, count: Int) -> Range<Int> {
    let low = chunk * size
    return low..<min(count, low + size)
  }

  /// Runs `body` over the ranges of `size` items that cut `0..<count`.
  public static func forEachRange(
    of count: Int, size: Int, threads: Int, _ body: (_ range: Range<Int>, _ worker: Int) -> Void
  ) {
    forEach(chunkCount(count, size: size), threads: threads) { chunk, worker in
      body(range(ofChunk: chunk, size: size, count: count), worker)
    }
  }
}

/// Persistent helper threads. An idle helper spins a bounded time, yields, then sleeps on a condition, so a busy
/// phase pays microseconds a loop and an idle process burns nothing.
@safe private final class WorkerPool: @unchecked Sendable {
  static let shared: WorkerPool = {
    let pool = WorkerPool()
    isMade.store(true, ordering: .releasing)
    pthread_atfork(nil, nil, { if isMade.load(ordering: .acquiring) { shared.forgetParent() } })
    return pool
  }()
  private static let isMade = Atomic<Bool>(false)
  static let maximumThreads = 1 << 10

  /// Generation in the high bits, number of helpers wanted in the low 16.
  private let ticket = Atomic<Int>(0)
  private let nextChunk = Atomic<Int>(0)
  private let finished = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  private let isBusy = Atomic<Bool>(false)
  private let lock: UnsafeMutablePointer<pthread_mutex_t> = .allocate(capacity: 1)
  private let wake: UnsafeMutablePointer<pthread_cond_t> = .allocate(capacity: 1)
  private var helpers = 0
  private var chunkCount = 0
  /// The work of the present loop. A child must be able to forget it without reading what its parent was writing, hence
  /// a place in memory of its own.
  private let body: UnsafeMutablePointer<((Int, Int) -> Void)?> = .allocate(capacity: 1)
  /// The number of forks between the process in which the pool was made and this one.
  private var forks = 0

  private init() {
    unsafe pthread_mutex_init(lock, nil)
    unsafe pthread_cond_init(wake, nil)
    unsafe body.initialize(to: nil)
  }

  /// Makes the pool of a child process a new one: the helpers and the loop under way live in the parent only.
  private func forgetParent() {
    unsafe pthread_mutex_init(lock, nil)
    unsafe pthread_cond_init(wake, nil)
    unsafe body.initialize(to: nil)
    helpers = 0
    forks += 1
    sleepers.store(0, ordering: .relaxed)
    isBusy.store(false, ordering: .releasing)
  }

  /// Runs the loop with helpers; false when the pool is taken, so that the caller runs it alone.
  func run(_ count: Int, threads: Int, _ work: (Int, Int) -> Void) -> Bool {
    guard isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else { return false }
    defer { isBusy.store(false, ordering: .releasing) }
    let wanted = startHelpers(threads - 1)
    guard wanted > 0 else { return false }
    let process = forks
    withoutActuallyEscaping(work) { work in
      unsafe body.pointee = work
      chunkCount = count
      nextChunk.store(0, ordering: .relaxed)
      finished.store(0, ordering: .relaxed)
      let generation = (ticket.load(ordering: .relaxed) >> 16) &+ 1
      ticket.store(generation << 16 | wanted, ordering: .sequentiallyConsistent)
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
        unsafe pthread_mutex_lock(lock)
        unsafe pthread_cond_broadcast(wake)
        unsafe pthread_mutex_unlock(lock)
      }
      drain(worker: 0)
      precondition(process == forks, "a child process returned into the parallel loop that its parent runs")
      var spins = 0
      while finished.load(ordering: .acquiring) < wanted {
        spins += 1
        if spins > 2_000 { sched_yield() }
      }
      unsafe body.pointee = nil
    }
    return true
  }

  /// Takes chunks until none is left. Never inlined: the closure must be let go before the caller reports the end.
  @inline(never)
  private func drain(worker: Int) {
    guard let work = unsafe body.pointee else { return }
    let count = chunkCount
    while true {
      let chunk = nextChunk.wrappingAdd(1, ordering: .relaxed).oldValue
      if chunk >= count { return }
      work(chunk, worker)
    }
  }

  private func startHelpers(_ wanted: Int) -> Int {
    while helpers < wanted {
      let index = helpers
      var thread = pthread_t()
      let start = unsafe Unmanaged.passRetained(
        HelperStart(pool: self, index: index, ticket: ticket.load(ordering: .relaxed)))
      var attributes = pthread_attr_t()
      unsafe pthread_attr_init(&attributes)
      unsafe pthread_attr_setstacksize(&attributes, 8 << 20)
      unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
      let failed = unsafe pthread_create(
        &thread, &attributes,
        { argument in
          let start = unsafe Unmanaged<HelperStart>.fromOpaque(argument!).takeRetainedValue()
          start.pool.helperLoop(start.index, seen: start.ticket)
        }, unsafe start.toOpaque())
      unsafe pthread_attr_destroy(&attributes)
      if failed != 0 {
        unsafe start.release()
        break
      }
      helpers += 1
    }
    return min(helpers, wanted)
  }

  private func helperLoop(_ index: Int, seen: Int) -> Never {
    var seen = seen
    while true {
      seen = waitForTicket(after: seen)
      guard index < seen & 0xffff else { continue }
      drain(worker: index + 1)
      finished.wrappingAdd(1, ordering: .releasing)
    }
  }

  private func waitForTicket(after seen: Int) -> Int {
    for spin in 0..<4_000 {
      let current = ticket.load(ordering: .acquiring)
      if current != seen { return current }
      if spin > 2_000 { sched_yield() }
    }
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
    defer { sleepers.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
    while true {
      let current = ticket.load(ordering: .sequentiallyConsistent)
      if current != seen { return current }
      unsafe pthread_cond_wait(wake, lock)
    }
  }
}

private final class HelperStart {
  let pool: WorkerPool
  let index: Int
  let ticket: Int

  init(pool: WorkerPool, index: Int, ticket: Int) {
    self.pool = pool
    self.index = index
    self.ticket = ticket
  }
}
