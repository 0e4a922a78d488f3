import Glibc
import MillRuntime

/// One reader and the files that it is given, with what came of them.
struct FuzzSession {
  /// What came of the files so far.
  struct Tally {
    var inputs = 0
    var refused = 0
    var accepted = 0
    /// The most memory that a file took beyond its own size, in bytes.
    var largestGrowth = 0
    var slowestSeconds = 0.0
    /// Kinds of errors and of what was read.
    var outcomes: Set<String> = []
  }

  /// A file that did what no file may do.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Memory that a file may take beyond its own size.
  static let ceiling = 64 << 20

  let reader: FuzzReader
  private(set) var tally = Tally()
  private let folder: String
  private let path: String

  /// - Parameter folder: Where the file under test lies; the last one stays there when the process dies of it.
  init(_ reader: FuzzReader, folder: String) {
    self.reader = reader
    self.folder = folder
    path = "\(folder)/input.\(reader.ending)"
  }

  /// The good files of the reader.
  func seeds() throws -> [[UInt8]] { try reader.seeds(folder) }

  /// Gives the reader one file.
  ///
  /// - Returns: Whether this came to something that no file before came to.
  /// - Throws: ``Failure`` for an error of the wrong kind or too much memory; a crash or a hang ends the process.
  @discardableResult
  mutating func run(_ bytes: [UInt8], number: UInt64) throws -> Bool {
    try writePlain(bytes, to: path)
    alarm(60)
    defer { alarm(0) }
    let before = ResidentMemory.resetPeak()
    let begin = monotonicSeconds()
    let outcome: String
    do throws(MillError) {
      outcome = "read " + (try reader.read(path, number))
      tally.accepted += 1
    } catch {
      guard [64, 65, 69, 71].contains(error.exitCode) else {
        throw Failure(description: "\(reader.name): exit \(error.exitCode): \(error)")
      }
      outcome = "\(error.kind) " + error.message.filter { $0.isLetter || $0 == " " }.prefix(40)
      tally.refused += 1
    }
    tally.inputs += 1
    tally.slowestSeconds = max(tally.slowestSeconds, monotonicSeconds() - begin)
    if let before, let peak = ResidentMemory.peak() {
      let growth = peak - before - bytes.count
      tally.largestGrowth = max(tally.largestGrowth, growth)
      guard growth <= Self.ceiling else {
        throw Failure(description: "\(reader.name): \(growth >> 20) MiB for a file of \(bytes.count) bytes")
      }
    }
    return tally.outcomes.insert(outcome).inserted
  }
}

/// The resident size of this process, as the kernel counts it.
enum ResidentMemory {
  /// Sets the peak back to the size now and returns that in bytes; nil where the kernel does not let us.
  static func resetPeak() -> Int? {
    let file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return write(file, "5", 1) == 1 ? peak() : nil
  }

  /// The largest size since the last reset, in bytes.
  static func peak() -> Int? {
    guard let file = fopen("/proc/self/status", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if text.hasPrefix("VmHWM:") { return Int(text.filter(\.isNumber)).map { $0 << 10 } }
    }
    return nil
  }
}

/// Writes a file without waiting for the disk.
func writePlain(_ bytes: [UInt8], to path: String) throws(MillError) {
  guard let file = fopen(path, "w") else { throw .inputOutput("cannot write", path) }
  defer { fclose(file) }
  guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw .inputOutput("cannot write", path) }
}

/// All bytes of a regular file.
func wholeFile(_ path: String) throws(MillError) -> [UInt8] {
  let file = try MappedFile(path: path, mapped: false)
  defer { withExtendedLifetime(file) {} }
  return Array(file.bytes)
}

/// The same for seeds.
func fileBytes(_ path: String) throws -> [UInt8] { try wholeFile(path) }
