import GraphStore
import MillRuntime

/// Degrees inside and outside, and places, of the nodes of an LFR graph.
struct LFRPlan {
  private let sizes: [Int]
  private var inner: [Int]
  private var outer: [Int]
  /// The community of each node.
  private(set) var communities: [Int32]

  init(_ law: PowerLaw, sizes: [Int], _ options: LFROptions) {
    self.sizes = sizes
    let n = options.nodeCount
    let stream = RandomStream(seed: options.seed, stage: "lfr-degrees")
    (inner, outer) = ([Int](repeating: 0, count: n), [Int](repeating: 0, count: n))
    communities = [Int32](repeating: 0, count: n)
    for node in 0..<n {
      var random = stream.item(UInt64(node))
      let degree = law.draw(&random)
      let share = (1 - options.mixing) * Double(degree)
      // Rounded up or down so that the mean is right.
      inner[node] = Int(share) + (random.unit() < share - share.rounded(.down) ? 1 : 0)
      outer[node] = degree - inner[node]
    }
  }

  /// Gives every node a place in a community of more nodes than it has inner neighbors.
  mutating func assign(seed: UInt64) {
    var random = CounterRandom(seed: seed, stage: "lfr-places")
    // By descending inner degree: a place that once was large enough stays so.
    let nodes = inner.indices.sorted { (inner[$1], $0) < (inner[$0], $1) }
    var free: [Int32] = []
    var opened = 0
    for node in nodes {
      while opened < sizes.count, free.isEmpty || sizes[opened] > inner[node] {
        free += [Int32](repeating: Int32(opened), count: sizes[opened])
        opened += 1
      }
      let place = Int(random.below(UInt64(free.count)))
      free.swapAt(place, free.count - 1)
      let community = free.removeLast()
      communities[node] = community
      let excess = max(0, inner[node] - sizes[Int(community)] + 1)
      inner[node] -= excess
      outer[node] += excess
    }
  }

  /// Pairs the stubs.
  mutating func wire(seed: UInt64, _ context: RunContext) throws(MillError) -> (blocks: [EdgeBlock], dropped: Int) {
    var members = [[UInt32]](repeating: [], count: sizes.count)
    for (node, community) in communities.enumerated() { members[Int(community)].append(UInt32(node)) }
    evenOut(members)
    let stream = RandomStream(seed: seed, stage: "lfr-inside")
    let (lists, inner) = (members, inner)
    var parts = [(block: EdgeBlock, rest: [UInt32])?](repeating: nil, count: sizes.count)
    try unsafe parts.withUnsafeMutableBufferPointer { (parts) throws(MillError) in
      let slots = parts.baseAddress!
      try Parallel.forEachThrowing(lists.count, threads: context.threads) { (community, _) throws(MillError) in
        try context.checkCancelled()
        var random = stream.item(UInt64(community))
        var pairing = StubPairing(lists[community].flatMap { [UInt32](repeating: $0, count: inner[Int($0)]) }, &random)
        pairing.repair(&random) { _, _ in true }
        unsafe slots[community] = (try EdgeBlock(copying: pairing.pairs), pairing.rest)
        context.progress?.advance(by: 1)
      }
    }
    // Stubs without a partner inside look for one outside.
    for node in parts.compactMap({ $0?.rest }).joined() { outer[Int(node)] += 1 }
    var random = CounterRandom(seed: seed, stage: "lfr-outside")
    var across = StubPairing(
      outer.indices.flatMap { [UInt32](repeating: UInt32($0), count: outer[$0]) }, &random)
    across.repair(&random) { communities[Int($0)] != communities[Int($1)] }
    return (parts.compactMap { $0?.block } + [try EdgeBlock(copying: across.pairs)], across.rest.count / 2)
  }

  /// Makes the sum of inner degrees even in every community, and with it, as far as degrees add up to an even number, that
  /// of outer ones.
  private mutating func evenOut(_ members: [[UInt32]]) {
    for list in members where list.reduce(0, { $0 ^ inner[Int($1)] & 1 }) == 1 {
      guard let node = list.first(where: { inner[Int($0)] > 0 }) else { continue }
      inner[Int(node)] -= 1
      outer[Int(node)] += 1
    }
    if outer.reduce(0, { $0 ^ $1 & 1 }) == 1, let node = outer.firstIndex(where: { $0 > 0 }) { outer[node] -= 1 }
  }
}

/// Stubs that are paired at random, until every pair is an edge and no two are equal.
private struct StubPairing {
  /// Two ends of each edge, back to back.
  private(set) var pairs: [UInt32]
  /// The ends of pairs that no exchange could make into an edge.
  private(set) var rest: [UInt32] = []
  private var taken: Set<UInt64> = []

  init(_ stubs: [UInt32], _ random: inout CounterRandom) {
    pairs = stubs
    random.shuffle(&pairs)
    if pairs.count % 2 == 1 { pairs.removeLast() }
  }

  /// Exchanges ends of pairs that are loops, repetitions or not allowed with those of random other pairs, and leaves out
  /// those for which that fails.
  mutating func repair(_ random: inout CounterRandom, isAllowed: (UInt32, UInt32) -> Bool) {
    let count = pairs.count / 2
    taken.reserveCapacity(count)
    var isGood = [Bool](repeating: false, count: count)
    for pair in 0..<count { isGood[pair] = take(pairs[2 * pair], pairs[2 * pair + 1], isAllowed) }
    for _ in 0..<4 {
      for pair in 0..<count where !isGood[pair] {
        isGood[pair] = exchange(pair, &isGood, &random, isAllowed)
      }
    }
    guard isGood.contains(false) else { return }
    func ends(_ good: Bool) -> [UInt32] {
      (0..<count).filter { isGood[$0] == good }.flatMap { [pairs[2 * $0], pairs[2 * $0 + 1]] }
    }
    (pairs, rest) = (ends(true), ends(false))
  }

  private mutating func take(_ u: UInt32, _ v: UInt32, _ isAllowed: (UInt32, UInt32) -> Bool) -> Bool {
    u != v && isAllowed(u, v) && taken.insert(Generator.key(ofPair: u, v)).inserted
  }

  /// Tries to make two edges of a bad pair and another one, good or bad.
  private mutating func exchange(
    _ pair: Int, _ isGood: inout [Bool], _ random: inout CounterRandom, _ isAllowed: (UInt32, UInt32) -> Bool
  ) -> Bool {
    let count = pairs.count / 2
    for _ in 0..<64 {
      let other = Int(random.below(UInt64(count)))
      if other == pair { continue }
      // Either end of the other pair may come over.
      let flip = Int(random.below(2))
      let (a, b) = (pairs[2 * pair], pairs[2 * pair + 1])
      let (c, d) = (pairs[2 * other + flip], pairs[2 * other + 1 - flip])
      if isGood[other] { taken.remove(Generator.key(ofPair: c, d)) }
      if take(a, c, isAllowed) {
        if take(b, d, isAllowed) {
          (pairs[2 * pair], pairs[2 * pair + 1]) = (a, c)
          (pairs[2 * other], pairs[2 * other + 1]) = (b, d)
          isGood[other] = true
          return true
        }
        taken.remove(Generator.key(ofPair: a, c))
      }
      if isGood[other] { taken.insert(Generator.key(ofPair: c, d)) }
    }
    return false
  }
}
