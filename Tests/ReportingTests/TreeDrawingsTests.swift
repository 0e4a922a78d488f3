import MillRuntime
import Testing

@testable import Reporting

/// Dendrogram, treemap and blocks of one small tree.
@Suite struct TreeDrawingsTests {
  /// Leaves 0 and 1 join at 1, leaf 2 joins them at 1/100.
  private static func tree(_ similarities: [Double]? = nil, sizes: [Int]? = nil) throws -> RootedTree {
    try RootedTree(leafCount: 3, parents: [3, 3, 4, 4, -1], leafSizes: sizes, similarities: similarities)
  }

  @Test("By hand: a dendrogram's merges stand by the logarithm of their similarity")
  func dendrogram() throws {
    let drawing = Dendrogram(
      title: "Tree <3>", tree: try Self.tree([0, 0, 0, 1, 0.01]),
      leafNames: ["a", "b & c", "d"], leafClasses: [0, 1, -1])
    let svg = drawing.svg
    // 480 wide from 16: the loosest merge at 6 %, the tightest at 92 %, leaves at the right.
    #expect(svg.contains("<line x1=\"457.60\" y1=\"57.00\" x2=\"457.60\" y2=\"75.00\""))
    #expect(svg.contains("<line x1=\"44.80\" y1=\"39.00\" x2=\"44.80\" y2=\"66.00\""))
    #expect(svg.contains("x2=\"496.00\" y2=\"57.00\" stroke=\"\(Chart.Color.series[0])\""))
    #expect(svg.contains("b &amp; c</text>") && svg.contains("<title>Tree &lt;3&gt;</title>"))
    // Two merges with two parts each; on the scale a line and the marks .01 to 1.
    #expect(svg.split(separator: "<line ").count == 1 + 2 + 4 + 1 + 7)
    #expect(
      svg.contains(
        "<text x=\"251.20\" y=\"105.00\" font-size=\"11\" text-anchor=\"middle\" fill=\"#22272e\">0.1</text>"))
    #expect(drawing.svg == svg)
  }

  @Test("A title that is wider than the drawing widens it")
  func longTitle() throws {
    let title = String(repeating: "long ", count: 60)
    let drawing = Dendrogram(
      title: title, tree: try Self.tree([0, 0, 0, 1, 0]), leafNames: ["a", "b", "c"])
    #expect(drawing.svg.contains("<svg width=\"2192.00\""))
    #expect(!drawing.svg.contains("nan") && !drawing.svg.contains("inf"))
    // A merge without similarity stands at 0; one positive value alone is in the middle.
    #expect(drawing.svg.contains(">0</text>") && drawing.svg.contains(">1</text>"))
  }

  @Test("Class 6 has the color of class 0 and dashes; a wide range is marked by powers of ten, none by none")
  func styles() throws {
    let drawing = Dendrogram(
      title: "", tree: try Self.tree([0, 0, 0, 1, 1e-12]), leafNames: ["a", "b", "c"],
      leafClasses: [6, 0, 12])
    #expect(drawing.svg.contains("stroke=\"\(Chart.Color.series[0])\" stroke-dasharray=\"6 3\"/>"))
    #expect(drawing.svg.contains("stroke=\"\(Chart.Color.series[0])\" stroke-dasharray=\"2 3\"/>"))
    #expect(drawing.svg.contains("stroke=\"\(Chart.Color.series[0])\"/>"))
    #expect(drawing.svg.contains(">1e-12</text>") && !drawing.svg.contains(">2e-12</text>"))
    let leaf = Dendrogram(
      title: "", tree: try RootedTree(leafCount: 1, parents: [-1], similarities: [0.5]), leafNames: ["only"],
      leafClasses: nil)
    #expect(leaf.svg.contains("only</text>") && !leaf.svg.contains("similarity"))
  }

  @Test("By hand: a treemap cuts the longer side in proportion to the sizes")
  func treemap() throws {
    let drawing = Treemap(
      title: "Areas", tree: try Self.tree(sizes: [30, 10, 40]), leafNames: ["<a>", "b", "c"],
      leafClasses: [0, -1, 7])
    let svg = drawing.svg
    // The root is cut at half of 640; the left part of 320 by 400 belongs to leaf 2, the right one is cut along its height.
    #expect(
      svg.contains(
        "<rect x=\"16.00\" y=\"30.00\" width=\"320.00\" height=\"400.00\" fill=\"\(Chart.Color.series[1])\""))
    #expect(
      svg.contains(
        "<rect x=\"336.00\" y=\"30.00\" width=\"320.00\" height=\"300.00\" fill=\"\(Chart.Color.series[0])\""))
    #expect(
      svg.contains("<rect x=\"336.00\" y=\"330.00\" width=\"320.00\" height=\"100.00\" fill=\"\(Chart.Color.grid)\""))
    #expect(svg.contains("&lt;a&gt;</text>"))
    // Class 7 is the second color, darker; the inner group has an outline.
    #expect(svg.split(separator: "fill-opacity=\"0.60\"").count == 2)
    #expect(svg.contains("width=\"320.00\" height=\"400.00\" fill=\"none\""))
    #expect(drawing.svg == svg)
  }

  @Test("A forest is drawn tree by tree; without similarities merges stand by their height")
  func forests() throws {
    let forest = try RootedTree(leafCount: 4, parents: [4, 4, 5, 5, -1, -1], names: ["a", "b", "c", "<d>"])
    let svg = Dendrogram(title: "two", tree: forest).svg
    #expect(svg.contains(">&lt;d&gt;</text>") && !svg.contains("similarity"))
    #expect(svg.split(separator: "<line ").count == 1 + 2 * 3)
    #expect(svg.split(separator: "<line x1=\"251.20\"").count > 1)
    // Each tree takes half of the room, each leaf half of that.
    let map = Treemap(title: "two", tree: forest).svg
    #expect(map.contains("<rect x=\"16.00\" y=\"30.00\" width=\"320.00\" height=\"200.00\""))
    let chain = try RootedTree(leafCount: 1, parents: (1..<500).map { Int32($0) } + [-1])
    #expect(Dendrogram(title: "deep", tree: chain).svg.contains("</svg>") && Treemap(title: "", tree: chain).svg != "")
  }

  @Test("By hand: the line through a tree goes down and up again")
  func outline() throws {
    let points = try Self.tree().outline(of: 4, from: 10)
    let wanted = [
      (11.75, 0), (11, 0), (11, -1), (11, 0), (12.5, 0), (12.5, -1), (12, -1), (12, -2), (12, -1), (13, -1), (13, -2),
      (13, -1), (12.5, -1), (12.5, 0), (11.75, 0),
    ].map { Chart.Point($0.0, Double($0.1)) }
    #expect(points == wanted)
    #expect(try Self.tree().outline(of: 1) == [Chart.Point(1, 0)])
    let chain = try RootedTree(leafCount: 1, parents: (1..<100_000).map { Int32($0) } + [-1])
    #expect(chain.outline(of: 99_999).last == Chart.Point(1, 0))
  }

  @Test("Names are broken behind points and spaces, and cut where there is no room")
  func names() {
    #expect(Treemap.lines("noun.plant (372)", room: 20, rows: 3) == ["noun.plant (372)"])
    #expect(Treemap.lines("noun.plant (372)", room: 8, rows: 3) == ["noun.", "plant", "(372)"])
    #expect(Treemap.lines("noun.plant (372)", room: 11, rows: 3) == ["noun.plant", "(372)"])
    #expect(Treemap.lines("noun.plant (372)", room: 8, rows: 2) == ["noun.", "plant…"])
    #expect(Treemap.lines("communication", room: 5, rows: 4) == ["comm…"])
    #expect(Treemap.lines("a", room: 5, rows: 0) == [] && Treemap.lines("", room: 5, rows: 2) == [])
  }

  @Test("By hand: blocks are as wide as their groups and as dark as the logarithm of their density")
  func blocks() {
    let drawing = AdjacencyBlocks(title: "Blocks", sizes: [1, 3], densities: [1, 0.1, 0.1, .nan])
    let svg = drawing.svg
    #expect(svg.contains("<rect x=\"16.00\" y=\"30.00\" width=\"105.00\" height=\"105.00\" "))
    #expect(svg.contains("<rect x=\"121.00\" y=\"30.00\" width=\"315.00\" height=\"105.00\" "))
    let shades = svg.split(separator: "fill-opacity=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
    #expect(shades == ["1.00", "0.08", "0.08"])
    #expect(AdjacencyBlocks(title: "none", sizes: [], densities: []).svg.contains("</svg>"))
  }
}
