import Glibc
public import GraphStore
public import MillRuntime

/// Writes the lines of a score file: `u TAB v TAB score`, one line an edge, ordered by (u, v).
///
/// Nodes have their input names. Scores are printed with 17 significant digits, which reading back turns into the
/// same double. Nothing is opened here: `write` receives the bytes in order, in blocks of whole lines.
///
/// - Parameters:
///   - graph: Any graph; the options say what happens to directions and loops.
///   - options: The score.
///   - write: Receives the bytes, which are valid during the call.
///   - context: Threads, progress, cancellation.
/// - Returns: The number of lines.
/// - Throws: `MillError`, as ``edgeScores(of:options:context:)``, what `write` throws, and `label-not-writable` for a name
///   with a tab or a line end in it.
/// - Complexity: as ``edgeScores(of:options:context:)``, plus a few hundred nanoseconds a line, in parallel; a few MiB
///   of text in memory. Same bytes for any number of threads.
@discardableResult
public func writeEdgeScores(
  of graph: some NeighborGraph, options: EdgeScoreOptions = .init(), context: RunContext = .init(),
  to write: (UnsafeRawBufferPointer) throws(MillError) -> Void
) throws(MillError) -> Int {
  let prepared = try graph.stored.preparedForScores(options, context: context)
  try prepared.graph.names.checkForTable(hint: "a score file separates names by tabs")
  guard prepared.graph.arcCount > 0 else { return 0 }
  return try unsafe withoutActuallyEscaping(write) { write throws(MillError) in
    try unsafe prepared.graph.visitKeys(
      ScoreWriter(names: prepared.graph.names, write: write), options, tuning: .init(), context: context)
  }
}

@safe private struct ScoreWriter: KeyVisitor {
  let names: NodeNames
  let write: (UnsafeRawBufferPointer) throws(MillError) -> Void

  func visit<Rows: RowSource, Keying: EdgeKeying>(_ view: Rows, _ keying: Keying) throws(MillError) -> Int {
    // Chunks are formatted in groups, side by side, and handed on in order.
    let groupSize = max(1, 4 * view.context.threads)
    var first = 0
    while first < view.chunkCount {
      let count = min(groupSize, view.chunkCount - first)
      try view.context.checkCancelled()
      var texts = [[UInt8]](repeating: [], count: count)
      unsafe texts.withUnsafeMutableBufferPointer { texts in
        let texts = unsafe texts
        Parallel.forEach(count, threads: view.context.threads) { index, _ in
          unsafe texts[index] = lines(of: view.cuts[first + index]..<view.cuts[first + index + 1], view, keying)
        }
      }
      for text in texts {
        guard !text.isEmpty else { continue }
        try unsafe text.withUnsafeBufferPointer { bytes throws(MillError) in
          try unsafe write(UnsafeRawBufferPointer(bytes))
        }
      }
      first += count
    }
    return view.edgeCount
  }

  private func lines<Keying: EdgeKeying>(
    of nodes: Range<Int>, _ view: some RowSource, _ keying: Keying
  ) -> [UInt8] {
    var text: [UInt8] = []
    for node in nodes {
      view.forEachOwnArc(node) { target, arc in
        appendName(node, to: &text)
        text.append(UInt8(ascii: "\t"))
        appendName(target, to: &text)
        text.append(UInt8(ascii: "\t"))
        appendScore(keying.score(ofKey: keying.key(node, target, arc)), to: &text)
        text.append(UInt8(ascii: "\n"))
      }
    }
    return text
  }

  private func appendName(_ node: Int, to text: inout [UInt8]) {
    switch names {
    case .dense: Decimal.append(node, to: &text)
    case .ids(let ids): Decimal.append(ids[node], to: &text)
    case .labels(let table): unsafe text.append(contentsOf: table.bareLabel(node))
    }
  }
}

/// 17 significant digits, shortest of fixed and exponential form, without trailing zeros.
private func appendScore(_ score: Double, to text: inout [UInt8]) {
  unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { digits in
    let length = unsafe withVaList([score]) { unsafe vsnprintf(digits.baseAddress, digits.count, "%.17g", $0) }
    for i in 0..<Int(length) { unsafe text.append(UInt8(bitPattern: digits[i])) }
  }
}
