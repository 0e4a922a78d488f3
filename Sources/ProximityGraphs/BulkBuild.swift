import CMillKernels
import Glibc
import MillRuntime
import VectorStore

extension HNSWCore {
  /// Builds the graph over all points at once.
  ///
  /// - Parameters:
  ///   - remembers: Whether link distances are kept during the build: the same graph, with fewer distances.
  ///   - hints: Objects that searches of level 0 start from besides.
  /// - Throws: ``MillError``: `over-budget`, `interrupted`.
  static func build(
    _ points: PointSet, options: HNSWOptions, remembers: Bool = true, hints: EntryHints? = nil,
    context run: RunContext
  ) throws(MillError) -> HNSWCore {
    let n = points.count
    let order = InsertionOrder(of: points, options, threads: run.threads)
    let lists = order.levels.reduce(0) { $0 + ($1 == LinkStore.chained ? 0 : Int($1)) }
    let links = try LinkStore(m: options.m, baseLinks: options.maximumBaseLinks, capacity: n, upperCapacity: lists)
    for level in order.levels { try links.append(level: level) }
    let cache = remembers ? try LinkCache(nodes: n, width: links.baseLinks) : nil
    let core = HNSWCore(points, options: options, links: links, hints: hints, cache: cache)
    for id in stride(from: n - 1, through: 0, by: -1) where order.representatives[id] != UInt32(id) {
      core.chain(UInt32(id), behind: order.representatives[id])
    }
    try BatchBuilder(core, order.sequence, run).run(cap: options.isSequential ? 1 : nil)
    let built = core.over(points)
    try built.repair(run)
    return built
  }

  /// Whether two objects have equal bytes, so that they are equally far from everything.
  static func isEqual(_ points: PointSet, _ a: UInt32, _ b: UInt32) -> Bool {
    unsafe points.identityBytes > 0 && memcmp(points.object(a), points.object(b), points.identityBytes) == 0
  }
}
