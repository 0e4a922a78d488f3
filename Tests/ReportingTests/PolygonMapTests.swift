import MillRuntime
import Testing
import TreeGeometry

@testable import Reporting

@Suite struct PolygonMapTests {
  private static func map(_ leaves: Int, weights: [Double]? = nil, classes: [Int]? = nil) throws -> PolygonMap {
    let tree = try RootedTree(leafCount: leaves, parents: [Int32](repeating: Int32(leaves), count: leaves) + [-1])
    let partition = try polygonPartition(of: tree, weights: weights)
    return PolygonMap(
      title: "A <map>", partition: partition, names: (0..<leaves).map { "leaf & \($0)" }, leafClasses: classes,
      classNames: classes == nil ? [] : ["one", "two"])
  }

  /// Numbers of a path of one polygon: where it begins, then steps.
  private static func corners(_ path: Substring) -> [(x: Int, y: Int)] {
    var numbers: [Int] = []
    for match in path.matches(of: /-?[0-9]+/) { numbers.append(Int(match.0) ?? 0) }
    var pen = (x: 0, y: 0)
    return stride(from: 0, to: numbers.count, by: 2).map {
      pen = (pen.x + numbers[$0], pen.y + numbers[$0 + 1])
      return pen
    }
  }

  @Test("By hand: two halves, a line between them, names in the middle")
  func halves() throws {
    var map = try Self.map(2)
    map.width = 100
    let svg = map.svg
    // The frame is 1000 tenths of a pixel wide; y points down. The cut lies across.
    let polygons = svg.matches(of: /M[-0-9l ]+z/).flatMap { $0.0.split(separator: "z") }.map(Self.corners)
    #expect(polygons.count == 2)
    let areas = polygons.map { corners in
      corners.indices.reduce(0) { sum, i in
        let (a, b) = (corners[i], corners[(i + 1) % corners.count])
        return sum + a.x * b.y - a.y * b.x
      } / 2
    }
    #expect(areas.map(abs) == [500_000, 500_000])
    #expect(svg.contains("d=\"M0 500L1000 500\"") || svg.contains("d=\"M1000 500L0 500\""))
    #expect(svg.contains(">leaf &amp; 0</text>") && svg.contains("<title>A &lt;map&gt;</title>"))
    #expect(map.svg == svg)
    map.hasLabels = false
    #expect(!map.svg.contains("leaf"))
  }

  @Test("Classes give colors and a key; a cell of many leaves has the class of most of the weight")
  func classes() throws {
    let svg = try Self.map(3, classes: [0, 1, -1]).svg
    for color in [Chart.Color.series[0], Chart.Color.series[1], Chart.Color.grid] {
      #expect(svg.contains("<path fill=\"\(color)\""))
    }
    #expect(svg.contains(">one</text>") && svg.contains(">two</text>"))
    // 10,000 leaves in 50 by 50 pixels are one cell.
    let leaves = 10_000
    var crowd = try Self.map(
      leaves, weights: (0..<leaves).map { $0 < 100 ? 200 : 1 }, classes: (0..<leaves).map { $0 < 100 ? 1 : 0 })
    crowd.width = 50
    let tree = try RootedTree(
      leafCount: leaves, parents: [Int32](repeating: Int32(leaves), count: leaves) + [Int32(leaves + 1), -1])
    crowd.partition = try polygonPartition(of: tree, options: PartitionOptions(maximumDepth: 0))
    crowd.names = [String](repeating: "", count: tree.nodeCount)
    crowd.leafClasses = (0..<leaves).map { $0 < 4_000 ? 1 : 0 }
    let one = crowd.svg
    #expect(
      one.split(separator: "<path fill=\"").count == 2 && one.contains("<path fill=\"\(Chart.Color.series[0])\""))
  }

  @Test("A gap shrinks cells, and cells that vanish are left out")
  func gaps() throws {
    var map = try Self.map(4)
    map.width = 100
    map.gap = 5
    let corners = map.svg.matches(of: /M[-0-9l ]+z/).flatMap { $0.0.split(separator: "z") }.map(Self.corners)
    #expect(corners.count == 4)
    #expect(corners.allSatisfy { $0.allSatisfy { $0.x % 500 == 50 || $0.x % 500 == 450 } })
    map.gap = 30
    #expect(!map.svg.contains("z\""))
  }

  @Test("Names of inner nodes have halos; none overlaps another; long ones are cut")
  func labels() throws {
    let count = 40
    let tree = try RootedTree(
      leafCount: count, parents: (0..<count).map { Int32(count + $0 / 10) } + [44, 44, 44, 44, -1])
    let partition = try polygonPartition(of: tree, options: PartitionOptions(width: 1.5))
    let names =
      (0..<count).map { "leaf number \($0)" } + ["north", "east", "south", "a name of more than 24 letters", "top"]
    let svg = PolygonMap(title: "", partition: partition, names: names).svg
    #expect(svg.contains("paint-order=\"stroke\">north</text>") && svg.contains(">a name of more than 24 …</text>"))
    #expect(!svg.contains(">top</text>"))
    var labels = CellLabels()
    for node in 0..<tree.nodeCount {
      let cell = partition.cell(of: node)
      let corners = stride(from: 0, to: cell.count, by: 2).map {
        ConvexCell.Point(x: 640 * cell[$0], y: 640 - 640 * cell[$0 + 1])
      }
      labels.add(names[node], to: ConvexCell(corners: corners), area: 10_000, isInner: node >= count)
    }
    #expect(labels.labels.count > 20)
    for (i, a) in labels.labels.enumerated() {
      for b in labels.labels[..<i] {
        let apart = abs(a.x - b.x) >= 0.3 * (a.size * Double(a.text.count) + b.size * Double(b.text.count)) - 1e-9
        #expect(apart || abs(a.y - 0.35 * a.size - b.y + 0.35 * b.size) >= 0.575 * (a.size + b.size) - 1e-9)
      }
    }
  }

  @Test("The deepest place of a triangle and of a rectangle; insets; chords")
  func cells() throws {
    // Corners run as a partition's do, turned over.
    let square = ConvexCell(corners: [(0, 10), (20, 10), (20, 0), (0, 0)].map { ConvexCell.Point(x: $0.0, y: $0.1) })
    #expect(abs(square.deepest.radius - 5) < 1e-4)
    #expect(square.centroid.x == 10 && square.centroid.y == 5)
    #expect(square.inset(by: 2)?.corners.count == 4 && square.inset(by: 5.1) == nil)
    #expect(square.span(top: 2, bottom: 8) == 0...20 && square.span(top: -1, bottom: 3) == nil)
    let triangle = ConvexCell(corners: [(0, 30), (40, 30), (0, 0)].map { ConvexCell.Point(x: $0.0, y: $0.1) })
    let (center, radius) = triangle.deepest
    #expect(abs(radius - 10) < 1e-4 && abs(center.x - 10) < 1e-3 && abs(center.y - 20) < 1e-3)
    #expect(triangle.span(top: 15, bottom: 30) == 0...20)
  }

  @Test("Colors are pale, and different by hue and level")
  func colors() {
    let table = CellColors.table
    #expect(table.count == 768 && Set(table).count > 600)
    #expect(table.allSatisfy { $0.count == 7 && $0.hasPrefix("#") })
    for name in table {
      let value = Int(name.dropFirst(), radix: 16) ?? 0
      #expect((value >> 16) + (value >> 8 & 255) + (value & 255) > 400)
    }
    #expect(CellColors.number(hue: 0.999, level: 99, node: 1) < 768)
  }

  @Test("A tree of one leaf, a chain of 100,000, and a forest are drawn")
  func shapes() throws {
    let one = try polygonPartition(of: RootedTree(leafCount: 1, parents: [-1]))
    #expect(PolygonMap(title: "", partition: one, names: ["x"]).svg.contains(">x</text>"))
    let line = try RootedTree(leafCount: 1, parents: (1...100_000).map { Int32($0) } + [-1])
    let whole = PolygonMap(title: "", partition: try polygonPartition(of: line)).svg
    #expect(whole.contains("M0 9600l9600 0l0-9600l-9600 0z"))
    let forest = try RootedTree(leafCount: 3, parents: [-1, -1, -1], names: ["a", "b", "c"])
    let svg = PolygonMap(title: "", partition: try polygonPartition(of: forest)).svg
    #expect(svg.contains(">a</text>") && svg.contains(">c</text>"))
  }
}
