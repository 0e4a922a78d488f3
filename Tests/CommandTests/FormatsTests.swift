import Foundation
import Testing

/// Formats on the command line: what is read, written, refused, and what nodes are called.
@Suite struct FormatsCommandTests {
  private let command = try! Graphmill()

  @Test("Nodes of a Matrix Market file are called by its own numbers, in every command")
  func oneBasedNames() throws {
    let datasets = URL(filePath: #filePath).appending(path: "../../../Datasets/karate").standardized
    let edges = try String(contentsOf: datasets.appending(path: "edges.tsv"), encoding: .utf8)
    var matrix = "%%MatrixMarket matrix coordinate pattern symmetric\n34 34 78\n"
    for line in edges.split(separator: "\n") where !line.hasPrefix("#") {
      let ends = line.split(separator: "\t").compactMap { Int($0) }
      matrix += "\(ends.max()!) \(ends.min()!)\n"
    }
    try command.write(matrix, to: "g.mtx")
    let truth = datasets.appending(path: "labels.tsv").path
    let found = try command.run("communities", "g.mtx", "--truth", truth, "--labels", "l.tsv", "--json")
    #expect(found.status == 0, "\(found.errors)")
    #expect((found.json["ami"] as? Double ?? 0) > 0.8)
    #expect(try command.read("l.tsv").contains("\n34\t"))
    let neighbors = try command.run("query", "g.mtx", "neighbors", "--node", "34")
    #expect(neighbors.outputLines.first == "9" && neighbors.outputLines.count == 17)
    #expect(try command.run("convert", "g.mtx", "-", "--to", "csv").outputLines.last == "33,34")
  }

  @Test("A graph goes through formats by their endings and comes back the same")
  func convert() throws {
    try command.write("source,target,weight\nNew York,\"a \"\"b\"\"\",1.5\n<x>,New York,2\n", to: "g.csv")
    let first = try command.run("info", "g.csv", "--directed", "--json").json["fingerprint"] as? String
    #expect(first != nil)
    var last = "g.csv"
    for ending in ["graphml", "gml", "net", "json", "gmg", "graphml.gz", "json.zst"] {
      let next = "g." + ending
      let arguments = ["convert", last, next] + (last == "g.csv" ? ["--directed"] : [])
      let result = try command.run(arguments: arguments)
      #expect(result.status == 0, "\(result.errors)")
      #expect(try command.run("info", next, "--json").json["fingerprint"] as? String == first, "\(ending)")
      last = next
    }
    for ending in ["dot", "gexf"] {
      #expect(try command.run("convert", "g.gmg", "g." + ending).status == 0)
      let refused = try command.run("info", "g." + ending)
      #expect(refused.status == 65 && refused.errors.contains(ending.uppercased()))
    }
  }

  @Test("What a format cannot hold is told, and refused under --strict")
  func losses() throws {
    try command.write("a b 1.5\nb c 2\n", to: "g.wel")
    let told = try command.run("convert", "g.wel", "g.sg")
    #expect(told.status == 0 && told.errors.contains("sg has no weights") && told.errors.contains("sg has no names"))
    #expect(try command.run("convert", "g.wel", "h.sg", "--strict").status == 65)
    #expect(!command.exists("h.sg"))
    let refused = try command.run("convert", "g.wel", "g.metis")
    #expect(refused.status == 65 && refused.errors.contains("whole, positive weights"))
    #expect(try command.run("convert", "g.wel", "g.metis", "--directed", "--weights", "no").status == 65)
  }

  @Test("Flags and help list the formats of the table")
  func flags() throws {
    let help = try command.run("convert", "--help").output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for format in ["metis", "graphml", "gml", "pajek", "gr", "json", "npz"] { #expect(help.contains(format)) }
    #expect(try command.run("info", "x", "--from", "gexf").status == 64)
    #expect(try command.run("convert", "x", "y", "--to", "lg").status == 64)
    try command.write("2 1\n2\n1\n", to: "g.dat")
    let forced = try command.run("info", "g.dat", "--from", "metis", "--json")
    #expect(forced.json["format"] as? String == "metis" && forced.json["edges"] as? Int == 1)
  }
}
