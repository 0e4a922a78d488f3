import Testing

@testable import Reporting

@Suite struct PhaseDiagramTests {
  /// Two columns and two rows; a line from the first center to the last, at the geometric mean in between.
  private func diagram() -> PhaseDiagram {
    PhaseDiagram(
      title: "Scores <1>", xName: "beta", yName: "degree", xs: [0.1, 0.3], ys: [4, 16], values: [1, 0.25, .nan, -3],
      lines: [
        .init(name: "D & 1", points: [.init(0.1, 4), .init(0.2, 8), .init(0.3, 16)], isDashed: false),
        .init(name: "one point", points: [.init(0.1, 4)], isDashed: true),
      ])
  }

  @Test("By hand: cells from below, lines through the centers, y by its logarithm, what is no score as 0")
  func byHand() {
    let svg = diagram().svg
    // The lowest row stands last: its top is 34 + 30. Cells are 54 by 30 with a gap of one pixel.
    #expect(svg.contains("<rect x=\"66.00\" y=\"64.00\" width=\"53.00\" height=\"29.00\""))
    #expect(svg.contains("fill-opacity=\"0.66\"/>") && svg.contains(">0.25</text>"))
    #expect(svg.split(separator: ">0.00</text>").count == 3)
    #expect(svg.contains("<polyline points=\"93.00,79.00 120.00,64.00 147.00,49.00\""))
    #expect(svg.split(separator: "<polyline").count == 2, "one point is no line")
    #expect(svg.contains("stroke-dasharray") && svg.contains("D &amp; 1") && svg.contains("<title>Scores &lt;1&gt;"))
    #expect(!svg.contains("nan") && !svg.contains("n/a"))
    #expect(diagram().svg == svg)
  }

  @Test("Numbers stand over the lines")
  func order() throws {
    let svg = diagram().svg
    let line = try #require(svg.ranges(of: "<polyline").first)
    let number = try #require(svg.ranges(of: ">0.25</text>").first)
    #expect(line.lowerBound < number.lowerBound)
  }

  @Test("A line goes on beyond the outer centers; one column and one row are enough")
  func outside() {
    var wide = diagram()
    wide.lines = [.init(name: "wide", points: [.init(0, 2), .init(0.4, 32)], isDashed: false)]
    #expect(wide.svg.contains("<polyline points=\"66.00,94.00 174.00,34.00\""))
    let single = PhaseDiagram(
      title: "", xName: "", yName: "", xs: [1], ys: [1], values: [0.5],
      lines: [.init(name: "l", points: [.init(1, 1), .init(2, 2)], isDashed: false)])
    #expect(single.svg.contains(">0.50</text>"))
  }
}
