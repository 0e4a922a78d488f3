import Glibc
import GraphStore
import MillRuntime

/// The lines of a ``TextWriter``: chunks of nodes are rendered in parallel and handed out in order.
@safe struct LineWriting: RowsVisitor {
  let writer: TextWriter
  let sink: (UnsafeRawBufferPointer) throws(MillError) -> Void

  @safe private struct Slots: @unchecked Sendable {
    let texts: UnsafeMutableBufferPointer<[UInt8]>
  }

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) {
    let context = rows.context
    let batch = 4 * context.threads
    let lines = try RowLines(rows, writer)
    for first in stride(from: 0, to: rows.chunkCount, by: batch) {
      let count = min(batch, rows.chunkCount - first)
      var texts = [[UInt8]](repeating: [], count: count)
      unsafe texts.withUnsafeMutableBufferPointer { texts in
        let slots = unsafe Slots(texts: texts)
        Parallel.forEach(count, threads: context.threads) { chunk, _ in
          unsafe slots.texts[chunk] = lines.text(of: rows.cuts[first + chunk]..<rows.cuts[first + chunk + 1])
        }
      }
      for text in texts {
        try unsafe text.withUnsafeBufferPointer { bytes throws(MillError) in
          try unsafe sink(UnsafeRawBufferPointer(bytes))
        }
      }
      context.progress?.advance(by: rows.begin(rows.cuts[first + count]) - rows.begin(rows.cuts[first]))
      try context.checkCancelled()
    }
  }
}

/// Renders rows of a graph, with all that a line needs at hand.
@safe private struct RowLines<ID: NodeIndex>: @unchecked Sendable {
  /// How nodes are called.
  @unsafe private enum Spelling {
    /// By their index, counted from a number.
    case index(from: UInt64)
    case ids(UnsafePointer<UInt64>)
    case labels(offsets: UnsafePointer<UInt64>, bytes: UnsafePointer<UInt8>)
  }

  /// Which labels are written in quotes; nil where none is.
  private var isQuoted: FlatBuffer<Bool>?

  private let rows: GraphRows<ID>
  private let spelling: Spelling
  private let weights: UnsafePointer<Double>?
  private let separator: UInt8
  /// What csv says of every edge: Gephi's column, which spreadsheets and data frames read too.
  private let ending: StaticString
  /// Symmetric matrices are written by their lower triangle: row v, column u ≤ v.
  private let isLower: Bool

  init(_ rows: GraphRows<ID>, _ writer: TextWriter) throws(MillError) {
    self.rows = rows
    unsafe weights = writer.weights == nil ? nil : rows.weights
    separator = writer.separator
    ending = writer.format == .csv && rows.isDirected ? ",directed" : ""
    isLower = writer.format == .mtx && !rows.isDirected
    if writer.format == .mtx {
      unsafe spelling = .index(from: 1)
    } else {
      switch writer.graph.names {
      case .dense: unsafe spelling = .index(from: 0)
      case .ids(let ids): unsafe spelling = .ids(ids.base)
      case .labels(let table):
        unsafe spelling = .labels(offsets: table.offsets.base, bytes: table.bytes.base)
        for node in 0..<rows.nodeCount where unsafe writer.needsQuotes(table.bareLabel(node)) {
          if isQuoted == nil { isQuoted = try FlatBuffer(count: rows.nodeCount) }
          unsafe isQuoted?.base[node] = true
        }
      }
    }
  }

  /// The lines of some rows.
  func text(of nodes: Range<Int>) -> [UInt8] {
    let arcs = rows.begin(nodes.lowerBound)..<rows.begin(nodes.upperBound)
    let longest = 2 * longestName(arcs, nodes) + 3 + (unsafe weights == nil ? 0 : 33) + ending.utf8CodeUnitCount
    return unsafe [UInt8](unsafeUninitializedCapacity: arcs.count * longest + 64) { buffer, used in
      let start = buffer.baseAddress!
      var end = unsafe start
      for u in nodes {
        // The first name of a row's lines, once it was written.
        var name: UnsafeMutablePointer<UInt8>?
        var length = 0
        for arc in rows.arcs(u) {
          let v = rows.target(arc)
          if !rows.isDirected, isLower ? v > u : v < u { continue }
          if let name = unsafe name {
            unsafe end.update(from: name, count: length)
            unsafe end += length
          } else {
            unsafe name = end
            unsafe end = write(u, to: end)
            unsafe end.pointee = separator
            unsafe end += 1
            unsafe length = end - name!
          }
          unsafe end = write(v, to: end)
          if let weights = unsafe weights {
            unsafe end.pointee = separator
            unsafe end += 1
            for byte in unsafe Decimal.text(weights[arc]).utf8 {
              unsafe end.pointee = byte
              unsafe end += 1
            }
          }
          if ending.utf8CodeUnitCount > 0 {
            unsafe memcpy(end, ending.utf8Start, ending.utf8CodeUnitCount)
            unsafe end += ending.utf8CodeUnitCount
          }
          unsafe end.pointee = 0x0a
          unsafe end += 1
        }
      }
      used = unsafe end - start
    }
  }

  /// An upper bound of the length of names that the arcs mention.
  private func longestName(_ arcs: Range<Int>, _ nodes: Range<Int>) -> Int {
    guard case .labels(let offsets, _) = unsafe spelling else { return 20 }
    var longest = 0
    for u in nodes { unsafe longest = max(longest, Int(offsets[u &+ 1] &- offsets[u])) }
    for arc in arcs {
      let v = rows.target(arc)
      unsafe longest = max(longest, Int(offsets[v &+ 1] &- offsets[v]))
    }
    // Quotes around, and every byte doubled in the worst case.
    return 2 * longest + 2
  }

  @inline(__always) private func write(_ node: Int, to end: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8>
  {
    switch unsafe spelling {
    case .index(let first): return unsafe Decimal.write(UInt64(truncatingIfNeeded: node) &+ first, to: end)
    case .ids(let ids): return unsafe Decimal.write(ids[node], to: end)
    case .labels(let offsets, let bytes):
      let low = unsafe Int(offsets[node])
      let label = unsafe UnsafeBufferPointer(start: bytes + low, count: Int(offsets[node &+ 1]) - low)
      if let isQuoted, unsafe isQuoted.base[node] { return unsafe quoted(label, to: end) }
      unsafe end.update(from: bytes + low, count: label.count)
      return unsafe end + label.count
    }
  }

  private func quoted(
    _ label: UnsafeBufferPointer<UInt8>, to end: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    var place = unsafe end
    unsafe place.pointee = 0x22
    unsafe place += 1
    for i in label.indices {
      let byte = unsafe label[i]
      if byte == 0x22 {
        unsafe place.pointee = 0x22
        unsafe place += 1
      }
      unsafe place.pointee = byte
      unsafe place += 1
    }
    unsafe place.pointee = 0x22
    return unsafe place + 1
  }
}
