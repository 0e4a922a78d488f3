import GraphStore
import MillRuntime

/// The merging phase: iterations of grouping, deciding and applying.
@safe struct MergeEngine {
  let graph: CSRGraph
  let targets: UnsafePointer<UInt32>
  let options: SummarizeOptions
  let context: RunContext
  var state: LinkState
  private(set) var iterations: [SummarizeIteration] = []
  private var mergers: [GroupMerger] = []
  private let draws: MergeDraws
  /// Roots of the state that had links when this was refreshed, and how many supernodes there were then.
  private var roots: [UInt32] = []
  private var rootsSeen = 0
  /// The leaves' shingles for the first split of the iteration to come.
  private let leafShingles: FlatBuffer<UInt32>

  init(
    _ graph: CSRGraph, targets: UnsafePointer<UInt32>, options: SummarizeOptions, context: RunContext
  ) throws(MillError) {
    self.graph = graph
    unsafe self.targets = targets
    self.options = options
    self.context = context
    state = try unsafe LinkState(graph, targets: targets, threads: context.threads)
    leafShingles = try FlatBuffer<UInt32>(uninitializedCount: max(1, graph.nodeCount))
    draws = MergeDraws(options)
    let workers = options.schedule == .frozen ? max(1, context.threads) : 1
    for _ in 0..<workers { mergers.append(try GroupMerger(nodeCapacity: 2 * graph.nodeCount)) }
  }

  /// Runs all iterations; false when it was stopped before. An iteration that is stopped leaves no trace.
  mutating func run() throws(MillError) -> Bool {
    context.progress?.begin("merge", total: options.iterations, unit: .items)
    defer { context.progress?.end() }
    if options.iterations > 0 {
      let chunks = LeafShingleChunks(self, iteration: 1)
      Parallel.forEach(chunks.count, threads: context.threads) { chunk, _ in chunks.compute(chunk) }
    }
    for t in 1..<max(1, options.iterations + 1) {
      guard !isStopped, try iterate(t) else { return false }
      context.progress?.note("cost \(iterations.last.map(\.cost) ?? 0)")
      context.progress?.advance(by: 1)
    }
    return true
  }

  private var isStopped: Bool { context.cancellation?.isRequested ?? false }

  /// The shingles of all leaves for one iteration, in chunks; they depend on the graph alone, so they can be computed
  /// while the iteration before is being applied.
  @safe private struct LeafShingleChunks: @unchecked Sendable {
    private static let size = 1 << 11
    private let shingles: UnsafeMutablePointer<UInt32>
    private let graph: CSRGraph
    private let targets: UnsafePointer<UInt32>
    private let hash: CandidateGroups.Hash
    private let isClosed: Bool
    let count: Int

    init(_ engine: borrowing MergeEngine, iteration: Int) {
      unsafe shingles = engine.leafShingles.base
      graph = engine.graph
      unsafe targets = engine.targets
      hash = CandidateGroups.Hash(engine.draws.shingles, iteration: iteration, depth: 0)
      isClosed = engine.draws.isClosed(iteration)
      count = iteration > engine.options.iterations ? 0 : Parallel.chunkCount(engine.graph.nodeCount, size: Self.size)
    }

    func compute(_ chunk: Int) {
      let offsets = unsafe graph.offsets.elements
      let leaves = Parallel.range(ofChunk: chunk, size: Self.size, count: graph.nodeCount)
      unsafe CandidateGroups.shingles(
        of: leaves, hash, offsets, targets, isClosed: isClosed, into: shingles + leaves.lowerBound)
    }
  }

  /// Takes merged roots and roots without links out of the list and adds the new ones; it stays ascending.
  private mutating func refreshRoots() {
    var kept = 0
    for root in roots where unsafe state.parent[Int(root)] == LinkState.none && state.roots[Int(root)].linkCount > 0 {
      roots[kept] = root
      kept += 1
    }
    roots.removeLast(roots.count - kept)
    for root in rootsSeen..<state.count
    where unsafe state.parent[root] == LinkState.none && state.roots[root].linkCount > 0 { roots.append(UInt32(root)) }
    rootsSeen = state.count
  }

  private mutating func iterate(_ t: Int) throws(MillError) -> Bool {
    refreshRoots()
    let groups = unsafe CandidateGroups(
      roots: roots, firstLeaf: state.firstLeaf, lastLeaf: state.lastLeaf, nextLeaf: state.nextLeaf,
      leafShingles: leafShingles.base, graph: graph, targets: targets, groupCap: options.groupCap,
      maximumDepth: options.maximumDepth, isClosed: draws.isClosed(t), stream: draws.shingles, iteration: t,
      threads: context.threads)
    let rule = options.rule(t)
    let counters = (mergers.reduce(0) { $0 + $1.evaluations }, mergers.reduce(0) { $0 + $1.lookups })
    guard
      let (merges, refused) =
        options.schedule == .frozen ? try runFrozen(groups, rule, t) : try runSequential(groups, rule, t)
    else { return false }
    iterations.append(
      SummarizeIteration(
        number: t, threshold: rule.threshold, groups: groups.count, merges: merges, refused: refused, edges: state.cost,
        hierarchyEdges: 2 * (state.count - state.leafCount),
        evaluations: mergers.reduce(0) { $0 + $1.evaluations } - counters.0,
        lookups: mergers.reduce(0) { $0 + $1.lookups } - counters.1))
    return true
  }

  /// Applies the merges of one group in order.
  private mutating func apply(
    _ decisions: ArraySlice<GroupMerger.Decision>, _ members: ArraySlice<UInt32>, _ rule: MergeRule
  ) throws(MillError) -> (merges: Int, refused: Int) {
    var slots = Array(members)
    var merges = 0
    for decision in decisions {
      let (a, b) = (Int(decision.first), Int(decision.second))
      guard
        let merged = try state.merge(Int(slots[a]), Int(slots[b]), rule: rule)
      else { continue }
      slots[b] = UInt32(merged.root)
      merges += 1
    }
    return (merges, decisions.count - merges)
  }

  private mutating func runSequential(
    _ groups: CandidateGroups, _ rule: MergeRule, _ t: Int
  ) throws(MillError) -> (merges: Int, refused: Int)? {
    var sums = (merges: 0, refused: 0)
    var decisions: [GroupMerger.Decision] = []
    for group in 0..<groups.count {
      let members = groups.members[groups.range(group)]
      decisions.removeAll(keepingCapacity: true)
      var random = draws.picks(t, group: group)
      unsafe members.withUnsafeBufferPointer { members in
        unsafe mergers[0].decide(members, lists: state.lists, rule: rule, random: &random, into: &decisions)
      }
      let done = try apply(decisions[...], members, rule)
      sums = (sums.merges + done.merges, sums.refused + done.refused)
    }
    let chunks = LeafShingleChunks(self, iteration: t + 1)
    Parallel.forEach(chunks.count, threads: context.threads) { chunk, _ in chunks.compute(chunk) }
    return sums
  }

  /// Groups by falling number of links, so that no large one is left for the end.
  private func workOrder(_ groups: CandidateGroups) -> [UInt32] {
    guard context.threads > 1 else { return (0..<groups.count).map { UInt32($0) } }
    var keys: [UInt64] = []
    keys.reserveCapacity(groups.count)
    for group in 0..<groups.count {
      let range = groups.range(group)
      let work = min(range.reduce(0) { unsafe $0 + Int(state.roots[Int(groups.members[$1])].linkCount) }, 0x7fff_ffff)
      keys.append(UInt64(0x7fff_ffff - work) << 32 | UInt64(group))
    }
    var other = keys
    unsafe keys.withUnsafeMutableBufferPointer { keys in
      unsafe other.withUnsafeMutableBufferPointer { other in
        guard let keys = keys.baseAddress, let scratch = other.baseAddress else { return }
        unsafe sortWords(keys, scratch, count: groups.count, by: 32..<64)
      }
    }
    return keys.map { UInt32(truncatingIfNeeded: $0) }
  }

  private mutating func runFrozen(
    _ groups: CandidateGroups, _ rule: MergeRule, _ t: Int
  ) throws(MillError) -> (merges: Int, refused: Int)? {
    let workers = mergers.count
    var decided = [[GroupMerger.Decision]](repeating: [], count: workers)
    /// For each group the worker and the place of its decisions there.
    var places = [(worker: Int32, low: Int32, high: Int32)](repeating: (0, 0, 0), count: groups.count)
    let (lists, draws, cancellation) = (state.lists, self.draws, context.cancellation)
    let order = workOrder(groups)
    unsafe mergers.withUnsafeMutableBufferPointer { mergers in
      unsafe decided.withUnsafeMutableBufferPointer { decided in
        unsafe places.withUnsafeMutableBufferPointer { places in
          unsafe groups.members.withUnsafeBufferPointer { members in
            nonisolated(unsafe) let (mergers, decided, places, members) = unsafe (
              mergers.baseAddress!, decided.baseAddress!, places, members
            )
            Parallel.forEach(order.count, threads: workers) { place, worker in
              if let cancellation, cancellation.isRequested { return }
              let group = Int(order[place])
              var random = draws.picks(t, group: group)
              let low = unsafe decided[worker].count
              unsafe mergers[worker].decide(
                UnsafeBufferPointer(rebasing: members[groups.range(group)]), lists: lists, rule: rule,
                random: &random, into: &decided[worker])
              unsafe places[group] = (Int32(worker), Int32(low), Int32(decided[worker].count))
            }
          }
        }
      }
    }
    if isStopped { return nil }
    // One thread applies; meanwhile the others look at the graph for the next iteration.
    let chunks = LeafShingleChunks(self, iteration: t + 1)
    var applied: Result<(merges: Int, refused: Int), MillError> = .success((0, 0))
    Parallel.forEach(1 + chunks.count, threads: context.threads) { chunk, _ in
      if chunk > 0 { return chunks.compute(chunk - 1) }
      do throws(MillError) {
        applied = .success(try applyAll(groups, decided, places, rule))
      } catch {
        applied = .failure(error)
      }
    }
    return try applied.get()
  }

  /// Applies all decisions in the order of the groups.
  private mutating func applyAll(
    _ groups: CandidateGroups, _ lists: [[GroupMerger.Decision]], _ places: [(worker: Int32, low: Int32, high: Int32)],
    _ rule: MergeRule
  ) throws(MillError) -> (merges: Int, refused: Int) {
    var sums = (merges: 0, refused: 0)
    for group in 0..<groups.count where places[group].low < places[group].high {
      let place = places[group]
      let done = try apply(
        lists[Int(place.worker)][Int(place.low)..<Int(place.high)], groups.members[groups.range(group)], rule)
      sums = (sums.merges + done.merges, sums.refused + done.refused)
    }
    return sums
  }
}
