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

  /// A folder for what the budget has no room for: large buffers become unlinked files there, mapped into memory, which
  /// the system can write out and take back. Nil: no such files, too much is refused. Only slows down, changes nothing.
  public static var spillFolder: String? {
    get { folder.withLock { $0 } }
    set { folder.withLock { $0 = newValue } }
  }
  private static let folder = Lock<String?>.survivingFork(nil)
  private static let spilledBytes = Atomic<Int>(0)

  /// Bytes of buffers that were put into files of ``spillFolder`` so far.
  public static var spilled: Int { spilledBytes.load(ordering: .relaxed) }

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
      let bytes = unsafe strtoll(line, nil, 10)
      if bytes > 0 { limit = min(limit, Int(bytes)) }
    }
    return limit
  }

  /// Counts `bytes` in, or refuses.
  ///
  /// - Throws: ``MillError`` of kind `over-budget` when the sum would pass ``limit``.
  package static func reserve(_ bytes: Int) throws(MillError) { try reserve(bytes, of: limit) }

  /// The same for a large block, which leaves the last quarter to small ones where it can go to a file instead.
  static func reserveLarge(_ bytes: Int) throws(MillError) {
    try reserve(bytes, of: largeLimit)
  }

  /// Whether a large block would fit now, without a file: for arrays that only make work faster.
  package static func hasRoom(for bytes: Int) -> Bool { used + bytes <= largeLimit }

  private static var largeLimit: Int { spillFolder == nil ? limit : limit / 4 * 3 }

  private static func reserve(_ bytes: Int, of limit: Int) throws(MillError) {
    let after = usedBytes.wrappingAdd(bytes, ordering: .relaxed).newValue
    if after > limit {
      usedBytes.wrappingSubtract(bytes, ordering: .relaxed)
      throw MillError(
        .overBudget, "needs \(ByteSize.text(after)) of memory, the budget is \(ByteSize.text(limit))",
        hint:
          "raise \(setting: "MemoryBudget.limit"), or let large arrays live in files of a folder with \(setting: "MemoryBudget.spillFolder")"
      )
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

  /// Memory that lives in a file of ``spillFolder``; nil where there is no such folder.
  ///
  /// - Throws: ``MillError`` of kind `over-budget` when the disk has no room.
  static func spill(_ bytes: Int) throws(MillError) -> UnsafeMutableRawPointer? {
    guard let folder = spillFolder else { return nil }
    let file = openUnlinked(in: folder)
    guard file >= 0 else { throw .inputOutput("cannot create a temporary file", folder) }
    defer { close(file) }
    // Blocks are reserved now: a disk that is full later would end the process.
    let failure = posix_fallocate(file, 0, bytes)
    guard failure == 0 else {
      throw MillError(
        .overBudget, "\(ByteSize.text(bytes)) more than the memory budget, and no room for them in a temporary file",
        file: folder)
    }
    let pages = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
    guard let pages = unsafe pages, unsafe pages != MAP_FAILED else {
      throw .inputOutput("cannot map a temporary file", folder)
    }
    spilledBytes.wrappingAdd(bytes, ordering: .relaxed)
    return unsafe pages
  }

  /// A new file that is gone with its last mapping.
  private static func openUnlinked(in folder: String) -> Int32 {
    var template = Array("\(folder)/graphmill-spill-XXXXXX".utf8CString)
    let file = unsafe mkstemp(&template)
    if file >= 0 {
      unsafe unlink(template)
      _ = fcntl(file, F_SETFD, FD_CLOEXEC)
    }
    return file
  }
}
