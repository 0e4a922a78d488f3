import Foundation
import PackagePlugin

/// Writes the revision of the checkout into a source file of the command, before each build, when it changed.
@main
struct SourceRevision: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let folder = context.pluginWorkDirectoryURL.appending(path: "Generated")
    let script = """
      revision=$(git --no-optional-locks -C "$1" describe --always --dirty --abbrev=12 --exclude '*' 2>/dev/null)
      new="let generatedRevision = \\"${revision:-unknown}\\""
      mkdir -p "$2"
      [ "$new" = "$(cat "$2/SourceRevision.swift" 2>/dev/null)" ] || echo "$new" > "$2/SourceRevision.swift"
      """
    return [
      .prebuildCommand(
        displayName: "Reading the source revision", executable: URL(filePath: "/bin/sh"),
        arguments: ["-c", script, "sh", context.package.directoryURL.path, folder.path], outputFilesDirectory: folder)
    ]
  }
}
