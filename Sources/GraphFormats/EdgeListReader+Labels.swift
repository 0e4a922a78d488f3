import GraphStore
import MillRuntime

// Ids that are labels.

extension EdgeListReader {
  /// The first label among integers, with its line in the file.
  func firstLabel(in chunks: [ParsedChunk], linesBefore: Int) -> (text: String, line: Int)? {
    var lines = linesBefore
    for chunk in chunks {
      if let first = chunk.firstLabel { return (first.text, lines + first.line + 1) }
      lines += chunk.lines
    }
    return nil
  }

  /// Says so where a file of integers became one of labels because some ids are none.
  func warnAboutMixedIDs(_ graph: CSRGraph, _ first: (text: String, line: Int)) {
    guard case .labels(let table) = graph.names else { return }
    let integers = (0..<graph.nodeCount).lazy.filter { table[$0].allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }.count
    guard integers > 0 else { return }
    report.warnings.append(
      "ids are read as labels, \(integers) of \(graph.nodeCount) are integers: the first label is '\(first.text)' on "
        + "line \(first.line) (asking for string ids says that this is meant)")
  }

  /// Makes labels of the integers in chunks that were parsed before it was known that the file holds labels.
  func labelIntegers(
    _ chunks: inout [ParsedChunk], _ grammar: LineGrammar, _ interner: LabelInterner
  ) throws(MillError) {
    var grammar = grammar
    grammar.ids = .labels
    let parser = try ChunkParser(grammar, interner: interner)
    for index in chunks.indices where !chunks[index].hasLabels && chunks[index].edgeCount > 0 {
      if var text = chunks[index].keptText {
        let count = text.count
        text += [UInt8](repeating: 0, count: 64)
        let offset = chunks[index].offset
        let block = try unsafe text.withUnsafeBufferPointer { bytes throws(MillError) in
          let base = bytes.baseAddress!
          return try unsafe parser.parse(LineChunk(start: base, end: base + count, offset: offset)).block
        }
        chunks[index].block = block
      } else {
        try labelIntegers(of: &chunks[index], interner)
      }
      chunks[index].hasLabels = true
    }
  }

  private func labelIntegers(of chunk: inout ParsedChunk, _ interner: LabelInterner) throws(MillError) {
    let block = chunk.block!
    let text = try FlatBuffer<UInt8>(count: 40 * block.count + 64)
    let keys = try FlatBuffer<LabelKey>(uninitializedCount: 2 * block.count)
    var place = 0
    for i in 0..<2 * block.count {
      let id =
        switch block.ids {
        case .narrow(let ids): unsafe UInt64(ids.base[i])
        case .wide(let ids): unsafe ids.base[i]
        }
      let start = unsafe text.base + place
      let end = unsafe Decimal.write(id, to: start)
      unsafe keys.base[i] = LabelKey(start, end - start, text: text.base)
      unsafe place += end - start
    }
    let narrow = try FlatBuffer<UInt32>(uninitializedCount: 2 * block.count)
    try unsafe interner.intern(
      keys.base, count: 2 * block.count, text: text.base, into: narrow.base, chunkOffset: chunk.offset,
      scratch: LabelInterner.Scratch())
    chunk.block = EdgeBlock(ids: .narrow(narrow), weights: block.weights, count: block.count)
  }

  func rankLabels(_ chunks: [ParsedChunk], _ finished: LabelInterner.Finished) {
    Parallel.forEach(chunks.count, threads: context.threads) { index, _ in
      guard let block = chunks[index].block, case .narrow(let ids) = block.ids else { return }
      for i in 0..<2 * block.count { unsafe ids.base[i] = unsafe finished.rank(of: ids.base[i]) }
    }
  }
}
