package import GraphStore
import Glibc
package import MillRuntime

/// Makes a graph of pairs of labels that lie in memory, batch by batch: columns of text.
///
/// ```swift
/// let pairs = try LabelPairs(context: context)
/// let block = try pairs.block(count: rows, weights: nil, firstRow: 0) { row in sources[row] } target: { … }
/// let (graph, report) = try pairs.graph([block], options: FreezeOptions())
/// ```
///
/// Nodes are the labels that occur, in bytewise order, as for a file of the same rows.
package final class LabelPairs {
  private let context: RunContext
  private let interner: LabelInterner
  private let workers: [Worker]

  /// What a worker needs for a chunk.
  fileprivate final class Worker: @unchecked Sendable {
    let scratch: LabelInterner.Scratch
    let keys: FlatBuffer<LabelKey>
    var text: FlatBuffer<UInt8>

    init() throws(MillError) {
      scratch = try LabelInterner.Scratch()
      keys = try FlatBuffer(uninitializedCount: 2 * chunkRows)
      text = try FlatBuffer(uninitializedCount: 1 << 16)
    }
  }

  private static let chunkRows = 1 << 13
  /// Bytes that the keys of labels may read behind the last one.
  fileprivate static let padding = 64

  /// Pairs without a label yet.
  ///
  /// - Throws: `MillError` of kind `over-budget`.
  package init(context: RunContext) throws(MillError) {
    self.context = context
    interner = try LabelInterner(tracksFirst: false)
    var workers: [Worker] = []
    for _ in 0..<context.threads { workers.append(try Worker()) }
    self.workers = workers
  }

  /// The edges of some rows, with labels by provisional numbers that ``graph(_:options:)`` replaces.
  ///
  /// - Parameters:
  ///   - count: The number of rows.
  ///   - weights: One a row; nil for none.
  ///   - firstRow: The number of the first row, for messages.
  ///   - source: The label where the edge of a row begins; called from many threads, valid while the call lasts.
  ///   - target: The label where it ends.
  /// - Throws: `MillError`: `empty-field`, `label-too-long`, `nul-byte`, `not-utf8` with row and column; what the columns
  ///   throw; `over-budget`, `interrupted`.
  /// - Complexity: O(bytes), parallel.
  package func block(
    count: Int, weights: FlatBuffer<Double>?, firstRow: Int,
    source: (_ row: Int) throws(MillError) -> UnsafeBufferPointer<UInt8>,
    target: (_ row: Int) throws(MillError) -> UnsafeBufferPointer<UInt8>
  ) throws(MillError) -> EdgeBlock {
    let ids = try FlatBuffer<UInt32>(uninitializedCount: 2 * count)
    try Parallel.forEachThrowing(
      Parallel.chunkCount(count, size: Self.chunkRows), threads: workers.count
    ) { chunk, number throws(MillError) in
      try context.checkCancelled()
      let worker = workers[number]
      let rows = Parallel.range(ofChunk: chunk, size: Self.chunkRows, count: count)
      var places: [Int] = [0]
      places.reserveCapacity(2 * rows.count + 1)
      for row in rows {
        for side in 0..<2 {
          let label = unsafe side == 0 ? try source(row) : try target(row)
          do throws(MillError) {
            try unsafe checkName(label)
          } catch {
            throw MillError(
              error.kind, "\(error.message) in row \(firstRow + row), as its \(side == 0 ? "source" : "target")",
              field: error.field)
          }
          try unsafe worker.append(label, at: places[places.count - 1])
          places.append(places[places.count - 1] + label.count)
        }
      }
      let text = unsafe UnsafePointer(worker.text.base)
      for i in 0..<2 * rows.count {
        unsafe worker.keys.base[i] = LabelKey(text + places[i], places[i + 1] - places[i], text: text)
      }
      try unsafe interner.intern(
        worker.keys.base, count: 2 * rows.count, text: text, into: ids.base + 2 * rows.lowerBound,
        chunkOffset: chunk, scratch: worker.scratch)
    }
    return EdgeBlock(ids: .narrow(ids), weights: weights, count: count)
  }

  /// Numbers the labels and builds the graph.
  ///
  /// - Parameters:
  ///   - blocks: All that ``block(count:weights:firstRow:source:target:)`` made.
  ///   - options: Direction, duplicates, loops; the naming is by labels.
  /// - Throws: `MillError`, as `freeze`.
  package func graph(
    _ blocks: consuming [EdgeBlock], options: FreezeOptions
  ) throws(MillError) -> (graph: CSRGraph, report: FreezeReport) {
    let finished = try interner.finish(order: .sorted, threads: context.threads)
    let size = 1 << 17
    let numbered = blocks
    for block in numbered {
      guard case .narrow(let ids) = block.ids else { continue }
      Parallel.forEachRange(of: 2 * block.count, size: size, threads: context.threads) { places, _ in
        for i in places { unsafe ids.base[i] = unsafe finished.rank(of: ids.base[i]) }
      }
    }
    var options = options
    options.naming = .labels(finished.table)
    return try freeze(numbered, options: options, context: context)
  }
}

extension LabelPairs.Worker {
  /// Copies a label behind those of the chunk so far; room for what a key reads behind it is left.
  func append(_ label: UnsafeBufferPointer<UInt8>, at place: Int) throws(MillError) {
    if place + label.count + LabelPairs.padding > text.count {
      let wider = try FlatBuffer<UInt8>(uninitializedCount: 2 * (place + label.count + LabelPairs.padding))
      unsafe memcpy(wider.base, text.base, place)
      text = wider
    }
    if let start = label.baseAddress { unsafe memcpy(text.base + place, start, label.count) }
  }
}
