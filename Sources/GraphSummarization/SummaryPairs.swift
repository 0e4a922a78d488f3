import GraphStore
import MillRuntime

/// The pairs of the simple graph S in the order of the side streams, and the walks over them that write or read.
@safe struct SummaryPairs {
  /// A pair of neighbors: `later` stands further right among the leaves.
  struct Pair {
    let later: Int
    let earlier: Int
    /// The arc of S from the later to the earlier node, and back.
    let arc: Int
    let reversed: Int
  }

  let simple: CSRGraph
  let nodeCount: Int
  let pairCount: Int
  let offsets: UnsafePointer<UInt64>
  let targets: UnsafePointer<UInt32>
  private let order: UnsafePointer<UInt32>
  private let place: FlatBuffer<UInt32>
  /// A copy of 64-bit targets.
  private let copy: FlatBuffer<UInt32>?

  /// - Parameters:
  ///   - simple: Simple, undirected, fewer than 2^30 nodes; it stays alive with this value.
  ///   - order: The leaves from left to right; its memory must live as long.
  init(_ simple: CSRGraph, order: UnsafePointer<UInt32>) throws(MillError) {
    self.simple = simple
    unsafe self.order = order
    nodeCount = simple.nodeCount
    pairCount = simple.edgeCount
    place = try FlatBuffer<UInt32>(uninitializedCount: max(1, nodeCount))
    for i in 0..<nodeCount { unsafe place.base[Int(order[i])] = UInt32(i) }
    unsafe offsets = simple.offsets.base
    switch simple.targets {
    case .narrow(let narrow):
      copy = nil
      unsafe targets = narrow.base
    case .wide(let wide):
      let narrow = try FlatBuffer<UInt32>(uninitializedCount: max(1, wide.count))
      for arc in 0..<wide.count { unsafe narrow.base[arc] = UInt32(truncatingIfNeeded: wide[arc]) }
      copy = narrow
      unsafe targets = UnsafePointer(narrow.base)
    }
  }

  func arcs(of node: Int) -> Range<Int> { unsafe Int(offsets[node])..<Int(offsets[node + 1]) }
  func degree(_ node: Int) -> Int { unsafe Int(offsets[node + 1] - offsets[node]) }

  /// Visits every pair in canonical order.
  func forEach(_ body: (Pair) throws(MillError) -> Void) throws(MillError) {
    var list: [(place: UInt32, arc: Int)] = []
    for i in 0..<nodeCount {
      let x = unsafe Int(order[i])
      list.removeAll(keepingCapacity: true)
      for arc in arcs(of: x) where unsafe place.base[Int(targets[arc])] < UInt32(i) {
        unsafe list.append((place.base[Int(targets[arc])], arc))
      }
      list.sort { $0.place < $1.place }
      for entry in list {
        let y = unsafe Int(targets[entry.arc])
        try body(Pair(later: x, earlier: y, arc: entry.arc, reversed: arc(from: y, to: x)))
      }
    }
  }

  /// The same for work that cannot fail.
  func forEachPair(_ body: (Pair) -> Void) {
    do throws(MillError) {
      try forEach { pair throws(MillError) in body(pair) }
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// The arc of S from `x` to its neighbor `y`.
  func arc(from x: Int, to y: Int) -> Int {
    unsafe (Int(offsets[x])..<Int(offsets[x + 1])).partitionPoint { unsafe Int(targets[$0]) >= y }
  }

  // MARK: The streams

  private static func log2(_ value: Int) -> UInt32 { UInt32(Int.bitWidth - value.leadingZeroBitCount) }

  /// Self-loops of each node, from left to right.
  func codeLoops(_ loops: UnsafeMutablePointer<UInt32>, with coder: inout AdaptiveCoder) {
    var history: UInt32 = 0
    for i in 0..<nodeCount {
      let x = unsafe Int(order[i])
      let degree = Self.log2(self.degree(x))
      let contexts = AdaptiveCoder.Contexts(history & 15, degree, degree << 2 | history & 3, 0)
      let count = unsafe coder.codeNumber(Int(loops[x]), contexts, set: Int(min(15, degree)))
      unsafe loops[x] = UInt32(count)
      history = history << 1 | (count > 0 ? 1 : 0)
    }
  }

  /// What is known of the directions at a node so far.
  private struct Tally: BitwiseCopyable {
    var pairs: UInt32 = 0
    var both: UInt32 = 0
    var out: UInt32 = 0
    var last: UInt32 = 3

    /// The share of `count` in seven steps; 7 where nothing is known.
    private func share(_ count: UInt32, of total: UInt32) -> UInt32 {
      if total == 0 { return 7 }
      let percent = 100 * UInt64(count) / UInt64(total)
      switch percent {
      case 0: return 0
      case ...5: return 1
      case ...25: return 2
      case ...50: return 3
      case ...75: return 4
      case ...95: return 5
      default: return 6
      }
    }
    var bothShare: UInt32 { share(both, of: pairs) }
    var outShare: UInt32 { share(out, of: pairs &- both) }

    /// Takes in a pair: 0 for an arc to the later node, 1 for one to the earlier node, 2 for both.
    mutating func note(_ symbol: UInt32, isOut: Bool) {
      pairs &+= 1
      if symbol == 2 { both &+= 1 }
      if isOut { out &+= 1 }
      last = symbol
    }
  }

  /// Whether both arcs of a pair exist, and if not, whether the one from the later node does.
  ///
  /// - Parameter copies: For each arc of S 0 where the input lacks it; set to 0 and 1 when reading.
  func codeDirections(_ copies: UnsafeMutablePointer<UInt32>, with coder: inout AdaptiveCoder) {
    var tallies = [Tally](repeating: Tally(), count: nodeCount)
    var last: UInt32 = 3
    unsafe tallies.withUnsafeMutableBufferPointer { tallies in
      forEachPair { pair in
        let (x, y) = unsafe (tallies[pair.later], tallies[pair.earlier])
        let (shares, ends) = (x.bothShare << 3 | y.bothShare, last << 2 | y.last)
        let wanted = unsafe copies[pair.arc] > 0 && copies[pair.reversed] > 0
        let isBoth = coder.code(
          wanted ? 1 : 0,
          .init(shares, UInt32(pair.earlier), UInt32(pair.later) << 2 | last, ends << 6 | shares), set: Int(shares))
        let symbol: UInt32
        if isBoth == 1 {
          symbol = 2
        } else {
          let isAscending: UInt32 = pair.later < pair.earlier ? 1 : 0
          let outs = x.outShare << 4 | y.outShare << 1 | isAscending
          symbol = unsafe UInt32(
            coder.code(
              copies[pair.arc] > 0 ? 1 : 0,
              .init(
                1 << 20 | outs, 1 << 31 | UInt32(pair.earlier) << 1 | isAscending,
                1 << 31 | UInt32(pair.later) << 1 | isAscending, 1 << 20 | ends << 7 | outs),
              set: 64 + Int(outs & 127)))
        }
        if unsafe copies[pair.arc] == 0 || symbol == 0 { unsafe copies[pair.arc] = symbol == 0 ? 0 : 1 }
        if unsafe copies[pair.reversed] == 0 || symbol == 1 { unsafe copies[pair.reversed] = symbol == 1 ? 0 : 1 }
        unsafe tallies[pair.later].note(symbol, isOut: symbol == 1)
        unsafe tallies[pair.earlier].note(symbol, isOut: symbol == 0)
        last = symbol
      }
    }
  }

  /// Copies of each arc, of each pair in an undirected graph.
  func codeCopies(_ copies: UnsafeMutablePointer<UInt32>, isDirected: Bool, with coder: inout AdaptiveCoder) {
    var lastOf = [UInt32](repeating: 0, count: nodeCount)
    var history: UInt32 = 0
    unsafe lastOf.withUnsafeMutableBufferPointer { lastOf in
      forEachPair { pair in
        for arc in isDirected ? [pair.arc, pair.reversed] : [pair.arc] where unsafe copies[arc] > 0 {
          let degrees = Self.log2(degree(pair.later)) << 6 | Self.log2(degree(pair.earlier))
          let near = unsafe lastOf[pair.later] << 3 | lastOf[pair.earlier]
          let more = unsafe coder.codeNumber(
            Int(copies[arc]) - 1, .init(0, history & 63, near, degrees), set: Int(history & 7))
          unsafe copies[arc] = UInt32(more + 1)
          let seen = UInt32(min(7, more))
          history = history << 3 | seen
          unsafe lastOf[pair.later] = seen
          unsafe lastOf[pair.earlier] = seen
        }
        if !isDirected { unsafe copies[pair.reversed] = unsafe copies[pair.arc] }
      }
    }
  }
}
