import GraphStore
import MillRuntime

/// The merging phase: iterations of grouping, deciding and applying.
struct MergeEngine {
  let graph: CSRGraph
  let targets: UnsafePointer<UInt32>
  let options: SummarizeOptions
  let context: RunContext
  var state: LinkState
  private(set) var iterations: [SummarizeIteration] = []
  private var mergers: [GroupMerger] = []
  private let coins: RandomStream
  private let groupStream: RandomStream
  private let pickStream: RandomStream

  init(
    _ graph: CSRGraph, targets: UnsafePointer<UInt32>, options: SummarizeOptions, context: RunContext
  ) throws(MillError) {
    self.graph = graph
    self.targets = targets
    self.options = options
    self.context = context
    state = try LinkState(graph, targets: targets)
    coins = RandomStream(seed: options.seed, stage: "summarize-coin")
    groupStream = RandomStream(seed: options.seed, stage: "summarize-shingle")
    pickStream = RandomStream(seed: options.seed, stage: "summarize-pick")
    let workers = options.schedule == .frozen ? max(1, context.threads) : 1
    for _ in 0..<workers { mergers.append(try GroupMerger(nodeCapacity: 2 * graph.nodeCount)) }
  }

  mutating func deallocate() {
    state.deallocate()
    for merger in mergers { merger.deallocate() }
    mergers = []
  }

  /// Runs all iterations; false when it was stopped before.
  mutating func run() throws(MillError) -> Bool {
    context.progress?.begin("merge", total: options.iterations, unit: .items)
    defer { context.progress?.end() }
    for t in 1..<max(1, options.iterations + 1) {
      if let cancellation = context.cancellation, cancellation.isRequested { return false }
      try iterate(t)
      context.progress?.advance(by: 1)
    }
    return true
  }

  private mutating func iterate(_ t: Int) throws(MillError) {
    let threshold = options.threshold.threshold(t, of: options.iterations)
    var coin = coins.item(UInt64(t))
    let isClosed =
      switch options.neighborhood {
      case .closed: true
      case .open: false
      case .mixed: coin.next() & 1 == 0
      }
    let groups = CandidateGroups(
      state, graph: graph, targets: targets, options: options, isClosed: isClosed, stream: groupStream, iteration: t,
      threads: context.threads)
    let rule = GroupMerger.Rule(
      threshold: threshold, offset: options.reductionOffset, heightLimit: options.heightLimit ?? Int.max)
    let counters = (mergers.reduce(0) { $0 + $1.evaluations }, mergers.reduce(0) { $0 + $1.lookups })
    let (merges, refused) =
      options.schedule == .frozen ? try runFrozen(groups, rule, t) : try runSequential(groups, rule, t)
    iterations.append(
      SummarizeIteration(
        number: t, threshold: threshold, groups: groups.count, merges: merges, refused: refused, edges: state.cost,
        hierarchyEdges: 2 * (state.count - state.leafCount),
        evaluations: mergers.reduce(0) { $0 + $1.evaluations } - counters.0,
        lookups: mergers.reduce(0) { $0 + $1.lookups } - counters.1))
  }

  private func generator(_ t: Int, _ group: Int) -> CounterRandom {
    pickStream.item(UInt64(t) << 32 | UInt64(group))
  }

  /// Applies the merges of one group in order.
  private mutating func apply(
    _ decisions: ArraySlice<GroupMerger.Decision>, _ members: ArraySlice<UInt32>, _ rule: GroupMerger.Rule
  ) throws(MillError) -> (merges: Int, refused: Int) {
    var slots = Array(members)
    var merges = 0
    for decision in decisions {
      let (a, b) = (Int(decision.first), Int(decision.second))
      guard
        let merged = try state.merge(
          Int(slots[a]), Int(slots[b]), threshold: rule.threshold, offset: rule.offset, checks: true)
      else { continue }
      slots[b] = UInt32(merged.root)
      merges += 1
    }
    return (merges, decisions.count - merges)
  }

  private mutating func runSequential(
    _ groups: CandidateGroups, _ rule: GroupMerger.Rule, _ t: Int
  ) throws(MillError) -> (merges: Int, refused: Int) {
    var sums = (merges: 0, refused: 0)
    var decisions: [GroupMerger.Decision] = []
    for group in 0..<groups.count {
      let members = groups.members[groups.range(group)]
      decisions.removeAll(keepingCapacity: true)
      var random = generator(t, group)
      members.withUnsafeBufferPointer { members in
        mergers[0].decide(members, state: state, rule: rule, random: &random, into: &decisions)
      }
      let done = try apply(decisions[...], members, rule)
      sums = (sums.merges + done.merges, sums.refused + done.refused)
    }
    return sums
  }

  private mutating func runFrozen(
    _ groups: CandidateGroups, _ rule: GroupMerger.Rule, _ t: Int
  ) throws(MillError) -> (merges: Int, refused: Int) {
    let workers = mergers.count
    var lists = [[GroupMerger.Decision]](repeating: [], count: workers)
    /// For each group the worker and the place of its decisions there.
    var places = [(worker: Int32, low: Int32, high: Int32)](repeating: (0, 0, 0), count: groups.count)
    let (state, stream) = (self.state, pickStream)
    mergers.withUnsafeMutableBufferPointer { mergers in
      lists.withUnsafeMutableBufferPointer { lists in
        places.withUnsafeMutableBufferPointer { places in
          groups.members.withUnsafeBufferPointer { members in
            nonisolated(unsafe) let (mergers, lists, places, members) = (
              mergers.baseAddress!, lists.baseAddress!, places, members
            )
            Parallel.forEach(groups.count, threads: workers) { group, worker in
              var random = stream.item(UInt64(t) << 32 | UInt64(group))
              let low = lists[worker].count
              mergers[worker].decide(
                UnsafeBufferPointer(rebasing: members[groups.range(group)]), state: state, rule: rule,
                random: &random, into: &lists[worker])
              places[group] = (Int32(worker), Int32(low), Int32(lists[worker].count))
            }
          }
        }
      }
    }
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
