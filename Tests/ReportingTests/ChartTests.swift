import Foundation
import MillRuntime
import TestSupport
import Testing

@testable import Reporting

/// A folder whose name a shell or gnuplot could take apart.
func oddFolder() -> TemporaryFolder { TemporaryFolder("graphmill reporting' ") }

@Suite struct ChartTests {
  static let hasGnuplot = ["/usr/bin", "/usr/local/bin"].contains {
    FileManager.default.isExecutableFile(atPath: $0 + "/gnuplot")
  }

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

  @Test func script() {
    let script = Self.bars.script(stem: "bars")
    #expect(script.contains("set output 'bars.svg'\n"))
    #expect(script.contains("set xtics ('10 %%' 0, '30 %%' 1)\n"))
    #expect(script.contains("set xrange [-0.6:1.6]\n"))
    #expect(script.contains("set yrange [0:*]\n"))
    #expect(script.contains("using (strcol(1) eq 'TEDDY' ? column(2) + (-0.2) : NaN):3:(0.36) with boxes"))
    #expect(script.contains("using (strcol(1) eq 'random' ? column(2) + (0.2) : NaN):3:(0.36) with boxes"))
    #expect(Self.chart.script(stem: "a").contains("set ylabel 'it''s a share'"))
    #expect(Self.chart.script(stem: "a").contains("set logscale x 10\n"))
    #expect(!Self.chart.script(stem: "a").contains("nothing"))
  }

  @Test(.enabled(if: hasGnuplot, "gnuplot is not installed: apt-get install gnuplot-nox"))
  func picture() throws {
    let folder = oddFolder()
    let drawn = try Self.chart.draw(into: folder.path + "/deep", stem: "degrees")
    let svg = try #require(drawn.svg)
    #expect(drawn.fileNames == ["degrees.csv", "degrees.gp", "degrees.svg"])
    for name in drawn.fileNames { #expect(folder.text(of: "deep/" + name) != nil) }
    #expect(folder.text(of: "deep/degrees.svg") == svg)
    #expect(svg.contains("<title>Degrees &amp; &lt;hubs&gt;</title>"))
    #expect(!svg.lowercased().contains("gnuplot 5") && !svg.contains("Produced by"))
    #expect(!svg.contains("<script"))
    // Each line's path is its sample in the key and then its points, also where the name has a comma and quotes.
    for colour in Chart.Colour.series.prefix(2) {
      let value = try #require(Int(colour.dropFirst(), radix: 16))
      let stroke = "stroke='rgb(\(value >> 16),\(value >> 8 & 255),\(value & 255))'"
      let parts = svg.replacing(" ", with: "").split(separator: stroke).dropFirst()
      #expect(parts.map { $0.prefix { $0 != ">" }.count { $0 == "M" } }.max() == 2, "\(colour)")
    }
    #expect(try Self.chart.draw(into: folder.path, stem: "degrees").svg == svg)
    let inline = try #require(InlineSVG.element(svg, prefix: "p", title: "T"))
    #expect(inline.hasPrefix("<svg role=\"img\" aria-label=\"T\""))
    #expect(inline.contains("var(--ink)") && inline.contains("var(--series-1)") && inline.contains("var(--rule)"))
    #expect(!inline.contains("rgb(") && !inline.contains("http"))
    #expect(try Self.bars.draw(into: folder.path, stem: "bars").svg != nil)
    let empty = Chart("Empty", x: .init("x"), y: .init("y"), series: [])
    #expect(try empty.draw(into: folder.path, stem: "empty").svg != nil)
  }

  @Test("Without gnuplot the data and the script are kept") func noGnuplot() throws {
    let folder = oddFolder()
    let drawn = try Self.bars.draw(into: folder.path, stem: "bars", gnuplot: "no-such-program-here")
    #expect(drawn.svg == nil)
    #expect(drawn.fileNames == ["bars.csv", "bars.gp"])
    #expect(folder.text(of: "bars.csv") == Self.bars.csv)
    #expect(folder.text(of: "bars.gp") == Self.bars.script(stem: "bars"))
    #expect(folder.text(of: "bars.svg") == nil)
  }

  @Test("A gnuplot that fails is an error") func failingGnuplot() throws {
    let folder = oddFolder()
    let error = #expect(throws: MillError.self) {
      try Self.bars.draw(into: folder.path, stem: "bars", gnuplot: "/bin/false")
    }
    #expect(error?.kind.name == "gnuplot-failed")
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
