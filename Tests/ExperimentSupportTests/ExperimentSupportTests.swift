import ExperimentSupport
import Testing

@Suite struct ExperimentSupportTests {
  @Test func tables() {
    var table = MarkdownTable(["graph", "edges"])
    #expect(table.text == "| graph | edges |\n|---|---|\n")
    table.add(["karate", "78"])
    table.add(["", "0"])
    #expect(table.text == "| graph | edges |\n|---|---|\n| karate | 78 |\n|  | 0 |\n")
  }

  @Test("Mean and deviation by hand")
  func spread() {
    var spread = Spread([2, 4, 4, 4, 5, 5, 7])
    spread.add(9)
    #expect(spread.mean == 5)
    #expect(abs(spread.deviation - (32.0 / 7).squareRoot()) < 1e-15)
    #expect(spread.text(2) == "5.00 (2.14)")
    #expect(Spread.mean([1, 2]) == 1.5)
    #expect(Spread().mean == 0 && Spread().deviation == 0 && Spread([3]).deviation == 0)
  }

  @Test(arguments: [(0.0, 2, "0.00"), (12_345.678, 1, "12,345.7"), (2.25, 1, "2.2"), (-0.5, 0, "0"), (3, 0, "3")])
  func grouped(value: Double, places: Int, text: String) {
    #expect(decimal(value, places) == text)
  }

  @Test(arguments: [(0.0, 2, "0.00"), (12_345.678, 1, "12345.7"), (2.25, 1, "2.3"), (0.05, 3, "0.050"), (3.5, 0, "4")])
  func plain(value: Double, places: Int, text: String) {
    #expect(plainDecimal(value, places) == text)
  }
}
