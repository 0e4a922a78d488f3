public import CGraphmill
import GraphStore
import GraphSummarization
import MillRuntime

/// The summary of a handle.
private func summary(_ handle: OpaquePointer?) throws(MillError) -> GraphSummary {
  try unsafe object(handle, GraphSummary.self, "summary")
}

/// Summarizes a graph.
@c @implementation
public func gm_summarize(
  _ handle: OpaquePointer?, _ given: UnsafePointer<gm_summarize_options>?, _ context: OpaquePointer?, _ out: HandleOut,
  _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    let graph = try unsafe graph(handle)
    let given = try unsafe options(given, gm_summarize_options())
    var wanted = SummarizeOptions(model: try unsafe word(given.model, "model", .hierarchical))
    if unsafe given.iterations != 0 {
      wanted.iterations = try unsafe number(given.iterations, "the number of iterations", in: 1...1 << 20)
    }
    if unsafe given.height_limit != 0 { wanted.heightLimit = unsafe Int(given.height_limit) }
    if unsafe given.seed != 0 { wanted.seed = unsafe given.seed }
    let context = unsafe GraphmillC.context(context)
    let made = try summarize(of: graph, options: wanted, context: context, keepsPartial: false)
    try context.checkCancelled()
    return made.summary
  }
}

/// Reads a summary.
@c @implementation
public func gm_summary_open(
  _ path: UnsafePointer<CChar>?, _ context: OpaquePointer?, _ out: HandleOut, _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    try unsafe readSummary(needed(path, "path"), context: GraphmillC.context(context))
  }
}

/// Writes a summary.
@c @implementation
public func gm_summary_save(
  _ handle: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ replace: Int32, _ context: OpaquePointer?,
  _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    try unsafe writeSummary(
      summary(handle), to: needed(path, "path"), options: .init(replaces: replace != 0),
      context: GraphmillC.context(context))
  }
}

/// Tells a summary's counts.
@c @implementation
public func gm_summary_get_counts(
  _ handle: OpaquePointer?, _ counts: UnsafeMutablePointer<gm_summary_counts>?, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let summary = try unsafe summary(handle)
    let told = gm_summary_counts(
      size: 0, height: Int32(summary.height), nodes: Int64(summary.nodeCount), edges: Int64(summary.inputEdgeCount),
      supernodes: Int64(summary.supernodeCount), hierarchy_edges: Int64(summary.hierarchyEdgeCount),
      positive_edges: Int64(summary.positiveEdgeCount), negative_edges: Int64(summary.negativeEdgeCount))
    try unsafe fill(counts, told, "counts")
  }
}

/// Finds the neighbors of a node.
@c @implementation
public func gm_summary_neighbors(
  _ handle: OpaquePointer?, _ value: Int64, _ out: HandleOut, _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    let summary = try unsafe summary(handle)
    return try Block(summary.neighbors(of: node(value, of: summary.nodeCount)).map(Int64.init))
  }
}

/// Tells whether two nodes are joined.
@c @implementation
public func gm_summary_has_edge(
  _ handle: OpaquePointer?, _ source: Int64, _ target: Int64, _ hasEdge: UnsafeMutablePointer<Int32>?,
  _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let summary = try unsafe summary(handle)
    let found = summary.hasEdge(
      try node(source, of: summary.nodeCount), try node(target, of: summary.nodeCount))
    guard let hasEdge = unsafe hasEdge else { throw .null("has_edge") }
    unsafe hasEdge.pointee = found ? 1 : 0
  }
}

/// Finds distances from a node on a summary.
@c @implementation
public func gm_summary_bfs(
  _ handle: OpaquePointer?, _ source: Int64, _ distances: UnsafeMutablePointer<Int64>?, _ length: Int64,
  _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let summary = try unsafe summary(handle)
    let levels = summary.breadthFirstLevels(from: try node(source, of: summary.nodeCount))
    try unsafe copy(SharedArray(copying: levels.map(Int64.init)), to: distances, length: length, "distances")
  }
}

/// Finds the node of a name in a summary.
@c @implementation
public func gm_summary_find(
  _ handle: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ node: UnsafeMutablePointer<Int64>?, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let found = try unsafe summary(handle).node(named: needed(name, "name"))
    guard let node = unsafe node else { throw .null("node") }
    unsafe node.pointee = Int64(found ?? -1)
  }
}

/// Makes the graph that was summarized.
@c @implementation
public func gm_summary_restore(
  _ handle: OpaquePointer?, _ context: OpaquePointer?, _ out: HandleOut, _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    GraphObject(try unsafe summary(handle).restore(context: GraphmillC.context(context)))
  }
}

/// Gives a summary back.
@c @implementation
public func gm_summary_free(_ summary: OpaquePointer?) { unsafe free(summary, GraphSummary.self) }
