import GraphStore
import Glibc
import MillRuntime

/// The benchmark of Lancichinetti, Fortunato, Radicchi (Physical Review E 78, 046110, 2008): groups of unequal sizes and
/// nodes of unequal degrees, each with a share of `mixing` of its edges outside its group.
struct PlantedModel {
  var nodes = 1000
  var meanDegree = 20.0
  var largestDegree = 50
  /// Nodes of a group.
  var sizes = 10...50
  /// The share of a node's edges that leave its group.
  var mixing = 0.5

  /// Draws a graph and the group of each node. Edges that cannot be placed without a loop or a repetition after some
  /// tries are left out.
  func draw(seed: UInt64) throws(MillError) -> (graph: CSRGraph, truth: [Int32]) {
    var random = CounterRandom(seed: seed, stage: "planted")
    let least = leastDegree()
    let degrees = (0..<nodes).map { _ in Self.powerLaw(2, least, Double(largestDegree), &random) }
    let inner = degrees.map { Int(((1 - mixing) * Double($0)).rounded()) }
    var groupSizes: [Int] = []
    while true {
      groupSizes = []
      var sum = 0
      while sum < nodes {
        let size = Self.powerLaw(1, Double(sizes.lowerBound), Double(sizes.upperBound), &random)
        groupSizes.append(size)
        sum += size
      }
      groupSizes[groupSizes.count - 1] -= sum - nodes
      if groupSizes.last! >= sizes.lowerBound { break }
    }
    // The nodes with most inner edges choose first, among groups that can hold them and have room.
    var room = groupSizes
    var truth = [Int32](repeating: -1, count: nodes)
    for node in (0..<nodes).sorted(by: { (-inner[$0], $0) < (-inner[$1], $1) }) {
      let open = room.indices.filter { room[$0] > 0 && groupSizes[$0] > inner[node] }
      let places = open.isEmpty ? room.indices.filter { room[$0] > 0 } : open
      var draw = Int(random.below(UInt64(places.reduce(0) { $0 + room[$1] })))
      for place in places {
        draw -= room[place]
        if draw < 0 {
          truth[node] = Int32(place)
          room[place] -= 1
          break
        }
      }
    }
    var edges: Set<UInt64> = []
    for group in groupSizes.indices {
      let members = (0..<nodes).filter { truth[$0] == Int32(group) }
      let stubs = members.flatMap { [Int](repeating: $0, count: min(inner[$0], groupSizes[group] - 1)) }
      Self.match(stubs, &edges, &random) { _, _ in true }
    }
    let outer = (0..<nodes).flatMap { [Int](repeating: $0, count: degrees[$0] - inner[$0]) }
    Self.match(outer, &edges, &random) { truth[$0] != truth[$1] }
    let pairs = edges.sorted().map { (Int($0 >> 32), Int($0 & 0xffff_ffff)) }
    return (try CSRGraph(nodeCount: nodes, edges: pairs), truth)
  }

  /// The least degree that gives the mean.
  private func leastDegree() -> Double {
    var (low, high) = (1.0, Double(largestDegree))
    for _ in 0..<60 {
      let middle = (low + high) / 2
      // The mean of a density x^-2 on [a, b].
      let b = Double(largestDegree)
      let mean = log(b / middle) / (1 / middle - 1 / b)
      if mean < meanDegree { low = middle } else { high = middle }
    }
    return low
  }

  /// A rounded variate of the density x^-exponent.
  private static func powerLaw(_ exponent: Double, _ a: Double, _ b: Double, _ random: inout CounterRandom) -> Int {
    let u = random.unit()
    let x = exponent == 1 ? a * pow(b / a, u) : 1 / (1 / a - u * (1 / a - 1 / b))
    return Int(x.rounded())
  }

  /// Joins stubs at random; what makes a loop, a repetition or is not allowed is tried again with others.
  private static func match(
    _ stubs: [Int], _ edges: inout Set<UInt64>, _ random: inout CounterRandom, _ isAllowed: (Int, Int) -> Bool
  ) {
    var open = stubs
    for _ in 0..<100 where open.count > 1 {
      random.shuffle(&open)
      var left: [Int] = []
      for at in stride(from: 0, to: open.count - 1, by: 2) {
        let (u, v) = (min(open[at], open[at + 1]), max(open[at], open[at + 1]))
        if u != v, isAllowed(u, v), edges.insert(UInt64(u) << 32 | UInt64(v)).inserted { continue }
        left += [u, v]
      }
      open = left
    }
  }
}
