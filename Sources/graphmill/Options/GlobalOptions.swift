import ArgumentParser
import MillRuntime

/// The flags that every command has.
struct GlobalOptions: ParsableArguments {
  @Option(
    name: [.customShort("t"), .customLong("threads")],
    help: ArgumentHelp(
      "Threads to use (default: the cores of the process, or GRAPHMILL_THREADS). No influence on results.",
      valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Memory to use at most: a size, a percentage of what the machine allows, or auto = 75% (GRAPHMILL_MEMORY).",
      valueName: "size|pct|auto"))
  var memory: MemorySetting?

  @Option(help: ArgumentHelp("Seed of all random choices (default: 42, or GRAPHMILL_SEED).", valueName: "u64"))
  var seed: UInt64?

  @Flag(
    help:
      "Print one JSON object at the end: on standard output; where that carries data, on standard error (or descriptor 3)."
  )
  var json = false

  @Option(help: ArgumentHelp("Write that JSON object to a file.", valueName: "file"), completion: .file())
  var report: String?

  @Option(
    help: ArgumentHelp(
      "Where the record of the run goes; none for no record (default: OUT.manifest.json, or GRAPHMILL_MANIFEST=none).",
      valueName: "file|none"), completion: .file())
  var manifest: String?

  @Option(help: "Progress on standard error: a bar (auto: only on a terminal), or one JSON line a second.")
  var progress = ProgressMode.automatic

  @Flag(name: [.customShort("v"), .customLong("verbose")], help: "Say more; twice for debugging.")
  var verbose: Int

  @Flag(name: [.customShort("q"), .customLong("quiet")], help: "Print errors only.")
  var quiet = false

  @Option(help: "How messages and errors on standard error are written.")
  var logFormat = LogFormat.text

  @Flag(help: "Replace output files that exist, whoever made them.")
  var force = false

  @Option(
    help: ArgumentHelp(
      "Folder for arrays that --memory has no room for (default: GRAPHMILL_TMP, else none: such a run is refused).",
      valueName: "dir"), completion: .directory)
  var tmp: String?

  @Flag(help: "Read containers into memory instead of mapping them.")
  var noMmap = false

  @Flag(help: "Refuse what is otherwise only warned about when a graph is read or written.")
  var strict = false

  @Option(help: "Colors in messages (NO_COLOR is honored).")
  var color = ColorMode.auto

  @Option(help: ArgumentHelp("Stop after this many seconds with exit code 124.", valueName: "s"))
  var timeout: Double?

  func validate() throws {
    if let threads, threads < 1 || threads > 1024 {
      throw ValidationError(
        "The value '\(threads)' is invalid for '--threads <n>'. Please give a number from 1 to 1024.")
    }
    if let timeout, !(timeout > 0 && timeout.isFinite) {
      throw ValidationError("The value '\(timeout)' is invalid for '--timeout <s>'. Please give seconds above 0.")
    }
  }
}

/// How messages are written.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}

/// When messages are colored.
enum ColorMode: String, ExpressibleByArgument, CaseIterable {
  case auto
  case always
  case never
}
