import Logging
import MillRuntime

/// Writes log messages to standard error, as text or as JSON lines.
struct MessageLog: LogHandler {
  let format: LogFormat
  let isColored: Bool
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    switch format {
    case .json:
      let line: JSONValue = [
        "log": ["level": .string(event.level.rawValue), "message": .string(event.message.description)]
      ]
      Streams.writeError(line.text() + "\n")
    case .text:
      let prefix =
        switch event.level {
        case .warning: Paint.yellow("warning", isColored) + ": "
        case .error, .critical: Paint.red("error", isColored) + ": "
        default: ""
        }
      Streams.writeError(prefix + event.message.description + "\n")
    }
  }
}
