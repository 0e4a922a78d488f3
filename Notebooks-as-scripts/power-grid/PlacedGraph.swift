import GraphFormats
import GraphKernels
import GraphStore
import MillRuntime
import Reporting

/// A graph whose nodes have places on a map.
struct PlacedGraph {
  let graph: CSRGraph
  /// The place of each node, in meters.
  let places: [Chart.Point]
  /// The ends of the edges, two entries an edge.
  let ends: [Int32]

  /// Reads `FOLDER/edges.tsv` and `FOLDER/positions.tsv` (`node TAB x TAB y`, meters) and keeps the largest component.
  ///
  /// - Throws: `MillError` where a file is missing or malformed, or a node has no place.
  init(_ folder: String, context: RunContext) throws(MillError) {
    var options = GraphReadOptions()
    (options.weights, options.loops) = (.no, .drop)
    let read = try readGraph(folder + "/edges.tsv", options: options, context: context).graph
    let graph = try read.largestComponent(context: context).graph
    let known = try Self.positions(folder + "/positions.tsv")
    var places: [Chart.Point] = []
    var ends: [Int32] = []
    for node in 0..<graph.nodeCount {
      guard let place = known[graph.name(of: node)] else {
        throw MillError(
          .malformed, "a node without a place", file: folder + "/positions.tsv", field: graph.name(of: node))
      }
      places.append(place)
      for other in graph.neighbors(of: node) where other > node { ends += [Int32(node), Int32(other)] }
    }
    self.graph = graph
    self.places = places
    self.ends = ends
  }

  private static func positions(_ path: String) throws(MillError) -> [String: Chart.Point] {
    let table = try LabelTable(path: path)
    var places: [String: Chart.Point] = [:]
    for (row, fields) in table.rows.enumerated() {
      guard fields.count >= 2, let x = Double(fields[0]), let y = Double(fields[1]), x.isFinite, y.isFinite else {
        throw MillError(.malformed, "expected a node, x and y, separated by tabs", file: path, line: table.lines[row])
      }
      places[table.names[row]] = Chart.Point(x, y)
    }
    return places
  }
}

/// How compact the groups of a cut are on the map and in the graph.
struct Compactness: Equatable {
  /// Groups of the cut.
  let groups: Int
  /// Groups whose nodes hang together by edges of their own.
  let connected: Int
  /// The share of edges between groups.
  let betweenShare: Double
  /// The mean distance of a node to the middle of its group, in km.
  let distance: Double
  /// The same for random groups of the same sizes, mean over draws.
  let randomDistance: Double
  /// The share of edges between such groups.
  let randomBetweenShare: Double

  /// - Parameters:
  ///   - labels: The group of each node, from 0 on.
  ///   - draws: Shuffles of the labels.
  init(_ labels: [Int32], in placed: PlacedGraph, draws: Int, seed: UInt64) throws(MillError) {
    groups = Int(labels.max() ?? -1) + 1
    connected = try Self.connected(labels, placed.ends, groups)
    betweenShare = Self.between(labels, placed.ends)
    distance = Self.distance(labels, placed.places, groups)
    var (distances, shares) = (0.0, 0.0)
    for draw in 0..<draws {
      var random = CounterRandom(seed: seed, stage: "power-grid groups", item: UInt64(draw))
      var shuffled = labels
      random.shuffle(&shuffled)
      distances += Self.distance(shuffled, placed.places, groups)
      shares += Self.between(shuffled, placed.ends)
    }
    randomDistance = distances / Double(max(1, draws))
    randomBetweenShare = shares / Double(max(1, draws))
  }

  private static func between(_ labels: [Int32], _ ends: [Int32]) -> Double {
    let cut = stride(from: 0, to: ends.count, by: 2).count { labels[Int(ends[$0])] != labels[Int(ends[$0 + 1])] }
    return Double(2 * cut) / Double(max(1, ends.count))
  }

  private static func distance(_ labels: [Int32], _ places: [Chart.Point], _ groups: Int) -> Double {
    var sums = [Double](repeating: 0, count: 3 * groups)
    for (label, place) in zip(labels, places) {
      sums[3 * Int(label)] += place.x
      sums[3 * Int(label) + 1] += place.y
      sums[3 * Int(label) + 2] += 1
    }
    var total = 0.0
    for (label, place) in zip(labels, places) {
      let at = 3 * Int(label)
      let (dx, dy) = (place.x - sums[at] / sums[at + 2], place.y - sums[at + 1] / sums[at + 2])
      total += (dx * dx + dy * dy).squareRoot()
    }
    return total / Double(max(1, labels.count)) / 1000
  }

  /// Groups that are one component of the edges inside groups.
  private static func connected(_ labels: [Int32], _ ends: [Int32], _ groups: Int) throws(MillError) -> Int {
    var inside: [(Int, Int)] = []
    for e in stride(from: 0, to: ends.count, by: 2) where labels[Int(ends[e])] == labels[Int(ends[e + 1])] {
      inside.append((Int(ends[e]), Int(ends[e + 1])))
    }
    let components = try connectedComponents(of: CSRGraph(nodeCount: labels.count, edges: inside))
    var parts = [Set<Int>](repeating: [], count: groups)
    withExtendedLifetime(components) {
      for (node, label) in labels.enumerated() { parts[Int(label)].insert(Int(components.labels.base[node])) }
    }
    return parts.count { $0.count == 1 }
  }
}
