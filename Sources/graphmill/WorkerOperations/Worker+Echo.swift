import Glibc
import MillRuntime
import WorkerProtocol

extension Worker {
  /// Writes what it reads: for measurements of the way, and for tests of what may happen on it.
  func echo(_ settings: WorkerSettings) throws -> [String: JSONValue] {
    let reader = reader(nil)
    guard try reader.next() else {
      throw MillError(.malformed, "a stream without a frame has no columns", file: "standard input")
    }
    let fault = try settings.optionalText("fault").map { try WorkerFault($0, settings) }
    try writeFrames(reader.forms ?? []) { writer in
      repeat {
        try writer.copy(reader)
        try fault?.strike()
      } while try reader.next()
    }
    return ["rows": JSONValue(reader.totalRows)]
  }
}

/// Something that goes wrong on purpose, in debug builds only.
struct WorkerFault {
  /// What happens.
  enum Kind: String, CaseIterable {
    /// The process is killed.
    case killed
    /// It ends with success in the middle of the output.
    case cut
    /// It has no memory left.
    case memory
    /// It hangs.
    case hang
    /// It fails as on bad data.
    case data
  }

  private let kind: Kind
  /// A file that is there once it has happened; nil for every time anew.
  private let once: String?

  init(_ name: String, _ settings: WorkerSettings) throws {
    #if DEBUG
      guard let kind = Kind(rawValue: name) else {
        throw MillError(.badOption, "no such fault", field: name)
      }
      self.kind = kind
      once = settings.optionalText("once")
    #else
      throw MillError(.unsupported, "faults are for debug builds", field: name)
    #endif
  }

  func strike() throws {
    if let once {
      let file = unsafe open(once, O_CREAT | O_EXCL | O_WRONLY, 0o644)
      guard file >= 0 else { return }
      close(file)
    }
    switch kind {
    case .killed: kill(getpid(), SIGKILL)
    case .cut: exit(0)
    case .memory: throw MillError(.overBudget, "out of memory on purpose")
    case .hang: while true { pause() }
    case .data: throw MillError(.malformed, "bad data on purpose", file: "standard input")
    }
  }
}
