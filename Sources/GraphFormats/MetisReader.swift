import GraphStore
import MillRuntime

extension GraphFormat {
  /// METIS adjacency lists: a header of counts, then a line a node.
  public static let metis = GraphFormat(
    "metis", "METIS adjacency lists", endings: ["metis", "graph"], holds: [.undirected, .wholeWeights, .isolatedNodes],
    numbering: 1, reader: { input throws(MillError) in try readMetis(input) },
    writer: { output throws(MillError) in try writeMetis(output) })
}

/// The comment with which our writers keep names that begin with 0 where a format counts from 1.
let idsFromZero = "ids from 0"

/// Reads METIS adjacency lists: `n m [fmt [ncon]]`, then for each node its size and weights (passed over, with a
/// warning) and its neighbors with their weights. `%` begins a comment; an empty line is a node without neighbors.
///
/// Nodes are called 1…n. Every edge must stand at both of its ends with one weight, unless directions are asked for;
/// this is checked by a commutative sum of hashes. A self-loop stands once.
///
/// - Source: Karypis, METIS 5.1.0 manual, section 4.1.1.
private func readMetis(_ input: GraphInput) throws(MillError) -> GraphReading {
  var cursor = try TextCursor(input.stream, input.context)
  var report = GraphReadReport()
  report.separator = .space
  var firstName: UInt64 = 1
  try skipMetisComments(&cursor, &report, &firstName, blanks: true)
  let header = try MetisHeader(&cursor)
  let (n, m) = (header.nodes, header.edges)
  let keepsArcs = input.options.isDirected == true
  var found = FoundGraph(.numbered(count: 0, first: 0), isDirected: keepsArcs)
  var counts = (forward: 0, backward: 0, loops: 0)
  var sums = (forward: UInt64(0), backward: UInt64(0))
  for node in 0..<n {
    try skipMetisComments(&cursor, &report, &firstName, blanks: false)
    if try cursor.peek() == nil, node + 1 < n {
      throw cursor.failure(.countMismatch, "the header promises \(n) nodes, the file has lines for \(node)")
    }
    for _ in 0..<header.passedOver {
      guard try cursor.unsigned() != nil else {
        throw unsafe cursor.failure(
          .missingField, "the size or weight of the node is missing", field: try cursor.word().text)
      }
    }
    let u = UInt64(node)
    while let neighbor = try cursor.unsigned() {
      guard neighbor >= 1, neighbor <= UInt64(n) else {
        throw cursor.failure(
          .idOutOfRange, "a neighbor outside 1...\(n)", field: String(neighbor),
          hint: neighbor == 0 ? "METIS counts nodes from 1" : nil)
      }
      let v = neighbor - 1
      let weight = header.hasEdgeWeights ? try cursor.weight(input.options) : nil
      let bits = (weight ?? 0).bitPattern
      if u < v {
        counts.forward &+= 1
        sums.forward &+= CounterRandom.mix(CounterRandom.mix(u << 32 | v) &+ bits)
      } else if u > v {
        counts.backward &+= 1
        sums.backward &+= CounterRandom.mix(CounterRandom.mix(v << 32 | u) &+ bits)
      } else {
        counts.loops &+= 1
      }
      if u <= v || keepsArcs {
        try found.edges.add(UInt32(truncatingIfNeeded: u), UInt32(truncatingIfNeeded: v), weight)
      }
    }
    guard try cursor.isAtLineEnd() else {
      throw unsafe cursor.failure(.notAnInteger, "a neighbor that is no node number", field: try cursor.word().text)
    }
    try cursor.endLine()
  }
  try skipMetisComments(&cursor, &report, &firstName, blanks: true)
  if try cursor.peek() != nil {
    throw cursor.failure(.countMismatch, "the header promises \(n) nodes, the file has more lines")
  }
  report.lines = cursor.line - 1
  let arcs = counts.forward + counts.backward + counts.loops
  guard arcs == 2 * m || arcs + counts.loops == 2 * m || keepsArcs && arcs == m else {
    throw MillError(
      .countMismatch, "the header promises \(m) edges, the lists hold \(arcs) ends of edges", line: header.line,
      hint: "an edge stands in the lists of both its nodes")
  }
  guard keepsArcs || counts.forward == counts.backward && sums.forward == sums.backward else {
    throw MillError(
      .malformed, "an edge stands in the list of one of its nodes only, or with two weights",
      hint: "read it with directions, then symmetrize")
  }
  if header.passedOver > 0 { report.warnings.append("sizes and weights of nodes are not read") }
  found.nodes = .numbered(count: n, first: firstName)
  return try input.finish(found, report)
}

/// Passes comment lines, and blank ones where these mean nothing.
@inline(__always)
private func skipMetisComments(
  _ cursor: inout TextCursor, _ report: inout GraphReadReport, _ firstName: inout UInt64, blanks: Bool
) throws(MillError) {
  while let next = try cursor.peek() {
    if next == 0x25 {
      if report.comments == 0 {
        cursor.take()
        if try unsafe cursor.restOfLine().elementsEqual(" \(idsFromZero)".utf8) { firstName = 0 }
      } else {
        try cursor.skipLine()
      }
      report.comments += 1
    } else if blanks, try cursor.isAtLineEnd(), try cursor.peek() != nil {
      cursor.take()
      report.blanks += 1
    } else {
      return
    }
  }
}

/// `n m [fmt [ncon]]`.
private struct MetisHeader {
  let nodes: Int
  let edges: Int
  let hasEdgeWeights: Bool
  /// Numbers at the beginning of each line that are not edges.
  let passedOver: Int
  let line: Int

  init(_ cursor: inout TextCursor) throws(MillError) {
    line = cursor.line
    guard let n = try cursor.unsigned(), let m = try cursor.unsigned() else {
      throw unsafe cursor.failure(
        .malformed, "the first line is not 'nodes edges [format [constraints]]'", field: try cursor.word().text)
    }
    guard n < UInt64(UInt32.max), m < 1 << 60 else {
      throw cursor.failure(.overBudget, "more than 2^32 - 2 nodes in this format", field: String(n))
    }
    nodes = Int(n)
    edges = Int(m)
    let format = unsafe Array(try cursor.word())
    guard format.count <= 3, format.allSatisfy({ $0 == 0x30 || $0 == 0x31 }) else {
      throw cursor.failure(
        .malformed, "the format is not three digits 0 or 1", field: String(decoding: format, as: UTF8.self))
    }
    let digits = [UInt8](repeating: 0x30, count: 3 - format.count) + format
    hasEdgeWeights = digits[2] == 0x31
    var constraints: UInt64 = digits[1] == 0x31 ? 1 : 0
    if try !cursor.isAtLineEnd() {
      guard let given = try cursor.unsigned(), given <= 1024, given == 0 || digits[1] == 0x31 else {
        throw cursor.failure(.malformed, "the number of node weights does not fit the format")
      }
      constraints = given
    }
    passedOver = Int(constraints) + (digits[0] == 0x31 ? 1 : 0)
    try cursor.endLine()
  }
}
