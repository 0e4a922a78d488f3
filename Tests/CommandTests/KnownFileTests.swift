import Foundation
import Testing

/// `info` and `check` know every kind of file that the command makes or reads.
@Suite struct KnownFileTests {
  private let command = try! Graphmill()

  @Test func everyKind() throws {
    try command.write("1 2\n2 3\n3 1\n4 5\n5 6\n6 4\n1 4\n", to: "g.txt")
    try command.write("0 0\n1 0\n0 1\n", to: "v.txt")
    for line in [
      "convert g.txt g.gmg", "summarize g.txt g.gms", "knn build v.txt v.gmx", "knn search v.gmx v.txt f.ivecs --k 2",
      "knn search v.gmx v.txt f.npy --k 2", "communities g.txt --labels l.tsv --tree t.nwk --method louvain",
    ] {
      #expect(try command.run(arguments: line.split(separator: " ").map(String.init)).status == 0, "\(line)")
    }
    for (name, format, kind) in [
      ("g.txt", "el", "valid"), ("g.gmg", "gmg", "valid"), ("g.gms", "gms", "valid: graph summary"),
      ("v.gmx", "gmx", "valid: proximity index"), ("f.npy", "npy", "valid: NumPy array"),
      ("f.ivecs", "ivecs", "valid: file of vectors"), ("l.tsv", "labels", "valid: table of labels"),
      ("t.nwk", "newick", "valid: tree"), ("g.gmg.manifest.json", "manifest", "valid: manifest of a run"),
    ] {
      let info = try command.run("info", name, "--json")
      #expect(info.status == 0 && info.json["format"] as? String == format, "\(name): \(info.errors)")
      let check = try command.run("check", name)
      #expect(check.status == 0 && check.output.contains(kind), "\(name): \(check.output)\(check.errors)")
    }
    let vectors = try command.run("info", "f.ivecs", "--json").json
    #expect(vectors["count"] as? Int == 3 && vectors["dimension"] as? Int == 2)
    #expect(try command.run("info", "l.tsv", "--json").json["nodes"] as? Int == 6)
    #expect(try command.run("info", "t.nwk", "--json").json["leaves"] as? Int ?? 0 >= 2)
    // A table can be read as a graph where that is asked for.
    #expect(try command.run("info", "l.tsv", "--from", "el", "--header", "--json").json["edges"] as? Int == 6)
    #expect(try command.run("info", "l.tsv", "--hash").status == 64)
  }

  @Test("What is damaged is told with its place, and check says no")
  func damaged() throws {
    try command.write("node\tlabel\n1\ta\n1\tb\n", to: "l.tsv")
    try command.write("((a,b),(c,d);", to: "t.nwk")
    try command.write("{\"manifest\": 1}", to: "m.manifest.json")
    for (name, message) in [
      ("l.tsv", "l.tsv:3: the node comes a second time: '1'"), ("t.nwk", "t.nwk:1: a bracket is not closed (byte 12)"),
      ("m.manifest.json", "m.manifest.json: not a manifest of version 2"),
    ] {
      let info = try command.run("info", name)
      #expect(info.status == 65 && info.errors.contains(message), "\(info.errors)")
      #expect(try command.run("check", name).status == 1)
    }
  }

  @Test("Names of files stand in messages also where two are read, and standard input has a name")
  func places() throws {
    try command.write("(a,b);", to: "a.nwk")
    try command.write("(a,a);", to: "twice.nwk")
    let trees = try command.run("compare", "a.nwk", "twice.nwk", "--what", "trees")
    #expect(trees.status == 65 && trees.errors.hasPrefix("error: twice.nwk: two leaves have the same name"))
    let stream = try command.run("info", "-", "--ids", "compact", input: "1 2\n3 x\n")
    #expect(stream.status == 65 && stream.errors.hasPrefix("error: standard input:2: not an unsigned integer"))
  }
}
