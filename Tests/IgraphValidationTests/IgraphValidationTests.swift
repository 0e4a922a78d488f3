import GraphKernels
import GraphGenerators
import GraphStore
import IgraphValidation
import MillRuntime
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: Igraph.isAvailable, "igraph is not linked; run with --traits Validation"))
struct IgraphValidationTests {
  private static let inputs =
    TestGraph.small + [
      .random(2000, edges: 1500, seed: 1), .random(2000, edges: 4000, seed: 2), .skewed(3000, edges: 9000, seed: 3),
      .grid(40), .shuffledPath(1500, seed: 4),
    ]

  @Test("Weakly connected components are igraph's", arguments: inputs)
  func components(input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected)
      let ours = try connectedComponents(of: graph).labels.array.map(Int.init)
      let theirs = try Igraph.components(of: graph)
      #expect(renumbered(theirs) == ours)
    }
  }

  /// Labels in the order of first occurrence.
  private func renumbered(_ labels: [Int]) -> [Int] {
    var new: [Int: Int] = [:]
    return labels.map { label in
      let number = new[label] ?? new.count
      new[label] = number
      return number
    }
  }

  @Test("Degrees are igraph's", arguments: inputs)
  func igraphDegrees(input: TestGraph) throws {
    for policy in [DuplicatePolicy.sum, .keep] {
      let undirected = try input.frozen(duplicates: policy)
      var options = DegreeOptions()
      options.countsLoopsTwice = true
      #expect(
        try degrees(of: undirected, options: options).array.map(Int.init) == Igraph.degrees(of: undirected))
      let directed = try input.frozen(isDirected: true, duplicates: policy)
      for direction in DegreeDirection.allCases {
        options.direction = direction
        #expect(
          try degrees(of: directed, options: options).array.map(Int.init)
            == Igraph.degrees(of: directed, direction: direction))
      }
      let simple = try undirected.simplified(duplicates: .keep)
      #expect(
        try degrees(of: simple).array.map(Int.init) == Igraph.degrees(of: undirected, countsLoops: false))
    }
  }

  @Test("Distances are igraph's", arguments: inputs)
  func distances(input: TestGraph) throws {
    for isDirected in [false, true] {
      let graph = try input.frozen(isDirected: isDirected).withInArcs()
      for source in Set([0, input.nodeCount / 2, input.nodeCount - 1]) where source >= 0 && source < input.nodeCount {
        let ours = try breadthFirstSearch(of: graph, from: source).distances.array.map(Int.init)
        #expect(try Igraph.distances(of: graph, from: source) == ours)
      }
    }
  }

  /// Both programs grow the same process from a lone node. Compared over 10 seeds each: shares of small degrees, the
  /// tail, and the mean of the logarithm of the largest degree, each within 4.5 standard errors of the two together.
  @Test("Preferential attachment gives igraph's degree law", arguments: [1, 3, 6])
  func barabasi(d: Int) throws {
    let n = 4000
    var samples: [[[Double]]] = [[], []]
    for seed in 1...UInt64(10) {
      var options = BarabasiAlbertOptions()
      (options.nodeCount, options.edgesPerNode, options.seed) = (n, d, seed)
      options.duplicates = .keep
      let ours = try degrees(of: generateBarabasiAlbertGraph(options)).array.map(Int.init)
      let theirs = try Igraph.barabasiDegrees(nodeCount: n, edgesPerNode: d, seed: seed)
      #expect(ours.reduce(0, +) == theirs.reduce(0, +))
      for (i, sequence) in [ours, theirs].enumerated() { samples[i].append(features(sequence, smallest: d)) }
    }
    expectAlike(samples[0], samples[1])
  }

  /// Degrees of G(n, m) over 10 seeds: variance, shares of the degrees around the mean.
  @Test func uniform() throws {
    var samples: [[[Double]]] = [[], []]
    for seed in 1...UInt64(10) {
      var options = ErdosRenyiOptions()
      (options.nodeCount, options.edges, options.seed) = (3000, .count(9000), seed)
      let ours = try degrees(of: generateErdosRenyiGraph(options)).array.map(Int.init)
      let theirs = try Igraph.uniformDegrees(nodeCount: 3000, edgeCount: 9000, seed: seed)
      #expect(ours.reduce(0, +) == 18_000)
      #expect(theirs.reduce(0, +) == 18_000)
      for (i, sequence) in [ours, theirs].enumerated() {
        samples[i].append(features(sequence, smallest: 4) + [variance(sequence)])
      }
    }
    expectAlike(samples[0], samples[1])
  }

  /// Shares of the degrees s ..< s + 4, the share of at least 3 s, and the square root of the largest.
  private func features(_ degrees: [Int], smallest s: Int) -> [Double] {
    let n = Double(degrees.count)
    var result = (s..<s + 4).map { k in Double(degrees.count { $0 == k }) / n }
    result.append(Double(degrees.count { $0 >= 3 * s }) / n)
    result.append(Double(degrees.max() ?? 0).squareRoot())
    return result
  }

  private func variance(_ degrees: [Int]) -> Double {
    let mean = Double(degrees.reduce(0, +)) / Double(degrees.count)
    return degrees.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(degrees.count)
  }

  /// Checks each feature's means over two sets of runs against their common standard error.
  private func expectAlike(_ a: [[Double]], _ b: [[Double]]) {
    for feature in a[0].indices {
      let (x, y) = (a.map { $0[feature] }, b.map { $0[feature] })
      func moments(_ values: [Double]) -> (mean: Double, error: Double) {
        let n = Double(values.count)
        let mean = values.reduce(0, +) / n
        return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1) / n)
      }
      let (ours, theirs) = (moments(x), moments(y))
      let error = (ours.error + theirs.error).squareRoot()
      #expect(abs(ours.mean - theirs.mean) < 4.5 * error, "feature \(feature): \(ours.mean), igraph \(theirs.mean)")
    }
  }
}

/// What holds without igraph too.
@Suite struct IgraphAbsenceTests {
  @Test("Without the trait every call says that igraph is not linked", .enabled(if: !Igraph.isAvailable))
  func unavailable() throws {
    let graph = try TestGraph.path(3).frozen()
    let error = #expect(throws: Igraph.Failure.self) { try Igraph.components(of: graph) }
    #expect(error?.code == -1)
    #expect(error?.description == "igraph is not linked")
  }
}
