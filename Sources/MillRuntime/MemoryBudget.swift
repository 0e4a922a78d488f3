import Glibc
import Synchronization

/// The process's memory budget: large buffers are counted against it and refused before the kernel would kill.
///
/// Every ``FlatBuffer`` counts; small objects do not. The budget is a property of the process, hence static.
/// Thread-safe; the limit has no influence on results, only on whether there is one.
public enum MemoryBudget {
  private static let limitBytes = Atomic<Int>(Int.max)
  private static let usedBytes = Atomic<Int>(0)
  private static let peakBytes = Atomic<Int>(0)

  /// The limit in bytes; `Int.max` means none.
  public static var limit: Int {
    get { limitBytes.load(ordering: .relaxed) }
    set { limitBytes.store(max(0, newValue), ordering: .relaxed) }
  }

  /// Bytes that buffers hold now.
  public static var used: Int { usedBytes.load(ordering: .relaxed) }

  /// The largest value that ``used`` had.
  public static var peak: Int { peakBytes.load(ordering: .relaxed) }

  /// Three quarters of what the control group (or else the machine) allows this process, in bytes.
  public static func automaticLimit() -> Int { available() / 4 * 3 }

  /// The memory that the control group (or else the machine) allows, in bytes.
  public static func available() -> Int {
    var limit = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    for path in ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"] {
      guard let line = firstLine(of: path, startingWith: "") else { continue }
      let bytes = strtoll(line, nil, 10)
      if bytes > 0 { limit = min(limit, Int(bytes)) }
    }
    return limit
  }

  /// Counts `bytes` in, or refuses.
  ///
  /// - Throws: ``MillError`` of kind `over-budget` when the sum would pass ``limit``.
  package static func reserve(_ bytes: Int) throws(MillError) {
    let after = usedBytes.wrappingAdd(bytes, ordering: .relaxed).newValue
    if after > limit {
      usedBytes.wrappingSubtract(bytes, ordering: .relaxed)
      throw MillError(
        .overBudget, "needs \(mebibytes(after)) MiB of memory, the budget is \(mebibytes(limit)) MiB",
        hint: "raise --memory, or use a machine with more memory")
    }
    var seen = peakBytes.load(ordering: .relaxed)
    while after > seen {
      let (done, current) = peakBytes.weakCompareExchange(expected: seen, desired: after, ordering: .relaxed)
      if done { break }
      seen = current
    }
  }

  /// Counts `bytes` out again.
  package static func release(_ bytes: Int) { usedBytes.wrappingSubtract(bytes, ordering: .relaxed) }

  private static func mebibytes(_ bytes: Int) -> Int { (bytes + (1 << 20) - 1) >> 20 }
}
