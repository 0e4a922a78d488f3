import ArgumentParser
import MillKernels
import MillRuntime

struct Version: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the version and how this program was built.",
    discussion: """
      EXAMPLES:
        graphmill --version
        graphmill version --json | jq .revision
      """)

  @OptionGroup(title: "Global options", visibility: .hidden)
  var global: GlobalOptions

  init() {}

  init(global: GlobalOptions) { self.global = global }

  func execute(_ run: CommandRun) throws -> Outcome {
    Outcome(
      keys: [
        "revision": .string(BuildInfo.revision),
        "configuration": .string(BuildInfo.configuration),
        "architecture": .string(BuildInfo.architecture),
        "compiler": .string(BuildInfo.compiler),
        "build_flags": .array(BuildInfo.flags.map(JSONValue.string)),
        "simd": .string(KernelVariant.current.rawValue),
      ],
      summary: [
        "graphmill \(BuildInfo.version) (revision \(BuildInfo.revision), \(BuildInfo.configuration), "
          + "\(BuildInfo.architecture))"
      ])
  }
}
