import CMillKernels
import MillRuntime
import VectorStore

/// How searches with the same k, options and filter are carried out: decided once for a batch.
struct SearchPlan {
  /// Who may be returned, by number; nil for everybody.
  private(set) var allowed: [UInt64]?
  /// Nodes that may enter the result: those with an allowed object in their chain; nil for all.
  private(set) var words: [UInt64]?
  private(set) var allowedCount: Int
  private(set) var isExact = false
  private(set) var twoHops = false
  /// Allowed nodes spread over the index, to start from.
  private(set) var seeds: [UInt32] = []
  let beam: Int
  let usesCodes: Bool
  let rerank: Int
  private let total: Int

  init(_ index: HNSWIndex, k: Int, _ options: SearchOptions) throws(MillError) {
    let links = index.core.links
    total = links.count
    beam = min(max(options.ef, k, 1), max(1, total))
    usesCodes = options.usesCodes && index.codes != nil
    rerank = options.rerank ?? 3 * min(max(k, 1), 1 << 40)
    allowedCount = index.count
    if let filter = options.filter {
      guard filter.words.count == (total + 63) / 64 else {
        throw MillError(.badOption, "the filter was made for another state of the index")
      }
      allowed = filter.words
    } else if index.deadCount > 0 {
      allowed = [UInt64](repeating: ~0, count: (total + 63) / 64)
      if total % 64 != 0 { allowed![total / 64] = 1 << UInt64(total % 64) - 1 }
    }
    if allowed != nil, !index.dead.isEmpty {
      for i in 0..<min(allowed!.count, index.dead.count) { allowed![i] &= ~index.dead[i] }
    }
    if let allowed { allowedCount = allowed.reduce(0) { $0 + $1.nonzeroBitCount } }
    words = allowed
    if let allowed, !index.core.duplicateNext.isEmpty { words = Self.representatives(index.core, allowed) }
    chooseForm(options, k: k)
  }

  /// Nodes with an allowed object in their chain.
  private static func representatives(_ core: HNSWCore, _ allowed: [UInt64]) -> [UInt64] {
    var words = allowed
    for id in 0..<UInt32(core.links.count) {
      let isNode = core.links.levels[Int(id)] != LinkStore.chained
      let isIn = isNode && core.chainMembers(id).contains { allowed[Int($0) >> 6] >> UInt64($0 & 63) & 1 != 0 }
      if isIn { words[Int(id) >> 6] |= 1 << UInt64(id & 63) } else { words[Int(id) >> 6] &= ~(1 << UInt64(id & 63)) }
    }
    return words
  }

  private mutating func chooseForm(_ options: SearchOptions, k: Int) {
    let share = Double(allowedCount) / Double(max(1, total))
    switch options.exact {
    case .always: isExact = true
    case .never: isExact = false
    case .automatic:
      isExact = total < 5_000 || k > total / 10
      if options.filter != nil { isExact = isExact || allowedCount <= max(8 * options.ef, 2_000) || share < 0.01 }
    }
    guard !isExact, options.filter != nil, share < 0.4, let words else { return }
    twoHops = true
    let step = max(1, total / 16)
    for start in stride(from: 0, to: total, by: step) {
      for id in start..<min(total, start + step) where words[id >> 6] >> UInt64(id & 63) & 1 != 0 {
        seeds.append(UInt32(id))
        break
      }
    }
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
