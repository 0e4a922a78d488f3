public import CGraphmill
import GraphFormats
import GraphStore
import MillRuntime

/// An Arrow stream that was handed over, given back at the end.
@safe final class ArrowStream {
  private var stream: ArrowArrayStream

  /// Takes a stream over: what stays behind is an empty one.
  init(moving place: UnsafeMutablePointer<ArrowArrayStream>) throws(MillError) {
    unsafe stream = unsafe place.pointee
    guard unsafe stream.release != nil else { throw MillError(.badOption, "the Arrow stream was used up before") }
    unsafe place.pointee.release = nil
  }

  deinit { unsafe stream.release?(&stream) }

  /// The columns of the stream.
  func schema() throws(MillError) -> ArrowTable {
    var schema = unsafe ArrowSchema()
    try check(unsafe stream.get_schema(&stream, &schema))
    return unsafe ArrowTable(schema)
  }

  /// The next rows; nil behind the last.
  func next() throws(MillError) -> ArrowBatch? {
    var array = unsafe ArrowArray()
    try check(unsafe stream.get_next(&stream, &array))
    guard unsafe array.release != nil else { return nil }
    let batch = unsafe ArrowBatch(array)
    guard unsafe array.hasPlace else {
      throw MillError(.malformed, "a batch of the Arrow stream says a length that is none", field: "\(batch.count)")
    }
    return batch
  }

  private func check(_ code: Int32) throws(MillError) {
    guard code != 0 else { return }
    let said = unsafe stream.get_last_error(&stream).map { unsafe String(cString: $0) }
    throw MillError(.inputOutput, said ?? "the Arrow stream failed with code \(code)")
  }
}

/// The schema of a stream.
@safe final class ArrowTable {
  private var schema: ArrowSchema

  init(_ schema: ArrowSchema) { unsafe self.schema = unsafe schema }

  deinit { unsafe schema.release?(&schema) }

  /// The names of the columns.
  var names: [String] {
    unsafe (0..<Int(schema.n_children)).map { child in
      unsafe schema.children[child]?.pointee.name.map { unsafe String(cString: $0) } ?? ""
    }
  }

  /// The number of a column: by its name, or the one of that place.
  ///
  /// - Throws: `MillError`: `bad-option` where there is none.
  func column(named name: String?, else place: Int) throws(MillError) -> Int {
    guard unsafe String(cString: schema.format) == "+s" else {
      throw MillError(.badOption, "the Arrow stream has no columns", field: unsafe String(cString: schema.format))
    }
    let names = names
    guard let name else {
      guard place < names.count else {
        throw MillError(.badOption, "a table of edges has two columns or more", field: "\(names.count)")
      }
      return place
    }
    guard let found = names.firstIndex(of: name) else {
      throw MillError(
        .badOption, "there is no such column", field: name,
        hint: "there are: \(names.prefix(20).joined(separator: ", "))")
    }
    return found
  }

  /// What a column holds.
  ///
  /// - Throws: `MillError`: `unsupported-content` for other types than numbers and text.
  func type(of column: Int) throws(MillError) -> ArrowType {
    guard let child = unsafe schema.children[column] else { throw .null("a column of the Arrow schema") }
    return try unsafe ArrowType(child.pointee, name: names[column])
  }
}

/// Rows of a stream.
@safe final class ArrowBatch: @unchecked Sendable {
  private var array: ArrowArray
  let count: Int

  init(_ array: ArrowArray) {
    unsafe self.array = unsafe array
    count = unsafe Int(array.length)
  }

  deinit { unsafe array.release?(&array) }

  /// A column of these rows.
  ///
  /// - Throws: `MillError`: `null-value`, `malformed`.
  func column(_ number: Int, _ type: ArrowType, firstRow: Int) throws(MillError) -> ArrowColumn {
    guard unsafe number < Int(array.n_children), let child = unsafe array.children[number] else {
      throw MillError(.malformed, "a batch of the Arrow stream lacks a column", field: type.name)
    }
    let offset = unsafe Int(array.offset)
    let outer = unsafe ArrowValidity(array, offset: offset, count: count)
    if let row = outer.firstNull { throw type.null(row: firstRow + row) }
    return try unsafe ArrowColumn(child.pointee, type, offset: offset, count: count, firstRow: firstRow)
  }
}

/// Makes a graph of an Arrow stream.
@c @implementation
public func gm_graph_from_stream(
  _ stream: UnsafeMutablePointer<ArrowArrayStream>?, _ source: UnsafePointer<CChar>?, _ target: UnsafePointer<CChar>?,
  _ weight: UnsafePointer<CChar>?, _ given: UnsafePointer<gm_edge_options>?, _ context: OpaquePointer?,
  _ out: HandleOut, _ report: UnsafeMutablePointer<gm_edge_report>?, _ error: HandleOut
) -> Int32 {
  unsafe door(out, error) { () throws(MillError) in
    guard let place = unsafe stream else { throw .null("stream") }
    let stream = try unsafe ArrowStream(moving: place)
    let table = try stream.schema()
    let columns = ArrowEdgeColumns(
      source: try unsafe table.column(named: text(source, "source"), else: 0),
      target: try unsafe table.column(named: text(target, "target"), else: 1),
      weight: try unsafe text(weight, "weight").map { name throws(MillError) in
        try table.column(named: name, else: 0)
      })
    let (graph, made) = try unsafe columns.graph(
      of: stream, table, options: freezing(given), context: GraphmillC.context(context))
    try unsafe tell(made, report)
    return GraphObject(graph)
  }
}

/// The columns of a table that are edges.
private struct ArrowEdgeColumns {
  let source: Int
  let target: Int
  let weight: Int?

  func graph(
    of stream: ArrowStream, _ table: ArrowTable, options: FreezeOptions, context: RunContext
  ) throws(MillError) -> (graph: CSRGraph, report: FreezeReport) {
    let types = (try table.type(of: source), try table.type(of: target))
    let weightType = try weight.map { column throws(MillError) in try table.type(of: column) }
    if let weightType, weightType.element == nil {
      throw MillError(.unsupportedContent, "weights are numbers", field: weightType.name)
    }
    let areTexts = types.0.isText
    guard areTexts == types.1.isText else {
      throw MillError(
        .unsupportedContent, "one column of ids holds numbers, the other text",
        field: "\(types.0.name), \(types.1.name)")
    }
    if areTexts, case .dense = options.naming {
      throw MillError(.badOption, "ids that are text cannot be dense", field: types.0.name)
    }
    let labels = areTexts ? try LabelPairs(context: context) : nil
    var blocks: [EdgeBlock] = []
    var rows = 0
    while let batch = try stream.next() {
      try context.checkCancelled()
      let from = try batch.column(source, types.0, firstRow: rows)
      let to = try batch.column(target, types.1, firstRow: rows)
      let weighed = try weight.map { number throws(MillError) in
        try batch.column(number, weightType!, firstRow: rows)
      }
      if let labels {
        let weights = try weighed.map { column throws(MillError) in try column.weights() }
        blocks.append(
          try unsafe labels.block(count: batch.count, weights: weights, firstRow: rows) { row throws(MillError) in
            try unsafe from.label(row)
          } target: { row throws(MillError) in
            try unsafe to.label(row)
          })
      } else {
        blocks.append(
          try EdgeBlock(
            copying: from.numbers(), to.numbers(),
            weight: weighed.map { column throws(MillError) in try column.numbers() },
            count: batch.count, firstRow: rows, context: context))
      }
      rows += batch.count
      withExtendedLifetime(batch) {}
    }
    let wanted = blocks
    blocks = []
    if let labels { return try labels.graph(wanted, options: options) }
    return try freeze(wanted, options: options, context: context)
  }
}
