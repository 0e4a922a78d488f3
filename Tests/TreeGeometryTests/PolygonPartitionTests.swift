import MillRuntime
import Testing

@testable import TreeGeometry

@Suite struct PolygonPartitionTests {
  private static let layouts: [PartitionMethod] = [.polygons, .organic, .angular, .greedy]

  /// The vertices of a cell, from the one with the least x, then y, on.
  private static func corners(_ partition: PolygonPartition, _ node: Int) -> [[Double]] {
    let cell = partition.cell(of: node)
    let points = stride(from: 0, to: cell.count, by: 2).map { [cell[$0], cell[$0 + 1]] }
    guard let first = points.indices.min(by: { points[$0].lexicographicallyPrecedes(points[$1]) }) else { return [] }
    return Array(points[first...] + points[..<first])
  }

  private static func expect(
    _ partition: PolygonPartition, _ node: Int, _ wanted: [[Double]],
    _ location: SourceLocation = #_sourceLocation
  ) {
    let found = corners(partition, node)
    let isRight =
      found.count == wanted.count
      && zip(found, wanted).allSatisfy { abs($0[0] - $1[0]) < 1e-9 && abs($0[1] - $1[1]) < 1e-9 }
    #expect(isRight, "node \(node): \(found), not \(wanted)", sourceLocation: location)
  }

  @Test("By hand: three equal leaves are a strip below and two halves above")
  func threeEqual() throws {
    let found = try polygonPartition(of: TreeSamples.star(3))
    Self.expect(found, 0, [[0, 0], [1, 0], [1, 1 / 3], [0, 1 / 3]])
    Self.expect(found, 1, [[0.5, 1 / 3], [1, 1 / 3], [1, 1], [0.5, 1]])
    Self.expect(found, 2, [[0, 1 / 3], [0.5, 1 / 3], [0.5, 1], [0, 1]])
    #expect(abs(found.aspects[0] - 10 / 3) < 1e-12 && abs(found.aspects[1] - 25 / 12) < 1e-12)
    #expect(found.figures.cuts == 2 && found.figures.binaryDepth == 2 && found.figures.depth == 1)
    #expect(found.cuts.map(\.node) == [3, 3] && abs(found.cuts[0].share - 1 / 3) < 1e-15)
    #expect(PartitionChecks(found).faults.isEmpty)
  }

  @Test("By hand: a leaf of a hundredth takes a corner", arguments: [PartitionMethod.polygons, .greedy, .angular])
  func smallCorner(method: PartitionMethod) throws {
    let found = try polygonPartition(
      of: TreeSamples.star(2), weights: [99, 1], options: PartitionOptions(method: method))
    let s = 0.14142135623730951
    Self.expect(found, 1, [[0, 1 - s], [s, 1], [0, 1]])
    let large: [[Double]] = [[0, 0], [1, 0], [1, 1], [s, 1], [0, 1 - s]]
    Self.expect(found, 0, large)
    #expect(abs(found.aspects[1] - 4) < 1e-9 && abs(found.aspects[0] - 2 / 0.99) < 1e-9)
  }

  @Test("By hand: seven weights in a frame of 3 to 2 are the rectangles of the squarified paper's example")
  func sevenWeights() throws {
    let found = try polygonPartition(
      of: TreeSamples.star(7), weights: [6, 6, 4, 3, 2, 2, 1], options: PartitionOptions(width: 1.5))
    let boxes: [[Double]] = [
      [0.75, 0, 1.5, 0.5], [0.75, 0.5, 1.5, 1], [9 / 28, 0, 0.75, 7 / 12], [0, 0, 9 / 28, 7 / 12],
      [0.45, 7 / 12, 0.75, 1], [0.15, 7 / 12, 0.45, 1], [0, 7 / 12, 0.15, 1],
    ]
    for (leaf, box) in boxes.enumerated() {
      Self.expect(found, leaf, [[box[0], box[1]], [box[2], box[1]], [box[2], box[3]], [box[0], box[3]]])
    }
  }

  @Test("By hand: a small group in a corner is cut again")
  func smallGroup() throws {
    // Leaves 1, 8, 1 below node 4; leaf 3 of weight 90 and node 4 below the root.
    let tree = try RootedTree(leafCount: 4, parents: [4, 4, 4, 5, 5, -1])
    let found = try polygonPartition(of: tree, weights: [1, 8, 1, 90])
    let s = 0.4472135955
    Self.expect(found, 4, [[0, 1 - s], [s, 1], [0, 1]])
    Self.expect(found, 1, [[0, 0.7527864045], [0.2, 0.7527864045], [s, 1], [0, 1]])
    Self.expect(found, 0, [[0, 0.7527864045], [0.1, 0.6527864045], [0.2, 0.7527864045]])
    #expect(abs(found.figures.aspectWorst - 4) < 1e-9)
  }

  @Test("By hand: angular cuts go through the widest gap of directions")
  func angular() throws {
    let found = try polygonPartition(of: TreeSamples.star(3), options: PartitionOptions(method: .angular))
    Self.expect(found, 0, [[0.1835034191, 0], [1, 0], [1, 0.8164965809]])
    Self.expect(found, 1, [[0, 1], [0.5917517095, 0.4082482905], [1, 0.8164965809], [1, 1]])
    #expect(found.cell(of: 2).count == 8)
  }

  @Test("Areas, tiling, convexity, nesting and the aspect bound over seeds, weights and methods", arguments: layouts)
  func invariants(method: PartitionMethod) throws {
    for kind in TreeSamples.Weights.allCases {
      for seed in 1...3 as ClosedRange<UInt64> {
        let tree = try TreeSamples.random(leaves: 120, seed: seed)
        let weights = kind.values(120, seed: seed)
        let options = PartitionOptions(method: method, width: seed == 2 ? 1.5 : 1)
        let found = try polygonPartition(of: tree, weights: weights, options: options)
        #expect(PartitionChecks(found).faults == [], "\(kind) \(seed)")
        #expect((found.figures.aspectBound == nil) == (method == .greedy))
        #expect(found.figures.aspectMedian <= found.figures.aspectWorst)
      }
    }
  }

  @Test(
    "Weights that differ by 1e18 do not change the bound on shapes; a deep chain does", arguments: layouts.dropLast())
  func depthAlone(method: PartitionMethod) throws {
    let flat = try TreeSamples.star(400)
    let options = PartitionOptions(method: method)
    for kind in TreeSamples.Weights.allCases {
      let found = try polygonPartition(of: flat, weights: kind.values(400, seed: 5), options: options)
      #expect(found.figures.aspectWorst < 14 && found.figures.binaryDepth <= 24, "\(kind)")
    }
    let chain = try TreeSamples.chain(100)
    let found = try polygonPartition(
      of: chain, weights: [1] + [Double](repeating: 1e-6, count: 100), options: options)
    #expect(found.figures.aspectWorst > 20 && found.figures.aspectWorst < 35)
    #expect(PartitionChecks(found).faults == [])
  }

  @Test("The order of children of different weights has no influence")
  func permuted() throws {
    let weights = TreeSamples.Weights.pareto.values(60, seed: 3)
    let (one, other) = (
      try polygonPartition(of: TreeSamples.star(60), weights: weights),
      try polygonPartition(of: TreeSamples.star(60), weights: weights.reversed())
    )
    for leaf in 0..<60 { #expect(one.cell(of: leaf) == other.cell(of: 59 - leaf)) }
  }

  @Test("The same bytes for 1, 2 and 4 threads", arguments: PartitionMethod.allCases)
  func threads(method: PartitionMethod) throws {
    let tree = try TreeSamples.random(leaves: 200, seed: 9)
    let weights = TreeSamples.Weights.eighteenDigits.values(200, seed: 9)
    let found = try [1, 2, 4].map {
      try polygonPartition(
        of: tree, weights: weights, options: PartitionOptions(method: method), context: RunContext(threads: $0))
    }
    // Cells without area have no ratio, and no NaN equals another.
    for other in found[1...] {
      #expect(other.points == found[0].points && other.cuts == found[0].cuts && other.figures == found[0].figures)
    }
  }

  @Test("A leaf alone, below one node or 100,000, has the whole frame")
  func oneLeaf() throws {
    let single = try polygonPartition(of: RootedTree(leafCount: 1, parents: [-1]))
    Self.expect(single, 0, [[0, 0], [1, 0], [1, 1], [0, 1]])
    let line = try polygonPartition(of: TreeSamples.line(100_000), weights: [.leastNonzeroMagnitude])
    #expect(line.cell(of: 0) == line.cell(of: 100_000) && line.figures.depth == 100_000 && line.figures.cuts == 0)
    #expect(line.weights[100_000] == .leastNonzeroMagnitude)
  }

  @Test("A fan of 100,000 equal leaves, and one of weights from 1 to 1e9")
  func wideFan() throws {
    let tree = try TreeSamples.star(100_000)
    let equal = try polygonPartition(of: tree)
    #expect(equal.figures.aspectWorst < 2.5 && equal.figures.binaryDepth == 17 && equal.figures.areaError < 1e-12)
    let weights = TreeSamples.Weights.nineDigits.values(100_000, seed: 1)
    let wild = try polygonPartition(of: tree, weights: weights, options: PartitionOptions(method: .angular))
    #expect(wild.figures.aspectWorst < 14 && wild.figures.binaryDepth <= 2 * 17 + 6)
    #expect(wild.figures.collapsed == 0)
  }

  @Test("A chain of 100,000 whose weights halve ends in parts too small for cells")
  func longChain() throws {
    let tree = try TreeSamples.chain(100_000)
    let weights = (0...100_000).map { Double(sign: .plus, exponent: max(-1074, $0 - 100_000), significand: 1) }
    let found = try polygonPartition(of: tree, weights: weights)
    #expect(PartitionChecks(found).faults == [] && found.figures.collapsed > 100_000)
    #expect(found.figures.cuts > 40 && found.figures.cuts < 60)
  }

  @Test("Weights of 0 get no cell, a child with all the weight that of its parent")
  func zeroWeights() throws {
    let found = try polygonPartition(of: TreeSamples.star(4), weights: [0, 3, 0, 0])
    #expect(found.cell(of: 1) == found.cell(of: 4) && !found.hasCell(0) && found.cell(of: 0).isEmpty)
    #expect(found.figures.zeroWeight == 3 && found.figures.collapsed == 0)
  }

  @Test("Subnormal weights divide as their multiples do; weights of 1 beside 1e300 are below all coordinates")
  func extremeWeights() throws {
    let least = Double.leastNonzeroMagnitude
    let tiny = try polygonPartition(of: TreeSamples.star(3), weights: [least, 2 * least, 2 * least])
    let plain = try polygonPartition(of: TreeSamples.star(3), weights: [1, 2, 2])
    #expect(tiny.points == plain.points && tiny.weights[3] == 5 * least)
    let far = try polygonPartition(of: TreeSamples.star(3), weights: [1e300, 1e-300, 0])
    #expect(far.figures.collapsed == 1 && far.figures.zeroWeight == 1)
    for method in PartitionMethod.allCases {
      let found = try polygonPartition(
        of: TreeSamples.star(3), weights: [1e300, 1, 1], options: PartitionOptions(method: method))
      #expect(found.hasCell(0) && found.figures.aspectMedian == 2 && found.figures.collapsed == 2, "\(method)")
    }
  }

  @Test("In a frame of 1000 to 1 the bound is the frame's")
  func thinFrame() throws {
    let tree = try TreeSamples.random(leaves: 150, seed: 4)
    let found = try polygonPartition(of: tree, options: PartitionOptions(width: 1000))
    #expect(PartitionChecks(found).faults == [])
    #expect(abs(found.figures.aspectWorst - 1000.001) < 1e-6)
    let leaves = (0..<150).map { found.aspects[$0] }
    #expect(leaves.max() ?? 0 < 200)
  }

  @Test("Down to a depth: below it nothing has a cell, above it all are as before but for what is inside")
  func depthLimit() throws {
    let tree = try TreeSamples.random(leaves: 100, seed: 6)
    let whole = try polygonPartition(of: tree)
    for method in PartitionMethod.allCases {
      let found = try polygonPartition(of: tree, options: PartitionOptions(method: method, maximumDepth: 2))
      for (node, depth) in tree.depths.enumerated() {
        #expect(found.hasCell(node) == (depth <= 2))
        if depth <= 2, method == .polygons { #expect(found.cell(of: node) == whole.cell(of: node)) }
      }
    }
  }

  @Test("A forest stands below a root of its own")
  func forest() throws {
    let found = try polygonPartition(of: RootedTree(leafCount: 2, parents: [-1, -1]))
    #expect(found.tree.nodeCount == 3 && abs(found.areas[0] - 0.5) < 1e-15)
  }

  @Test("Bad weights, frames and options are refused")
  func refusals() throws {
    func kind(_ weights: [Double], _ options: PartitionOptions = .init()) throws -> MillError.Kind? {
      do {
        _ = try polygonPartition(of: TreeSamples.star(2), weights: weights, options: options)
        return nil
      } catch let error as MillError {
        return error.kind
      }
    }
    for bad in [[-1, 1], [.nan, 1], [1, .infinity], [0, 0], [1e308, 1e308], [1]] {
      #expect(try kind(bad) == .malformed, "\(bad)")
    }
    for bad in [
      PartitionOptions(width: 0), PartitionOptions(height: .nan), PartitionOptions(width: 1e200, height: 1e200),
      PartitionOptions(maximumDepth: -1), PartitionOptions(roundness: 1.9), PartitionOptions(directions: 0),
    ] { #expect(try kind([1, 1], bad) == .badOption, "\(bad)") }
    #expect(throws: MillError.self) { try polygonPartition(of: RootedTree(leafCount: 0, parents: [])) }
    let stopped = Cancellation()
    stopped.request()
    #expect(throws: MillError(.interrupted, "stopped on request")) {
      try polygonPartition(of: TreeSamples.star(3000), context: RunContext(cancellation: stopped))
    }
  }
}
