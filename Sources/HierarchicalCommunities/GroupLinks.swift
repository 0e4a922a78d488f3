public import GraphStore
public import MillRuntime

/// Edges between and inside groups of nodes, as integers: a sparse symmetric matrix, whose memory grows with the pairs of
/// groups that have edges.
public struct GroupLinks: Sendable, Equatable {
  /// Nodes of each group.
  public let sizes: [Int]
  /// Edges (or their weight) inside each group; each edge counts once.
  public let inside: [UInt64]
  /// An integer of 1 means this weight.
  public let unit: Double
  /// Row a is `others[offsets[a]..<offsets[a + 1]]`: the groups that a has edges with, ascending, without a itself.
  let offsets: [Int]
  let others: [Int32]
  let weights: [UInt64]

  /// The number of groups, K.
  public var count: Int { sizes.count }

  /// Counts from elsewhere, as a full table.
  ///
  /// - Parameters:
  ///   - sizes: Nodes of each group, shape `[K]`.
  ///   - links: Row-major of shape `[K][K]`, symmetric; on the diagonal each edge counts once.
  ///   - unit: An integer of 1 means this weight.
  /// - Precondition: `links` is K times K and symmetric.
  public init(sizes: [Int], links: [UInt64], unit: Double = 1) {
    let k = sizes.count
    precondition(links.count == k * k)
    var builder = GroupLinkRows(groups: k)
    for a in 0..<k {
      for b in 0..<k where b != a && links[a * k + b] > 0 { builder.append(Int32(b), links[a * k + b]) }
      builder.endRow()
    }
    self.init(sizes: sizes, inside: (0..<k).map { links[$0 * k + $0] }, rows: builder, unit: unit)
  }

  init(sizes: [Int], inside: [UInt64], rows: GroupLinkRows, unit: Double) {
    self.sizes = sizes
    self.inside = inside
    self.unit = unit
    (offsets, others, weights) = (rows.offsets, rows.others, rows.weights)
  }

  private init(
    sizes: [Int], inside: [UInt64], offsets: [Int], others: [Int32], weights: [UInt64], unit: Double
  ) {
    self.sizes = sizes
    self.inside = inside
    self.unit = unit
    (self.offsets, self.others, self.weights) = (offsets, others, weights)
  }

  /// The places of a group's entries in ``others`` and ``weights``.
  func row(_ a: Int) -> Range<Int> { offsets[a]..<offsets[a + 1] }

  /// Edges (or their weight) between two groups, or inside one, in units of ``unit``.
  ///
  /// - Complexity: O(log of the groups that `a` has edges with).
  public func edges(_ a: Int, _ b: Int) -> UInt64 {
    if a == b { return inside[a] }
    let row = row(a)
    let place = row.partitionPoint { others[$0] >= Int32(b) }
    return place < row.upperBound && others[place] == Int32(b) ? weights[place] : 0
  }

  /// Edges (or weight) between two groups, or inside one, over the pairs of nodes; NaN for a group of one node.
  public func density(_ a: Int, _ b: Int) -> Double {
    let edges = Double(edges(a, b))
    if a != b { return edges / (Double(sizes[a]) * Double(sizes[b])) * unit }
    return sizes[a] > 1 ? 2 * edges / (Double(sizes[a]) * Double(sizes[a] - 1)) * unit : .nan
  }

  /// The counts as a full table, row-major of shape `[K][K]`; on the diagonal each edge counts once.
  ///
  /// - Complexity: O(K²) time and memory: for up to a few thousand groups.
  public var table: [UInt64] {
    var table = [UInt64](repeating: 0, count: count * count)
    for a in 0..<count {
      table[a * count + a] = inside[a]
      for place in row(a) { table[a * count + Int(others[place])] = weights[place] }
    }
    return table
  }

  /// The same counts, where groups have other numbers of nodes.
  func resized(_ sizes: [Int]) -> GroupLinks {
    GroupLinks(sizes: sizes, inside: inside, offsets: offsets, others: others, weights: weights, unit: unit)
  }

  /// The counts of some groups, ascending, among themselves.
  func keeping(_ groups: [Int]) -> GroupLinks {
    guard groups.count < count else { return self }
    var numbers = [Int32](repeating: -1, count: count)
    for (number, group) in groups.enumerated() { numbers[group] = Int32(number) }
    var builder = GroupLinkRows(groups: groups.count)
    for group in groups {
      for place in row(group) where numbers[Int(others[place])] >= 0 {
        builder.append(numbers[Int(others[place])], weights[place])
      }
      builder.endRow()
    }
    return GroupLinks(
      sizes: groups.map { sizes[$0] }, inside: groups.map { inside[$0] }, rows: builder, unit: unit)
  }

  /// The same counts of groups with new numbers, among groups without edges to others.
  ///
  /// - Parameters:
  ///   - numbers: The new number of each group, ascending.
  ///   - sizes: Nodes of all groups after it.
  ///   - inside: Edges inside the groups that are not among `numbers`; entries of the others are replaced.
  func placed(at numbers: [Int32], sizes: [Int], inside: [UInt64]) -> GroupLinks {
    var builder = GroupLinkRows(groups: sizes.count)
    var all = inside
    var next = 0
    for group in 0..<sizes.count {
      if next < numbers.count, Int(numbers[next]) == group {
        all[group] = self.inside[next]
        for place in row(next) { builder.append(numbers[Int(others[place])], weights[place]) }
        next += 1
      }
      builder.endRow()
    }
    return GroupLinks(sizes: sizes, inside: all, rows: builder, unit: unit)
  }
}

/// Rows of a sparse matrix under construction.
struct GroupLinkRows {
  private(set) var offsets = [0]
  private(set) var others: [Int32] = []
  private(set) var weights: [UInt64] = []

  init(groups: Int) { offsets.reserveCapacity(groups + 1) }

  mutating func append(_ other: Int32, _ weight: UInt64) {
    others.append(other)
    weights.append(weight)
  }

  mutating func endRow() { offsets.append(others.count) }
}

extension GroupLinks: CustomStringConvertible {
  /// How many groups, and how many pairs of them have edges.
  public var description: String { "\(count) groups of \(sizes.reduce(0, +)) nodes, \(others.count / 2) linked pairs" }
}

extension GroupLinks {
  /// Cells of all tables together up to which groups are counted in full tables.
  private static let largestTables = 1 << 23

  /// Counts the edges of a graph between groups 0..<count; nodes labeled -1 are left out.
  ///
  /// - Complexity: O(n + m + K²) for few groups, for many O(n + m + p log p) with p linked pairs. The same for every
  ///   thread count.
  init(
    _ graph: CommunityGraph, labels: [Int32], count k: Int, threads: Int
  ) throws(MillError) {
    var sizes = [Int](repeating: 0, count: k)
    for label in labels where label >= 0 { sizes[Int(label)] += 1 }
    let unit = graph.weights == nil ? 1 : graph.weightUnit
    let chunks = max(1, Parallel.chunkCount(graph.nodeCount, size: Self.chunkRows(graph)))
    if k <= 4096, chunks * k * k <= Self.largestTables {
      let table = try Self.fullTable(graph, labels, k, threads)
      self.init(sizes: sizes, links: table, unit: unit)
    } else {
      self.init(sparse: graph, labels, sizes, unit)
    }
  }

  /// At most 64 chunks, so that the tables stay small; their number depends on n alone.
  private static func chunkRows(_ graph: CommunityGraph) -> Int { max(4096, (graph.nodeCount + 63) / 64) }

  private static func fullTable(
    _ graph: CommunityGraph, _ labels: [Int32], _ k: Int, _ threads: Int
  ) throws(MillError) -> [UInt64] {
    let n = graph.nodeCount
    let size = chunkRows(graph)
    let chunks = max(1, Parallel.chunkCount(n, size: size))
    let tables = try FlatBuffer<UInt64>(count: chunks * k * k)
    let weights = graph.weights
    unsafe labels.withUnsafeBufferPointer { labels in
      let labels = labels.baseAddress
      Parallel.forEachRange(of: n, size: size, threads: threads) { rows, _ in
        let table = unsafe tables.base + rows.lowerBound / size * k * k
        let labels = unsafe labels!
        for i in rows where unsafe labels[i] >= 0 {
          let row = unsafe table + Int(labels[i]) &* k
          for e in unsafe Int(graph.offsets[i])..<Int(graph.offsets[i &+ 1]) {
            let other = unsafe labels[Int(graph.targets[e])]
            if other >= 0 { unsafe row[Int(other)] &+= weights?.base[e] ?? 1 }
          }
        }
      }
    }
    var links = [UInt64](repeating: 0, count: k * k)
    for chunk in 0..<chunks {
      for i in 0..<k * k { unsafe links[i] &+= tables.base[chunk * k * k + i] }
    }
    for a in 0..<k { links[a * k + a] /= 2 }
    return links
  }

  /// Group by group, by the nodes of each.
  private init(sparse graph: CommunityGraph, _ labels: [Int32], _ sizes: [Int], _ unit: Double) {
    let k = sizes.count
    var place = [Int](repeating: 0, count: k + 1)
    for group in 0..<k { place[group + 1] = place[group] + sizes[group] }
    let starts = place
    var members = [Int32](repeating: 0, count: starts[k])
    for (node, label) in labels.enumerated() where label >= 0 {
      members[place[Int(label)]] = Int32(truncatingIfNeeded: node)
      place[Int(label)] += 1
    }
    var inside = [UInt64](repeating: 0, count: k)
    var sums = [UInt64](repeating: 0, count: k)
    var touched: [Int32] = []
    var builder = GroupLinkRows(groups: k)
    for group in 0..<k {
      for member in members[starts[group]..<starts[group + 1]] {
        let node = Int(UInt32(bitPattern: member))
        for e in unsafe Int(graph.offsets[node])..<Int(graph.offsets[node + 1]) {
          let other = unsafe labels[Int(graph.targets[e])]
          let weight = unsafe graph.weights?.base[e] ?? 1
          guard other >= 0, weight > 0 else { continue }
          if sums[Int(other)] == 0 { touched.append(other) }
          sums[Int(other)] &+= weight
        }
      }
      touched.sort()
      for other in touched {
        if Int(other) == group { inside[group] = sums[group] / 2 } else { builder.append(other, sums[Int(other)]) }
        sums[Int(other)] = 0
      }
      touched.removeAll(keepingCapacity: true)
      builder.endRow()
    }
    self.init(sizes: sizes, inside: inside, rows: builder, unit: unit)
  }

  /// Counts the edges of a graph between groups of its nodes.
  ///
  /// - Parameters:
  ///   - graph: Any graph; loops and parallel edges are merged away, a directed one becomes undirected.
  ///   - labels: The group of each node from 0 on, shape `[n]`; nodes with a negative label are left out.
  ///   - direction: How arcs become edges.
  ///   - context: Threads, a way to stop.
  /// - Throws: `MillError`: `bad-option` when the lengths differ, `bad-weight`, `over-budget`.
  /// - Complexity: O(n + m) and what the linked pairs of groups need; the same for every thread count.
  public init(
    of graph: CSRGraph, labels: [Int32], direction: DirectionPolicy = .union, context: RunContext = .init()
  ) throws(MillError) {
    guard labels.count == graph.nodeCount else {
      throw MillError(.badOption, "\(labels.count) labels for the \(graph.nodeCount) nodes of the graph")
    }
    let work = try CommunityGraph(graph, direction: direction, context: context)
    let count = Int(labels.max() ?? -1) + 1
    // Isolated nodes are in no row of the working graph, but in their groups.
    var sizes = [Int](repeating: 0, count: max(0, count))
    for label in labels where label >= 0 { sizes[Int(label)] += 1 }
    let links = try GroupLinks(work, labels: work.restricted(labels), count: max(0, count), threads: context.threads)
    self = links.resized(sizes)
  }
}
