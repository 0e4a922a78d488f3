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

  @usableFromInline package func pieces(_ node: Int, isBrief: Bool) -> PackedPieces {
    let (block, index) = (block(node &>> 6), UInt64(truncatingIfNeeded: node & 63))
    let arc = arc(block, index)
    return unsafe PackedPieces(
      list: bytes + byte(block, index), node: node, arc: arc, count: self.arc(block, index &+ 1) &- arc,
      isBrief: isBrief, step: step, unpack: unpack)
  }

  @usableFromInline package func ownPieces(_ node: Int) -> PackedPieces { pieces(node, isBrief: false) }

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

/// A packed list that is being read.
@safe @usableFromInline package struct PackedPieces: RowPieces {
  /// Groups that are decoded at once. The first piece has one less, and the first target, which is in none; a brief one
  /// has that target alone, and the next ones 1, 2, 4 … groups.
  private static let groups = 16
  @inlinable package static var room: Int { 128 }

  @usableFromInline package let arc: Int
  private var widths: UnsafePointer<UInt8>
  private var gaps: UnsafePointer<UInt8>
  /// Targets that are left.
  @usableFromInline var count: Int
  private var wanted: Int
  /// The target before the next group of gaps; `isStarted` says whether it was handed out.
  private var last: UInt32
  private var isStarted = false
  private let step: UInt32
  private let unpack: PackedRows.Unpack

  init(
    list: UnsafePointer<UInt8>, node: Int, arc: Int, count: Int, isBrief: Bool, step: UInt32, unpack: PackedRows.Unpack
  ) {
    self.arc = arc
    self.count = count
    self.step = step
    unsafe self.unpack = unpack
    wanted = isBrief ? 0 : Self.groups &- 1
    unsafe widths = list
    // Of an empty list these are bytes of the next one, or of the padding.
    let shape = unsafe Int(truncatingIfNeeded: list[0] &>> 6)
    let first = unsafe list + max(1, (count &+ 6) &>> 3)
    let zigzag =
      unsafe UnsafeRawPointer(first).loadUnaligned(as: UInt32.self)
      & (UInt32.max &>> UInt32(truncatingIfNeeded: 24 &- 8 &* shape))
    last = UInt32(truncatingIfNeeded: node) &+ ((zigzag &>> 1) ^ (0 &- (zigzag & 1)))
    unsafe gaps = first + (shape &+ 1)
  }

  @inlinable package var isAtEnd: Bool { count == 0 }

  @usableFromInline package mutating func next(
    _ room: UnsafeMutableBufferPointer<UInt32>
  ) -> (targets: UnsafePointer<UInt32>, count: Int) {
    let numbers = unsafe room.baseAddress.unsafelyUnwrapped
    var place = 0
    if !isStarted {
      unsafe numbers[0] = last
      place = 1
      isStarted = true
    }
    let groups = min(wanted, (count &- place &+ 7) &>> 3)
    if groups > 0 {
      unsafe gaps = unpack(widths, gaps, groups, last, step, numbers + place)
      unsafe widths += groups
    }
    wanted = wanted == 0 ? 1 : min(Self.groups, 2 &* wanted)
    let found = min(count, place &+ 8 &* groups)
    count &-= found
    if count > 0 { unsafe last = numbers[found &- 1] }
    return unsafe (UnsafePointer(numbers), found)
  }
}
