import GraphStore
import MillRuntime

extension GraphFormat {
  /// LG of JuliaGraphs; read only.
  public static let lg = GraphFormat(
    "lg", "JuliaGraphs graph", endings: ["lg", "jlg"],
    holds: [.directed, .undirected, .isolatedNodes, .loops], numbering: 1,
    recognizes: { $0.text.prefix(200).prefixMatch(of: /\d+,\s*\d+,\s*[du],/) != nil },
    reader: { input throws(MillError) in try readJuliaGraph(input) })
}

/// Reads an LG file: a header `n,m,d|u,name[,version,type,kind]`, then m lines `source,target`, counted from 1.
///
/// A second graph in the file is refused.
///
/// - Source: GraphIO.jl, LG format.
private func readJuliaGraph(_ input: GraphInput) throws(MillError) -> GraphReading {
  var cursor = try TextCursor(input.stream, input.context)
  var report = GraphReadReport()
  report.separator = .comma
  func numbers(_ line: [UInt8]) -> [UInt64?] {
    line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { part in
      unsafe trimmed(Array(part)).withUnsafeBufferPointer { unsafe Digits.unsignedInteger($0) }
    }
  }
  let header = unsafe Array(try cursor.restOfLine())
  let counts = numbers(header)
  let kind = header.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).dropFirst(2).first
  let letter = kind.map { trimmed(Array($0)) }
  guard counts.count >= 3, let n = counts[0], let m = counts[1], n < UInt64(UInt32.max),
    letter == [UInt8(ascii: "d")] || letter == [UInt8(ascii: "u")]
  else {
    throw MillError(
      .malformed, "the first line is not 'nodes,edges,d or u,name'", line: 1, field: excerpt(header))
  }
  var found = FoundGraph(.numbered(count: Int(n), first: 1), isDirected: letter == [UInt8(ascii: "d")])
  while UInt64(found.edges.count) < m {
    let line = cursor.line
    guard try cursor.peek() != nil else {
      throw cursor.failure(.countMismatch, "the header promises \(m) edges, the file has \(found.edges.count)")
    }
    let text = unsafe Array(try cursor.restOfLine())
    if text.allSatisfy({ $0 <= 0x20 }) {
      report.blanks += 1
      continue
    }
    let ends = numbers(text)
    guard ends.count == 2, let u = ends[0], let v = ends[1], u >= 1, v >= 1, u <= n, v <= n else {
      throw MillError(
        .malformed, "a line is 'source,target' with nodes in 1...\(n)", line: line, field: excerpt(text))
    }
    try found.edges.add(UInt32(u - 1), UInt32(v - 1))
  }
  try cursor.skipWhitespace()
  if try cursor.peek() != nil {
    throw cursor.failure(
      .unsupportedContent, "the file holds more than one graph, or more edges than its header says",
      hint: "give every graph a file of its own")
  }
  report.lines = cursor.line - 1
  return try input.finish(found, report)
}
