import Testing

@testable import Reporting

@Suite struct FlowDiagramTests {
  @Test("By hand: a step hangs below and right of its parent, children in their order")
  func byHand() {
    let flow = FlowDiagram(
      title: "Flow",
      steps: [
        .init("graph", detail: "3 <nodes>"), .init("groups", figure: "AMI 1", after: 0), .init("sparse", after: 0),
        .init("groups of groups", after: 1),
      ])
    let svg = flow.svg
    // Rows 54 apart from 32 on: graph, groups, what hangs from groups, sparse.
    for (name, x, row) in [("graph", 26.0, 0), ("groups", 60, 1), ("groups of groups", 94, 2), ("sparse", 60, 3)] {
      let y = SVGText.number(32 + 54 * Double(row) + 18)
      let start = "<text x=\"\(SVGText.number(x))\" y=\"\(y)\" font-size=\"13\""
      #expect(svg.contains(start) && svg.contains(">\(name)</text>"), "\(name)")
    }
    // From the foot of the first box to the middle of the last one.
    #expect(svg.contains("<path d=\"M30.00 76.00V216.00H48.00\""))
    #expect(svg.contains(">3 &lt;nodes&gt;</text>") && svg.contains("text-anchor=\"end\">AMI 1</text>"))
    #expect(svg.split(separator: "<rect ").count == 5)
    #expect(flow.svg == svg)
    #expect(FlowDiagram(title: "none", steps: []).svg.contains("</svg>"))
  }
}
