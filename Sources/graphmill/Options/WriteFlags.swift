import ArgumentParser
import GraphFormats
import GraphStore
import MillRuntime

/// The flags of every command that writes a graph.
struct WriteFlags: ParsableArguments {
  @Option(help: "Format of the output (default: by its name, else an edge list).")
  var to: OutputFormat?

  @Option(help: "How a container stores its arrays: raw and packed can be mapped, all but raw are smaller.")
  var codec = ContainerCodec.raw

  @Flag(help: "Begin text output with a header row (csv always has one).")
  var writeHeader = false

  /// A graph that is going to be written with these flags.
  func plan(_ path: String) -> PlannedOutput { PlannedOutput(path, .graph(to?.format)) }

  /// The writer's options.
  var options: GraphWriteOptions {
    var options = GraphWriteOptions()
    options.format = to?.format
    options.codec = codec
    options.hasHeader = writeHeader
    return options
  }
}
