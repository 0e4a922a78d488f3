import Glibc
import Synchronization
import TestSupport
import Testing

@testable import MillRuntime

/// Children made by a bare `fork`, as Python's `multiprocessing` makes them. Each test runs in a process of its own, so
/// that no other test's thread holds a lock of the Swift runtime meanwhile.
@Suite struct ForkTests {
  @Test("A child runs parallel loops", arguments: [2, 4])
  func loopInChild(threads: Int) async {
    await #expect(processExitsWith: .success) { [threads] in
      expectSum(threads)
      for _ in 0..<20 { expectChild { expectSum(threads) } }
      expectSum(threads)
    }
  }

  @Test("A child of a process that never ran a loop", arguments: [2, 4])
  func firstLoopInChild(threads: Int) async {
    await #expect(processExitsWith: .success) { [threads] in
      expectChild { expectSum(threads) }
      expectSum(threads)
    }
  }

  @Test("A fork while another thread is inside a parallel loop", arguments: [2, 4])
  func forkDuringLoop(threads: Int) async {
    await #expect(processExitsWith: .success) { [threads] in
      let loop = BackgroundThread {
        expectSum(threads)
      }
      for _ in 0..<30 {
        loop.awaitRound()
        expectChild {
          expectSum(threads)
          expectChild { expectSum(threads) }
        }
      }
      loop.stop()
    }
  }

  @Test("A fork inside the body of a loop", arguments: [2, 4])
  func forkInBody(threads: Int) async {
    await #expect(processExitsWith: .success) { [threads] in
      let children = Atomic<Int>(0)
      Parallel.forEach(8, threads: threads) { chunk, _ in
        guard chunk % 4 == 1 else { return }
        expectChild { expectSum(threads) }
        children.wrappingAdd(1, ordering: .relaxed)
      }
      exitUnless(children.load(ordering: .relaxed) == 2)
    }
  }

  @Test("A child that returns into its parent's loop ends with a message instead of waiting for ever")
  func returnIntoLoop() async {
    await #expect(processExitsWith: .success) {
      let parent = getpid()
      var child: pid_t = -1
      Parallel.forEach(4, threads: 2) { chunk, worker in
        if worker == 0, child < 0 { child = forkProcess() }
        // Leaves the caller's thread at least one chunk, whichever the helper takes.
        if worker == 1, getpid() == parent { while chunk < 3, child < 0 { sched_yield() } }
      }
      if getpid() != parent { _exit(0) }
      exitUnless(await signalOfChild(child) != 0)
    }
  }

  @Test("Locks work in a child that contends for them, and none is left locked by a thread of the parent")
  func locks() async {
    await #expect(processExitsWith: .success) {
      let lock = Lock<Int>.survivingFork(0)
      lock.withLock { $0 = 1 }
      let holder = BackgroundThread { lock.withLock { $0 += 1 } }
      for _ in 0..<30 {
        holder.awaitRound()
        expectChild {
          let before = lock.withLock { $0 }
          Parallel.forEach(400, threads: 4) { _, _ in for _ in 0..<500 { lock.withLock { $0 += 1 } } }
          exitUnless(lock.withLock { $0 } == before + 200_000)
        }
      }
      holder.stop()
    }
  }

  @Test("A child leaves its parent's unfinished files alone")
  func outputFiles() async throws {
    await #expect(processExitsWith: .success) {
      let folder = TemporaryFolder()
      var file: OutputFile? = try OutputFile(folder.file("a.txt"))
      try file?.write("whole")
      expectChild {
        OutputFile.removeTemporaries()
        file = nil
      }
      try file?.commit()
      exitUnless(folder.text(of: "a.txt") == "whole" && folder.names == ["a.txt"])
    }
  }
}

/// A loop whose sum every thread count must give.
private func expectSum(_ threads: Int) {
  let sum = Atomic<Int>(0)
  Parallel.forEach(200, threads: threads) { chunk, _ in sum.wrappingAdd(chunk, ordering: .relaxed) }
  exitUnless(sum.load(ordering: .relaxed) == 19_900)
}

private func exitUnless(_ condition: Bool, _ line: Int = #line) {
  if condition { return }
  let text = "line \(line) of ForkTests does not hold\n"
  _ = write(STDERR_FILENO, text, text.utf8.count)
  _exit(1)
}

/// `fork`, which Swift hides.
private func forkProcess() -> pid_t {
  let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "fork")
  return unsafeBitCast(symbol!, to: (@convention(c) () -> pid_t).self)()
}

/// Runs `body` in a child, which must come to its end within a minute.
private func expectChild(_ body: () -> Void, _ line: Int = #line) {
  let child = forkProcess()
  if child == 0 {
    body()
    _exit(0)
  }
  exitUnless(statusOfChild(child) == 0, line)
}

/// The status of `waitpid`; a child that does not end within a minute is killed, which its status then says.
private func statusOfChild(_ child: pid_t) -> Int32 {
  let deadline = monotonicSeconds() + 60
  var status: Int32 = 0
  while retrying({ Int(waitpid(child, &status, WNOHANG)) }) == 0 {
    if monotonicSeconds() > deadline { kill(child, SIGKILL) }
    sched_yield()
  }
  return status
}

private func signalOfChild(_ child: pid_t) async -> Int32 { statusOfChild(child) & 0x7f }

/// A thread that does the same thing over and over.
private final class BackgroundThread: Sendable {
  private let rounds = Atomic<Int>(0)
  private let isStopped = Atomic<Bool>(false)
  private let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) {
    self.body = body
    var thread = pthread_t()
    let failure = pthread_create(
      &thread, nil,
      { argument in
        let me = Unmanaged<BackgroundThread>.fromOpaque(argument!).takeRetainedValue()
        while !me.isStopped.load(ordering: .relaxed) {
          me.body()
          me.rounds.wrappingAdd(1, ordering: .relaxed)
        }
        me.rounds.store(-1, ordering: .relaxed)
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    exitUnless(failure == 0)
    pthread_detach(thread)
  }

  /// Returns when the thread has begun another round.
  func awaitRound() {
    let seen = rounds.load(ordering: .relaxed)
    while rounds.load(ordering: .relaxed) <= seen { sched_yield() }
  }

  func stop() {
    isStopped.store(true, ordering: .relaxed)
    while rounds.load(ordering: .relaxed) >= 0 { sched_yield() }
  }
}
