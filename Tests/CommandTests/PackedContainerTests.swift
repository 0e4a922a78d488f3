import Foundation
import Testing

/// Containers of packed lists: what is said of them is what is said of raw ones.
@Suite struct PackedContainerTests {
  private let command = try! Graphmill()

  init() throws {
    try command.run("generate", "rmat", "g.gmg", "--nodes", "1k", "--edges", "8k", "--seed", "3")
    try command.run("convert", "g.gmg", "raw.gmg", "--loops", "drop", "--relabel", "rabbit")
    try command.run("convert", "raw.gmg", "packed.gmg", "--codec", "packed")
  }

  /// The two outputs of the same words about either file.
  private func outputs(_ words: String) throws -> [String] {
    try ["raw.gmg", "packed.gmg"].map { file in
      try command.run(arguments: words.split(separator: " ").map { $0 == "FILE" ? file : String($0) }).output
    }
  }

  @Test(
    "Kernels and questions",
    arguments: [
      "stats degree FILE", "stats bfs FILE --source 17", "stats components FILE", "stats pagerank FILE --rounds 20",
      "stats triangles FILE", "stats kcore FILE", "stats clustering FILE", "query FILE neighbors 17",
      "query FILE degree 17", "query FILE hasedge 17 20", "query FILE bfs 17", "query FILE pagerank",
      "query FILE triangles", "transform FILE - --core 3 --to el",
    ])
  func sameOutput(words: String) throws {
    let found = try outputs(words)
    #expect(found[0] == found[1] && !found[0].isEmpty)
    #expect(try outputs(words + " --threads 2") == found)
  }

  @Test("sparsify leaves the same bytes")
  func sparsified() throws {
    for method in ["teddy", "random", "jaccard"] {
      for file in ["raw", "packed"] {
        try command.run(
          "sparsify", "\(file).gmg", "\(file)-small.gmg", "--method", method, "--keep", "30%", "--force", "--scores",
          "\(file).tsv")
      }
      #expect(try command.bytes("raw-small.gmg") == command.bytes("packed-small.gmg"))
      #expect(try command.bytes("raw.tsv") == command.bytes("packed.tsv"))
    }
  }

  @Test("info tells the codec and the bits of an edge; check takes the file apart")
  func informationAndCheck() throws {
    var (raw, packed) = (
      try command.run("info", "raw.gmg", "--json").json, try command.run("info", "packed.gmg", "--json").json
    )
    #expect(raw["codec"] as? String == "raw" && packed["codec"] as? String == "packed")
    let bits = (raw["bits_per_edge"] as? Double ?? 0, packed["bits_per_edge"] as? Double ?? 0)
    #expect(bits.0 > 64 && bits.1 > 10 && bits.1 < 40)
    for key in ["codec", "bits_per_edge", "bytes", "seconds", "peak_rss_bytes"] {
      raw[key] = nil
      packed[key] = nil
    }
    #expect(NSDictionary(dictionary: raw) == NSDictionary(dictionary: packed))
    #expect(try command.run("info", "packed.gmg").output.contains("codec packed, "))
    #expect(try command.run("check", "packed.gmg", "--deep", "--against", "raw.gmg").status == 0)
    var bytes = try command.bytes("packed.gmg")
    bytes[4096 + 24] ^= 1
    try bytes.write(to: command.folder.appending(path: "damaged.gmg"))
    #expect(try command.run("check", "damaged.gmg", "--deep").status == 1)
    #expect(try command.run("stats", "pagerank", "damaged.gmg").status == 65)
  }

  @Test("Directions, weights and pipes")
  func others() throws {
    try command.write("a b 2\nb c 3\nc a 1\na d 0.5\nd d 4\n", to: "g.wel")
    for flags in [[], ["--directed"]] {
      try command.run(arguments: ["convert", "g.wel", "raw.gmg", "--force", "--ids", "string"] + flags)
      try command.run("convert", "raw.gmg", "packed.gmg", "--codec", "packed", "--force")
      for words in [
        "stats degree FILE", "stats degree FILE --loops 2", "stats pagerank FILE", "stats bfs FILE --source a",
        "stats paths FILE --source a", "query FILE neighbors a", "convert FILE - --to wel", "stats triangles FILE",
      ] {
        let found = try outputs(words)
        #expect(found[0] == found[1] && !found[0].isEmpty, "\(words)")
      }
    }
    #expect(
      try command.shell("cat packed.gmg | graphmill stats degree -").output
        == command.run("stats", "degree", "raw.gmg").output)
  }
}
