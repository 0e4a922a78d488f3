import MillRuntime
import Testing

@testable import TreeGeometry

@Suite struct UltrametricPointsTests {
  private static func star(_ leaves: Int) throws -> Ultrametric {
    try Ultrametric(TreeSamples.star(leaves), heights: [Double](repeating: 0, count: leaves) + [1])
  }

  /// A complete tree of `levels` levels whose heights halve from level to level, the lowest 1.
  private static func complete(_ levels: Int, _ arity: Int) throws -> Ultrametric {
    var (parents, heights): ([Int32], [Double]) = ([], [])
    var width = (0..<levels).reduce(1) { count, _ in count * arity }
    let leaves = width
    for level in 0..<levels {
      let next = parents.count + width
      for i in 0..<width {
        parents.append(Int32(next + i / arity))
        heights.append(level == 0 ? 0 : Double(1 << (level - 1)))
      }
      width /= arity
    }
    return try Ultrametric(
      RootedTree(leafCount: leaves, parents: parents + [-1]), heights: heights + [Double(1 << (levels - 1))])
  }

  /// A chain whose heights fall by a factor from link to link, 1 at the root.
  private static func comb(_ links: Int, _ factor: Double) throws -> Ultrametric {
    let tree = try TreeSamples.chain(links)
    var heights = [Double](repeating: 0, count: tree.nodeCount)
    var height = 1.0
    for node in tree.innerNodes.reversed() {
      heights[node] = height
      height *= factor
    }
    return try Ultrametric(tree, heights: heights)
  }

  @Test("By hand: four leaves at height 1 are the middles of four squares")
  func fourLeaves() throws {
    let found = try ultrametricPoints(of: Self.star(4))
    #expect(Array(found.points) == [0.5, 0.5, 0.5, 1.5, 1.5, 0.5, 1.5, 1.5])
    #expect(abs(found.distortion.distortion - 2.0.squareRoot()) < 1e-15 && found.lowerBound == 1)
    #expect(found.distortion.scale == 1 && found.distortion.pairs == 6 && found.distortion.correlation == nil)
  }

  @Test("By hand: two pairs")
  func twoPairs() throws {
    let tree = try RootedTree(leafCount: 4, parents: [4, 4, 5, 5, 6, 6, -1])
    let found = try ultrametricPoints(of: Ultrametric(tree, heights: [0, 0, 0, 0, 1, 1, 4]))
    let wanted = [
      1.9142135624, 3.3284271247, 1.9142135624, 4.3284271247, 5.7426406871, 3.3284271247, 5.7426406871, 4.3284271247,
    ]
    #expect(zip(found.points, wanted).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(abs(found.distortion.distortion - 1.0448154999) < 1e-9)
  }

  @Test("The lower bound of a star, of a tree of four children a node, of one of two")
  func bounds() throws {
    for d in 1...4 {
      let wanted = max(1, root(200, of: d) - 1)
      #expect(abs(try Self.star(200).distortionBound(dimensions: d) - wanted) < 1e-9 * wanted)
    }
    #expect(abs(try Self.complete(5, 4).distortionBound(dimensions: 2) - 5) < 1e-9)
    #expect(abs(try Self.complete(10, 2).distortionBound(dimensions: 2) - 1.37) < 0.01)
  }

  @Test("Distortions of known trees are those that were found to be reachable, and never below the bound")
  func reachable() throws {
    let cases: [(Ultrametric, Int, Double)] = [
      (try Self.star(1000), 2, 53.4), (try Self.complete(10, 2), 2, 4.6), (try Self.comb(300, 0.92), 2, 11.3),
      (try Self.star(1000), 3, 25), (try Self.comb(300, 0.92), 3, 9), (try Self.complete(4, 3), 8, 20),
    ]
    for (ultrametric, d, most) in cases {
      let found = try ultrametricPoints(of: ultrametric, options: UltrametricPointOptions(dimensions: d))
      #expect(found.distortion.distortion <= most && found.distortion.distortion >= found.lowerBound)
      #expect(found.points.count == ultrametric.tree.leafCount * d && found.collapsedCount == 0)
    }
  }

  @Test("Tuning is never worse, and says what it chose")
  func tuned() throws {
    for ultrametric in [try Self.comb(60, 0.9), try Self.complete(6, 2)] {
      let plain = try ultrametricPoints(of: ultrametric)
      let tuned = try ultrametricPoints(of: ultrametric, options: UltrametricPointOptions(isTuned: true))
      #expect(tuned.distortion.distortion <= plain.distortion.distortion)
      let again = try ultrametricPoints(
        of: ultrametric,
        options: UltrametricPointOptions(
          base: tuned.options.base, shift: tuned.options.shift, rho: tuned.options.rho))
      #expect(again.points == tuned.points)
    }
  }

  @Test("All pairs as by a reference; chains of one child, and children in any order, have no influence")
  func reference() throws {
    for seed in 1...4 as ClosedRange<UInt64> {
      let tree = try TreeSamples.random(leaves: 90, seed: seed)
      var random = CounterRandom(seed: seed, stage: "heights")
      var heights = [Double](repeating: 0, count: tree.nodeCount)
      for node in tree.innerNodes {
        let below = tree.children(of: node).map { heights[Int($0)] }.max() ?? 0
        heights[node] = below + random.unit() * random.unit()
      }
      let found = try ultrametricPoints(of: Ultrametric(tree, heights: heights))
      var (least, most) = (Double.infinity, 0.0)
      for a in 0..<90 {
        for b in 0..<a {
          let height = heights[try #require(tree.commonAncestor(a, b))]
          let (dx, dy) = (
            found.points[2 * a] - found.points[2 * b], found.points[2 * a + 1] - found.points[2 * b + 1]
          )
          let ratio = (dx * dx + dy * dy).squareRoot() / height
          (least, most) = (min(least, ratio), max(most, ratio))
        }
      }
      #expect(abs(found.distortion.distortion - most / least) < 1e-9 * most / least)
      #expect(abs(found.distortion.scale * least - 1) < 1e-9 && found.distortion.pairs == 90 * 89 / 2)
      #expect(found.distortion.distortion < 100)
    }
  }

  @Test("Drawn pairs are the same for 1, 2 and 4 threads, and near the distortion of all")
  func sampled() throws {
    let ultrametric = try Self.star(5001)
    let measure = DistortionMeasure(ultrametric, seed: 7)
    let points = try ultrametricPoints(
      of: ultrametric, options: UltrametricPointOptions(), context: RunContext(threads: 2)
    ).points
    let found = try [1, 2, 4].map {
      try measure.measure(points, dimensions: 2, drawing: 1 << 14, RunContext(threads: $0))
    }
    #expect(found[0] == found[1] && found[0] == found[2] && found[0].isSampled && found[0].pairs == 1 << 14)
    // A grid of 71 by 71: its diagonal, less what no pair that was drawn has.
    #expect(found[0].distortion > 60 && found[0].distortion < 71 * 2)
  }

  @Test("Where all pairs are closer than a point, none is measured")
  func nothingApart() throws {
    let tree = try RootedTree(
      leafCount: 5001, parents: [Int32](repeating: 5001, count: 5001) + [5002, -1])
    let ultrametric = try Ultrametric(tree, heights: [Double](repeating: 0, count: 5001) + [1e-13, 1])
    let found = try ultrametricPoints(of: ultrametric)
    #expect(found.distortion == DistortionResult() && found.collapsedCount == 1)
  }

  @Test("Exact pairs are the same for 1, 2 and 4 threads")
  func threads() throws {
    let ultrametric = try Self.comb(200, 0.9)
    let found = try [1, 2, 4].map { try ultrametricPoints(of: ultrametric, context: RunContext(threads: $0)) }
    #expect(found[0] == found[1] && found[0] == found[2])
  }

  @Test("Heights above their parents are raised and counted, or refused; subtrees below 1e-12 are one point")
  func repairs() throws {
    let tree = try RootedTree(leafCount: 4, parents: [4, 4, 5, 5, 6, 6, -1])
    let heights = [0, 0, 0, 0, 3, 1e-13, 2]
    let ultrametric = try Ultrametric(tree, heights: heights)
    #expect(ultrametric.raisedCount == 1 && ultrametric.heights[6] == 3 && ultrametric.spread == 3 / 1e-13)
    #expect(throws: MillError.self) { try Ultrametric(tree, heights: heights, isStrict: true) }
    let found = try ultrametricPoints(of: ultrametric)
    #expect(found.collapsedCount == 1 && found.points[4] == found.points[6] && found.points[5] == found.points[7])
    #expect(found.distortion.pairs == 5 && found.distortion.distortion < 4)
  }

  @Test("One leaf is the origin; wrong heights and options are refused")
  func edges() throws {
    let one = try Ultrametric(TreeSamples.line(3), heights: [0, 1, 2, 3])
    let found = try ultrametricPoints(of: one, options: UltrametricPointOptions(dimensions: 3))
    #expect(Array(found.points) == [0, 0, 0] && found.distortion.distortion == 1 && found.lowerBound == 1)
    for bad in [[0, 0, -1], [0, 0, .nan], [0, 0, .infinity], [0, 0, 0], [0, 0]] as [[Double]] {
      #expect(throws: MillError.self) { try Ultrametric(TreeSamples.star(2), heights: bad) }
    }
    for bad in [
      UltrametricPointOptions(dimensions: 0), UltrametricPointOptions(dimensions: 9), UltrametricPointOptions(base: 1),
      UltrametricPointOptions(shift: 1), UltrametricPointOptions(rho: 2),
    ] { #expect(throws: MillError.self) { try ultrametricPoints(of: Self.star(3), options: bad) } }
  }

  @Test("Scaling all heights by a power of two scales the points")
  func scaled() throws {
    for exponent in [-900, -3, 5, 900] {
      let factor = Double(sign: .plus, exponent: exponent, significand: 1)
      let plain = try Self.comb(30, 0.8)
      let other = try Ultrametric(plain.tree, heights: plain.heights.map { $0 * factor })
      let (one, two) = (try ultrametricPoints(of: plain), try ultrametricPoints(of: other))
      #expect(zip(one.points, two.points).allSatisfy { $0 * factor == $1 })
      #expect(one.distortion.distortion == two.distortion.distortion)
    }
  }
}
