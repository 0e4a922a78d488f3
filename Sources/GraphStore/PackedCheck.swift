import MillRuntime

extension PackedLists {
  /// Checks all that memory safety of reading needs: starts that ascend and fit, lists that fill their bytes exactly,
  /// targets below n.
  ///
  /// - Returns: The number of arcs that lead to smaller nodes.
  /// - Throws: ``MillError`` of a `badData` kind.
  /// - Complexity: O(n + m), parallel; no memory. The verdict does not depend on threads.
  func checkSafe(context: RunContext) throws(MillError) -> Int {
    guard Self.isPlausible(nodes: nodeCount, arcs: arcCount, startBytes: starts.count, listBytes: bytes.count) else {
      throw Self.malformed("are too short")
    }
    let blocks = Self.blockCount(nodeCount)
    try Parallel.forEachThrowing(Parallel.chunkCount(blocks, size: 1 << 10), threads: context.threads) {
      chunk, _ throws(MillError) in
      try context.checkCancelled()
      for block in Parallel.range(ofChunk: chunk, size: 1 << 10, count: blocks) { try checkBlock(block) }
    }
    let first = edge(0)
    guard first.arc == 0, first.byte == 0, first.place == UInt64(Self.entryBytes * blocks) else {
      throw Self.malformed("do not begin at 0")
    }
    let rows = rows()
    let size = 1 << 12
    let backward = try FlatBuffer<Int>(count: Parallel.chunkCount(nodeCount, size: size))
    try Parallel.forEachThrowing(backward.count, threads: context.threads) { chunk, _ throws(MillError) in
      try context.checkCancelled()
      var sum = 0
      for node in Parallel.range(ofChunk: chunk, size: size, count: nodeCount) { sum += try checkList(node, rows) }
      unsafe backward.base[chunk] = sum
    }
    withExtendedLifetime(self) {}
    return unsafe backward.elements.reduce(0, +)
  }

  private static func malformed(_ what: String) -> MillError {
    MillError(.corruptSection, "the starts of packed lists \(what)")
  }

  private func word(_ place: Int) -> UInt64 {
    unsafe UnsafeRawPointer(starts.base + place).loadUnaligned(as: UInt64.self)
  }

  /// What the entry of a block must say where the one before it ends; behind the last block the ends of all.
  private func edge(_ block: Int) -> (arc: UInt64, byte: UInt64, place: UInt64) {
    guard block < Self.blockCount(nodeCount) else {
      return (UInt64(arcCount), UInt64(bytes.count - Self.listPadding), UInt64(starts.count - Self.startPadding))
    }
    let entry = Self.entryBytes * block
    return (word(entry), word(entry + 8), word(entry + 16) >> 12)
  }

  /// Checks that a block's records lie inside and ascend to where the next block begins.
  private func checkBlock(_ block: Int) throws(MillError) {
    let (first, next, limit) = (edge(block), edge(block + 1), edge(Int.max))
    let layout = word(Self.entryBytes * block + 16)
    let (arcWidth, byteWidth) = (layout & 63, layout >> 6 & 63)
    let count = Parallel.range(ofChunk: block, size: Self.nodesPerBlock, count: nodeCount).count
    guard arcWidth <= Self.maximumStartWidth, byteWidth <= Self.maximumStartWidth, first.place <= limit.place,
      next.place == first.place + (UInt64(count + 1) * (arcWidth + byteWidth) + 7) / 8, next.place <= limit.place,
      first.arc <= limit.arc, first.byte <= limit.byte
    else { throw Self.malformed("have impossible blocks") }
    let rows = rows()
    let records = rows.block(block)
    var last = (arc: Int(first.arc), byte: Int(first.byte))
    for index in 0...UInt64(count) {
      let record = (arc: rows.arc(records, index), byte: rows.byte(records, index))
      guard record.arc >= last.arc, record.byte >= last.byte, index > 0 || record == last else {
        throw Self.malformed("go back")
      }
      last = record
    }
    guard last == (Int(next.arc), Int(next.byte)) else { throw Self.malformed("do not fit each other") }
  }

  /// Checks that a list fills its bytes exactly and that its targets are below n.
  ///
  /// - Returns: The number of targets below the node.
  private func checkList(_ node: Int, _ rows: PackedRows) throws(MillError) -> Int {
    let (block, index) = (rows.block(node / Self.nodesPerBlock), UInt64(node % Self.nodesPerBlock))
    let (low, high) = (rows.byte(block, index), rows.byte(block, index + 1))
    let count = rows.degree(node)
    guard fits(low..<high, count) else {
      throw MillError(.corruptSection, "the packed list of node \(node) does not fit its bytes")
    }
    var backward = 0
    var largest: UInt32 = 0
    unsafe rows.forEachPiece(node, isBrief: false) { targets, _, count in
      for i in 0..<count {
        largest = unsafe max(largest, targets[i])
        backward &+= unsafe targets[i] < node ? 1 : 0
      }
      return true
    }
    guard count == 0 || largest < nodeCount else {
      throw MillError(.targetOutOfRange, "node \(node) has the neighbor \(largest) of \(nodeCount) nodes")
    }
    return backward
  }

  /// Whether a list of so many targets takes just these bytes.
  private func fits(_ place: Range<Int>, _ count: Int) -> Bool {
    guard count > 0 else { return place.isEmpty }
    let groups = max(1, (count - 1 + 7) / 8)
    guard place.count > groups else { return false }
    let list = unsafe bytes.base + place.lowerBound
    var expected = unsafe groups + Int(list[0] >> 6) + 1
    for group in 0..<groups {
      let width = unsafe Int(group == 0 ? list[0] & 63 : list[group])
      guard width <= PackedRows.maximumShiftedWidth || width == 32 else { return false }
      expected += (min(8, count - 1 - 8 * group) * width + 7) / 8
    }
    return expected == place.count
  }
}
