import GraphStore
import MillRuntime

// The native container in the table of formats; GraphStore reads and writes it.

extension GraphFormat {
  /// The native container, ready to be mapped.
  public static let gmg = GraphFormat(
    "gmg", "Graphmill container", endings: ["gmg"], holds: .everything,
    recognizes: { $0.starts(FileKind.graph.magic) },
    reader: { input throws(MillError) in
      let reading = try readContainer(input)
      return GraphReading(graph: try reading.graph.expanded(context: input.context), report: reading.report)
    },
    writer: { output throws(MillError) in
      var container = ContainerOptions()
      container.codec = output.options.codec
      container.includesInArcs = output.graph.inArcs != nil
      try writeContainer(output.graph, to: output.file, options: container, context: output.context)
      try output.file.commit()
    })
}

/// Opens a container from its file, where packed lists stay as they are, or from a pipe or compressed file by way of
/// memory.
func readContainer(_ input: GraphInput) throws(MillError) -> StoredGraphReading {
  let (stream, path, options, context) = (input.stream, input.path, input.options, input.context)
  var graph: StoredGraph =
    if stream.seekableFile != nil {
      try openStoredContainer(path, mapped: options.isMapped, verify: .safe, context: context)
    } else {
      .lists(try openContainer(bytes: try stream.readToEnd(), file: path, verify: .safe, context: context))
    }
  var report = GraphReadReport()
  report.format = .gmg
  graph = try apply(options, to: graph, &report, context)
  report.ids =
    switch graph.names {
    case .dense: .dense
    case .ids: .compact
    case .labels: .string
    }
  let isAsked = options.isDirected == graph.isDirected
  report.direction = .init(isDirected: graph.isDirected, source: isAsked ? .option : .file)
  report.edges.edges = graph.edgeCount
  report.edges.selfLoops = try graph.loopCount(context: context)
  return StoredGraphReading(graph: graph, report: report)
}

/// Does to a container's graph what the options say, as far as that makes sense there; warns of the rest.
private func apply(
  _ options: GraphReadOptions, to graph: StoredGraph, _ report: inout GraphReadReport, _ context: RunContext
) throws(MillError) -> StoredGraph {
  var graph = graph
  try refuseInfiniteWeights(graph)
  if options.weights == .no { graph = graph.withoutWeights() }
  if options.isDirected == false, graph.isDirected {
    graph = .lists(try undirected(try graph.expanded(context: context), options, &report, context))
  }
  if options.loops != .keep, graph.hasLoops {
    if options.loops == .error {
      throw MillError(.selfLoop, "the graph has self-loops", hint: "drop them with \(setting: "loops", "drop")")
    }
    graph = .lists(try graph.expanded(context: context).simplified(duplicates: .keep, context: context))
  }
  let defaults = GraphReadOptions()
  let meaningless = [
    (options.isDirected == true && !graph.isDirected, "directed"), (options.ids != defaults.ids, "ids"),
    (options.base != nil, "base"), (options.nodes != nil, "nodes"), (options.columns != nil, "columns"),
    (options.separator != defaults.separator, "separator"), (options.header != defaults.header, "header"),
    (options.skipLines != 0, "skipped lines"), (options.weights == .yes && !graph.isWeighted, "weights"),
    (options.isBipartite, "bipartite"), (options.labelOrder != defaults.labelOrder, "order of labels"),
    (options.dropsZeros, "dropping zeros"),
  ]
  report.warnings += withoutEffect(meaningless, on: "a container, which is as it was written")
  return graph
}
