import Glibc
import MillRuntime

/// Standard output and standard error as byte streams.
enum Streams {
  /// Writes all of `text` to a descriptor.
  ///
  /// - Throws: ``MillError`` of kind `broken-pipe` when the reader is gone, `input-output` otherwise.
  static func write(_ text: String, to descriptor: Int32, name: String = "-") throws(MillError) {
    var text = text
    let failure: Int32 = text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        let count = retrying { unsafe Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done) }
        if count <= 0 { return count < 0 ? errno : EIO }
        done += count
      }
      return 0
    }
    if failure == EPIPE { throw MillError(.brokenPipe, "the reader of the output is gone", file: name) }
    if failure != 0 { throw .inputOutput("cannot write", name, failure) }
  }

  /// Whether a name stands for standard output.
  @Sendable static func isStandardOutput(_ path: String) -> Bool {
    ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].contains(path)
  }

  /// Whether a name stands for standard input.
  @Sendable static func isStandardInput(_ path: String) -> Bool {
    ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].contains(path)
  }

  /// What messages call an input.
  static func name(ofInput path: String) -> String { isStandardInput(path) ? "standard input" : path }

  /// Whether what is written to a name appears on a terminal.
  static func isTerminal(_ path: String) -> Bool {
    isStandardOutput(path) ? isatty(STDOUT_FILENO) == 1 : path == "/dev/tty" || path.hasPrefix("/dev/pts/")
  }

  /// Writes to standard error; nobody hears of a failure.
  static func writeError(_ text: String) {
    display.clear()
    try? write(text, to: STDERR_FILENO)
  }

  /// The progress display on standard error.
  static let display = TerminalProgress()

  /// Whether a descriptor was open for writing when the process began; the one of a jobserver of make, say, is not.
  static func isWritable(_ descriptor: Int32) -> Bool {
    let flags = fcntl(descriptor, F_GETFL)
    return flags != -1 && flags & O_ACCMODE != O_RDONLY
  }
}

/// Escape codes around a word.
enum Paint {
  case red, yellow, bold

  func callAsFunction(_ text: String, _ isOn: Bool) -> String {
    guard isOn else { return text }
    let code =
      switch self {
      case .red: "1;31"
      case .yellow: "1;33"
      case .bold: "1"
      }
    return "\u{1b}[\(code)m\(text)\u{1b}[0m"
  }
}
