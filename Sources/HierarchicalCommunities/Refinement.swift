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

  let graph: CommunityGraph
  let groups: Int
  let isDegreeCorrected: Bool
  let threads: Int
  /// The groups that a node of each group may go to: a range, since groups of one parent are neighbours.
  let candidates: [Range<Int>]

  private(set) var labels: FlatBuffer<UInt16>
  private var next: FlatBuffer<UInt16>
  private var sizes: [Int]
  private var volumes: [Int]
  /// Ordered pairs of linked nodes between groups: twice the edges inside.
  private var arcs: [Int]
  /// The objective of each round's labels, the first before any move.
  private(set) var objectives: [Double] = []

  /// - Parameter candidates: nil for all groups.
  init(
    _ graph: CommunityGraph, labels start: [Int32], groups: Int, candidates: [Range<Int>]? = nil,
    isDegreeCorrected: Bool,
    threads: Int
  ) throws(MillError) {
    self.graph = graph
    self.groups = groups
    self.isDegreeCorrected = isDegreeCorrected
    self.threads = threads
    self.candidates = candidates ?? [Range<Int>](repeating: 0..<groups, count: groups)
    labels = try FlatBuffer(uninitializedCount: graph.nodeCount)
    next = try FlatBuffer(uninitializedCount: graph.nodeCount)
    for (i, label) in start.enumerated() { labels.base[i] = label < 0 ? Self.none : UInt16(label) }
    (sizes, volumes, arcs) = ([], [], [])
    try count()
  }

  /// Runs rounds until hardly any node moves, and keeps the best labels.
  mutating func run(_ context: RunContext) throws(MillError) {
    let n = graph.nodeCount
    guard groups > 1, n > 0 else { return }
    objectives = [objective]
    var best = objectives[0]
    let bestLabels = try FlatBuffer<UInt16>(uninitializedCount: n)
    bestLabels.base.update(from: labels.base, count: n)
    for _ in 0..<Self.rounds {
      try context.checkCancelled()
      let moved = score()
      if moved.isEmpty { break }
      guard try accept(moved) else { break }
      let now = objective
      objectives.append(now)
      if now > best {
        best = now
        bestLabels.base.update(from: labels.base, count: n)
      }
      if moved.count * 5000 <= n { break }
    }
    labels = bestLabels
  }

  /// Gives every node without a label the best of its candidates.
  ///
  /// - Parameter choices: The candidates of each node without label.
  mutating func place(_ choices: (Int) -> Range<Int>) throws(MillError) {
    let n = graph.nodeCount
    let open = (0..<n).filter { labels.base[$0] == Self.none }
    guard !open.isEmpty else { return }
    let table = scoreTable()
    let width = groups
    let scratch = Scratch(groups: groups)
    var decided: [UInt16] = []
    for i in open {
      decided.append(UInt16(Self.best(of: choices(i), node: i, graph, labels.base, table, width, scratch, current: -1)))
    }
    for (i, label) in zip(open, decided) { labels.base[i] = label }
    try count()
  }

  /// Labels as the rest of the module has them.
  var result: [Int32] { labels.elements.map { Int32($0) } }

  /// Fills `next`; returns the nodes that would move, ascending.
  private func score() -> [Int] {
    let n = graph.nodeCount
    let table = scoreTable()
    let chunks = Parallel.chunkCount(n, size: Self.chunkNodes)
    let movers = [[Int32]](repeating: [], count: chunks)
    var result: [Int] = []
    let slots = UnsafeMutablePointer<[Int32]>.allocate(capacity: max(1, chunks))
    slots.initialize(from: movers, count: chunks)
    defer {
      slots.deinitialize(count: chunks)
      slots.deallocate()
    }
    let scratches = (0..<max(1, threads)).map { _ in Scratch(groups: groups) }
    let (labels, next) = (labels.base, next.base)
    let width = groups
    candidates.withUnsafeBufferPointer { candidates in
      Parallel.forEach(chunks, threads: threads) { chunk, worker in
        var moved: [Int32] = []
        let scratch = scratches[worker]
        for i in Parallel.range(ofChunk: chunk, size: Self.chunkNodes, count: n) {
          let label = labels[i]
          let range = candidates[Int(label)]
          next[i] = label
          if range.count < 2 { continue }
          let best = Self.best(of: range, node: i, graph, labels, table, width, scratch, current: Int(label))
          if best != Int(label) {
            next[i] = UInt16(best)
            moved.append(Int32(truncatingIfNeeded: i))
          }
        }
        slots[chunk] = moved
      }
    }
    for chunk in 0..<chunks { result += slots[chunk].lazy.map { Int(UInt32(bitPattern: $0)) } }
    return result
  }

  /// Working memory of a thread.
  private final class Scratch: @unchecked Sendable {
    let counts: UnsafeMutablePointer<Int32>
    let touched: UnsafeMutablePointer<UInt16>
    let scores: UnsafeMutablePointer<Double>

    init(groups: Int) {
      counts = .allocate(capacity: groups + 1)
      counts.initialize(repeating: 0, count: groups + 1)
      touched = .allocate(capacity: groups + 1)
      scores = .allocate(capacity: groups + 1)
    }

    deinit {
      counts.deallocate()
      touched.deallocate()
      scores.deallocate()
    }
  }

  /// What scores are made of.
  private final class ScoreTable: @unchecked Sendable {
    /// ln P of each pair of groups, row-major.
    let logs: UnsafeMutablePointer<Double>
    /// The expected number of links of a node of each group.
    let constants: UnsafeMutablePointer<Double>
    /// P of each pair, symmetric; 0 with degree correction.
    let densities: UnsafeMutablePointer<Double>

    init(groups k: Int) {
      logs = .allocate(capacity: k * k + 1)
      densities = .allocate(capacity: k * k + 1)
      densities.initialize(repeating: 0, count: k * k + 1)
      constants = .allocate(capacity: k + 1)
      constants.initialize(repeating: 0, count: k + 1)
    }

    deinit {
      logs.deallocate()
      densities.deallocate()
      constants.deallocate()
    }
  }

  private func scoreTable() -> ScoreTable {
    let k = groups
    let table = ScoreTable(groups: k)
    for a in 0..<k {
      for b in 0..<k {
        let density = rate(a, b)
        table.logs[a * k + b] = Logarithm.natural(max(density, 1e-12))
        if !isDegreeCorrected {
          table.densities[a * k + b] = density
          table.constants[a] += Double(sizes[b]) * density
        }
      }
    }
    return table
  }

  /// Density between two groups; with degree correction edges over the product of volumes.
  private func rate(_ a: Int, _ b: Int) -> Double {
    let edges = Double(arcs[a * groups + b])
    if isDegreeCorrected {
      return edges / max(1, Double(volumes[a]) * Double(volumes[b]))
    }
    let pairs = a == b ? Double(sizes[a]) * Double(sizes[a] - 1) : Double(sizes[a]) * Double(sizes[b])
    return edges / max(1, pairs)
  }

  @inline(__always) private static func best(
    of range: Range<Int>, node: Int, _ graph: CommunityGraph, _ labels: UnsafeMutablePointer<UInt16>,
    _ table: ScoreTable, _ k: Int, _ scratch: Scratch, current: Int
  ) -> Int {
    let (counts, touched, scores) = (scratch.counts, scratch.touched, scratch.scores)
    for e in Int(graph.offsets[node])..<Int(graph.offsets[node &+ 1]) {
      let label = labels[Int(graph.targets[e])]
      if label != none { counts[Int(label)] &+= 1 }
    }
    var touchedCount = 0
    for b in 0..<k where counts[b] > 0 {
      touched[touchedCount] = UInt16(truncatingIfNeeded: b)
      touchedCount &+= 1
    }
    let (low, width) = (range.lowerBound, range.count)
    for a in 0..<width { scores[a] = 0 }
    for t in 0..<touchedCount {
      let b = Int(touched[t])
      let times = Double(counts[b])
      counts[b] = 0
      let row = table.logs + (b &* k &+ low)
      for a in 0..<width { scores[a] += times * row[a] }
    }
    let constants = table.constants + low
    for a in 0..<width { scores[a] -= constants[a] }
    var best = current
    var bestScore = -Double.infinity
    if current >= 0 {
      // The node itself is not among those that it could be linked to.
      let own = table.densities + (current &* k &+ low)
      for a in 0..<width { scores[a] += own[a] }
      bestScore = scores[current &- low]
    }
    for a in 0..<width where scores[a] > bestScore { (best, bestScore) = (low &+ a, scores[a]) }
    return best
  }

  /// Takes the moves over unless a group would become empty.
  private mutating func accept(_ moved: [Int]) throws(MillError) -> Bool {
    var after = sizes
    for i in moved {
      after[Int(labels.base[i])] -= 1
      after[Int(next.base[i])] += 1
    }
    guard !zip(sizes, after).contains(where: { $0 > 0 && $1 == 0 }) else { return false }
    if moved.count * 4 > graph.nodeCount {
      swap(&labels, &next)
      try count()
      return true
    }
    let k = groups
    for i in moved {
      let (old, new) = (Int(labels.base[i]), Int(next.base[i]))
      let degree = Int(graph.offsets[i + 1] - graph.offsets[i])
      volumes[old] -= degree
      volumes[new] += degree
      for e in Int(graph.offsets[i])..<Int(graph.offsets[i + 1]) {
        let other = Int(labels.base[Int(graph.targets[e])])
        arcs[old * k + other] -= 1
        arcs[other * k + old] -= 1
        arcs[new * k + other] += 1
        arcs[other * k + new] += 1
      }
      labels.base[i] = UInt16(new)
    }
    sizes = after
    return true
  }

  private mutating func count() throws(MillError) {
    let plain = labels.elements.map { $0 == Self.none ? Int32(-1) : Int32($0) }
    let links = try GroupLinks(graph, labels: plain, count: groups, usesWeights: false, threads: threads)
    sizes = links.sizes
    arcs = links.links.map { Int($0) }
    for a in 0..<groups { arcs[a * groups + a] *= 2 }
    volumes = [Int](repeating: 0, count: groups)
    for i in 0..<graph.nodeCount where plain[i] >= 0 {
      volumes[Int(plain[i])] += Int(graph.offsets[i + 1] - graph.offsets[i])
    }
  }

  /// The logarithm of the profile likelihood, up to a constant.
  private var objective: Double {
    var sum = 0.0
    for a in 0..<groups {
      for b in 0..<groups {
        let edges = Double(arcs[a * groups + b])
        guard edges > 0 else { continue }
        let density = rate(a, b)
        sum += edges * Logarithm.natural(max(density, 1e-300)) / 2
      }
    }
    // The expected numbers of edges add up to the edges themselves in both models, a constant.
    return sum
  }
}
