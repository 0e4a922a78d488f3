import MillRuntime
import Testing
import TreeGeometry

@Suite struct RectangleLayoutTests {
  private static let layouts = PartitionMethod.allCases.filter(\.isRectangular)

  /// Low corner and high corner of a cell.
  private static func box(_ partition: PolygonPartition, _ node: Int) -> [Double] {
    let cell = partition.cell(of: node)
    return [cell[0], cell[1], cell[4], cell[5]]
  }

  private static func isNear(_ one: [Double], _ other: [Double]) -> Bool {
    one.count == other.count && zip(one, other).allSatisfy { abs($0 - $1) < 1e-12 }
  }

  @Test("By hand: the example of the squarified paper, 6 6 4 3 2 2 1 in 6 by 4")
  func squarified() throws {
    let found = try polygonPartition(
      of: TreeSamples.star(7), weights: [6, 6, 4, 3, 2, 2, 1],
      options: PartitionOptions(method: .squarified, width: 6, height: 4))
    #expect(Self.isNear(Self.box(found, 0), [0, 0, 3, 2]) && Self.isNear(Self.box(found, 1), [0, 2, 3, 4]))
    #expect(Self.isNear(Self.box(found, 2), [3, 0, 3 + 12 / 7, 7 / 3]))
    #expect(Self.isNear(Self.box(found, 3), [3 + 12 / 7, 0, 6, 7 / 3]))
    #expect(PartitionChecks(found).faults == [])
  }

  @Test("By hand: slices along x then y, strips in order, halves along the longer side")
  func others() throws {
    let tree = try RootedTree(leafCount: 3, parents: [3, 3, 4, 4, -1])
    let slice = try polygonPartition(of: tree, options: PartitionOptions(method: .slice))
    #expect(Self.isNear(Self.box(slice, 2), [0, 0, 1 / 3, 1]))
    #expect(
      Self.isNear(Self.box(slice, 0), [1 / 3, 0, 1, 0.5]) && Self.isNear(Self.box(slice, 1), [1 / 3, 0.5, 1, 1]))
    let strip = try polygonPartition(of: TreeSamples.star(4), options: PartitionOptions(method: .strip))
    #expect(Self.isNear(Self.box(strip, 0), [0, 0, 0.5, 0.5]) && Self.isNear(Self.box(strip, 3), [0.5, 0.5, 1, 1]))
    let binary = try polygonPartition(
      of: TreeSamples.star(3), weights: [1, 2, 1], options: PartitionOptions(method: .binary, width: 2))
    #expect(Self.isNear(Self.box(binary, 1), [0, 0, 1, 1]) && Self.isNear(Self.box(binary, 0), [1, 0, 1.5, 1]))
  }

  @Test("Areas, tiling and nesting over seeds and weights", arguments: layouts)
  func invariants(method: PartitionMethod) throws {
    for kind in [TreeSamples.Weights.equal, .pareto, .withZeros, .nineDigits] {
      for seed in 1...3 as ClosedRange<UInt64> {
        let tree = try TreeSamples.random(leaves: 100, seed: seed)
        let found = try polygonPartition(
          of: tree, weights: kind.values(100, seed: seed), options: PartitionOptions(method: method))
        #expect(PartitionChecks(found).faults == [], "\(kind) \(seed)")
        #expect(found.figures.aspectBound == nil && found.figures.verticesMax == 4)
      }
    }
  }

  @Test("A chain of 100,000 leaves", arguments: layouts)
  func longChain(method: PartitionMethod) throws {
    let found = try polygonPartition(
      of: TreeSamples.chain(100_000), options: PartitionOptions(method: method))
    #expect(found.figures.collapsed == 0 && found.figures.cuts == 100_000 && found.figures.areaError < 1e-8)
  }

  @Test("Squarified rectangles have no bound where polygons have one")
  func comparison() throws {
    let weights = [1e9] + [Double](repeating: 1, count: 1000)
    let tree = try TreeSamples.star(1001)
    let squarified = try polygonPartition(of: tree, weights: weights, options: PartitionOptions(method: .squarified))
    let polygons = try polygonPartition(of: tree, weights: weights)
    #expect(squarified.figures.aspectWorst > 900 && polygons.figures.aspectWorst < 4.2)
  }
}
