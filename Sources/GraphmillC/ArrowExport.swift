public import CGraphmill
import Glibc
import GraphStore
import MillRuntime

/// A structure of the C data interface that gives back what it owns.
private protocol ArrowPart {
  /// Releases what lies at `place`, unless somebody has moved it away.
  static func release(_ place: UnsafeMutablePointer<Self>)
}

extension ArrowSchema: ArrowPart {
  fileprivate static func release(_ place: UnsafeMutablePointer<ArrowSchema>) { unsafe place.pointee.release?(place) }
}

extension ArrowArray: ArrowPart {
  fileprivate static func release(_ place: UnsafeMutablePointer<ArrowArray>) { unsafe place.pointee.release?(place) }
}

/// Children and dictionary of a structure, which end with it.
@safe private final class Parts<Part: ArrowPart> {
  let children: UnsafeMutablePointer<UnsafeMutablePointer<Part>?>
  let count: Int
  let dictionary: UnsafeMutablePointer<Part>?

  init(_ parts: [Part], _ dictionary: Part?) {
    count = parts.count
    unsafe children = .allocate(capacity: max(1, parts.count))
    for place in parts.indices { unsafe children[place] = allocated(parts[place]) }
    unsafe self.dictionary = dictionary.map { unsafe allocated($0) }
  }

  deinit {
    for place in 0..<count { if let child = unsafe children[place] { unsafe drop(child) } }
    unsafe children.deallocate()
    if let dictionary = unsafe dictionary { unsafe drop(dictionary) }
  }

  private func drop(_ place: UnsafeMutablePointer<Part>) {
    unsafe Part.release(place)
    unsafe place.deallocate()
  }
}

/// What a schema points to. What is handed out owns one reference, which its `release` gives back.
@safe private final class SchemaNode {
  private let format: UnsafeMutablePointer<CChar>?
  private let name: UnsafeMutablePointer<CChar>?
  private let parts: Parts<ArrowSchema>

  private init(_ format: String, _ name: String, _ parts: Parts<ArrowSchema>) {
    unsafe self.format = strdup(format)
    unsafe self.name = strdup(name)
    unsafe self.parts = unsafe parts
  }

  deinit {
    unsafe Glibc.free(format)
    unsafe Glibc.free(name)
  }

  static func schema(
    _ format: String, _ name: String, _ parts: [ArrowSchema] = unsafe [], dictionary: ArrowSchema? = nil
  ) -> ArrowSchema {
    let node = unsafe SchemaNode(format, name, Parts(parts, dictionary))
    var schema = unsafe ArrowSchema()
    unsafe schema.format = UnsafePointer(node.format)
    unsafe schema.name = UnsafePointer(node.name)
    unsafe schema.n_children = Int64(node.parts.count)
    unsafe schema.children = node.parts.children
    unsafe schema.dictionary = node.parts.dictionary
    unsafe schema.private_data = Unmanaged.passRetained(node).toOpaque()
    unsafe schema.release = { schema in
      guard let schema = unsafe schema, let owner = unsafe schema.pointee.private_data else { return }
      unsafe schema.pointee.release = nil
      unsafe Unmanaged<SchemaNode>.fromOpaque(owner).release()
    }
    return unsafe schema
  }
}

/// What an array points to; owned as ``SchemaNode`` is.
@safe private final class ArrayNode {
  private let buffers: UnsafeMutablePointer<UnsafeRawPointer?>
  private let parts: Parts<ArrowArray>
  /// What the buffers are part of.
  private let owners: [AnyObject]

  private init(_ memory: [UnsafeRawPointer?], _ owners: [AnyObject], _ parts: Parts<ArrowArray>) {
    self.owners = owners
    unsafe self.parts = unsafe parts
    unsafe buffers = .allocate(capacity: memory.count)
    for place in unsafe memory.indices { unsafe buffers[place] = memory[place] }
  }

  deinit { unsafe buffers.deallocate() }

  /// An array without nulls: `memory` are its buffers behind that of the validity.
  static func array(
    _ length: Int, _ memory: [UnsafeRawPointer?], owners: [AnyObject], _ parts: [ArrowArray] = unsafe [],
    dictionary: ArrowArray? = nil
  ) -> ArrowArray {
    let node = unsafe ArrayNode([nil] + memory, owners, Parts(parts, dictionary))
    var array = unsafe ArrowArray()
    unsafe array.length = Int64(length)
    unsafe array.n_buffers = Int64(memory.count + 1)
    unsafe array.n_children = Int64(node.parts.count)
    unsafe array.buffers = node.buffers
    unsafe array.children = node.parts.children
    unsafe array.dictionary = node.parts.dictionary
    unsafe array.private_data = Unmanaged.passRetained(node).toOpaque()
    unsafe array.release = { array in
      guard let array = unsafe array, let owner = unsafe array.pointee.private_data else { return }
      unsafe array.pointee.release = nil
      unsafe Unmanaged<ArrayNode>.fromOpaque(owner).release()
    }
    return unsafe array
  }
}

/// A value in memory of its own.
private func allocated<Value>(_ value: Value) -> UnsafeMutablePointer<Value> {
  let place = UnsafeMutablePointer<Value>.allocate(capacity: 1)
  unsafe place.initialize(to: value)
  return unsafe place
}

/// The edges of a graph in batches.
@safe private final class EdgeStream {
  private let graph: CSRGraph
  /// Where the next edge is looked for.
  private var node = 0
  private var arc = 0
  private static let batch = 1 << 18
  private(set) var failure: UnsafeMutablePointer<CChar>?

  init(_ graph: CSRGraph) { self.graph = graph }

  deinit { unsafe Glibc.free(failure) }

  func schema() -> ArrowSchema {
    var columns = unsafe ["source", "target"].map { name in
      guard case .labels = graph.names else { return unsafe SchemaNode.schema("L", name) }
      return unsafe SchemaNode.schema("I", name, dictionary: SchemaNode.schema("U", ""))
    }
    if graph.isWeighted { unsafe columns.append(SchemaNode.schema("g", "weight")) }
    return unsafe SchemaNode.schema("+s", "", columns)
  }

  /// The next rows; a released array behind the last.
  func next() -> ArrowArray? {
    do throws(MillError) {
      return try unsafe batch()
    } catch {
      unsafe Glibc.free(failure)
      unsafe failure = strdup(error.description)
      return nil
    }
  }

  private func batch() throws(MillError) -> ArrowArray {
    let ends = (try FlatBuffer<UInt64>(count: Self.batch), try FlatBuffer<UInt64>(count: Self.batch))
    let weights = graph.isWeighted ? try FlatBuffer<Double>(count: Self.batch) : nil
    var count = 0
    while node < graph.nodeCount, count < Self.batch {
      let end = graph.arcs(of: node).upperBound
      while arc < end, count < Self.batch {
        let target = graph.targets[arc]
        if graph.isDirected || target >= node {
          unsafe ends.0.base[count] = UInt64(node)
          unsafe ends.1.base[count] = UInt64(target)
          if let weights { unsafe weights.base[count] = graph.weights?[arc] ?? 1 }
          count += 1
        }
        arc += 1
      }
      if arc == end { node += 1 }
    }
    guard count > 0 else { return unsafe ArrowArray() }
    var columns = try unsafe [column(ends.0, count), column(ends.1, count)]
    if let weights {
      unsafe columns.append(ArrayNode.array(count, [UnsafeRawPointer(weights.base)], owners: [weights]))
    }
    return unsafe ArrayNode.array(count, [], owners: [], columns)
  }

  /// Nodes by their names.
  private func column(_ nodes: FlatBuffer<UInt64>, _ count: Int) throws(MillError) -> ArrowArray {
    switch graph.names {
    case .dense: break
    case .ids(let ids): for row in 0..<count { unsafe nodes.base[row] = ids[Int(nodes.base[row])] }
    case .labels(let table):
      let codes = try FlatBuffer<UInt32>(uninitializedCount: count)
      for row in 0..<count { unsafe codes.base[row] = UInt32(truncatingIfNeeded: nodes.base[row]) }
      let keeper = GraphObject(graph)
      let texts = unsafe ArrayNode.array(
        table.count, [UnsafeRawPointer(table.offsets.base), UnsafeRawPointer(table.bytes.base)], owners: [keeper])
      return unsafe ArrayNode.array(count, [UnsafeRawPointer(codes.base)], owners: [codes], dictionary: texts)
    }
    return unsafe ArrayNode.array(count, [UnsafeRawPointer(nodes.base)], owners: [nodes])
  }
}

/// The edges of a stream of ours.
private func edges(_ stream: UnsafeMutablePointer<ArrowArrayStream>?) -> EdgeStream? {
  guard let owner = unsafe stream?.pointee.private_data else { return nil }
  return unsafe Unmanaged<EdgeStream>.fromOpaque(owner).takeUnretainedValue()
}

/// Hands the edges of a graph out as an Arrow stream.
@c @implementation
public func gm_graph_to_stream(
  _ handle: OpaquePointer?, _ out: UnsafeMutablePointer<ArrowArrayStream>?, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let graph = try unsafe graph(handle)
    guard let out = unsafe out else { throw .null("out") }
    var stream = unsafe ArrowArrayStream()
    unsafe stream.private_data = Unmanaged.passRetained(EdgeStream(graph)).toOpaque()
    unsafe stream.get_schema = { stream, out in
      guard let edges = unsafe edges(stream), let out = unsafe out else { return EINVAL }
      unsafe out.pointee = edges.schema()
      return 0
    }
    unsafe stream.get_next = { stream, out in
      guard let edges = unsafe edges(stream), let out = unsafe out else { return EINVAL }
      guard let batch = unsafe edges.next() else { return ENOMEM }
      unsafe out.pointee = unsafe batch
      return 0
    }
    unsafe stream.get_last_error = { stream in unsafe UnsafePointer(edges(stream)?.failure) }
    unsafe stream.release = { stream in
      guard let stream = unsafe stream, let owner = unsafe stream.pointee.private_data else { return }
      unsafe stream.pointee.release = nil
      unsafe Unmanaged<EdgeStream>.fromOpaque(owner).release()
    }
    unsafe out.pointee = unsafe stream
  }
}
