import CMillKernels
import MillRuntime
import VectorStore

/// How searches with the same k, options and filter are carried out: decided once for a batch.
struct SearchPlan {
  /// Answers of a query.
  let wanted: Int
  /// Who may be returned, by number; nil for everybody.
  private(set) var allowed: [UInt64]?
  /// Nodes that may enter the result: those with an allowed object in their chain; nil for all.
  private(set) var words: [UInt64]?
  private(set) var isExact = false
  private(set) var twoHops = false
  /// Allowed nodes spread over the index, to start from.
  private(set) var seeds: [UInt32] = []
  /// Codes to walk on; nil for the vectors themselves.
  let codes: VectorCodes?
  /// The vectors as the queries see them.
  let points: PointSet
  /// What searches walk over: the lists, with codes or vectors.
  let view: GraphView
  /// The lists with vectors.
  let exactView: GraphView
  /// Beam width.
  let ef: Int
  /// Candidates that are ranked again by exact distance.
  let rerank: Int
  private let total: Int
  /// The beam width that nobody asked for.
  static let usualBeam = 64

  /// - Parameter queries: What is asked; nil for the index's own vectors.
  init(
    _ index: HNSWIndex, k: Int, _ options: SearchOptions, _ filter: SearchFilter?, _ queries: PreparedQueries? = nil
  ) throws(MillError) {
    try options.validate(for: .hnsw)
    let links = index.core.links
    total = links.count
    try filter?.check(objects: total)
    allowed = filter?.words
    if filter == nil, index.names.removedCount > 0 {
      allowed = [UInt64](repeating: ~0, count: (total + 63) / 64)
      if total % 64 != 0 { allowed![total / 64] = 1 << UInt64(total % 64) - 1 }
    }
    let removed = index.names.removed
    if allowed != nil, !removed.isEmpty {
      for i in 0..<min(allowed!.count, removed.count) { allowed![i] &= ~removed[i] }
    }
    let allowedCount = allowed.map { $0.reduce(0) { $0 + $1.nonzeroBitCount } } ?? index.count
    wanted = max(0, min(k, allowedCount))
    words = allowed
    if let allowed, !index.core.duplicateNext.isEmpty { words = Self.representatives(index.core, allowed) }
    codes = options.usesCodes ? index.codes : nil
    points = queries?.points ?? index.core.points
    exactView = GraphView(points: points, links: links.view)
    view = codes.map { GraphView(points: $0.points, links: links.view) } ?? exactView
    let asked = options.rerank ?? 3 * min(max(k, 1), 1 << 40)
    rerank = codes == nil || asked == 0 ? 0 : max(asked, wanted)
    let beam = options.ef ?? Self.usualBeam
    ef = min(max(beam, k, rerank, 1), max(1, total))
    isExact = options.exact.scans(
      total: total, k: k, ef: beam, allowed: filter == nil ? nil : allowedCount)
    guard !isExact, filter != nil, Double(allowedCount) < 0.4 * Double(total), let words else { return }
    twoHops = true
    seeds = Self.spread(words, total)
  }

  /// Nodes with an allowed object in their chain.
  private static func representatives(_ core: HNSWCore, _ allowed: [UInt64]) -> [UInt64] {
    var words = allowed
    for id in 0..<UInt32(core.links.count) {
      let isNode = unsafe core.links.levels[Int(id)] != LinkStore.chained
      let isIn = isNode && core.chainMembers(id).contains { allowed[Int($0) >> 6] >> UInt64($0 & 63) & 1 != 0 }
      if isIn { words[Int(id) >> 6] |= 1 << UInt64(id & 63) } else { words[Int(id) >> 6] &= ~(1 << UInt64(id & 63)) }
    }
    return words
  }

  /// The first allowed node of each sixteenth of the numbers.
  private static func spread(_ words: [UInt64], _ total: Int) -> [UInt32] {
    var seeds: [UInt32] = []
    let step = max(1, total / 16)
    for start in stride(from: 0, to: total, by: step) {
      for id in start..<min(total, start + step) where words[id >> 6] >> UInt64(id & 63) & 1 != 0 {
        seeds.append(UInt32(id))
        break
      }
    }
    return seeds
  }

  @inline(__always) func allows(_ id: UInt32) -> Bool {
    guard let allowed else { return true }
    return allowed[Int(id) >> 6] >> UInt64(id & 63) & 1 != 0
  }

  /// Whether a node may enter the result: it or an equal object is allowed.
  @inline(__always) func entersResult(_ node: UInt32) -> Bool {
    guard let words else { return true }
    return words[Int(node) >> 6] >> UInt64(node & 63) & 1 != 0
  }

  /// The allowed numbers, ascending; nil for all.
  var allowedIDs: [UInt32]? { allowed.map(setBits) }
}

/// The places of the bits that are set, ascending.
func setBits(_ words: [UInt64]) -> [UInt32] {
  var places: [UInt32] = []
  places.reserveCapacity(words.reduce(0) { $0 + $1.nonzeroBitCount })
  for (i, word) in words.enumerated() {
    var word = word
    while word != 0 {
      places.append(UInt32(i * 64 + word.trailingZeroBitCount))
      word &= word - 1
    }
  }
  return places
}
