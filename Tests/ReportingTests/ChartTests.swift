import Foundation
import MillRuntime
import TestSupport
import Testing

@testable import Reporting

/// A folder with an odd name.
func oddFolder() -> TemporaryFolder { TemporaryFolder("graphmill reporting' ") }

@Suite struct ChartTests {
  static let chart = Chart(
    "Degrees & <hubs>", x: .init("degree", .logarithmic), y: .init("it's a share"),
    series: [
      .init("all, \"original\"", points: [.init(1, 1), .init(10, 0.25), .init(0, 5), .init(100, .nan)]),
      .init("<script>alert(1)</script>", .linePoints, points: [.init(2, 0.5), .init(50, 0.1)]),
      .init("nothing", .points, points: [.init(-1, 1)]),
    ])

  static let bars = Chart(
    "Isolated nodes", x: .init("removed", categories: ["10 %", "30 %"]), y: .init("nodes", minimum: 0),
    series: [
      .init("TEDDY", .bars, points: [.init(0, 3), .init(1, 5)]),
      .init("random", .bars, points: [.init(0, 9), .init(1, 30)]),
    ])

  @Test("The data leave out what cannot be drawn") func csv() {
    #expect(
      Self.chart.csv == """
        series,x,y
        all; 'original',1,1
        all; 'original',10,0.25
        <script>alert(1)</script>,2,0.5
        <script>alert(1)</script>,50,0.1

        """)
  }

  @Test("By hand: a line through three points, axes from 0 to 4 and from 10 to 30")
  func line() {
    let svg = Chart(
      "Line", x: .init("x"), y: .init("y"), series: [.init("one", points: [.init(0, 10), .init(2, 30), .init(4, 10)])]
    ).svg
    // The plot begins behind two digits, at 44 + 13.2, and ends 18 before the right edge; one row of the key is above it.
    #expect(svg.contains("<path d=\"M57.20 314.00L299.60 60.00L542.00 314.00\" fill=\"none\""))
    for text in ["0", "1", "2", "3", "4", "10", "15", "20", "25", "30", "one", "x", "y"] {
      #expect(svg.contains(">\(text)</text>"), "\(text)")
    }
    #expect(!svg.contains(">5</text>") && !svg.contains(">35</text>"))
  }

  @Test("By hand: bars of two series side by side, from 0 on")
  func barPicture() {
    let svg = Self.bars.svg
    // Places 0 and 1 in -0.6...1.6; bars are 0.36 wide and 0.4 apart.
    for name in ["10 %", "30 %", "TEDDY", "random"] { #expect(svg.contains(">\(name)</text>"), "\(name)") }
    let paths = svg.matches(of: /<path d="(M[^"]*z)" fill="#/).map(\.output.1)
    #expect(paths.count == 2 && paths.allSatisfy { $0.split(separator: "z").count == 2 })
    #expect(svg.contains(">0</text>") && svg.contains(">30</text>"))
  }

  @Test("A logarithmic axis has powers of ten; what cannot be shown is left out, also of the key")
  func logarithms() {
    let svg = Self.chart.svg
    #expect(svg.contains(">1</text>") && svg.contains(">10</text>") && svg.contains(">100</text>"))
    #expect(!svg.contains(">nothing</text>") && !svg.contains("<script"))
    #expect(svg.contains(">&lt;script&gt;alert(1)&lt;/script&gt;</text>"))
    #expect(svg.contains("<title>Degrees &amp; &lt;hubs&gt;</title>") && !svg.contains("nan") && !svg.contains("inf"))
    #expect(Self.chart.svg == svg)
    let wide = ChartAxis(.init("", .logarithmic), [1e-12, 1e12])
    #expect(wide.ticks.count <= 8 && abs(wide.position(1) - 0.5) < 1e-9)
  }

  @Test(
    "Axes of no, one, equal and tiny values are drawn",
    arguments: [[], [0], [3], [-2, -2], [1e-300], [5e9, 5e9 + 1]] as [[Double]])
  func odd(values: [Double]) {
    for scale in [Chart.Scale.linear, .logarithmic] {
      let axis = ChartAxis(.init("", scale), values.filter { scale == .linear || $0 > 0 })
      #expect(!axis.ticks.isEmpty && axis.ticks.count < 20)
      for value in values where scale == .linear || value > 0 {
        #expect((-1e-6...1.000001).contains(axis.position(value)))
      }
      let chart = Chart(
        "odd", x: .init("", scale), y: .init("", scale),
        series: [.init("s", .steps, points: values.map { .init($0, $0) })])
      #expect(!chart.svg.contains("nan") && !chart.svg.contains("inf"))
    }
  }

  @Test("Marks are short: thousands have letters")
  func marks() {
    #expect(
      [0, 1, 2.5, 0.001, 9999, 10_000, 2.5e6, 3e9, 1e-7].map(ChartAxis.text) == [
        "0", "1", "2.5", "0.001", "9999", "10k", "2.5M", "3G", "1e-07",
      ])
  }

  @Test("Data and picture go into a folder; the page takes the picture with its own colors")
  func draw() throws {
    let folder = oddFolder()
    try Self.chart.draw(into: folder.path + "/deep", stem: "degrees")
    #expect(folder.text(of: "deep/degrees.csv") == Self.chart.csv)
    #expect(folder.text(of: "deep/degrees.svg") == Self.chart.svg)
    let inline = try #require(InlineSVG.element(Self.chart.svg, prefix: "p", title: "T"))
    #expect(inline.hasPrefix("<svg role=\"img\" aria-label=\"T\""))
    #expect(inline.contains("var(--ink)") && inline.contains("var(--series-1)") && inline.contains("var(--rule)"))
    #expect(inline.firstMatch(of: /#[0-9a-f]{6}/) == nil && !inline.contains("http"))
    // The heading is gone, and the room that it stood in.
    #expect(!inline.contains(">Degrees &amp; &lt;hubs&gt;</text>"))
    #expect(inline.contains("width=\"560.00\" height=\"336.00\" viewBox=\"0 24.00 560.00 336.00\""))
  }

  @Test(arguments: ["", ".hidden", "a/b", "a b", "a'b", "ü", "..", "-e"]) func stems(stem: String) throws {
    let folder = oddFolder()
    let error = #expect(throws: MillError.self) { try Self.bars.draw(into: folder.file("new"), stem: stem) }
    #expect(error?.kind == .badOption)
    #expect(folder.names.isEmpty)
  }

  /// Star of 5 nodes and one isolated node, worked by hand: all 6 nodes, 5 with degree >= 1, one with degree >= 4.
  @Test func degreeDistribution() {
    let star = DegreeCurve("star", degrees: [4, 1, 1, 1, 1, 0])
    #expect(star.counts == [1, 4, 0, 0, 1])
    #expect(star.nodes == 6)
    let expected = [Chart.Point(1, 5.0 / 6), Chart.Point(4, 1.0 / 6)]
    #expect(star.complementaryCumulative == expected)
    #expect(DegreeCurve("empty", counts: []).complementaryCumulative.isEmpty)
    let chart = Chart.degreeDistributions("Degrees", [star, DegreeCurve("ring", degrees: [2, 2, 2])])
    #expect(chart.csv == "series,x,y\nstar,1,0.8333333333333334\nstar,4,0.16666666666666666\nring,2,1\n")
    #expect(chart.x.scale == .logarithmic && chart.y.scale == .logarithmic)
  }
}
