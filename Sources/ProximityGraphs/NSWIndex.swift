import CMillKernels
public import MillRuntime
public import VectorStore

/// The settings of a flat navigable small world graph.
public struct NSWOptions: Sendable, Equatable {
  /// Links an insertion makes; about three times the intrinsic dimension.
  public var links = 16
  /// Searches from random nodes an insertion makes.
  public var buildRestarts = 4
  /// Seed of insertion order and entry nodes.
  public var seed: UInt64 = 42
  /// Whether points are inserted in random order. Sorted input makes a graph that cannot be navigated.
  public var shuffles = true

  /// The defaults.
  public init() {}
}

/// A flat navigable small world graph: undirected, links are never taken away, so that early ones become the long ones.
///
/// The reference for what the hierarchy adds. Searches may run on many threads; the build is sequential.
///
/// Source: Malkov, Ponomarenko, Logvinov, Krylov, Information Systems 45 (2014).
public final class NSWIndex: @unchecked Sendable {
  /// The settings.
  public let options: NSWOptions
  /// What the insertions cost.
  public private(set) var buildCounters = SearchCounters()
  private let points: PointSet
  /// Neighbours of node v: `targets[offsets[v]..<offsets[v + 1]]`, in insertion order.
  private let offsets: [Int]
  private let targets: [UInt32]

  /// A graph of all points.
  ///
  /// - Throws: ``ProximityError``: settings out of range, memory, a stop on request.
  /// - Complexity: `buildRestarts` searches a point; memory 8 bytes a link and what growing lists take.
  public init(
    building points: PointSet, options: NSWOptions = .init(), context run: RunContext = .init()
  ) throws(ProximityError) {
    guard (1...1024).contains(options.links) else { throw .badOption("links is not in 1...1024") }
    guard (1...1000).contains(options.buildRestarts) else { throw .badOption("buildRestarts is not in 1...1000") }
    guard points.count < 1 << 31 - 1 else { throw .tooManyObjects(points.count) }
    self.options = options
    self.points = points
    let n = points.count
    var order = (0..<UInt32(n)).map { $0 }
    if options.shuffles {
      var random = CounterRandom(seed: options.seed, stage: "nsw order")
      for i in stride(from: n - 1, to: 0, by: -1) { order.swapAt(i, Int(random.below(UInt64(i + 1)))) }
    }
    var graph = GrowingLists(nodes: n)
    var counters = SearchCounters()
    let stream = RandomStream(seed: options.seed, stage: "nsw build")
    run.progress?.begin("insert", total: n, unit: .items)
    let context = try allocating { () throws(MillError) in try SearchContext(capacity: max(1, n), ef: options.links) }
    for (at, id) in order.enumerated() {
      if at & 255 == 0 { try allocating { () throws(MillError) in try run.checkCancelled() } }
      var random = stream.item(UInt64(id))
      let found = nswSearch(
        points, points.object(id), restarts: options.buildRestarts, k: options.links, among: order[..<at], &random,
        context, &counters
      ) { node, use in graph.forEach(node, use) }
      for key in found {
        graph.append(mill_key_id(key), to: id)
        graph.append(id, to: mill_key_id(key))
      }
      run.progress?.advance(by: 1)
    }
    run.progress?.end()
    (offsets, targets) = graph.flat()
    buildCounters = counters
  }

  /// The k nearest objects found in `restarts` searches from random nodes, by (distance, id).
  ///
  /// - Parameter seed: Seed of the entry nodes.
  /// - Throws: ``ProximityError/resource(_:)``.
  package func search(
    _ query: UnsafeRawPointer, k: Int, restarts: Int = 4, seed: UInt64 = 0
  ) throws(ProximityError) -> SearchResult {
    let n = points.count
    guard n > 0, k > 0 else { return SearchResult(neighbors: [], counters: SearchCounters(), isExact: false) }
    var counters = SearchCounters()
    var random = CounterRandom(seed: seed, stage: "nsw search")
    let context = try allocating { () throws(MillError) in try SearchContext(capacity: n, ef: k) }
    let all = (0..<UInt32(n)).map { $0 }
    let found = nswSearch(
      points, query, restarts: max(1, restarts), k: k, among: all[...], &random, context, &counters
    ) { node, use in
      for i in offsets[Int(node)]..<offsets[Int(node) + 1] { use(targets[i]) }
    }
    let neighbors = found.map { Neighbor(id: Int(mill_key_id($0)), distance: mill_key_distance($0)) }
    return SearchResult(neighbors: neighbors, counters: counters, isExact: false)
  }

  /// The k nearest rows of a table to every query; entry nodes of query i are drawn from (seed, i).
  ///
  /// - Throws: ``ProximityError``: queries that are not like the rows.
  public static func search(
    _ index: NSWIndex, queries: VectorTable, k: Int, restarts: Int = 4
  ) throws(ProximityError) -> BatchSearchResult {
    guard queries.rowBytes == index.points.identityBytes else {
      throw .badOption("the queries do not have the type and dimension of the rows")
    }
    var rows = NeighborRows(count: queries.count, k: min(max(0, k), index.points.count))
    var counters = SearchCounters()
    var failure: ProximityError?
    rows.fill(threads: 1) { row, _ in
      do throws(ProximityError) {
        let found = try index.search(queries.row(row), k: k, restarts: restarts, seed: UInt64(row))
        counters += found.counters
        return found.neighbors
      } catch {
        failure = error
        return []
      }
    }
    if let failure { throw failure }
    return BatchSearchResult(rows: rows, counters: counters)
  }

  /// Links of every node.
  public var degrees: [Int] { (0..<points.count).map { offsets[$0 + 1] - offsets[$0] } }
}

/// Undirected lists that grow: entries in one array, linked from the newest to the oldest.
private struct GrowingLists {
  private var heads: [Int32]
  private var targets: [UInt32] = []
  private var next: [Int32] = []

  init(nodes: Int) { heads = [Int32](repeating: -1, count: nodes) }

  mutating func append(_ target: UInt32, to node: UInt32) {
    targets.append(target)
    next.append(heads[Int(node)])
    heads[Int(node)] = Int32(targets.count - 1)
  }

  func forEach(_ node: UInt32, _ use: (UInt32) -> Void) {
    var at = heads[Int(node)]
    while at >= 0 {
      use(targets[Int(at)])
      at = next[Int(at)]
    }
  }

  func flat() -> (offsets: [Int], targets: [UInt32]) {
    var offsets = [0]
    var flat: [UInt32] = []
    flat.reserveCapacity(targets.count)
    for node in 0..<heads.count {
      let start = flat.count
      forEach(UInt32(node)) { flat.append($0) }
      flat[start...].reverse()
      offsets.append(flat.count)
    }
    return (offsets, flat)
  }
}

/// Search(q, m, k) of the 2014 paper: restarts share the visited set, the stop rule looks at each restart's own results.
/// (With the best of earlier restarts every later one would end at its first step.)
///
/// - Returns: Keys of the k best of all restarts, ascending.
private func nswSearch(
  _ points: PointSet, _ query: UnsafeRawPointer, restarts: Int, k: Int, among nodes: ArraySlice<UInt32>,
  _ random: inout CounterRandom, _ context: SearchContext, _ counters: inout SearchCounters,
  neighbors: (UInt32, (UInt32) -> Void) -> Void
) -> [UInt64] {
  guard !nodes.isEmpty else { return [] }
  var best: [UInt64] = []
  for _ in 0..<restarts {
    let entry = nodes[nodes.startIndex + Int(random.below(UInt64(nodes.count)))]
    guard context.visit(entry) else { continue }
    var own: [UInt64] = []
    var heap: [UInt64] = []
    func take(_ width: Int) {
      points.measure(points.context, query, context.ids, width, context.distances)
      counters.distances &+= UInt64(width)
      for i in 0..<width {
        let key = mill_key(context.distances[i], context.ids[i])
        heap.pushHeap(key)
        if own.count == k, let last = own.last, key > last { continue }
        var low = 0
        var high = own.count
        while low < high {
          let middle = (low + high) / 2
          if own[middle] < key { low = middle + 1 } else { high = middle }
        }
        own.insert(key, at: low)
        if own.count > k { own.removeLast() }
      }
    }
    context.ids[0] = entry
    take(1)
    while let key = heap.popHeap() {
      if own.count == k, let last = own.last, key > last { break }
      counters.hops &+= 1
      var width = 0
      neighbors(mill_key_id(key)) { id in
        guard context.visit(id) else { return }
        context.ids[width] = id
        width += 1
        if width == SearchContext.batch {
          take(width)
          width = 0
        }
      }
      take(width)
    }
    best = Array((best + own).sorted().prefix(k))
  }
  context.clearVisited()
  return best
}
