import GraphStore
import MillRuntime
import TestSupport
import Testing

@testable import GraphSummarization

@Suite struct SummaryTextTests {
  private func write(_ text: String, _ path: String) throws {
    let file = try OutputFile(path, replaces: true)
    try file.write(text)
    try file.commit()
  }

  private func paths(_ folder: TemporaryFolder, _ h: String, _ p: String, _ n: String) throws -> SummaryTextPaths {
    let paths = SummaryTextPaths(prefix: folder.file("s"))
    try write(h, paths.hierarchy)
    try write(p, paths.positive)
    try write(n, paths.negative)
    return paths
  }

  @Test("Summaries come back from text", arguments: TestGraph.small + [.nested(90, seed: 4), .clique(40)])
  func roundTrip(test: TestGraph) throws {
    let folder = TemporaryFolder()
    let summary = try summarize(of: test.frozen(), options: .init(keepsInput: false)).summary
    let paths = SummaryTextPaths(prefix: folder.file("s"))
    try writeSummaryText(summary, to: paths)
    let back = try readSummaryText(paths)
    #expect(back.isIdentical(to: summary))
    #expect(try areEqual(back.restore(), summary.restore()))
    #expect(throws: MillError.self) { try writeSummaryText(summary, to: paths) }
  }

  /// Two triangles over nodes 7, 8, 9 and 20, 21, 22 as another program would write them, one pair missing.
  @Test func foreignFiles() throws {
    let folder = TemporaryFolder()
    let h = "9\tn6\n7 n6\n8\tn6\n20\tn7\n21\tn7\nn7\tn8\n22\tn8\n"
    let summary = try readSummaryText(paths(folder, h, "n6\tn6\nn8\tn8\n9\t20\n", "7\t8\n"))
    #expect(summary.cost == 7 + 3 + 1 && summary.edgeCount == 2 + 3 + 1)
    let graph = try summary.restore()
    #expect((0..<6).map { graph.name(of: $0) } == ["7", "8", "9", "20", "21", "22"])
    #expect(graph.lists == [[2], [2], [0, 1, 3], [2, 4, 5], [3, 5], [3, 4]])
  }

  @Test(
    "Bad text is refused",
    arguments: [
      ("1\tn5\n1\tn6\n2\tn5\n3\tn6\n4\tn6\n", "", "", 2), ("n5\tn6\nn6\tn5\n1\tn5\n", "", "", nil),
      ("1\t2\n", "", "", 1), ("", "1\n", "", 1), ("", "1\t2\n1\tx\n", "", 2), ("", "1\t2\t3\n", "", 1),
      ("", "1\t2\n", "1\t2\n", nil), ("", "1\t1\n", "", nil), ("1\tn1\n2\tn1\n", "1\tn1\n", "", nil),
      ("1\tn1\n", "1\t2\n", "", nil), ("", "n3\t2\n", "", nil), ("", "99999999999999999999999\t2\n", "", 1),
      ("", "", "1\t2\n", nil),
    ] as [(String, String, String, Int?)])
  func refusals(h: String, p: String, n: String, line: Int?) throws {
    let folder = TemporaryFolder()
    let paths = try paths(folder, h, p, n)
    do throws(MillError) {
      _ = try readSummaryText(paths)
      Issue.record("accepted")
    } catch {
      #expect(error.exitCode == 65 && error.line == line)
    }
  }

  @Test func labelsAreRefused() throws {
    let folder = TemporaryFolder()
    let graph = try TestGraph.path(3).frozen().named(["a", "b", "c"])
    let summary = try summarize(of: graph).summary
    #expect(throws: MillError.self) { try writeSummaryText(summary, to: .init(prefix: folder.file("s"))) }
  }
}
