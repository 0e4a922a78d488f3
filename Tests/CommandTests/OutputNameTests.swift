import Foundation
import Testing

/// The ending of a name decides what is written, or is refused; bytes never go to a terminal.
@Suite struct OutputNameTests {
  private let command = try! Graphmill()

  init() throws {
    try command.write("a,x\nb 2\n", to: "odd.csv")
    try command.write("source,target\n\"a,x\",b\nb,c\n", to: "g.csv")
  }

  @Test("A table with commas has a header, and quotes where names need them")
  func commas() throws {
    #expect(try command.run("stats", "degree", "g.csv", "--out", "d.csv").status == 0)
    #expect(try command.read("d.csv") == "node,degree\n\"a,x\",1\nb,2\nc,1\n")
    #expect(try command.run("stats", "degree", "g.csv", "--out", "d.tsv").status == 0)
    #expect(try command.read("d.tsv") == "a,x\t1\nb\t2\nc\t1\n")
    #expect(try command.run("query", "g.csv", "bfs", "c", "--out", "b.csv").status == 0)
    #expect(try command.read("b.csv") == "node,distance\n\"a,x\",2\nb,1\nc,0\n")
    #expect(try command.run("sparsify", "g.csv", "s.txt", "--keep", "50%", "--scores", "s.csv").status == 0)
    #expect(try command.read("s.csv").hasPrefix("source,target,score\n\"a,x\",b,0."))
    try command.write("0 0\n1 0\n", to: "v.txt")
    #expect(try command.run("knn", "build", "v.txt", "v.gmx").status == 0)
    #expect(try command.run("knn", "search", "v.gmx", "v.txt", "f.csv", "--k", "1").status == 0)
    #expect(try command.read("f.csv") == "query,rank,key,distance\n0,0,0,0.0\n1,0,1,0.0\n")
  }

  @Test(
    "Other endings are refused before any work",
    arguments: [
      "stats degree g.csv --out d.json", "stats degree g.csv --out d.tsv.gz", "query g.csv pagerank --out r.xlsx",
      "communities g.csv --labels l.csv", "communities g.csv --tree t.svg", "communities g.csv --dendrogram d.png",
      "sparsify g.csv s.txt --keep 50% --scores s.npy", "generate sbm s.gmg --labels l.json",
      "knn search i.gmx q.txt f.json", "knn search i.gmx q.txt f.tsv --distances d.tsv",
    ])
  func refused(line: String) throws {
    let before = command.files
    let result = try command.run(arguments: line.split(separator: " ").map(String.init))
    #expect(result.status == 64, "\(result.errors)")
    #expect(
      result.errors.contains("is not written as .") && result.errors.contains("hint: the ending of the name decides"))
    #expect(command.files == before)
  }

  @Test("Bytes never go to a terminal, text does", .needsProgram("script"))
  func terminal() throws {
    func inTerminal(_ line: String) throws -> Graphmill.Result {
      try command.shell("script -qec \"'\(Graphmill.executable)' \(line)\" /dev/null")
    }
    for line in ["convert g.csv - --to gmg", "convert g.csv - --to npy", "summarize g.csv -"] {
      let result = try inTerminal(line)
      #expect(
        result.status == 64 && result.output.contains("standard output is a terminal"), "\(line): \(result.output)")
    }
    #expect(try inTerminal("convert g.csv - --to el").status == 0)
    #expect(try command.shell("graphmill convert g.csv - --to gmg | head -c 4").output.hasSuffix("GMG"))
  }

  @Test("Where standard output carries data, the object of --json goes to standard error, or to --report alone")
  func jsonBesideData() throws {
    let beside = try command.shell("graphmill convert g.csv - --to el --json 3>&-")
    #expect(beside.status == 0 && beside.output.contains("b\tc"))
    #expect(parseJSON(beside.errors.split(separator: "\n").last.map(String.init) ?? "")["edges"] as? Int == 2)
    let reported = try command.shell("graphmill convert g.csv - --to el --json --report r.json 3>&-")
    #expect(reported.errors.isEmpty)
    #expect(try command.json("r.json")["edges"] as? Int == 2)
    // A descriptor 3 for reading, as make's jobserver has it, is none for a report.
    let jobs = try command.shell("graphmill convert g.csv - --to el --json 3</dev/null")
    #expect(jobs.status == 0 && jobs.errors.contains("\"edges\":2"))
  }
}
