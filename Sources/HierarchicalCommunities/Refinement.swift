import CMillKernels
import GraphStore
import MillRuntime

/// Moves nodes between groups to raise the likelihood of a block model, all at once, round by round.
///
/// Plain: each pair of groups has a density. Degree-corrected: a pair of nodes is linked in proportion to both degrees
/// (Karrer, Newman, Physical Review E 83, 2011). Works on the 0/1 graph.
struct Refinement: @unchecked Sendable {
  static let rounds = 10
  static let chunkNodes = 4096
  /// Label of a node that has none yet.
  static let none = UInt16.max
  /// Groups at most: tables of their pairs are held.
  static let largestCount = 2048
  /// Counts of neighbors by group up to which they are kept from round to round.
  private static let keptCounts = 1 << 25

  let graph: CommunityGraph
  let groups: Int
  let isDegreeCorrected: Bool
  let threads: Int
  /// The groups that a node of each group may go to: a range, since groups of one parent are neighbors.
  let candidates: [Range<Int>]

  private(set) var labels: FlatBuffer<UInt16>
  private var next: FlatBuffer<UInt16>
  private var sizes: [Int]
  private var volumes: [Int]
  /// Entries a row of all tables.
  private let stride: Int
  /// Ordered pairs of linked nodes between groups, `stride` entries a row: twice the edges inside.
  private var arcs: [Int]
  /// Neighbors of each node in each group; nil where that is too much to keep.
  private let counts: FlatBuffer<UInt32>?
  /// The same of one chunk of nodes, one for each thread.
  private let scratch: FlatBuffer<UInt32>?
  /// The objective of each round's labels, the first before any move.
  private(set) var objectives: [Double] = []

  /// - Parameter candidates: nil for all groups.
  /// - Precondition: At most ``largestCount`` groups.
  init(
    _ graph: CommunityGraph, labels start: [Int32], groups: Int, candidates: [Range<Int>]? = nil,
    isDegreeCorrected: Bool,
    threads: Int
  ) throws(MillError) {
    precondition(groups <= Self.largestCount)
    self.graph = graph
    self.groups = groups
    self.isDegreeCorrected = isDegreeCorrected
    self.threads = threads
    self.candidates = candidates ?? [Range<Int>](repeating: 0..<groups, count: groups)
    let n = graph.nodeCount
    stride = max(8, (groups + 7) / 8 * 8)
    labels = try FlatBuffer(uninitializedCount: n)
    next = try FlatBuffer(uninitializedCount: n)
    let isKept = n <= Self.keptCounts / stride
    counts = isKept ? try FlatBuffer(uninitializedCount: n * stride) : nil
    scratch = isKept ? nil : try FlatBuffer(uninitializedCount: max(1, threads) * Self.chunkNodes * stride)
    for (i, label) in start.enumerated() { unsafe labels.base[i] = label < 0 ? Self.none : UInt16(label) }
    (sizes, volumes, arcs) = ([], [], [])
    count()
  }

  /// Runs rounds until hardly any node moves, and keeps the best labels.
  mutating func run(_ context: RunContext) throws(MillError) {
    let n = graph.nodeCount
    guard groups > 1, n > 0 else { return }
    objectives = [objective]
    var best = objectives[0]
    let bestLabels = try FlatBuffer<UInt16>(uninitializedCount: n)
    unsafe bestLabels.base.update(from: labels.base, count: n)
    for _ in 0..<Self.rounds {
      try context.checkCancelled()
      let moved = score()
      context.progress?.advance(by: n)
      if moved.isEmpty { break }
      guard accept(moved) else { break }
      let now = objective
      objectives.append(now)
      if now > best {
        best = now
        unsafe bestLabels.base.update(from: labels.base, count: n)
      }
      if moved.count * 5000 <= n { break }
    }
    labels = bestLabels
  }

  /// Gives every node without a label the best of its candidates.
  ///
  /// - Parameter choices: The candidates of each node without label.
  mutating func place(_ choices: (Int) -> Range<Int>) {
    let open = (0..<graph.nodeCount).filter { unsafe labels.base[$0] == Self.none }
    guard !open.isEmpty else { return }
    let table = scoreTable()
    var neighbors = [Int](repeating: 0, count: groups)
    let decided = open.map { node in
      for e in unsafe Int(graph.offsets[node])..<Int(graph.offsets[node + 1]) {
        let label = unsafe labels.base[Int(graph.targets[e])]
        if label != Self.none { neighbors[Int(label)] += 1 }
      }
      var (best, bestScore) = (-1, -Double.infinity)
      for a in choices(node) {
        var score = 0.0
        for b in 0..<groups where neighbors[b] > 0 { unsafe score += Double(neighbors[b]) * table.logs[b * stride + a] }
        unsafe score -= table.constants[a]
        if score > bestScore { (best, bestScore) = (a, score) }
      }
      for b in 0..<groups { neighbors[b] = 0 }
      return UInt16(best)
    }
    for (i, label) in zip(open, decided) { unsafe labels.base[i] = label }
    count()
  }

  /// Labels as the rest of the module has them.
  var result: [Int32] { unsafe labels.elements.map { Int32($0) } }

  /// Fills `next`; returns the nodes that would move, ascending.
  private func score() -> [Int] {
    let n = graph.nodeCount
    let table = scoreTable()
    let chunks = Parallel.chunkCount(n, size: Self.chunkNodes)
    var moved = [[Int]](repeating: [], count: chunks)
    let ranges = candidates.flatMap { [Int32($0.lowerBound), Int32($0.upperBound)] }
    let (labels, next, stride, groups) = unsafe (labels.base, next.base, stride, groups)
    unsafe moved.withUnsafeMutableBufferPointer { moved in
      unsafe ranges.withUnsafeBufferPointer { ranges in
        let (moved, ranges) = (moved.baseAddress, ranges.baseAddress!)
        Parallel.forEachRange(of: n, size: Self.chunkNodes, threads: threads) { rows, worker in
          let at = rows.lowerBound
          var counts = unsafe self.counts.map { unsafe $0.base + at * stride }
          if unsafe counts == nil {
            unsafe counts = scratch!.base + worker * Self.chunkNodes * stride
            unsafe mill_count_groups(
              graph.offsets, graph.targets, Int64(at), Int64(rows.upperBound), labels, Int64(stride), counts, nil)
          }
          unsafe mill_best_groups(
            counts, Int64(rows.count), Int64(stride), Int64(groups), labels + at, next + at, ranges, table.logs,
            table.constants, table.densities)
          unsafe moved![at / Self.chunkNodes] = rows.filter { unsafe next[$0] != labels[$0] }
        }
      }
    }
    return moved.flatMap { $0 }
  }

  /// What scores are made of.
  @safe private final class ScoreTable: @unchecked Sendable {
    /// ln P of each pair of groups, row-major.
    let logs: UnsafeMutablePointer<Double>
    /// The expected number of links of a node of each group.
    let constants: UnsafeMutablePointer<Double>
    /// P of each pair, symmetric; 0 with degree correction.
    let densities: UnsafeMutablePointer<Double>

    init(groups k: Int, stride: Int) {
      unsafe logs = .allocate(capacity: k * stride)
      unsafe logs.initialize(repeating: 0, count: k * stride)
      unsafe densities = .allocate(capacity: k * stride)
      unsafe densities.initialize(repeating: 0, count: k * stride)
      unsafe constants = .allocate(capacity: stride)
      unsafe constants.initialize(repeating: 0, count: stride)
    }

    deinit {
      unsafe logs.deallocate()
      unsafe densities.deallocate()
      unsafe constants.deallocate()
    }
  }

  private func scoreTable() -> ScoreTable {
    let table = ScoreTable(groups: groups, stride: stride)
    for a in 0..<groups {
      for b in 0..<groups {
        let density = rate(a, b)
        unsafe table.logs[a * stride + b] = Logarithm.natural(max(density, 1e-12))
        if !isDegreeCorrected {
          unsafe table.densities[a * stride + b] = density
          unsafe table.constants[a] += Double(sizes[b]) * density
        }
      }
    }
    return table
  }

  /// Density between two groups; with degree correction edges over the product of volumes.
  private func rate(_ a: Int, _ b: Int) -> Double {
    let edges = Double(arcs[a * stride + b])
    if isDegreeCorrected {
      return edges / max(1, Double(volumes[a]) * Double(volumes[b]))
    }
    let pairs = a == b ? Double(sizes[a]) * Double(sizes[a] - 1) : Double(sizes[a]) * Double(sizes[b])
    return edges / max(1, pairs)
  }

  /// Takes the moves over unless a group would become empty.
  private mutating func accept(_ moved: [Int]) -> Bool {
    var after = sizes
    for i in moved {
      unsafe after[Int(labels.base[i])] -= 1
      unsafe after[Int(next.base[i])] += 1
    }
    guard !zip(sizes, after).contains(where: { $0 > 0 && $1 == 0 }) else { return false }
    if moved.count * 4 > graph.nodeCount {
      swap(&labels, &next)
      count()
      return true
    }
    let counts = unsafe counts?.base
    for i in moved {
      let (old, new) = unsafe (Int(labels.base[i]), Int(next.base[i]))
      let degree = unsafe Int(graph.offsets[i + 1] - graph.offsets[i])
      volumes[old] -= degree
      volumes[new] += degree
      for e in unsafe Int(graph.offsets[i])..<Int(graph.offsets[i + 1]) {
        let neighbor = unsafe Int(graph.targets[e])
        let other = unsafe Int(labels.base[neighbor])
        arcs[old * stride + other] -= 1
        arcs[other * stride + old] -= 1
        arcs[new * stride + other] += 1
        arcs[other * stride + new] += 1
        if let counts = unsafe counts {
          unsafe counts[neighbor * stride + old] -= 1
          unsafe counts[neighbor * stride + new] += 1
        }
      }
      unsafe labels.base[i] = UInt16(new)
    }
    sizes = after
    return true
  }

  /// Counts sizes, volumes and links anew.
  private mutating func count() {
    let n = graph.nodeCount
    let labels = unsafe labels.base
    sizes = [Int](repeating: 0, count: groups)
    volumes = [Int](repeating: 0, count: groups)
    for i in 0..<n where unsafe labels[i] != Self.none {
      unsafe sizes[Int(labels[i])] += 1
      unsafe volumes[Int(labels[i])] += Int(graph.offsets[i + 1] - graph.offsets[i])
    }
    let (stride, width) = (stride, groups * stride)
    // Integers: the order in which threads add them up does not matter.
    var sums = [UInt64](repeating: 0, count: max(1, threads) * width)
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      let sums = sums.baseAddress!
      Parallel.forEachRange(of: n, size: Self.chunkNodes, threads: threads) { rows, worker in
        let counts =
          unsafe self.counts.map { unsafe $0.base + rows.lowerBound * stride } ?? scratch!.base + worker
          * Self.chunkNodes * stride
        unsafe mill_count_groups(
          graph.offsets, graph.targets, Int64(rows.lowerBound), Int64(rows.upperBound), labels, Int64(stride), counts,
          sums + worker * width)
      }
    }
    arcs = (0..<width).map { cell in
      var sum = 0
      for worker in 0..<max(1, threads) { sum += Int(sums[worker * width + cell]) }
      return sum
    }
  }

  /// The logarithm of the profile likelihood, up to a constant.
  private var objective: Double {
    var sum = 0.0
    for a in 0..<groups {
      for b in 0..<groups {
        let edges = Double(arcs[a * stride + b])
        guard edges > 0 else { continue }
        let density = rate(a, b)
        sum += edges * Logarithm.natural(max(density, 1e-300)) / 2
      }
    }
    // The expected numbers of edges add up to the edges themselves in both models, a constant.
    return sum
  }
}
