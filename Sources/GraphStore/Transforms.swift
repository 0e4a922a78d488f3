import MillRuntime

/// Graph arrays that a transform has built, ready to become a ``CSRGraph``.
struct BuiltRows<ID: NodeIndex> {
  let offsets: FlatBuffer<UInt64>
  let targets: FlatBuffer<ID>
  let weights: FlatBuffer<Double>?
  /// Arcs that are loops.
  let loops: Int
  /// Arcs that repeat the target before them.
  let repeats: Int

  /// The graph of these rows, with the smallest flags.
  func graph(isDirected: Bool, names: NodeNames) -> CSRGraph {
    var flags: GraphFlags = []
    if isDirected { flags.insert(.directed) }
    if loops > 0 { flags.insert(.loops) }
    if repeats > 0 { flags.insert(.multigraph) }
    let arcs = targets.count
    return CSRGraph(
      storage: CSRStorage(
        nodeCount: offsets.count - 1, edgeCount: isDirected ? arcs : (arcs - loops) / 2 + loops, flags: flags,
        offsets: SharedArray(offsets), targets: ID.targets(SharedArray(targets)),
        weights: weights.map { SharedArray($0) },
        names: names))
  }
}
