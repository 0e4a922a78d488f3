import DatasetBuilders
import Foundation
import MillRuntime
import TestSupport
import Testing

@Suite struct WordNetBuilderTests {
  /// Four synsets and one without edges, a satellite, a lexical pointer, both directions, a loop, a word's marker.
  static let files = [
    "data.noun": """
      1 licence
    00001740 03 n 01 entity 0 003 ~ 00001930 n 0000 + 00000500 a 0101 @ 00001740 n 0000 | that which is
    00001930 05 n 02 animal 0 wild_beast 0 001 @ 00001740 n 0000 | a beast
    00002000 15 n 01 nowhere 0 000 | no pointers here

    """,
    "data.verb": "00000300 29 v 01 breathe 0 001 $ 00001930 n 0101 01 + 02 00 | draw air\n",
    "data.adj": "00000500 00 s 02 able(p) 0 fit 1 002 & 00000500 s 0000 + 00001740 n 0101 | having power\n",
    "data.adv": "",
  ]

  static func folder(_ changed: [String: String] = [:]) -> TemporaryFolder {
    let folder = TemporaryFolder()
    for (name, text) in files { folder.file(name, changed[name] ?? text) }
    return folder
  }

  @Test func smallDatabase() throws {
    let source = Self.folder()
    let result = TemporaryFolder()
    let summary = try WordNetBuilder.build(from: source.path, into: result.path + "/made/wordnet")
    #expect(summary.nodes == 5)
    #expect(summary.edges == 3)
    #expect(summary.loops == 0)
    #expect(!summary.directed && !summary.weighted)
    #expect(
      dataLines(result.text(of: "made/wordnet/edges.tsv"))
        == ["a00000500\tn00001740", "n00001740\tn00001930", "n00001930\tv00000300"])
    #expect(result.text(of: "made/wordnet/edges.tsv")?.contains("# Nodes: 4 Edges: 3\n# 1 more nodes") == true)
    #expect(
      dataLines(result.text(of: "made/wordnet/labels.tsv")) == [
        "a00000500\tadj.all\table fit", "n00001740\tnoun.Tops\tentity", "n00001930\tnoun.animal\tanimal wild_beast",
        "n00002000\tnoun.location\tnowhere", "v00000300\tverb.body\tbreathe",
      ])
    #expect(dataLines(result.text(of: "made/wordnet/graph.mtx")) == ["5 5 3", "2 1", "3 2", "5 3"])
    #expect(
      result.text(of: "made/wordnet/graph.mtx")?.hasPrefix("%%MatrixMarket matrix coordinate pattern symmetric\n")
        == true)
    let manifest = try DatasetManifest(folder: result.path + "/made/wordnet")
    #expect(manifest.datasets == [summary])
    try manifest.verify(in: result.path + "/made/wordnet")
  }

  @Test("Glosses by the names of synsets")
  func glosses() throws {
    // Offsets are places in the files: lines of this database are moved to where their first field says.
    var text = [UInt8](repeating: 10, count: 2400)
    for (offset, line) in [
      (1740, "00001740 03 n 01 entity 0 000 | that which is; \"a | b\"\n"), (2000, "00002000 15 n 01 nowhere 0 000\n"),
    ] { text.replaceSubrange(offset..<offset + line.utf8.count, with: Array(line.utf8)) }
    let source = Self.folder()
    source.file("data.noun", text)
    #expect(
      try WordNetBuilder.glosses(of: ["n00001740", "n00002000", "n00001740"], from: source.path)
        == ["that which is; \"a | b\"", "", "that which is; \"a | b\""])
    for name in ["n00009999", "x00000001", "n", "nabc", ""] {
      let error = failure { _ = try WordNetBuilder.glosses(of: [name], from: source.path) }
      #expect(error?.kind == .malformed, "\(name)")
    }
    let missing = failure { _ = try WordNetBuilder.glosses(of: [], from: source.path + "/nowhere") }
    #expect(missing?.kind == .unreadable && missing?.hint != nil)
  }

  @Test func missingDatabaseNamesThePackage() throws {
    let empty = TemporaryFolder()
    let error = try #require(failure { _ = try WordNetBuilder.build(from: empty.path, into: empty.path + "/out") })
    #expect(error.kind == .unreadable)
    #expect(error.exitCode == 66)
    #expect(error.hint?.description.contains("wordnet-base") == true)
    #expect(empty.names.isEmpty)
  }

  @Test(
    "A damaged line is reported with file and line, and nothing is written",
    arguments: [
      ("0001740 03 n 01 entity 0 000 | short offset", "the synset offset is not 8 digits"),
      ("00001740 45 n 01 entity 0 000 | x", "there is no such lexicographer file"),
      ("00001740 03 n 0g entity 0 000 | x", "the word count is not 2 digits"),
      ("00001740 03 n 00 000 | x", "a synset without words"),
      ("00001740 03 n 01 entity", "the line ends before a word's id"),
      ("00001740 03 n 01 entity 0 002 ~ 00001930 n 0000 | x", "the line ends before a pointer's symbol"),
      ("00001740 03 n 01 entity 0 001 ~ 1930 n 0000 | x", "a pointer's synset offset is not 8 digits"),
      ("00001740 03 n 01 entity 0 001 ~ 00001930 q 0000 | x", "there is no such part of speech"),
      ("00001740 03 n 01 entity 0 001 ~ 00001931 n 0000 | x", "a pointer leads to a synset that does not exist"),
      ("00001740 03 n 01 \u{e9}tat 0 000 | x", "a word is not ASCII"),
      ("", "the line ends before the synset offset"),
      ("00001730 03 n 01 before 0 000 | x\n00001730 03 n 01 again 0 000 | x", "the synset offsets do not ascend"),
    ])
  func damage(line: String, message: String) throws {
    let source = Self.folder(["data.noun": "  1 licence\n\(line)\n00001930 03 n 01 thing 0 000 | x\n"])
    let result = TemporaryFolder()
    let error = try #require(failure { _ = try WordNetBuilder.build(from: source.path, into: result.path) })
    #expect(error.message == message)
    #expect(error.kind == .malformed)
    #expect(error.file == source.path + "/data.noun")
    #expect(error.line == (message.contains("ascend") ? 3 : 2))
    #expect(result.names.isEmpty)
  }

  @Test func everyTruncationEndsWithoutACrash() throws {
    let text = Array(Self.files["data.noun"]!.utf8)
    for length in 0..<text.count {
      let source = Self.folder()
      source.file("data.noun", Array(text[..<length]))
      let result = TemporaryFolder()
      let error = failure { _ = try WordNetBuilder.build(from: source.path, into: result.path) }
      #expect(error == nil || error?.kind == .malformed)
      #expect((error == nil) == result.names.contains("manifest.json"))
    }
  }

  static let isInstalled = FileManager.default.fileExists(atPath: WordNetBuilder.defaultFolder + "/data.noun")

  @Test(
    "WordNet 3.0 has its known size",
    .enabled(if: isInstalled, "wordnet-base is not installed: apt-get install wordnet-base"))
  func wholeDatabase() throws {
    let result = TemporaryFolder()
    let summary = try WordNetBuilder.build(into: result.path)
    #expect(summary.nodes == 117_659)
    #expect(summary.edges == 183_789)
    let labels = dataLines(result.text(of: "labels.tsv"))
    #expect(labels.count == 117_659)
    #expect(Set(labels.map { $0.split(separator: "\t")[1] }).count == 45)
    #expect(labels.contains("n00001740\tnoun.Tops\tentity"))
    #expect(dataLines(result.text(of: "edges.tsv")).count == 183_789)
    #expect(result.text(of: "edges.tsv")?.contains("# Nodes: 116650 Edges: 183789\n# 1009 more nodes") == true)
    try DatasetManifest(folder: result.path).verify(in: result.path)
  }
}
