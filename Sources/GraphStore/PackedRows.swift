internal import CMillKernels
public import MillRuntime

/// The neighbor lists of a graph as packed bytes, decoded in pieces where they are read; see ``PackedLists`` for the bytes.
///
/// Valid as long as the lists live, which were found sound. Nothing is checked.
@safe @usableFromInline package struct PackedRows: RowSource, @unchecked Sendable {
  @usableFromInline package let nodeCount: Int
  @usableFromInline package let arcCount: Int
  @usableFromInline let starts: UnsafeRawPointer
  @usableFromInline let bytes: UnsafePointer<UInt8>
  @usableFromInline let step: UInt32
  @usableFromInline let unpack: Unpack
  @usableFromInline package let weights: UnsafePointer<Double>?
  @usableFromInline package let isDirected: Bool
  @usableFromInline package let hasLoops: Bool
  @usableFromInline package let loopCount: Int
  @usableFromInline package let cuts: [Int]
  @usableFromInline package let context: RunContext

  /// Writes the numbers of groups of gaps; `mill_unpack` of the kernels in C.
  @usableFromInline package typealias Unpack =
    @convention(c) (
      _ widths: UnsafePointer<UInt8>, _ bytes: UnsafePointer<UInt8>, _ groups: Int, _ last: UInt32, _ step: UInt32,
      _ numbers: UnsafeMutablePointer<UInt32>
    ) -> UnsafePointer<UInt8>

  /// Widths up to here are shifted out of 32 bits; those above are stored as 32.
  static let maximumShiftedWidth = 25
  /// Groups that are decoded at once.
  @inlinable static var pieceGroups: Int { 16 }
  /// Numbers of a piece at most; the first piece has one group less and the first target.
  @inlinable static var pieceRoom: Int { 128 }

  init(
    _ lists: PackedLists, weights: SharedArray<Double>?, isDirected: Bool, hasLoops: Bool, loopCount: Int, cuts: [Int],
    context: RunContext
  ) {
    nodeCount = lists.nodeCount
    arcCount = lists.arcCount
    unsafe starts = UnsafeRawPointer(lists.starts.base)
    unsafe bytes = lists.bytes.base
    step = lists.step
    unsafe unpack = mill_unpack_best()
    unsafe self.weights = weights?.base
    self.isDirected = isDirected
    self.hasLoops = hasLoops
    self.loopCount = loopCount
    self.cuts = cuts
    self.context = context
  }

  /// Where records of starts lie.
  @usableFromInline struct Block {
    @usableFromInline let firstArc: UInt64
    @usableFromInline let firstByte: UInt64
    @usableFromInline let layout: UInt64

    @inlinable init(firstArc: UInt64, firstByte: UInt64, layout: UInt64) {
      (self.firstArc, self.firstByte, self.layout) = (firstArc, firstByte, layout)
    }

    @inlinable var arcWidth: UInt64 { layout & 63 }
    @inlinable var byteWidth: UInt64 { layout &>> 6 & 63 }
    /// The first bit of record `index`.
    @inlinable func bit(_ index: UInt64) -> UInt64 { (layout &>> 12) &<< 3 &+ index &* (arcWidth &+ byteWidth) }
  }

  @inlinable @inline(__always) func block(_ number: Int) -> Block {
    let entry = unsafe starts + 24 &* number
    return unsafe Block(
      firstArc: entry.loadUnaligned(as: UInt64.self),
      firstByte: entry.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
      layout: entry.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
  }

  @inlinable @inline(__always) func bits(_ bit: UInt64, _ width: UInt64) -> UInt64 {
    let word = unsafe starts.loadUnaligned(fromByteOffset: Int(truncatingIfNeeded: bit &>> 3), as: UInt64.self)
    return word &>> (bit & 7) & ((1 &<< width) &- 1)
  }

  @inlinable @inline(__always) func arc(_ block: Block, _ index: UInt64) -> Int {
    Int(truncatingIfNeeded: block.firstArc &+ bits(block.bit(index), block.arcWidth))
  }

  @inlinable @inline(__always) func byte(_ block: Block, _ index: UInt64) -> Int {
    Int(truncatingIfNeeded: block.firstByte &+ bits(block.bit(index) &+ block.arcWidth, block.byteWidth))
  }

  @inlinable @inline(__always) package func begin(_ node: Int) -> Int {
    node < nodeCount ? arc(block(node &>> 6), UInt64(truncatingIfNeeded: node & 63)) : arcCount
  }

  @inlinable @inline(__always) package func end(_ node: Int) -> Int {
    arc(block(node &>> 6), UInt64(truncatingIfNeeded: node & 63) &+ 1)
  }

  @inlinable @inline(__always) package func degree(_ node: Int) -> Int {
    let (block, index) = (block(node &>> 6), UInt64(truncatingIfNeeded: node & 63))
    return arc(block, index &+ 1) &- arc(block, index)
  }

  @inlinable @inline(__always) package func forEachPiece(
    _ node: Int, isBrief: Bool, _ body: (_ targets: UnsafePointer<UInt32>, _ arc: Int, _ count: Int) -> Bool
  ) {
    let (block, index) = (block(node &>> 6), UInt64(truncatingIfNeeded: node & 63))
    var arc = arc(block, index)
    let end = self.arc(block, index &+ 1)
    guard arc < end else { return }
    var widths = unsafe bytes + byte(block, index)
    // Groups that are not decoded yet; the first target is in none.
    var groups = (end &- arc &+ 6) &>> 3
    let shape = unsafe UInt32(truncatingIfNeeded: widths[0] &>> 6)
    var gaps = unsafe widths + max(1, groups)
    let zigzag = unsafe UnsafeRawPointer(gaps).loadUnaligned(as: UInt32.self) & (UInt32.max &>> (24 &- 8 &* shape))
    let first = UInt32(truncatingIfNeeded: node) &+ ((zigzag &>> 1) ^ (0 &- (zigzag & 1)))
    unsafe gaps += Int(truncatingIfNeeded: shape) &+ 1
    unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.pieceRoom) { room in
      let numbers = unsafe room.baseAddress.unsafelyUnwrapped
      unsafe numbers[0] = first
      var last = first
      var old = 1
      var wanted = isBrief ? 1 : Self.pieceGroups &- 1
      while true {
        let now = min(wanted, groups)
        if now > 0 { unsafe gaps = unpack(widths, gaps, now, last, step, numbers + old) }
        let count = min(end &- arc, old &+ 8 &* now)
        if !(unsafe body(numbers, arc, count)) { return }
        arc &+= count
        if arc >= end { return }
        unsafe last = numbers[count &- 1]
        unsafe widths += now
        groups &-= now
        old = 0
        wanted = min(Self.pieceGroups, 2 &* wanted)
      }
    }
  }

  @inlinable @inline(__always) package func forEachPiece(
    of nodes: Range<Int>, _ body: (_ targets: UnsafePointer<UInt32>, _ arc: Int, _ count: Int) -> Void
  ) {
    for node in nodes {
      unsafe forEachPiece(node, isBrief: false) { targets, arc, count in
        unsafe body(targets, arc, count)
        return true
      }
    }
  }

  @inlinable @inline(__always) package func forEachOwnPiece(
    _ node: Int, _ body: (_ targets: UnsafePointer<UInt32>, _ arc: Int, _ count: Int) -> Void
  ) {
    unsafe forEachPiece(node, isBrief: false) { targets, arc, count in
      var own = 0
      if !isDirected {
        if unsafe targets[count &- 1] <= node { return true }
        while unsafe targets[own] <= node { own &+= 1 }
      }
      unsafe body(targets + own, arc &+ own, count &- own)
      return true
    }
  }

  @inlinable package func target(of node: Int, at index: Int) -> Int {
    var passed = index
    var found = 0
    unsafe forEachPiece(node, isBrief: index < 9) { targets, _, count in
      if passed < count {
        found = unsafe Int(truncatingIfNeeded: targets[passed])
        return false
      }
      passed &-= count
      return true
    }
    return found
  }

  @inlinable package func firstArc(of node: Int, notBelow wanted: Int) -> Int {
    var place = begin(node)
    unsafe forEachPiece(node, isBrief: false) { targets, arc, count in
      let below = (0..<count).partitionPoint { unsafe Int(truncatingIfNeeded: targets[$0]) >= wanted }
      place = arc &+ below
      return below == count
    }
    return place
  }

  @usableFromInline package func incoming(of graph: StoredGraph) -> PackedRows? {
    if case .packed(let graph) = graph { graph.incomingRows(self) } else { nil }
  }
}
