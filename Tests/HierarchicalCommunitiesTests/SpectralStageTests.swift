import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import HierarchicalCommunities

@Suite struct SpectralStageTests {
  /// Negative eigenvalues of the Bethe-Hessian at r and -r, r² = rho.
  static let golden: [(TestGraph, Int, Int, Double)] = [
    (.clique(20), 1, 0, 18), (.star(51), 0, 0, 24.5 + 1 - 1), (.completeBipartite(10), 1, 1, 9), (.cycle(100), 0, 0, 1),
    (.path(50), 0, 0, -1), (.ternaryTree(4), 0, 0, -1), (.grid(15), 11, 11, -1),
  ]

  @Test("Counts of negative eigenvalues", arguments: 0..<golden.count)
  func counts(index: Int) throws {
    let (input, plus, minus, rho) = Self.golden[index]
    let graph = try CommunityGraph(input.frozen(), context: RunContext(threads: 1))
    // Also where the stage itself would stop early: rho up to 1 is no evidence.
    for limit in [128, 1000] {
      var options = SpectralOptions()
      options.denseLimit = limit
      let stage = try SpectralStage.run(graph, wanted: nil, options: options, seed: 1, context: RunContext(threads: 1))
      #expect(stage.summary.plainCount == plus)
      // The block looks for the upper end; what it says of the lower one is a lower bound.
      if limit == 1000 { #expect(stage.summary.disassortativeCount == minus) }
      #expect(stage.summary.disassortativeCount <= minus)
      #expect(stage.summary.count == max(1, plus))
      if rho > 0, index != 1 { #expect(abs(stage.summary.rho - rho) < 1e-12) }
    }
  }

  @Test("The count is that of H_r itself, by a dense solver and by elimination", arguments: 0..<6 as Range<UInt64>)
  func betheHessian(seed: UInt64) throws {
    let model = try HierarchicalBlockModel(branching: 2, depth: 2, leafSize: 40, meanDegree: 9, ratio: 0.2)
    var options = BlockModelOptions()
    options.seed = seed
    let graph = try CommunityGraph(
      generateBlockModel(model, options: options).graph, context: RunContext(threads: 1))
    let n = graph.nodeCount
    let rho = try SpectralStage.radius(graph, .degrees, RunContext(threads: 1))
    let r = rho.squareRoot()
    var matrix = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      matrix[i * n + i] = rho - 1 + Double(graph.offsets[i + 1] - graph.offsets[i])
      for e in Int(graph.offsets[i])..<Int(graph.offsets[i + 1]) { matrix[i * n + Int(graph.targets[e])] = -r }
    }
    let dense = SymmetricEigen.decompose(matrix, size: n).values.count { $0 < 0 }
    #expect(dense == inertia(matrix, n))
    let normalized = DenseSpectrum.decompose(graph, tau: rho - 1).values.count { $0 > 1 / r }
    #expect(dense == normalized)
    let stage = try SpectralStage.run(
      graph, wanted: nil, options: SpectralOptions(), seed: seed, context: RunContext(threads: 1))
    #expect(stage.summary.plainCount == dense)
  }

  /// Negative pivots of LDLᵀ; Sylvester's law of inertia.
  private func inertia(_ matrix: [Double], _ n: Int) -> Int {
    var a = matrix
    var negative = 0
    for k in 0..<n {
      let pivot = a[k * n + k]
      if pivot < 0 { negative += 1 }
      for i in k + 1..<max(k + 1, n) where a[i * n + k] != 0 {
        let factor = a[i * n + k] / pivot
        for j in k..<n { a[i * n + j] -= factor * a[k * n + j] }
      }
    }
    return negative
  }

  @Test("The block solver's values are the dense ones, never above, near below", arguments: 0..<3 as Range<UInt64>)
  func values(seed: UInt64) throws {
    let model = try HierarchicalBlockModel(branching: 2, depth: 2, leafSize: 40, meanDegree: 12, ratio: 0.2)
    var generation = BlockModelOptions()
    generation.seed = seed
    let graph = try CommunityGraph(
      generateBlockModel(model, options: generation).graph, context: RunContext(threads: 1))
    let rho = try SpectralStage.radius(graph, .degrees, RunContext(threads: 1))
    let dense = Array(DenseSpectrum.decompose(graph, tau: rho - 1).values.reversed())
    for (tolerance, allowed) in [(0.3, 1e-3), (0.003, 1e-6)] {
      var options = SpectralOptions()
      options.denseLimit = 0
      options.tolerance = tolerance
      let stage = try SpectralStage.run(
        graph, wanted: nil, options: options, seed: seed, context: RunContext(threads: 1))
      #expect(stage.summary.plainCount == dense.count { $0 > stage.summary.threshold })
      for (found, exact) in zip(stage.summary.values, dense) {
        #expect(found <= exact * (1 + 1e-6))
        #expect(found >= exact - allowed * exact)
      }
    }
  }

  @Test("Every thread count gives the same bits")
  func threads() throws {
    let model = try HierarchicalBlockModel(branching: 2, depth: 3, leafSize: 1500, meanDegree: 14, ratio: 0.3)
    let input = try generateBlockModel(model).graph
    var digests: [[Float]] = []
    var summaries: [SpectralSummary] = []
    for threads in [1, 2, 4] {
      let context = RunContext(threads: threads)
      let stage = try SpectralStage.run(
        CommunityGraph(input, context: context), wanted: nil, options: SpectralOptions(), seed: 3, context: context)
      digests.append(Array(stage.rows.elements))
      summaries.append(stage.summary)
    }
    #expect(digests[0] == digests[1] && digests[0] == digests[2])
    #expect(summaries[0] == summaries[1] && summaries[0] == summaries[2])
    #expect(summaries[0].count == 8)
  }

  @Test("rho by degrees and by the non-backtracking matrix", .needsSharedData("communities/karate/edges.tsv"))
  func radius() throws {
    for (name, degrees, exact) in [
      ("karate", 6.769231, 5.292781), ("dolphins", 5.805031, 5.993487), ("football", 9.734095, 9.770108),
    ] {
      let graph = try CommunityGraph(
        SharedData.graph("communities/\(name)/edges.tsv").frozen(), context: RunContext(threads: 1))
      #expect(abs(try SpectralStage.radius(graph, .degrees, RunContext(threads: 1)) - degrees) < 1e-6)
      #expect(abs(try SpectralStage.radius(graph, .nonBacktracking, RunContext(threads: 1)) - exact) < 1e-6)
    }
  }

  @Test("Decomposition of small matrices", arguments: [1, 2, 3, 7, 24])
  func eigen(n: Int) {
    var random = CounterRandom(seed: UInt64(n), stage: "test-eigen")
    var matrix = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0...i {
        matrix[i * n + j] = random.unit() * 2 - 1
        matrix[j * n + i] = matrix[i * n + j]
      }
    }
    let found = SymmetricEigen.decompose(matrix, size: n)
    for k in 0..<n {
      if k > 0 { #expect(found.values[k - 1] <= found.values[k]) }
      for l in 0...k {
        let product = (0..<n).reduce(0.0) { $0 + found.vectors[$1 * n + k] * found.vectors[$1 * n + l] }
        #expect(abs(product - (k == l ? 1 : 0)) < 1e-12)
      }
      for i in 0..<n {
        let image = (0..<n).reduce(0.0) { $0 + matrix[i * n + $1] * found.vectors[$1 * n + k] }
        #expect(abs(image - found.values[k] * found.vectors[i * n + k]) < 1e-12)
      }
    }
  }

  @Test func logarithm() {
    for x in [1e-300, 1e-12, 0.1, 0.7071, 1, 1.5, 2, 10, 12345.678, 1e18] {
      let product = Logarithm.natural(x) + Logarithm.natural(1 / x)
      #expect(abs(product) < 1e-12)
      #expect(abs(Logarithm.natural(x * 2) - Logarithm.natural(x) - 0.693147180559945309) < 1e-12)
    }
    #expect(Logarithm.natural(0) == -.infinity)
    #expect(abs(Logarithm.natural(10) - 2.302585092994045684) < 1e-15)
  }
}

extension TestGraph {
  static func cycle(_ n: Int) -> TestGraph {
    TestGraph("cycle \(n)", nodeCount: n, pairs: (0..<n).map { ($0, ($0 + 1) % n) })
  }

  static func completeBipartite(_ side: Int) -> TestGraph {
    TestGraph(
      "K\(side),\(side)", nodeCount: 2 * side, pairs: (0..<side).flatMap { u in (0..<side).map { (u, side + $0) } })
  }

  static func ternaryTree(_ depth: Int) -> TestGraph {
    var count = 1
    var width = 1
    for _ in 0..<depth {
      width *= 3
      count += width
    }
    return TestGraph("ternary tree", nodeCount: count, pairs: (1..<count).map { ($0, ($0 - 1) / 3) })
  }
}
