import ArgumentParser
import Glibc

struct Completions: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a completion script for a shell.",
    discussion: """
      EXAMPLES:
        graphmill completions bash > ~/.local/share/bash-completion/completions/graphmill
        graphmill completions zsh > ~/.zsh/completions/_graphmill
        graphmill completions fish > ~/.config/fish/completions/graphmill.fish
      """)

  /// The shells that the argument parser knows.
  enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash, zsh, fish

    var script: CompletionShell {
      switch self {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    }
  }

  @Argument(help: "The shell.")
  var shell: Shell

  @OptionGroup(title: "Global options", visibility: .hidden)
  var global: GlobalOptions

  func run() throws {
    try Streams.write(GraphmillCommand.completionScript(for: shell.script) + "\n", to: STDOUT_FILENO)
  }
}
