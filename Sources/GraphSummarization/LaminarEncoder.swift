/// Solves one pair of trees after the other; memory is kept.
struct LaminarEncoder {
  /// Two supernodes with input edges between them (or one supernode with edges inside).
  struct Cell: BitwiseCopyable {
    var key: UInt64
    /// Input edges, counted over the split of the first or the second supernode. Inside one supernode: across children,
    /// inside children.
    var count: (x: UInt32, y: UInt32) = (0, 0)
    /// Costs of the sub-cells for inherited net 0 and 1, by split, and how many there are.
    var xSum: (UInt32, UInt32) = (0, 0)
    var ySum: (UInt32, UInt32) = (0, 0)
    var pieces: (x: UInt32, y: UInt32) = (0, 0)
    var result: (UInt32, UInt32) = (0, 0)
    /// How the trace went on: 0 not at all, else the split (1 x, 2 y, 3 inside) * 2 + net.
    var trace: UInt32 = 0
  }
  static let infinite: UInt32 = 1 << 30
  /// Pairs of trees beyond this many cells keep their edges.
  static let maximumCells = 1 << 27

  var cells = GrowableBuffer<Cell>(capacity: 256)
  var cellCount = 0
  var table = GrowableBuffer<UInt32>(capacity: 1024)
  var mask = 63
  var keys = GrowableBuffer<UInt64>(capacity: 256)
  var order = GrowableBuffer<UInt64>(capacity: 256)
  var ends = GrowableBuffer<(UInt32, UInt32)>(capacity: 256)
  var found = EdgeList()

  // MARK: Cells

  private mutating func clear(expecting count: Int) {
    var size = 64
    while size < 4 * count { size *= 2 }
    table.reserve(size)
    unsafe table.base.update(repeating: 0, count: size)
    mask = size - 1
    cellCount = 0
  }

  @inline(__always) static func slot(_ key: UInt64, _ mask: Int) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) &>> 32) & mask
  }

  @inline(__always) func find(_ key: UInt64) -> Int? {
    var slot = Self.slot(key, mask)
    while true {
      let entry = unsafe Int(table.base[slot])
      if entry == 0 { return nil }
      if unsafe cells.base[entry &- 1].key == key { return entry &- 1 }
      slot = (slot &+ 1) & mask
    }
  }

  /// The cell of a key, and whether it is new.
  @inline(__always) mutating func insert(_ key: UInt64) -> (cell: Int, isNew: Bool) {
    var slot = Self.slot(key, mask)
    while true {
      let entry = unsafe Int(table.base[slot])
      if entry == 0 { break }
      if unsafe cells.base[entry &- 1].key == key { return (entry &- 1, false) }
      slot = (slot &+ 1) & mask
    }
    cells.reserve(cellCount + 1)
    unsafe cells.base[cellCount] = Cell(key: key)
    cellCount += 1
    unsafe table.base[slot] = UInt32(cellCount)
    if 2 * cellCount > mask { grow() }
    return (cellCount - 1, true)
  }

  private mutating func grow() {
    let size = 2 * (mask + 1)
    table.reserve(size)
    unsafe table.base.update(repeating: 0, count: size)
    mask = size - 1
    for i in 0..<cellCount {
      var slot = unsafe Self.slot(cells.base[i].key, mask)
      while unsafe table.base[slot] != 0 { slot = (slot &+ 1) & mask }
      unsafe table.base[slot] = UInt32(i + 1)
    }
  }

  @inline(__always) static func key(_ x: UInt32, _ y: UInt32) -> UInt64 { UInt64(x) << 32 | UInt64(y) }

  /// Keys of all cells, ascending: parts come before wholes.
  private mutating func sortKeys() {
    order.reserve(cellCount)
    for i in 0..<cellCount { unsafe order.base[i] = unsafe cells.base[i].key }
    var list = unsafe UnsafeMutableBufferPointer(start: order.base, count: cellCount)
    unsafe list.sort()
  }

  // MARK: One tree against all larger ones

  mutating func encode(
    _ root: UInt32, _ forest: LaminarForest.View, offsets: UnsafePointer<UInt64>, targets: UnsafePointer<UInt32>,
    old: UnsafeBufferPointer<SignedEdge>, into result: EdgeList
  ) {
    var count = 0
    let begin = unsafe Int(forest.begin[Int(root)])
    for place in unsafe begin..<begin + Int(forest.size[Int(root)]) {
      let u = unsafe forest.leaves[place]
      let (low, high) = unsafe (Int(offsets[Int(u)]), Int(offsets[Int(u) + 1]))
      keys.reserve(count + high - low)
      ends.reserve(count + high - low)
      for arc in low..<high {
        let v = unsafe targets[arc]
        let other = unsafe forest.root[Int(v)]
        if other < root || (other == root && v < u) { continue }
        unsafe keys.base[count] = UInt64(other) << 32 | UInt64(count)
        unsafe ends.base[count] = (u, v)
        count += 1
      }
    }
    var sorted = unsafe UnsafeMutableBufferPointer(start: keys.base, count: count)
    unsafe sorted.sort()
    var low = 0
    var oldLow = 0
    while low < count {
      let other = unsafe UInt32(keys.base[low] >> 32)
      var high = low + 1
      while high < count, unsafe keys.base[high] >> 32 == UInt64(other) { high += 1 }
      while oldLow < old.count, unsafe forest.root[Int(old[oldLow].y)] < other { oldLow += 1 }
      var oldHigh = oldLow
      while oldHigh < old.count, unsafe forest.root[Int(old[oldHigh].y)] == other { oldHigh += 1 }
      let existing = unsafe UnsafeBufferPointer(rebasing: old[oldLow..<oldHigh])
      if existing.count <= 1 || !improve(root, other, low..<high, existing.count, forest, into: result) {
        unsafe result.append(existing.baseAddress!, existing.count)
      }
      oldLow = oldHigh
      low = high
    }
  }

  /// Appends a smaller encoding of the pair; false when there is none.
  private mutating func improve(
    _ r: UInt32, _ s: UInt32, _ range: Range<Int>, _ existing: Int, _ forest: LaminarForest.View,
    into result: EdgeList
  ) -> Bool {
    clear(expecting: range.count)
    for i in range {
      let (u, v) = unsafe ends.base[Int(keys.base[i] & 0xffff_ffff)]
      if r == s { insertInside(u, v, forest) } else { insertBetween(u, v, forest) }
      if cellCount > Self.maximumCells { return false }
    }
    sortKeys()
    for i in 0..<cellCount {
      guard let cell = unsafe find(order.base[i]) else { continue }
      if r == s { solveInside(cell, forest) } else { solveBetween(cell, forest) }
    }
    guard let top = find(Self.key(r, s)), unsafe Int(cells.base[top].result.0) < existing else { return false }
    found.truncate(to: 0)
    for i in stride(from: cellCount - 1, through: 0, by: -1) {
      guard let cell = unsafe find(order.base[i]) else { continue }
      trace(cell, isTop: cell == top, isInside: r == s, forest)
    }
    unsafe result.append(found.base, found.count)
    return true
  }

  private mutating func insertBetween(_ u: UInt32, _ v: UInt32, _ forest: LaminarForest.View) {
    var x = u
    while x < SummaryDraft.gone {
      var y = v
      while y < SummaryDraft.gone {
        let (cell, isNew) = insert(Self.key(x, y))
        if x == u, y == v { unsafe cells.base[cell].count = (1, 1) }
        if !isNew {
          if y == v { return }
          break
        }
        y = unsafe forest.parent[Int(y)]
      }
      x = unsafe forest.parent[Int(x)]
    }
  }

  private mutating func insertInside(_ u: UInt32, _ v: UInt32, _ forest: LaminarForest.View) {
    var x = u
    outer: while !forest.contains(x, v) {
      var y = v
      while !forest.contains(y, u) {
        let (cell, isNew) = insert(Self.key(max(x, y), min(x, y)))
        if x == u, y == v { unsafe cells.base[cell].count = (1, 1) }
        if !isNew {
          if y == v { break outer }
          break
        }
        y = unsafe forest.parent[Int(y)]
      }
      x = unsafe forest.parent[Int(x)]
    }
    while !forest.contains(x, v) { x = unsafe forest.parent[Int(x)] }
    while x < SummaryDraft.gone, insert(Self.key(x, x)).isNew { x = unsafe forest.parent[Int(x)] }
  }
}
