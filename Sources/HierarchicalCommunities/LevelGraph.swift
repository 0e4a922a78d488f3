import GraphStore
import MillRuntime

/// A weighted graph whose nodes are groups of nodes of the level below: what the methods that move nodes and then groups
/// work on. Weights are integers in doubles, so every sum is exact.
@safe struct LevelGraph<Mass: NullMass>: @unchecked Sendable {
  let nodeCount: Int
  let offsets: UnsafePointer<UInt64>
  let targets: UnsafePointer<UInt32>
  /// The weight of each arc; nil for 1.
  let weights: FlatBuffer<Double>?
  /// Twice the weight inside each node; nil for 0.
  let loops: FlatBuffer<Double>?
  /// What the null model knows of each node.
  let masses: FlatBuffer<Mass>
  /// Owners of the rows: of a level above, and of the lowest one.
  private let owner: (FlatBuffer<UInt64>, FlatBuffer<UInt32>)?
  private let source: CSRGraph?

  /// The lowest level.
  ///
  /// - Parameters:
  ///   - usesWeights: Whether edges have their weights; else each is 1.
  ///   - mass: What the null model knows of a node, by its number and the sum of weights at it.
  private init(
    _ graph: CommunityGraph, usesWeights: Bool, mass: (_ node: Int, _ strength: Double) -> Mass
  ) throws(MillError) {
    nodeCount = graph.nodeCount
    unsafe offsets = graph.offsets
    unsafe targets = graph.targets
    loops = nil
    masses = try FlatBuffer(uninitializedCount: nodeCount)
    var values: FlatBuffer<Double>?
    if usesWeights, let weights = graph.weights {
      let copy = try FlatBuffer<Double>(uninitializedCount: graph.arcCount)
      for e in 0..<graph.arcCount { unsafe copy.base[e] = Double(weights.base[e]) }
      values = copy
    }
    weights = values
    owner = nil
    source = graph.graph
    for node in 0..<nodeCount {
      let (begin, end) = unsafe (Int(offsets[node]), Int(offsets[node + 1]))
      var sum = Double(end - begin)
      if let values {
        sum = 0
        for e in begin..<end { unsafe sum += values.base[e] }
      }
      unsafe masses.base[node] = mass(node, sum)
    }
  }

  private init(
    offsets: FlatBuffer<UInt64>, targets: FlatBuffer<UInt32>, weights: FlatBuffer<Double>?, loops: FlatBuffer<Double>?,
    masses: FlatBuffer<Mass>
  ) {
    nodeCount = masses.count
    unsafe self.offsets = UnsafePointer(offsets.base)
    unsafe self.targets = UnsafePointer(targets.base)
    self.weights = weights
    self.loops = loops
    self.masses = masses
    owner = (offsets, targets)
    source = nil
  }

  /// The sum of all arcs and loops: twice the weight of the graph.
  var total: Double {
    var sum = 0.0
    for node in 0..<nodeCount {
      unsafe sum += loops?.base[node] ?? 0
      let (begin, end) = unsafe (Int(offsets[node]), Int(offsets[node + 1]))
      if let weights {
        for e in begin..<end { unsafe sum += weights.base[e] }
      } else {
        sum += Double(end - begin)
      }
    }
    return sum
  }

  /// The graph of groups.
  ///
  /// - Parameter groups: Labels below `count`, each of which occurs.
  /// - Complexity: O(nodes + arcs).
  func aggregated(_ groups: FlatBuffer<UInt32>, count: Int) throws(MillError) -> LevelGraph {
    let members = try GroupMembers(groups, count: count)
    let newOffsets = try FlatBuffer<UInt64>(uninitializedCount: count + 1)
    let arcs = unsafe Int(offsets[nodeCount])
    let newTargets = try FlatBuffer<UInt32>(uninitializedCount: arcs)
    let newWeights = try FlatBuffer<Double>(uninitializedCount: arcs)
    let newLoops = try FlatBuffer<Double>(uninitializedCount: count)
    let newMasses = try FlatBuffer<Mass>(uninitializedCount: count)
    let links = try FlatBuffer<Double>(count: count)
    let filled = unsafe fill(
      members, groups.base, newOffsets.base, newTargets.base, newWeights.base, newLoops.base, newMasses.base,
      links.base)
    newTargets.truncate(to: filled)
    newWeights.truncate(to: filled)
    return LevelGraph(
      offsets: newOffsets, targets: newTargets, weights: newWeights, loops: newLoops, masses: newMasses)
  }

  /// How much more weight there is inside the nodes, each as a group, than `scale` times what the null model expects; twice,
  /// as arcs are counted from both ends.
  func excess(scale: Double) -> Double {
    var sum = 0.0
    for node in 0..<nodeCount {
      let mass = unsafe masses.base[node]
      unsafe sum += (loops?.base[node] ?? 0) - mass.scaled(by: scale).expected(with: mass)
    }
    return sum
  }

  /// Writes the rows of the groups; the targets of a row stand in the order in which they were met.
  private func fill(
    _ members: GroupMembers, _ groups: UnsafePointer<UInt32>, _ newOffsets: UnsafeMutablePointer<UInt64>,
    _ newTargets: UnsafeMutablePointer<UInt32>, _ newWeights: UnsafeMutablePointer<Double>,
    _ newLoops: UnsafeMutablePointer<Double>, _ newMasses: UnsafeMutablePointer<Mass>,
    _ links: UnsafeMutablePointer<Double>
  ) -> Int {
    let (weights, loops, masses) = unsafe (self.weights?.base, self.loops?.base, self.masses.base)
    var place = 0
    for group in 0..<members.count {
      unsafe newOffsets[group] = UInt64(place)
      let begin = place
      var (inside, mass) = (0.0, Mass.zero)
      for index in members.range(group) {
        let node = members[index]
        unsafe inside += loops?[node] ?? 0
        unsafe mass += masses[node]
        for e in unsafe Int(offsets[node])..<Int(offsets[node &+ 1]) {
          let other = unsafe Int(groups[Int(targets[e])])
          let weight = unsafe weights?[e] ?? 1
          if other == group {
            inside += weight
          } else {
            let sum = unsafe links[other]
            // Written in any case, kept where the group is new: no branch that cannot be foreseen.
            unsafe newTargets[place] = UInt32(truncatingIfNeeded: other)
            place &+= sum == 0 ? 1 : 0
            unsafe links[other] = sum + weight
          }
        }
      }
      for at in begin..<place {
        let other = unsafe Int(newTargets[at])
        unsafe newWeights[at] = links[other]
        unsafe links[other] = 0
      }
      unsafe newLoops[group] = inside
      unsafe newMasses[group] = mass
    }
    unsafe newOffsets[members.count] = UInt64(place)
    return place
  }
}

extension LevelGraph<Double> {
  /// The lowest level, whose links have no direction.
  ///
  /// - Parameters:
  ///   - countsNodes: Whether the mass of a node is 1 instead of the sum of its weights.
  ///   - usesWeights: Whether edges have their weights; else each is 1.
  init(_ graph: CommunityGraph, countsNodes: Bool = false, usesWeights: Bool = true) throws(MillError) {
    try self.init(graph, usesWeights: usesWeights) { _, strength in countsNodes ? 1 : strength }
  }

  /// The graph of some nodes, ascending, and the edges between them; masses are sums of weights there.
  ///
  /// - Parameters:
  ///   - nodes: All nodes of one label, at least one.
  ///   - places: Scratch space, one a node of this graph.
  /// - Complexity: O(the nodes' degrees).
  func induced(
    _ nodes: [UInt32], labels: FlatBuffer<UInt32>, places: FlatBuffer<UInt32>
  ) throws(MillError) -> LevelGraph {
    let label = unsafe labels.base[Int(nodes[0])]
    let newOffsets = try FlatBuffer<UInt64>(uninitializedCount: nodes.count + 1)
    let newMasses = try FlatBuffer<Double>(uninitializedCount: nodes.count)
    var arcs = 0
    for (place, node) in nodes.enumerated() {
      unsafe places.base[Int(node)] = UInt32(truncatingIfNeeded: place)
      arcs += unsafe Int(offsets[Int(node) + 1] - offsets[Int(node)])
    }
    let newTargets = try FlatBuffer<UInt32>(uninitializedCount: arcs)
    let newWeights = weights == nil ? nil : try FlatBuffer<Double>(uninitializedCount: arcs)
    var filled = 0
    for (place, node) in nodes.enumerated() {
      unsafe newOffsets.base[place] = UInt64(filled)
      var mass = 0.0
      for e in unsafe Int(offsets[Int(node)])..<Int(offsets[Int(node) + 1]) {
        let other = unsafe Int(targets[e])
        guard unsafe labels.base[other] == label else { continue }
        unsafe newTargets.base[filled] = places.base[other]
        let weight = unsafe weights?.base[e] ?? 1
        unsafe newWeights?.base[filled] = weight
        mass += weight
        filled &+= 1
      }
      unsafe newMasses.base[place] = mass
    }
    unsafe newOffsets.base[nodes.count] = UInt64(filled)
    newTargets.truncate(to: filled)
    newWeights?.truncate(to: filled)
    return LevelGraph(offsets: newOffsets, targets: newTargets, weights: newWeights, loops: nil, masses: newMasses)
  }
}

extension LevelGraph<ArcMass> {
  /// The lowest level of a graph whose links were arcs.
  init(arcs graph: CommunityGraph) throws(MillError) {
    let leaving = graph.leaving
    try self.init(graph, usesWeights: true) { node, strength in
      let out = leaving.map { unsafe Double($0.base[node]) } ?? strength / 2
      return ArcMass(leaving: out, entering: strength - out)
    }
  }
}

/// The nodes of each group, groups in order, nodes ascending.
struct GroupMembers {
  /// The number of groups.
  let count: Int
  private let offsets: FlatBuffer<UInt32>
  private let nodes: FlatBuffer<UInt32>

  /// - Parameter groups: Labels below `count`.
  init(_ groups: FlatBuffer<UInt32>, count: Int) throws(MillError) {
    self.count = count
    offsets = try FlatBuffer(count: count + 2)
    nodes = try FlatBuffer(uninitializedCount: groups.count)
    let (places, labels) = unsafe (offsets.base + 1, groups.base)
    for node in 0..<groups.count { unsafe places[Int(labels[node]) &+ 1] &+= 1 }
    for group in 0..<count { unsafe places[group &+ 1] &+= places[group] }
    // Each place moves to the end of its group, which is the begin of the next.
    for node in 0..<groups.count {
      let group = unsafe Int(labels[node])
      unsafe nodes.base[Int(places[group])] = UInt32(truncatingIfNeeded: node)
      unsafe places[group] &+= 1
    }
  }

  /// The places of a group's nodes.
  @inline(__always) func range(_ group: Int) -> Range<Int> {
    unsafe Int(offsets.base[group])..<Int(offsets.base[group &+ 1])
  }

  /// The node at a place.
  @inline(__always) subscript(place: Int) -> Int { unsafe Int(nodes.base[place]) }
}
