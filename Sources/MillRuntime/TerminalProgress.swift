import Glibc

/// When and how progress is shown.
public enum ProgressMode: String, Sendable, CaseIterable {
  /// A bar, where the stream is a terminal.
  case automatic = "auto"
  /// A bar, wherever the stream goes.
  case always
  /// Nothing.
  case never
  /// One JSON line a second.
  case json
}

/// Shows ``RunProgress`` on a stream, as a rule standard error: one line that is drawn over, or JSON lines.
///
/// Thread-safe. Write errors are ignored: a run does not fail because nobody watches.
public final class TerminalProgress: Sendable {
  private let descriptor: Int32
  private let isBarShown = Lock.survivingFork(false)

  /// A display on a file descriptor.
  public init(descriptor: Int32 = 2) { self.descriptor = descriptor }

  /// A progress that this display shows; nil where the mode asks for none.
  public func progress(_ mode: ProgressMode) -> RunProgress? {
    switch mode {
    case .never: nil
    case .automatic: isatty(descriptor) == 1 ? bar : nil
    case .always: bar
    case .json: RunProgress(interval: 1) { self.write(Self.jsonLine($0) + "\n") }
    }
  }

  private var bar: RunProgress {
    RunProgress(interval: 0.1) { update in
      let line = Self.barLine(update, columns: self.columns)
      self.isBarShown.withLock { shown in
        shown = !update.isLast
        self.write("\r\u{1b}[K" + (update.isLast ? "" : line))
      }
    }
  }

  /// Takes the bar away, so that a message can be written in its place.
  public func clear() {
    isBarShown.withLock { shown in
      if shown { write("\r\u{1b}[K") }
      shown = false
    }
  }

  /// The line of a bar: stage, share, amount, rate, time to go; never wider than `columns`.
  public static func barLine(_ update: ProgressUpdate, columns: Int) -> String {
    let amount: (Double) -> String = {
      update.unit == .bytes ? ByteSize.text(Int($0)) : ByteSize.countText($0)
    }
    var text = update.stage + " "
    var tail = amount(Double(update.done))
    if let total = update.total { tail += " of " + amount(Double(total)) }
    tail += ", \(amount(update.rate))/s"
    if !update.note.isEmpty { tail += ", " + update.note }
    if let total = update.total, total > 0 {
      let share = min(1, Double(update.done) / Double(total))
      let percent = "\(Int(share * 100))% "
      if let left = update.remainingSeconds { tail += ", " + duration(left) + " left" }
      let room = columns - text.count - percent.count - tail.count - 4
      if room >= 10 {
        let width = min(30, room)
        let filled = Int(share * Double(width))
        text += "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled) + "] "
      }
      text += percent
    }
    return String((text + tail).prefix(max(0, columns - 1)))
  }

  /// One JSON object without a line break: stage, done, total, unit, rate a second, seconds, eta, last, and note where there is one.
  public static func jsonLine(_ update: ProgressUpdate) -> String {
    var fields: [String: JSONValue] = [
      "stage": .string(update.stage),
      "done": .integer(update.done),
      "total": update.total.map { .integer($0) } ?? .null,
      "unit": .string(update.unit.rawValue),
      "rate": .number(update.rate),
      "seconds": .number(update.seconds),
      "eta": update.remainingSeconds.map { .number($0) } ?? .null,
      "last": .bool(update.isLast),
    ]
    if !update.note.isEmpty { fields["note"] = .string(update.note) }
    let value: JSONValue = ["progress": .object(fields)]
    return value.text()
  }

  /// `42 s`, `3 min 05 s`, `2 h 10 min`.
  public static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "a long time" }
    let whole = Int(seconds.rounded(.up))
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(padded(whole % 60)) s" }
    return "\(whole / 3600) h \(padded(whole / 60 % 60)) min"
  }

  private static func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

  private var columns: Int {
    var size = winsize()
    guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  private func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        retrying { unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count) }
      }
      if count <= 0 { return }
      bytes = bytes.dropFirst(count)
    }
  }
}
