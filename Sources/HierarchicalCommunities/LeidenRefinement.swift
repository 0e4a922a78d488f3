import MillRuntime

/// Splits each group of a partition into parts that are well connected: starts from single nodes, and merges those that
/// are still alone into the part of their group that gains the most, where node and part are well connected to the rest of
/// the group.
///
/// The paper draws the part at random with a chance that grows with the gain; here it is the best one, so that nothing
/// is drawn. What the paper shows of the parts, that they are connected and no node of them hangs on by too little,
/// does not depend on the draw.
///
/// - Source: Traag, Waltman, van Eck, Scientific Reports 9, 5233, 2019, algorithm A.2 (`RefinePartition`).
struct LeidenRefinement<Mass: NullMass> {
  /// A part, named by one of its nodes.
  private struct Part {
    var mass: Mass
    /// The weight between it and the rest of its group.
    var cut: Double
    /// The weight between it and the node that is looked at.
    var links: Double
    var size: Int
  }

  /// The part of each node, numbered so that parts of one group are neighbors.
  let parts: FlatBuffer<UInt32>
  /// The number of parts.
  let count: Int
  /// The group of each part, numbered anew.
  let groups: FlatBuffer<UInt32>

  /// - Parameters:
  ///   - labels: The group of each node, below the number of nodes.
  ///   - order: All nodes, in the order in which those of a group are looked at.
  init(
    _ graph: LevelGraph<Mass>, labels: FlatBuffer<UInt32>, order: FlatBuffer<UInt32>, scale: Double
  ) throws(MillError) {
    let n = graph.nodeCount
    let parts = try FlatBuffer<UInt32>(uninitializedCount: n)
    let state = try FlatBuffer<Part>(uninitializedCount: n)
    let masses = try FlatBuffer<Mass>(count: n)
    for node in 0..<n {
      unsafe masses.base[Int(labels.base[node])] += graph.masses.base[node]
      unsafe parts.base[node] = UInt32(truncatingIfNeeded: node)
    }
    let touched = try FlatBuffer<UInt32>(uninitializedCount: n)
    for node in 0..<n {
      let label = unsafe labels.base[node]
      var cut = 0.0
      for e in unsafe Int(graph.offsets[node])..<Int(graph.offsets[node &+ 1])
      where unsafe labels.base[Int(graph.targets[e])] == label {
        unsafe cut += graph.weights?.base[e] ?? 1
      }
      unsafe state.base[node] = Part(mass: graph.masses.base[node], cut: cut, links: 0, size: 1)
    }
    for place in 0..<n {
      let node = unsafe Int(order.base[place])
      unsafe Self.place(node, graph, labels.base, parts.base, state.base, masses.base, touched.base, scale)
    }
    // Numbers: group by group, by the first node of each part.
    let members = try GroupMembers(labels, count: n)
    let numbers = touched
    unsafe numbers.base.update(repeating: .max, count: n)
    let groups = try FlatBuffer<UInt32>(uninitializedCount: n)
    var (next, known) = (0, 0)
    for group in 0..<n where !members.range(group).isEmpty {
      for at in members.range(group) {
        let node = members[at]
        let part = unsafe Int(parts.base[node])
        if unsafe numbers.base[part] == .max {
          unsafe numbers.base[part] = UInt32(truncatingIfNeeded: next)
          unsafe groups.base[next] = UInt32(truncatingIfNeeded: known)
          next += 1
        }
        unsafe parts.base[node] = numbers.base[part]
      }
      known += 1
    }
    groups.truncate(to: next)
    (self.parts, self.groups, count) = (parts, groups, next)
  }

  /// Merges a node that is alone into a part.
  @inline(__always)
  private static func place(
    _ node: Int, _ graph: LevelGraph<Mass>, _ labels: UnsafePointer<UInt32>, _ parts: UnsafeMutablePointer<UInt32>,
    _ state: UnsafeMutablePointer<Part>, _ masses: UnsafePointer<Mass>, _ touched: UnsafeMutablePointer<UInt32>,
    _ scale: Double
  ) {
    let label = unsafe labels[node]
    let whole = unsafe masses[Int(label)]
    let own = unsafe state[node]
    // A part is named by the node that it began with, which never leaves it.
    let cost = own.mass.scaled(by: scale)
    guard own.size == 1, unsafe Int(parts[node]) == node, own.cut >= cost.expected(with: whole - own.mass) else {
      return
    }
    var count = 0
    for e in unsafe Int(graph.offsets[node])..<Int(graph.offsets[node &+ 1]) {
      let neighbor = unsafe Int(graph.targets[e])
      guard unsafe labels[neighbor] == label else { continue }
      let part = unsafe Int(parts[neighbor])
      let links = unsafe state[part].links
      unsafe touched[count] = UInt32(truncatingIfNeeded: part)
      count &+= links == 0 ? 1 : 0
      unsafe state[part].links = links + (graph.weights?.base[e] ?? 1)
    }
    var (best, bestGain, bestLinks) = (-1, 0.0, 0.0)
    for at in 0..<count {
      let part = unsafe Int(touched[at])
      let candidate = unsafe state[part]
      unsafe state[part].links = 0
      let gain = candidate.links - cost.expected(with: candidate.mass)
      guard gain > bestGain || (gain == 0 && best < 0) else { continue }
      if candidate.cut >= candidate.mass.scaled(by: scale).expected(with: whole - candidate.mass) {
        (best, bestGain, bestLinks) = (part, gain, candidate.links)
      }
    }
    guard best >= 0 else { return }
    unsafe parts[node] = UInt32(truncatingIfNeeded: best)
    unsafe state[best].mass += own.mass
    unsafe state[best].cut += own.cut - 2 * bestLinks
    unsafe state[best].size += 1
  }
}
