import Testing

@testable import Reporting

@Suite struct GroupMapTests {
  /// A square of four nodes with one diagonal; node 3 is a kilometer north-east.
  private func square() -> GroupMap {
    var map = GroupMap(
      title: "Square & <diagonal>", places: [.init(0, 0), .init(10, 0), .init(0, 10), .init(10, 10)],
      ends: [0, 1, 1, 3, 3, 2, 2, 0, 0, 3],
      panels: [
        .init(title: "two", groups: [0, 0, 1, 1], names: ["a<b", "c"]), .init(title: "none", groups: [-1, 0, 0, 0]),
      ])
    map.panelWidth = 100
    return map
  }

  @Test("By hand: a square, its five edges in one walk, three of them between groups")
  func byHand() {
    let svg = square().svg
    // Half a pixel a step, north up: node 0 is at (0, 200), node 1 at (200, 200), node 3 at (200, 0).
    #expect(svg.contains("<path id=\"edges\" d=\"m0 200l200 0l0-200l-200 0l0 200l200-200\" fill=\"none\"/>"))
    #expect(svg.contains("<path d=\"m0 200l0-200m0 200l200-200l0 200\""))
    #expect(svg.contains("<path d=\"m0 200h0m200 0h0\" stroke=\"\(Chart.Color.series[0])\""))
    #expect(svg.contains("<path d=\"m0 0h0m200 0h0\" stroke=\"\(Chart.Color.series[1])\""))
    #expect(svg.contains("<path d=\"m0 200h0\" stroke=\"\(Chart.Color.grid)\""))
    #expect(svg.contains("a&lt;b") && svg.contains("<title>Square &amp; &lt;diagonal&gt;</title>"))
    #expect(svg.split(separator: "<use ").count == 3)
    #expect(square().svg == svg)
    #expect(InlineSVG.element(svg, prefix: "p", title: "T")?.contains("href=\"#p-edges\"") == true)
  }

  @Test(
    "Groups with edges between them have different colors, at any size of a planar graph", arguments: [2, 6, 7, 40])
  func colors(side: Int) {
    // Every node of a grid with diagonals is a group of its own: planar, degrees up to 6.
    let groups = (0..<Int32(side * side)).map { $0 }
    var ends: [Int32] = []
    for row in 0..<side {
      for column in 0..<side {
        let node = Int32(row * side + column)
        if column + 1 < side { ends += [node, node + 1] }
        if row + 1 < side { ends += [node, node + Int32(side)] }
        if row + 1 < side, column + 1 < side { ends += [node, node + Int32(side) + 1] }
      }
    }
    let colors = GroupMap.colors(groups: groups, ends: ends)
    #expect(colors.count == side * side && colors.allSatisfy(Chart.Color.series.indices.contains))
    for e in stride(from: 0, to: ends.count, by: 2) { #expect(colors[Int(ends[e])] != colors[Int(ends[e + 1])]) }
  }

  @Test("A clique of more groups than colors gets as few clashes as there can be")
  func crowded() {
    let groups = (0..<Int32(8)).map { $0 }
    let ends = groups.flatMap { a in groups.filter { $0 > a }.flatMap { [a, $0] } }
    let colors = GroupMap.colors(groups: groups, ends: ends)
    #expect(Set(colors).count == 6)
    #expect(stride(from: 0, to: ends.count, by: 2).count { colors[Int(ends[$0])] == colors[Int(ends[$0 + 1])] } == 2)
  }

  @Test("Nodes without a place, nodes in one place, no nodes, no panels")
  func edges() {
    let lost = GroupMap(
      title: "lost", places: [.init(0, 0), .init(.nan, 1), .init(0, 0), .init(.infinity, 0)],
      ends: [0, 1, 1, 3, 0, 2, 2, 2],
      panels: [.init(title: "p", groups: [0, 0, 0, 1])])
    let svg = lost.svg
    #expect(!svg.contains("nan") && !svg.contains("n/a") && !svg.contains("inf"))
    #expect(svg.contains("d=\"m0 0h0\""))
    #expect(
      GroupMap(title: "none", places: [], ends: [], panels: [.init(title: "p", groups: [])]).svg.contains("</svg>"))
    #expect(GroupMap(title: "none", places: [.init(1, 2)], ends: [], panels: []).svg.contains("</svg>"))
  }

  @Test("Fainter edges, and names of nodes")
  func faintEdges() {
    var map = GroupMap(
      title: "", places: [Chart.Point(0, 0), Chart.Point(1, 0)], ends: [0, 1],
      panels: [GroupMap.Panel(title: "", groups: [0, 1])])
    #expect(!map.svg.contains("stroke-opacity"))
    map.edgeOpacity = 0.25
    map.nodeNames = ["a < b", "c"]
    #expect(map.svg.split(separator: "stroke-opacity=\"0.25\"").count == 3)
    map.marksEdgesBetween = false
    map.nodeSize = 4
    #expect(map.svg.contains("<use href=\"#edges\" stroke=\"#22272e\" stroke-width=\"1.4\" stroke-opacity=\"0.25\"/>"))
    #expect(
      map.svg.split(separator: "stroke-width=\"8\" stroke-linecap").count == 3 && !map.svg.contains("width=\"1.6\""))
    #expect(map.svg.contains("<text x=\"8\" y=\"6\" font-size=\"18\"") && map.svg.contains(">a &lt; b</text>"))
    #expect(map.svg.contains("<text x=\"592\" y=\"6\"") && map.svg.contains("text-anchor=\"end\">c</text>"))
  }
}
