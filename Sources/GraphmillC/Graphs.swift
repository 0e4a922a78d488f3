public import CGraphmill
import GraphFormats
import GraphKernels
import GraphStore
import MillRuntime

/// A graph behind a handle.
final class GraphObject: Sendable {
  let graph: CSRGraph
  init(_ graph: CSRGraph) { self.graph = graph }
}

/// The graph of a handle.
///
/// - Throws: `MillError` of kind `bad-option` for null.
func graph(_ handle: OpaquePointer?) throws(MillError) -> CSRGraph {
  try unsafe object(handle, GraphObject.self, "graph").graph
}

/// Tells what became of the edges of an input, where that is asked for.
func tell(_ report: FreezeReport, _ place: UnsafeMutablePointer<gm_edge_report>?) throws(MillError) {
  guard unsafe place != nil else { return }
  let told = gm_edge_report(
    size: 0, padding: 0, edges: Int64(report.edges), duplicates: Int64(report.duplicates),
    self_loops: Int64(report.selfLoops), isolated: Int64(report.isolated))
  try unsafe fill(place, told, "report")
}

/// Reads a graph of any format.
@c @implementation
public func gm_graph_read(
  _ path: UnsafePointer<CChar>?, _ given: UnsafePointer<gm_read_options>?, _ context: OpaquePointer?, _ out: HandleOut,
  _ report: UnsafeMutablePointer<gm_edge_report>?, _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    let path = try unsafe needed(path, "path")
    let given = try unsafe options(given, gm_read_options())
    var wanted = GraphReadOptions()
    wanted.format = try unsafe format(given.format)
    wanted.isDirected = unsafe given.directed == 0 ? nil : given.directed > 0
    wanted.ids = try unsafe word(given.ids, "kind of ids", .auto)
    if unsafe given.duplicates != nil {
      wanted.duplicates = try unsafe word(given.duplicates, "rule for duplicates", .sum)
    }
    wanted.loops = try unsafe word(given.loops, "rule for loops", .keep)
    let roles = ColumnRoles(
      source: try unsafe column(given.source), target: try unsafe column(given.target),
      weight: try unsafe column(given.weight))
    if roles != ColumnRoles() { wanted.columns = roles }
    wanted.weights = unsafe given.weights == 0 ? .auto : given.weights > 0 ? .yes : .no
    wanted.isStrict = unsafe given.strict != 0
    let reading = try unsafe readGraph(path, options: wanted, context: GraphmillC.context(context))
    try unsafe tell(reading.report.edges, report)
    return GraphObject(reading.graph)
  }
}

/// The format of a name; nil for null.
private func format(_ name: UnsafePointer<CChar>?) throws(MillError) -> GraphFormat? {
  guard let name = try unsafe text(name, "format") else { return nil }
  guard let format = GraphFormat.allCases.first(where: { $0.rawValue == name }) else {
    throw MillError(
      .badOption, "there is no such format", field: name,
      hint: "there are: \(GraphFormat.allCases.map(\.rawValue).joined(separator: ", "))")
  }
  return format
}

/// A column by its number or its name; nil for null.
private func column(_ name: UnsafePointer<CChar>?) throws(MillError) -> ColumnRoles.Column? {
  try unsafe text(name, "column").map { text in
    Int(text).flatMap { (0...1 << 20).contains($0) ? .number($0) : nil } ?? .name(text)
  }
}

/// Opens a container.
@c @implementation
public func gm_graph_open(
  _ path: UnsafePointer<CChar>?, _ verify: UnsafePointer<CChar>?, _ mapped: Int32, _ context: OpaquePointer?,
  _ out: HandleOut, _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    let path = try unsafe needed(path, "path")
    let checks: ContainerVerification
    switch try unsafe text(verify, "verify") {
    case nil, "safe": checks = .safe
    case "quick": checks = .quick
    case "deep": checks = .deep
    case let other?:
      throw MillError(.badOption, "there is no such check", field: other, hint: "there are: quick, safe, deep")
    }
    return GraphObject(
      try unsafe openContainer(path, mapped: mapped != 0, verify: checks, context: GraphmillC.context(context)))
  }
}

/// Writes a graph.
@c @implementation
public func gm_graph_write(
  _ handle: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ given: UnsafePointer<gm_write_options>?,
  _ context: OpaquePointer?, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let given = try unsafe options(given, gm_write_options())
    let wanted = GraphWriteOptions(
      format: try unsafe format(given.format), codec: try unsafe word(given.codec, "codec", .raw),
      replaces: unsafe given.replace != 0)
    try unsafe writeGraph(
      graph(handle), to: needed(path, "path"), options: wanted, context: GraphmillC.context(context))
  }
}

/// Tells a graph's counts and arrays.
@c @implementation
public func gm_graph_get_view(
  _ handle: OpaquePointer?, _ view: UnsafeMutablePointer<gm_graph_view>?, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let graph = try unsafe graph(handle)
    var told = unsafe gm_graph_view()
    unsafe told.directed = graph.isDirected ? 1 : 0
    unsafe told.multigraph = graph.isMultigraph ? 1 : 0
    unsafe told.loops = graph.hasLoops ? 1 : 0
    unsafe told.nodes = Int64(graph.nodeCount)
    unsafe told.edges = Int64(graph.edgeCount)
    unsafe told.arcs = Int64(graph.arcCount)
    unsafe told.offsets = graph.offsets.base
    switch graph.targets {
    case .narrow(let targets): unsafe (told.targets, told.target_bytes) = (UnsafeRawPointer(targets.base), 4)
    case .wide(let targets): unsafe (told.targets, told.target_bytes) = (UnsafeRawPointer(targets.base), 8)
    }
    unsafe told.weights = graph.weights?.base
    switch graph.names {
    case .dense: unsafe told.names = 0
    case .ids(let ids): unsafe (told.names, told.ids) = (1, ids.base)
    case .labels(let table):
      unsafe (told.names, told.label_offsets) = (2, table.offsets.base)
      unsafe told.label_bytes = UnsafeRawPointer(table.bytes.base).assumingMemoryBound(to: CChar.self)
    }
    try unsafe fill(view, told, "view")
  }
}

/// Finds the node of a name.
@c @implementation
public func gm_graph_find(
  _ handle: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ node: UnsafeMutablePointer<Int64>?, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let found = try unsafe graph(handle).node(named: needed(name, "name"))
    guard let node = unsafe node else { throw .null("node") }
    unsafe node.pointee = Int64(found ?? -1)
  }
}

/// Tells a graph's fingerprint.
@c @implementation
public func gm_graph_fingerprint(
  _ handle: OpaquePointer?, _ digits: UnsafeMutablePointer<CChar>?, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let fingerprint = try unsafe graph(handle).fingerprint()
    guard let digits = unsafe digits else { throw .null("out33") }
    for (place, byte) in fingerprint.utf8.enumerated() { unsafe digits[place] = CChar(bitPattern: byte) }
    unsafe digits[fingerprint.utf8.count] = 0
  }
}

/// Gives a graph back.
@c @implementation
public func gm_graph_free(_ graph: OpaquePointer?) { unsafe free(graph, GraphObject.self) }

/// Makes another graph of a graph.
@c @implementation
public func gm_graph_transform(
  _ handle: OpaquePointer?, _ given: UnsafePointer<gm_transform_options>?, _ context: OpaquePointer?,
  _ out: HandleOut, _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    let given = try unsafe options(given, gm_transform_options())
    let context = unsafe GraphmillC.context(context)
    var graph = try unsafe graph(handle)
    if unsafe given.symmetrize != 0 { graph = try graph.symmetrized(context: context) }
    if unsafe given.simplify != 0 { graph = try graph.simplified(context: context) }
    if unsafe given.largest_component != 0 { graph = try graph.largestComponent(context: context).graph }
    if unsafe given.relabel != nil {
      graph = try unsafe graph.relabeled(by: word(given.relabel, "order of nodes", NodeOrder.degree), context: context)
    }
    return GraphObject(graph)
  }
}
