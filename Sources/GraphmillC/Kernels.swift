public import CGraphmill
import GraphKernels
import GraphStore
import MillRuntime

/// Finds the weak components.
@c @implementation
public func gm_components(
  _ handle: OpaquePointer?, _ context: OpaquePointer?, _ labels: UnsafeMutablePointer<UInt32>?, _ length: Int64,
  _ count: UnsafeMutablePointer<Int64>?, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let found = try unsafe connectedComponents(of: graph(handle), context: GraphmillC.context(context))
    try unsafe copy(found.labels, to: labels, length: length, "labels")
    unsafe count?.pointee = Int64(found.count)
  }
}

/// Finds distances from a node.
@c @implementation
public func gm_bfs(
  _ handle: OpaquePointer?, _ source: Int64, _ context: OpaquePointer?, _ distances: UnsafeMutablePointer<Int32>?,
  _ parents: UnsafeMutablePointer<Int64>?, _ length: Int64, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let graph = try unsafe graph(handle)
    let source = try node(source, of: graph.nodeCount)
    let found = try unsafe breadthFirstSearch(
      of: graph, from: source, options: .init(findsParents: parents != nil), context: GraphmillC.context(context))
    try unsafe copy(found.distances, to: distances, length: length, "distances")
    guard let ways = found.parents, let place = unsafe parents else { return }
    let target = try unsafe array(place, length: length, expected: ways.count, "parents")
    for (i, parent) in ways.enumerated() { unsafe target?[i] = Int64(parent) }
  }
}

/// A node of a graph.
///
/// - Throws: `MillError` of kind `bad-option`.
func node(_ value: Int64, of count: Int) throws(MillError) -> Int {
  guard value >= 0, value < Int64(count) else {
    throw MillError(.badOption, "there is no such node among \(count)", field: "\(value)")
  }
  return Int(value)
}

/// Scores nodes by a random walk.
@c @implementation
public func gm_pagerank(
  _ handle: OpaquePointer?, _ given: UnsafePointer<gm_pagerank_options>?, _ context: OpaquePointer?,
  _ scores: UnsafeMutablePointer<Double>?, _ length: Int64, _ rounds: UnsafeMutablePointer<Int64>?,
  _ converged: UnsafeMutablePointer<Int32>?, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let given = try unsafe options(given, gm_pagerank_options())
    let graph = try unsafe graph(handle)
    var wanted = PageRankOptions()
    wanted.usesWeights = unsafe given.ignore_weights == 0
    if unsafe given.damping != 0 { wanted.damping = unsafe max(0, given.damping) }
    if unsafe given.tolerance != 0 { wanted.tolerance = unsafe given.tolerance }
    if unsafe given.rounds != 0 { wanted.maximumRounds = try unsafe number(given.rounds, "rounds", in: 1...1 << 30) }
    if let restart = unsafe given.restart {
      wanted.restart = unsafe Array(UnsafeBufferPointer(start: restart, count: graph.nodeCount))
    }
    let found = try unsafe pageRank(of: graph, options: wanted, context: GraphmillC.context(context))
    try unsafe copy(found.scores, to: scores, length: length, "scores")
    unsafe rounds?.pointee = Int64(found.rounds)
    unsafe converged?.pointee = found.isConverged ? 1 : 0
  }
}

/// Finds core numbers.
@c @implementation
public func gm_core_numbers(
  _ handle: OpaquePointer?, _ context: OpaquePointer?, _ cores: UnsafeMutablePointer<UInt32>?, _ length: Int64,
  _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let found = try unsafe coreNumbers(of: graph(handle), context: GraphmillC.context(context))
    try unsafe copy(found.cores, to: cores, length: length, "cores")
  }
}

/// Counts triangles.
@c @implementation
public func gm_triangles(
  _ handle: OpaquePointer?, _ context: OpaquePointer?, _ count: UnsafeMutablePointer<Int64>?,
  _ atNodes: UnsafeMutablePointer<UInt64>?, _ length: Int64, _ error: HandleOut
) -> Int32 {
  unsafe door(error) { () throws(MillError) in
    let graph = try unsafe graph(handle)
    let context = unsafe GraphmillC.context(context)
    guard unsafe atNodes != nil else {
      let found = try triangleCount(of: graph, context: context)
      unsafe count?.pointee = Int64(found)
      return
    }
    let found = try clusteringCoefficients(of: graph, context: context)
    try unsafe copy(found.triangles, to: atNodes, length: length, "triangles")
    unsafe count?.pointee = Int64(found.triangleCount)
  }
}
