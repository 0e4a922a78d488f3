import Foundation
import Testing

/// Inputs that users have, read by the command: what other programs write, and what it means.
@Suite struct InputTests {
  private let command = try! Graphmill()

  /// Rows of a conversion to csv as they stand there, without the header, sorted.
  private func rows(_ text: String, _ name: String = "graph.txt", _ flags: [String] = []) throws -> [String] {
    try command.write(text, to: name)
    let result = try command.run(arguments: ["convert", name, "-", "--to", "csv"] + flags)
    #expect(result.status == 0, "\(result.errors)")
    return result.outputLines.dropFirst().sorted()
  }

  private func info(_ text: String, _ name: String = "graph.txt", _ flags: [String] = []) throws -> [String: Any] {
    try command.write(text, to: name)
    return try command.run(arguments: ["info", name, "--json"] + flags).json
  }

  /// The exit code and the message of a strict reading.
  private func strict(_ name: String) throws -> (status: Int32, errors: String) {
    let result = try command.run("info", name, "--strict")
    return (result.status, result.errors)
  }

  private let spaced =
    "from\tto\tsince\nNew York\tSão Paulo\t2019\nSão Paulo\tTokyo Bay\t2020\nTokyo Bay\tNew York\t2021\n"

  @Test("Names with blanks between tabs, from a file and a pipe", arguments: [[], ["--separator", "tab"]])
  func namesWithBlanks(flags: [String]) throws {
    let expected = ["New York,São Paulo", "New York,Tokyo Bay", "São Paulo,Tokyo Bay"]
    #expect(try rows(spaced, "g.tsv", flags) == expected)
    let piped = try command.shell("graphmill convert - - --to csv \(flags.joined(separator: " ")) < g.tsv")
    #expect(piped.outputLines.dropFirst().sorted() == expected)
    #expect(piped.errors.contains("separated by tabs, with a header row, source 'from', target 'to'"))
  }

  @Test func quotesBetweenTabs() throws {
    let text = "source\ttarget\n\"New York\"\tParis\nParis\t\"a \"\"b\"\" c\"\n"
    #expect(try rows(text, "g.tsv") == ["New York,Paris", "Paris,\"a \"\"b\"\" c\""])
  }

  @Test func columnsByTheHeader() throws {
    let text = "time,target,source,weight\n100,1,2,0.5\n101,2,3,1.5\n102,3,1,2.5\n"
    let expected = ["1,3,2.5,directed", "2,1,0.5,directed", "3,2,1.5,directed"]
    #expect(try rows(text, "g.csv", ["--weights", "yes", "--directed"]) == expected)
    for roles in [
      "source=source,target=target,weight=weight", "source=2,target=1,weight=3", "src=2,dst=target,weight=3",
    ] {
      #expect(try rows(text, "g.csv", ["--columns", roles, "--directed"]) == expected)
    }
    let wrong = try command.run("info", "g.csv", "--columns", "source=nothing")
    #expect(wrong.status == 64)
    #expect(wrong.errors.contains("'nothing'"))
  }

  @Test func dataFramesAndOtherWriters() throws {
    #expect(
      try rows(",source,target,weight\n0,10,20,1.5\n1,20,30,2.5\n2,30,10,0.5\n", "g.csv")
        == ["10,20,1.5", "10,30,0.5", "20,30,2.5"])
    #expect(
      try rows(":START_ID,since:int,:END_ID,:TYPE\n17,2001,4,KNOWS\n4,2002,99,KNOWS\n", "g.csv")
        == ["17,4,directed", "4,99,directed"])
    let gephi = "Source,Target,Type,Id,Label,timeset,Weight\na,b,Undirected,0,,,2.0\nb,c,Undirected,1,,,3.5\n"
    #expect(try rows(gephi, "g.csv") == ["a,b,2", "b,c,3.5"])
    #expect(try info(gephi, "g.csv")["directed"] as? Bool == false)
  }

  @Test func aFirstRowThatMayBeAHeaderIsNeverTakenSilently() throws {
    let text = "follower,followee\nann,bob\nbob,cid\n"
    let guessed = try info(text, "g.csv")
    #expect(guessed["edges"] as? Int == 3)
    let input = try #require(guessed["input"] as? [String: Any])
    #expect((input["warnings"] as? [String])?.contains { $0.contains("may be a header") } ?? false)
    let refused = try strict("g.csv")
    #expect(refused.status == 65)
    #expect(refused.errors.contains("--header") && refused.errors.contains("--no-header"))
    #expect(try info(text, "g.csv", ["--header", "--strict"])["edges"] as? Int == 2)
    #expect(try info(text, "g.csv", ["--no-header", "--strict"])["edges"] as? Int == 3)
  }

  @Test func directionOfTheFile() throws {
    let snap =
      "# Directed graph (each unordered pair of nodes is saved once)\n# Nodes: 3 Edges: 4\n# FromNodeId\tToNodeId\n"
      + "0\t1\n1\t0\n1\t2\n2\t0\n"
    let konect = "% asym weighted\n% 3 3 3\n1 2 5\n2 3 7\n3 1 2\n"
    for (text, edges) in [(snap, 4), (konect, 3)] {
      let json = try info(text)
      #expect(json["directed"] as? Bool == true)
      #expect(json["edges"] as? Int == edges)
      #expect((json["input"] as? [String: Any])?["directed_by"] as? String == "file")
      #expect(try strict("graph.txt").status == 0)
      let undirected = try info(text, "graph.txt", ["--undirected"])
      #expect(undirected["directed"] as? Bool == false)
      #expect((undirected["input"] as? [String: Any])?["directed_by"] as? String == "option")
    }
    #expect(try info(konect)["weighted"] as? Bool == true)
    _ = try info(konect.replacing("% 3 3 3", with: "% 4 3 3"))
    #expect(try strict("graph.txt").errors.contains("4 edges"))
  }

  @Test func bipartiteNetworks() throws {
    let json = try info("% bip unweighted\n% 4 3 2\n1 1\n1 2\n2 2\n3 1\n")
    #expect(json["nodes"] as? Int == 5)
    #expect(json["edges"] as? Int == 4)
    #expect(json["self_loops"] as? Int == 0)
    let input = try #require(json["input"] as? [String: Any])
    #expect(input["left_nodes"] as? Int == 3)
    #expect(input["right_nodes"] as? Int == 2)
    #expect(try strict("graph.txt").status == 0)
  }

  @Test("Two equal directions are one edge; of unequal ones the larger weight counts, with a count")
  func twoDirections() throws {
    let banner = "%%MatrixMarket matrix coordinate real general\n3 3 4\n"
    try command.write(banner + "1 2 2.5\n2 1 2.5\n2 3 4\n3 2 4\n", to: "g.mtx")
    let equal = try command.run("convert", "g.mtx", "-", "--undirected", "--to", "wel")
    #expect(equal.outputLines.dropFirst().map { $0.split(separator: "\t").last! } == ["2.5", "4"])
    #expect(!equal.errors.contains("unequal"))
    for (name, text) in [
      ("u.mtx", banner + "1 2 2.5\n2 1 1\n2 3 4\n3 2 4\n"),
      ("u.wel", "# directed weighted\n1 2 2.5\n2 1 1\n2 3 4\n3 2 4\n"),
    ] {
      try command.write(text, to: name)
      let unequal = try command.run("convert", name, "-", "--undirected", "--to", "wel")
      #expect(unequal.outputLines.dropFirst().map { $0.split(separator: "\t").last! } == ["2.5", "4"])
      #expect(unequal.errors.contains("1 pairs of arcs have unequal weights"))
    }
  }

  @Test func weightsBeyondADouble() throws {
    try command.write("1 2 9007199254740993\n2 3 1\n", to: "g.wel")
    let result = try command.run("convert", "g.wel", "-")
    #expect(result.status == 0)
    #expect(result.errors.contains("9007199254740993 on line 1 is not exact"))
    #expect(try strict("g.wel").status == 65)
  }

  @Test func bareHeaders() throws {
    try command.write("4 4\n0 1\n1 2\n2 3\n3 0\n", to: "g.txt")
    #expect(try command.run("info", "g.txt").errors.contains("header of counts"))
    let refused = try strict("g.txt")
    #expect(refused.status == 65)
    #expect(refused.errors.contains("g.txt:1:") && refused.errors.contains("--skip-lines 1"))
    #expect(try command.run("info", "g.txt", "--skip-lines", "1", "--json", "--strict").json["edges"] as? Int == 4)
  }

  @Test func dictionariesAndNeighbors() throws {
    let attributes = "0 1 {'weight': 0.30000000000000004}\n1 2 {}\n2 3 {'weight': 2}\n"
    #expect(try rows(attributes) == ["0,1,0.30000000000000004", "1,2,1", "2,3,2"])
    #expect(try rows(attributes, "graph.txt", ["--weights", "no"]) == ["0,1", "1,2", "2,3"])
    try command.write("a,b,c\nb,a\nc,a,d\nd,c\n", to: "adjacency.csv")
    let refused = try command.run("convert", "adjacency.csv", "out.gmg")
    #expect(refused.status == 65)
    #expect(refused.errors.contains("lists of neighbors"))
    #expect(!command.exists("out.gmg"))
  }

  @Test func namesWithMarks() throws {
    #expect(try rows("source,target\n#h,a\na,b\nb,#h\n", "g.csv") == ["\"#h\",a", "\"#h\",b", "a,b"])
  }

  @Test("What is written is read back as the same graph", arguments: ["el", "wel", "csv"])
  func thereAndBack(format: String) throws {
    for (text, flags) in [
      ("1 2 0.5\n2 1 3\n2 2 1\n", ["--directed", "--weights", "yes"]), ("1 2\n2 3\n", ["--directed"]),
      ("%%MatrixMarket matrix coordinate real general\n4 4 2\n1 2 3\n2 1 1\n", []),
    ] where format != "el" || !text.contains("0.5") {
      try command.write(text, to: "in.\(text.hasPrefix("%%") ? "mtx" : "txt")")
      let name = text.hasPrefix("%%") ? "in.mtx" : "in.txt"
      #expect(try command.run(arguments: ["convert", name, "g.gmg", "--force"] + flags).status == 0)
      let script = "graphmill convert g.gmg - --to \(format) | graphmill check - --against g.gmg --json"
      let result = try command.shell(script)
      let isKept = !(text.hasPrefix("%%") && format != "wel")
      #expect(result.status == (isKept ? 0 : 1), "\(result.output) \(result.errors)")
      #expect(result.json["equal"] as? Bool == isKept)
      // What a format cannot hold is told, and refused where nothing may be lost.
      let strict = try command.run("convert", "g.gmg", "s.\(format)", "--to", format, "--strict", "--force")
      #expect(strict.status == (isKept ? 0 : 65), "\(strict.errors)")
    }
  }
}
