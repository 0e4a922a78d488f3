import GraphStore
import MillRuntime

/// Burns nodes until there are enough: a fire spreads from a random node, and where it dies another one begins.
///
/// A burning node sets a geometrically distributed number of its neighbors on fire, drawn among those that do not burn
/// yet, and its numbers are its own: they do not depend on when it burns.
struct ForestFire: RowsVisitor {
  /// With in-arcs where fires go backward.
  let graph: CSRGraph
  let count: Int
  let options: GraphSampleOptions

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> FlatBuffer<Bool> {
    let n = rows.nodeCount
    let incoming = options.backwardRatio > 0 && rows.isDirected ? graph.incomingRows(rows) : nil
    let roots = try FlatBuffer<ID>(uninitializedCount: n)
    for node in 0..<n { unsafe roots.base[node] = ID(truncatingIfNeeded: node) }
    var random = CounterRandom(seed: options.seed, stage: "forest-fire-roots")
    unsafe random.shuffle(roots.mutableElements)
    let stream = RandomStream(seed: options.seed, stage: "forest-fire")
    let isBurned = try FlatBuffer<Bool>(count: n)
    var queue: [Int] = []
    var fresh: [Int] = []
    func burn(_ node: Int) {
      unsafe isBurned.base[node] = true
      queue.append(node)
    }
    func spread(_ rows: GraphRows<ID>, _ node: Int, _ chance: Double, _ random: inout CounterRandom) {
      var wanted = 0
      while random.unit() < chance { wanted += 1 }
      guard wanted > 0 else { return }
      fresh.removeAll(keepingCapacity: true)
      for arc in rows.arcs(node) where unsafe !isBurned.base[rows.target(arc)] { fresh.append(rows.target(arc)) }
      for i in 0..<min(wanted, fresh.count) {
        fresh.swapAt(i, i + Int(random.below(UInt64(fresh.count - i))))
        // A parallel edge leads to a node that burns by now.
        if unsafe !isBurned.base[fresh[i]], queue.count < count { burn(fresh[i]) }
      }
    }
    var place = 0
    var root = 0
    while queue.count < count {
      if place == queue.count {
        try rows.context.checkCancelled()
        while unsafe isBurned.base[Int(roots.base[root])] { root += 1 }
        unsafe burn(Int(roots.base[root]))
      }
      let node = queue[place]
      place += 1
      var random = stream.item(UInt64(node))
      spread(rows, node, options.burning, &random)
      if let incoming { spread(incoming, node, options.burning * options.backwardRatio, &random) }
    }
    return isBurned
  }
}
