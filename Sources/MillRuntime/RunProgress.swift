import Glibc
import Synchronization

/// How far one stage of a run is.
public struct ProgressUpdate: Sendable {
  /// What is counted.
  public enum Unit: String, Sendable { case bytes, items }
  /// The stage's name, such as `parse`.
  public let stage: String
  /// Units done.
  public let done: Int
  /// Units in all, where known.
  public let total: Int?
  /// What is counted.
  public let unit: Unit
  /// Seconds since the stage began.
  public let seconds: Double
  /// Whether the stage is over.
  public let isLast: Bool
  /// What the stage has reached, in its own words, such as `cost 1234`; empty for nothing.
  public var note = ""

  /// Units a second so far.
  public var rate: Double { seconds > 0 ? Double(done) / seconds : 0 }
  /// Seconds to go at the present rate, where the total is known.
  public var remainingSeconds: Double? {
    guard let total, done > 0, rate > 0 else { return nil }
    return Double(max(0, total - done)) / rate
  }
}

/// Counts the work of a run and tells an observer, at most once every `interval` seconds and at each stage's end.
///
/// Thread-safe: workers call ``advance(by:)``, whichever of them passes the interval calls the observer.
public final class RunProgress: Sendable {
  private struct Stage {
    var name = ""
    var total: Int?
    var unit = ProgressUpdate.Unit.items
    var start = 0.0
    var lastReport = 0.0
    var note = ""
  }

  private let observer: @Sendable (ProgressUpdate) -> Void
  private let interval: Double
  private let stage = Lock.survivingFork(Stage())
  private let done = Atomic<Int>(0)

  /// Progress that `observer` hears of.
  public init(interval: Double = 0.2, observer: @escaping @Sendable (ProgressUpdate) -> Void) {
    self.interval = interval
    self.observer = observer
  }

  /// Begins a stage of `total` units (nil when unknown).
  public func begin(_ name: String, total: Int?, unit: ProgressUpdate.Unit) {
    done.store(0, ordering: .relaxed)
    let now = monotonicSeconds()
    stage.withLock { $0 = Stage(name: name, total: total, unit: unit, start: now, lastReport: now) }
  }

  /// Adds `count` units done.
  public func advance(by count: Int) {
    let sum = done.wrappingAdd(count, ordering: .relaxed).newValue
    let now = monotonicSeconds()
    let update: ProgressUpdate?? = stage.withLockIfAvailable { stage in
      guard now - stage.lastReport >= interval else { return nil }
      stage.lastReport = now
      return make(stage, sum, now, isLast: false)
    }
    if case .some(.some(let update)) = update { observer(update) }
  }

  /// Says what the stage has reached; shown with the next update.
  public func note(_ text: String) { stage.withLock { $0.note = text } }

  /// Ends the stage.
  public func end() {
    let sum = done.load(ordering: .relaxed)
    let now = monotonicSeconds()
    observer(stage.withLock { make($0, sum, now, isLast: true) })
  }

  private func make(_ stage: Stage, _ sum: Int, _ now: Double, isLast: Bool) -> ProgressUpdate {
    ProgressUpdate(
      stage: stage.name, done: sum, total: stage.total, unit: stage.unit, seconds: now - stage.start, isLast: isLast,
      note: stage.note)
  }
}

/// Seconds of the monotonic clock.
package func monotonicSeconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
