public import GraphStore
public import MillRuntime

/// What ``onionLayers(of:context:)`` found.
public struct OnionLayersResult: Sendable, Equatable {
  /// The layer of each node, from 1 on, shape `[n]`.
  public let layers: SharedArray<UInt32>
  /// The core number of each node, shape `[n]`.
  public let cores: SharedArray<UInt32>
  /// The number of layers; 0 for a graph without nodes.
  public let layerCount: Int
}

/// Finds the onion layers of a graph: the k-cores peeled one skin at a time.
///
/// A layer is all nodes that have at most k neighbors left, taken away together, for the smallest k that takes any, but
/// never smaller than before. So a node's layer tells how deep inside its core it lies.
///
/// - Parameters:
///   - graph: Any graph. Directions, loops, parallel edges and weights do not matter.
///   - context: Threads (the layers are taken serially), a way to stop.
/// - Throws: `MillError`: `over-budget`, `interrupted`.
/// - Complexity: O(n + m) time, 24n bytes (36n for wide targets). The result does not depend on threads.
/// - Source: Hébert-Dufresne, Grant, Allard, "Multi-scale structure and topological anomaly detection via a new network
///   statistic: the onion decomposition", Scientific Reports 6, 2016, section "Methods".
public func onionLayers(of graph: CSRGraph, context: RunContext = .init()) throws(MillError) -> OnionLayersResult {
  let simple = try graph.prepared(Preparation(weights: .ignored), context: context).graph
  let cores = try coreNumbers(of: simple, context: context)
  return try simple.withRows(context: context, LayerPeeling(cores: cores))
}

private struct LayerPeeling: RowsVisitor {
  let cores: CoreNumbersResult

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> OnionLayersResult {
    let n = rows.nodeCount
    let core = unsafe cores.cores.base
    let layers = try FlatBuffer<UInt32>(count: n)
    let left = try FlatBuffer<UInt32>(uninitializedCount: n)
    for node in 0..<n { unsafe left.base[node] = UInt32(truncatingIfNeeded: rows.degree(node)) }
    // The nodes of core number k are those that the stage k takes away; first by core number, ascending in each.
    let starts = try FlatBuffer<Int>(count: cores.degeneracy + 2)
    for node in 0..<n { unsafe starts.base[Int(core[node]) + 1] += 1 }
    for k in 0...cores.degeneracy { unsafe starts.base[k + 1] += starts.base[k] }
    let members = try FlatBuffer<ID>(uninitializedCount: n)
    let ends = try FlatBuffer<Int>(uninitializedCount: cores.degeneracy + 1)
    for k in 0...cores.degeneracy { unsafe ends.base[k] = starts.base[k] }
    for node in 0..<n {
      let k = unsafe Int(core[node])
      unsafe members.base[ends.base[k]] = ID(truncatingIfNeeded: node)
      unsafe ends.base[k] += 1
    }
    let queue = try FlatBuffer<ID>(uninitializedCount: n)
    var layer: UInt32 = 0
    for k in 0...cores.degeneracy {
      var (place, end) = (0, 0)
      for i in unsafe starts.base[k]..<starts.base[k + 1] where unsafe left.base[Int(members.base[i])] <= k {
        unsafe queue.base[end] = members.base[i]
        end += 1
      }
      while place < end {
        try rows.context.checkCancelled()
        layer += 1
        let skin = place..<end
        for i in skin { unsafe layers.base[Int(queue.base[i])] = layer }
        for i in skin {
          for arc in rows.arcs(unsafe Int(queue.base[i])) {
            let other = rows.target(arc)
            guard unsafe layers.base[other] == 0 else { continue }
            let neighbors = unsafe left.base[other] - 1
            unsafe left.base[other] = neighbors
            // The next skin takes it, once: when the number of its neighbors reaches k.
            if neighbors == k {
              unsafe queue.base[end] = ID(truncatingIfNeeded: other)
              end += 1
            }
          }
        }
        place = skin.upperBound
      }
    }
    withExtendedLifetime(cores) {}
    return OnionLayersResult(layers: SharedArray(layers), cores: cores.cores, layerCount: Int(layer))
  }
}
