import ArgumentParser
import Glibc
import MillRuntime

/// The program: parses, runs one command, tells of its failure, exits.
@main
enum GraphmillMain {
  static func main() {
    // A reader that is gone and a file size limit are errors of the write, which clean up.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    let arguments = Array(CommandLine.arguments.dropFirst())
    let report = ErrorReport(arguments: arguments)
    ErrorReport.current = report
    let start = CommandRun.Start(arguments: arguments)
    let code: Int32
    do {
      code = try run(start)
    } catch {
      OutputFile.removeTemporaries()
      code = report.report(error)
    }
    exit(code)
  }

  private static func run(_ start: CommandRun.Start) throws -> Int32 {
    var command = try GraphmillCommand.parseAsRoot(start.arguments)
    if let root = command as? GraphmillCommand {
      guard root.version else {
        Streams.writeError(HelpText.of([]).short() + "\n")
        return EX_USAGE
      }
      command = Version(global: root.global)
    }
    if let command = command as? any MillCommand { return try CommandRun.perform(command, start) }
    try command.run()
    return 0
  }
}
