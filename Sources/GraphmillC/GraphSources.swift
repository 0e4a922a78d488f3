public import CGraphmill
import GraphFormats
import GraphStore
import MillRuntime

/// How pairs become a graph, from the caller's structure.
func freezing(_ given: UnsafePointer<gm_edge_options>?) throws(MillError) -> FreezeOptions {
  let given = try unsafe options(given, gm_edge_options())
  var wanted = FreezeOptions()
  wanted.isDirected = unsafe given.directed != 0
  wanted.duplicates = try unsafe word(given.duplicates, "rule for duplicates", .sum)
  wanted.loops = try unsafe word(given.loops, "rule for loops", .keep)
  let nodes = try unsafe number(given.nodes, "the number of nodes", in: 0...largestCount)
  switch try unsafe text(given.ids, "ids") {
  case nil, "compact":
    guard nodes == 0 else {
      throw MillError(
        .badOption, "a number of nodes goes with dense ids", field: "\(nodes)", hint: "\(setting: "ids", "dense")")
    }
    wanted.naming = .compact
  case "dense": wanted.naming = .dense(nodeCount: nodes == 0 ? nil : nodes)
  case let other?:
    throw MillError(.badOption, "there are no such ids", field: other, hint: "there are: compact, dense")
  }
  return wanted
}

/// A column of the caller.
private func column(
  _ given: UnsafePointer<gm_column>?, count: Int, _ name: String
) throws(MillError) -> NumberColumn? {
  guard let given = unsafe given?.pointee else { return nil }
  guard let element = NumberColumn.Element(rawValue: try unsafe needed(given.type, "the type of \(name)")) else {
    throw MillError(
      .badOption, "\(name) has no such type", field: try unsafe needed(given.type, name),
      hint: "there are: \(NumberColumn.Element.allCases.map(\.rawValue).joined(separator: ", "))")
  }
  guard unsafe abs(given.stride) <= 1 << 32 else {
    throw MillError(.badOption, "\(name) has a stride beyond 2^32", field: unsafe "\(given.stride)")
  }
  guard let data = unsafe given.data ?? (count == 0 ? UnsafeRawPointer(bitPattern: 8) : nil) else { throw .null(name) }
  return unsafe NumberColumn(base: data, stride: Int(given.stride), element)
}

/// Makes a graph of two columns of ids.
@c @implementation
public func gm_graph_from_pairs(
  _ source: UnsafePointer<gm_column>?, _ target: UnsafePointer<gm_column>?, _ weight: UnsafePointer<gm_column>?,
  _ count: Int64, _ given: UnsafePointer<gm_edge_options>?, _ context: OpaquePointer?, _ out: HandleOut,
  _ report: UnsafeMutablePointer<gm_edge_report>?, _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    let count = try number(count, "the number of edges", in: 0...largestCount)
    let wanted = try unsafe freezing(given)
    guard let source = try unsafe column(source, count: count, "source") else { throw .null("source") }
    guard let target = try unsafe column(target, count: count, "target") else { throw .null("target") }
    let weight = try unsafe column(weight, count: count, "weight")
    let context = unsafe GraphmillC.context(context)
    let block = try EdgeBlock(copying: source, target, weight: weight, count: count, context: context)
    let (graph, made) = try freeze([block], options: wanted, context: context)
    try unsafe tell(made, report)
    return GraphObject(graph)
  }
}

/// Calls a caller's function once, when nobody uses the caller's memory any more.
@safe private final class BorrowedMemory: @unchecked Sendable {
  private let release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?
  private let owner: UnsafeMutableRawPointer?

  init(_ release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ owner: UnsafeMutableRawPointer?) {
    unsafe self.release = unsafe release
    unsafe self.owner = unsafe owner
  }

  deinit { unsafe release?(owner) }

  func array<Element>(_ base: UnsafePointer<Element>?, count: Int, _ name: String) throws(MillError) -> SharedArray<
    Element
  > {
    guard count > 0 else { return .empty }
    guard let base = unsafe base else { throw .null(name) }
    guard UInt(bitPattern: base) % UInt(MemoryLayout<Element>.alignment) == 0 else {
      throw MillError(.badOption, "\(name) does not begin where its numbers may")
    }
    return unsafe SharedArray(base: base, count: count, owner: self)
  }
}

/// Makes a graph over a caller's rows.
@c @implementation
public func gm_graph_from_csr(
  _ rows: UnsafePointer<gm_csr>?, _ context: OpaquePointer?, _ out: HandleOut, _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    guard unsafe rows != nil else { throw .null("rows") }
    let rows = try unsafe options(rows, gm_csr())
    // From here on the caller's memory is given back whatever happens.
    let memory = unsafe BorrowedMemory(rows.release, rows.owner)
    let n = try unsafe number(rows.nodes, "the number of nodes", in: 0...largestCount)
    let offsets = try FlatBuffer<UInt64>(uninitializedCount: n + 1)
    guard let given = unsafe rows.offsets else { throw .null("offsets") }
    let type: NumberColumn.Element
    switch unsafe rows.offset_bytes {
    case 4: type = .int32
    case 8: type = .int64
    case let bytes: throw MillError(.badOption, "offsets have 4 or 8 bytes", field: "\(bytes)")
    }
    let column = unsafe NumberColumn(base: given, stride: type.width, type)
    for node in 0...n {
      guard let offset = column.unsigned(node), offset <= UInt64(largestCount) else {
        throw MillError(.offsetsNotAscending, "offset \(node) is negative or beyond 2^40")
      }
      unsafe offsets.base[node] = offset
    }
    let arcs = unsafe Int(offsets.base[n])
    let targets: CSRGraph.Targets
    switch unsafe rows.target_bytes {
    case 4:
      let base = unsafe rows.targets?.assumingMemoryBound(to: UInt32.self)
      targets = .narrow(try unsafe memory.array(base, count: arcs, "targets"))
      guard n < Int(UInt32.max) else {
        throw MillError(.badOption, "so many nodes need targets of 8 bytes", field: "\(n)")
      }
    case 8:
      let base = unsafe rows.targets?.assumingMemoryBound(to: UInt64.self)
      targets = .wide(try unsafe memory.array(base, count: arcs, "targets"))
    case let bytes: throw MillError(.badOption, "targets have 4 or 8 bytes", field: "\(bytes)")
    }
    let weights = unsafe rows.weights == nil ? nil : try unsafe memory.array(rows.weights, count: arcs, "weights")
    return GraphObject(
      try unsafe CSRGraph(
        checking: SharedArray(offsets), targets, weights: weights, isDirected: rows.directed != 0,
        context: GraphmillC.context(context)))
  }
}

/// Names of the caller: `count` + 1 offsets into bytes.
///
/// - Throws: `MillError`: `bad-option` for offsets that do not ascend from 0.
func labels(
  _ offsets: UnsafePointer<Int64>?, _ bytes: UnsafePointer<CChar>?, count: Int
) throws(MillError) -> NodeNames.LabelTable {
  guard let offsets = unsafe offsets else { throw .null("offsets") }
  guard unsafe offsets[0] == 0 else { throw MillError(.badOption, "the offsets of names begin at 0") }
  let ends = try FlatBuffer<UInt64>(count: count + 1)
  for place in 0..<count {
    guard unsafe offsets[place + 1] >= offsets[place], unsafe offsets[place + 1] <= Int64(largestCount) else {
      throw MillError(.badOption, "the offsets of names do not ascend", field: "\(place)")
    }
    unsafe ends.base[place + 1] = UInt64(offsets[place + 1])
  }
  let size = unsafe Int(offsets[count])
  let copy = try FlatBuffer<UInt8>(uninitializedCount: size)
  if size > 0 {
    guard let bytes = unsafe bytes else { throw .null("bytes") }
    unsafe UnsafeMutableRawPointer(copy.base).copyMemory(from: bytes, byteCount: size)
  }
  return NodeNames.LabelTable(offsets: SharedArray(ends), bytes: SharedArray(copy))
}

/// Makes a graph of other names.
@c @implementation
public func gm_graph_with_names(
  _ handle: OpaquePointer?, _ offsets: UnsafePointer<Int64>?, _ bytes: UnsafePointer<CChar>?, _ count: Int64,
  _ out: HandleOut, _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    let count = try number(count, "the number of names", in: 0...largestCount)
    let graph = try unsafe graph(handle)
    guard count == graph.nodeCount else {
      throw MillError(.badOption, "a graph of \(graph.nodeCount) nodes needs as many names", field: "\(count)")
    }
    return GraphObject(try unsafe graph.withNames(.labels(labels(offsets, bytes, count: count))))
  }
}
