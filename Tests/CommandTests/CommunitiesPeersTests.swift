import Foundation
import Testing

/// The script of the survey beside other programs.
@Suite(.enabled(if: CommunitiesPeersTests.hasPython, "python3 is not installed"))
struct CommunitiesPeersTests {
  static var hasPython: Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: $0 + "/python3")
    }
  }

  private let command = try! Graphmill()

  @Test("Without other programs it makes the table of our own methods, on the largest component of folders")
  func ours() throws {
    var edges = "# src\tdst\n40\t41\n"
    for clique in 0..<4 {
      for u in 0..<8 { for v in 0..<u { edges += "\(8 * clique + u)\t\(8 * clique + v)\n" } }
      edges += "\(8 * clique)\t\((8 * clique + 9) % 32)\n"
    }
    let labels = (0..<32).map { "\($0)\t\($0 == 3 ? "NA" : "c\($0 / 8)")\t\($0 / 16)\n" }.joined()
    try FileManager.default.createDirectory(atPath: command.path("data/ring"), withIntermediateDirectories: true)
    try command.write(edges, to: "data/ring/edges.tsv")
    try command.write("# node\tclass\thalf\n" + labels, to: "data/ring/labels.tsv")
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Notebooks-as-scripts/communities-peers/survey.py").path
    func survey(_ flags: String) throws -> Graphmill.Result {
      try command.shell(
        "python3 '\(script)' --data data --program '\(Graphmill.executable)' --out out --seeds 2 \(flags)")
    }
    let result = try survey("--methods ours --graphs ring ring:2 ring:-c3")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("| method | ring (4) | ring:2 (2) | ring:-c3 (3) | mean | CPU s |"))
    #expect(result.output.contains("| bottom-up | 1.000 (4)") && result.output.contains("| our Louvain | 1.000 (4)"))
    let rows = try command.read("out/results.csv").split(whereSeparator: \.isNewline)
    #expect(rows.count == 1 + 4 * 3 * 2)
    #expect(try survey("--methods nothing").status == 2)
  }
}
