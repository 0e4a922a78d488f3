import Foundation
import TestSupport
import Testing

/// Vectors as users have them, through the command: the right answer, or a refusal that says where.
@Suite struct KnnVectorTests {
  private let command = try! Graphmill()

  private func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: command.folder.appending(path: name))
  }

  private func bytes<Value>(_ values: [Value]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }

  /// Builds, and gives the error, whose exit code must be as expected; nothing is written.
  @discardableResult
  private func refusal(_ status: Int32, _ arguments: String...) throws -> String {
    let before = command.files
    let result = try command.run(arguments: ["knn"] + arguments)
    #expect(result.status == status, "\(arguments): \(result.errors)")
    #expect(command.files == before)
    return result.errors
  }

  /// The table of answers as query, rank, key, distance.
  private func answers(_ index: String, _ queries: String, _ flags: String...) throws -> [[Double]] {
    let found = try command.run(arguments: ["knn", "search", index, queries, "found.tsv", "--force"] + flags)
    #expect(found.status == 0, "\(found.errors)")
    return try command.read("found.tsv").split(separator: "\n").map { line in
      line.split(separator: "\t").map { Double($0) ?? .nan }
    }
  }

  @Test("--key-column takes the first column as keys, --no-key-column as numbers")
  func keyColumn() throws {
    try command.write("7 0 1\n9 5 5\n8 1 0\n", to: "v.txt")
    func dimension(_ flag: String) throws -> Int? {
      try command.run("knn", "build", "v.txt", "o.gmx", flag, "--force", "--json").json["dimension"] as? Int
    }
    #expect(try dimension("--no-key-column") == 3)
    #expect(try dimension("--key-column") == 2)
    try command.write("0 1\n", to: "q.txt")
    #expect(try answers("o.gmx", "q.txt", "--k", "1") == [[0, 0, 7, 0]])
  }

  @Test func headerOfNumbers() throws {
    try command.write("0,1,2\n0.5,1.5,2.5\n1.5,0.5,0.5\n2.5,2.5,1.5\n", to: "v.csv")
    let built = try command.run("knn", "build", "v.csv", "o.gmx")
    #expect(built.output.contains("3 vectors of 3, text of decimal, separated by commas, header 0, 1, 2"))
    #expect(built.errors.contains("the first row, the numbers 0 to 2, is taken as a header"))
    #expect(try refusal(65, "build", "v.csv", "x.gmx", "--strict").contains("is taken as a header"))
    #expect(
      try command.run("knn", "build", "v.csv", "a.gmx", "--strict", "--header", "--json").json["count"] as? Int == 3)
    #expect(try command.run("knn", "build", "v.csv", "b.gmx", "--no-header", "--json").json["count"] as? Int == 4)
  }

  @Test func emptyCells() throws {
    try command.write("1,,3\n,5,6\n7,8,\n", to: "v.csv")
    #expect(try refusal(65, "build", "v.csv", "o.gmx").contains("v.csv:1: row 0, column 1 is empty"))
  }

  @Test func negativeProbabilities() throws {
    try command.write("-1 2 0.5\n3 -4 1\n-2 -2 5\n9 9 -9\n", to: "v.txt")
    for metric in ["js", "jeffreys"] {
      for method in ["hnsw", "nsw"] {
        let told = try refusal(65, "build", "v.txt", "o.gmx", "--metric", metric, "--method", method)
        #expect(told.contains("v.txt: row 0, column 0 is negative, which no probability is"))
      }
    }
    try command.write("0.5 0.5\n0.25 0.75\n", to: "good.txt")
    try command.run("knn", "build", "good.txt", "good.gmx", "--metric", "js")
    try command.write("-1 2\n", to: "q.txt")
    #expect(try refusal(65, "search", "good.gmx", "q.txt", "o.tsv").contains("q.txt: row 0, column 0 is negative"))
  }

  @Test("Short vectors under the inner product, by scan and by graph") func shortVectors() throws {
    try command.write("1e-5\n2e-5\n3e-5\n", to: "v.txt")
    try command.write("1e-5\n", to: "q.txt")
    for method in ["hnsw", "nsw"] {
      try command.run("knn", "build", "v.txt", "\(method).gmx", "--metric", "ip", "--method", method)
      for exact in ["--exact", "--no-exact"] {
        let found = try answers("\(method).gmx", "q.txt", "--k", "3", exact)
        #expect(found.map { $0[2] } == [2, 1, 0])
        #expect(zip(found.map { $0[3] }, [-3e-10, -2e-10, -1e-10]).allSatisfy { abs($0 - $1) < 1e-16 })
      }
    }
  }

  @Test("Recall under the inner product does not depend on scale", arguments: [1.0, 1e-4, 1e-5])
  func scales(scale: Double) throws {
    var state: UInt64 = 7
    func next() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40) / 0x1p24 - 0.5
    }
    let rows = (0..<600).map { _ in (0..<6).map { _ in "\(next() * scale)" }.joined(separator: " ") }
    try command.write(rows.joined(separator: "\n") + "\n", to: "v.txt")
    try command.run("knn", "build", "v.txt", "o.gmx", "--metric", "ip")
    try command.run("knn", "search", "o.gmx", "v.txt", "truth.npy", "--exact")
    let found = try command.run(
      "knn", "search", "o.gmx", "v.txt", "found.npy", "--no-exact", "--truth", "truth.npy", "--json")
    #expect(found.json["recall"] as? Double ?? 0 > 0.98)
  }

  @Test func longVectors() throws {
    try command.write("1 1\n1e19 0\n", to: "v.txt")
    for metric in ["l2", "ip"] {
      #expect(try refusal(65, "build", "v.txt", "o.gmx", "--metric", metric).contains("v.txt: row 1 is too long"))
    }
    try command.write("1 1\n3e18 0\n", to: "good.txt")
    try command.run("knn", "build", "good.txt", "good.gmx")
    #expect(try refusal(65, "search", "good.gmx", "v.txt", "o.tsv").contains("v.txt: row 1 is too long"))
  }

  @Test("Distances of near-duplicates under the cosine distance are never below 0") func nearDuplicates() throws {
    let rows = (0..<60).map { row in (0..<7).map { "\(Double($0 * $0) / 7 * (1 + Double(row) * 1e-6) + 0.1)" } }
    try command.write(rows.map { $0.joined(separator: ",") }.joined(separator: "\n") + "\n", to: "v.csv")
    try command.run("knn", "build", "v.csv", "o.gmx", "--metric", "cos")
    #expect(try answers("o.gmx", "v.csv", "--k", "60").allSatisfy { $0[3] >= 0 })
    try command.run("knn", "graph", "o.gmx", "near.gmg", "--with-distances")
    try command.run("convert", "near.gmg", "near.wel")
    let weights = try command.read("near.wel").split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
      line.split(separator: "\t").last.flatMap { Double($0) }
    }
    #expect(weights.count > 100 && weights.allSatisfy { $0 >= 0 })
  }

  @Test func setsOfBits() throws {
    try command.write("0.5 1\n0 1\n", to: "v.txt")
    let told = try refusal(64, "build", "v.txt", "o.gmx", "--metric", "jaccard")
    #expect(told.contains("the distance jaccard is between sets of bits, but row 0, column 0 is 0.5"))
    #expect(!told.contains("hamming") && told.contains("0 and 1"))
    try command.write("1 1 0\n0 1 0\n0 0 1\n", to: "sets.txt")
    try command.run("knn", "build", "sets.txt", "o.gmx", "--metric", "jaccard")
    #expect(try answers("o.gmx", "sets.txt", "--k", "2").prefix(2).map { $0[3] } == [0, 0.5])
  }

  @Test("More answers wanted than there are: padded as the help promises") func padding() throws {
    try command.write((0..<5).map { "\($0)" }.joined(separator: "\n"), to: "v.txt")
    try command.run("knn", "build", "v.txt", "o.gmx")
    try command.run("knn", "search", "o.gmx", "v.txt", "found.npy", "--k", "8", "--distances", "distances.npy")
    let ids = try command.bytes("found.npy")
    #expect(String(decoding: ids.prefix(128), as: UTF8.self).contains("'<i8', 'fortran_order': False, 'shape': (5, 8)"))
    let first = ids.suffix(5 * 8 * 8).prefix(64).withUnsafeBytes { raw in
      (0..<8).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self) }
    }
    #expect(first == [0, 1, 2, 3, 4, -1, -1, -1])
    let far = try command.bytes("distances.npy").suffix(5 * 8 * 4).prefix(32).withUnsafeBytes { raw in
      (0..<8).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
    #expect(far == [0, 1, 2, 3, 4, .infinity, .infinity, .infinity])
    try command.run("knn", "search", "o.gmx", "v.txt", "found.ivecs", "--k", "8")
    #expect(try command.bytes("found.ivecs").count == 5 * 4 * 9)
    // What was found is a truth; missing answers are no misses.
    for truth in ["found.npy", "found.ivecs"] {
      let scored = try command.run(
        "knn", "search", "o.gmx", "v.txt", "again.npy", "--k", "8", "--truth", truth, "--json", "--force")
      #expect(scored.json["recall"] as? Double == 1)
    }
    #expect(try refusal(64, "search", "o.gmx", "v.txt", "none.tsv", "--k", "0").contains("'--k'"))
    #expect(
      try refusal(69, "search", "o.gmx", "v.txt", "x.npy", "--truth", "v.txt").contains("not a known file of keys"))
  }

  @Test func keysBeyondThirtyTwoBits() throws {
    try command.write("1\n2\n", to: "v.txt")
    try command.write("3000000000\n3000000001\n", to: "keys.txt")
    try command.run("knn", "build", "v.txt", "o.gmx", "--keys", "keys.txt")
    let told = try refusal(65, "search", "o.gmx", "v.txt", "out.ivecs", "--k", "1")
    #expect(told.contains("the key 3000000000 does not fit the 32 bits of ivecs"))
    #expect(try answers("o.gmx", "v.txt", "--k", "1").map { $0[2] } == [3_000_000_000, 3_000_000_001])
  }

  @Test func keysOfTheFile() throws {
    try command.write("id,x,y\n70,0,1\n50,2,3\n", to: "v.csv")
    try command.run("knn", "build", "v.csv", "o.gmx")
    #expect(try answers("o.gmx", "v.csv", "--k", "1").map { $0[2] } == [70, 50])
    try command.write("cat 0 1\ndog 2 3\n", to: "words.txt")
    let built = try command.run("knn", "build", "words.txt", "words.gmx", "--strict", "--json")
    #expect(built.status == 0 && built.json["named"] as? Bool == true)
    try command.run("knn", "search", "words.gmx", "words.txt", "words.tsv", "--k", "1")
    #expect(try command.read("words.tsv") == "cat\t0\tcat\t0.0\ndog\t0\tdog\t0.0\n")
    #expect(try command.run("info", "words.gmx", "--json").json["named"] as? Bool == true)
    #expect(try command.run("info", "o.gmx", "--json").json["named"] as? Bool == false)
    #expect(try command.run("check", "words.gmx").status == 0)
  }

  @Test("Names from a file of keys, in answers, filters, neighbor graphs and their communities") func names() throws {
    try command.write("0 0\n0 1\n1 0\n9 9\n9 8\n8 9\n", to: "v.txt")
    try command.write("ann\nbob\n#3\nd, e\n007\nzoë\n", to: "names.txt")
    for method in ["hnsw", "nsw"] {
      let index = "\(method).gmx"
      try command.run("knn", "build", "v.txt", index, "--keys", "names.txt", "--method", method)
      try command.write("8.9 9\n", to: "q.txt")
      try command.run("knn", "search", index, "q.txt", "o.tsv", "--k", "2", "--squared", "--force")
      let told = try command.read("o.tsv").split(separator: "\n").map { $0.split(separator: "\t")[2] }
      #expect(told == ["d, e", "zoë"])
      try command.write("ann\nnobody\n007\n", to: "keep.txt")
      try command.run("knn", "search", index, "q.txt", "o.tsv", "--k", "9", "--filter", "keep.txt", "--force")
      #expect(try command.read("o.tsv").contains("0\t0\t007\t") && !command.read("o.tsv").contains("zoë"))
      try command.run("knn", "search", index, "q.txt", "o.tsv", "--radius", "1", "--force")
      #expect(try command.read("o.tsv").contains("\td, e\t"))
      let rows = try command.run("knn", "search", index, "q.txt", "o.npy", "--k", "2", "--force")
      #expect(rows.status == 0 && rows.errors.contains("holds row numbers"))
      #expect(try refusal(65, "search", index, "q.txt", "s.npy", "--strict").contains("holds row numbers"))
      try command.run("knn", "graph", index, "g.gmg", "--k", "2", "--force")
      let edges = try command.run("convert", "g.gmg", "-", "--to", "csv")
      #expect(edges.output.contains("ann,bob") && edges.output.contains("\"d, e\""))
      try command.run("communities", "g.gmg", "--labels", "l.tsv", "--force")
      let labels = try command.read("l.tsv").split(separator: "\n").map { $0.split(separator: "\t")[0] }
      #expect(Set(labels) == ["node", "ann", "bob", "#3", "d, e", "007", "zoë"])
    }
    try command.write("a\nb\na\nc\nd\ne\n", to: "twice.txt")
    let told = try refusal(65, "build", "v.txt", "x.gmx", "--keys", "twice.txt")
    #expect(told.contains("the key 'a' occurs twice, in row 0 and in row 2"))
    try command.write("1\n\n-2\n", to: "filter.txt")
    try command.run("knn", "build", "v.txt", "plain.gmx")
    #expect(
      try refusal(65, "search", "plain.gmx", "q.txt", "x.tsv", "--filter", "filter.txt")
        .contains("filter.txt:3: not a key"))
  }

  @Test("A table of text is edges or, by the flag, vectors") func textOfVectors() throws {
    // Five points on a line: each is next to the one before it; read as edges, row 4 4 would be a self-loop.
    try command.write((0..<5).map { "\($0) \($0)\n" }.joined(), to: "line.txt")
    try command.run("knn", "graph", "line.txt", "near.txt", "--vectors", "--k", "1")
    try command.run("knn", "build", "line.txt", "line.gmx")
    try command.run("knn", "graph", "line.gmx", "same.txt", "--k", "1")
    #expect(try command.read("near.txt") == command.read("same.txt"))
    #expect(try command.read("near.txt").contains("3\t4"))
  }

  @Test("HDF5 of ann-benchmarks: base, queries and truth from one file") func hdf5() throws {
    let file = SharedData.fixture("ann.hdf5")
    let built = try command.run("knn", "build", file, "ann.gmx")
    #expect(built.status == 0 && built.output.contains("dataset train, made for the distance euclidean"))
    let found = try command.run("knn", "search", "ann.gmx", file, "o.ivecs", "--k", "5", "--truth", file, "--json")
    #expect(found.json["recall"] as? Double == 1 && found.json["queries"] as? Int == 4)
    let own = try command.run("knn", "search", "ann.gmx", file + ":train", "o.tsv", "--k", "1", "--json")
    #expect(own.json["queries"] as? Int == 12)
    #expect(try command.run("knn", "graph", file, "g.gmg", "--k", "2", "--json").json["nodes"] as? Int == 12)
    let info = try command.run("info", file)
    #expect(info.output.contains("train: 12 x 3 of f32") && info.output.contains("euclidean"))
    #expect(try command.run("info", file, "--json").json["distance"] as? String == "euclidean")
    #expect(try command.run("check", file).output.contains("valid: HDF5 file"))
    let kinds = SharedData.fixture("kinds.hdf5")
    #expect(try refusal(65, "build", kinds, "x.gmx").contains("no dataset 'train'"))
    #expect(try refusal(65, "build", kinds + ":cube", "x.gmx").contains("has 3 dimensions"))
    #expect(try refusal(69, "build", kinds + ":lzf", "x.gmx").contains("filter 32000"))
    let told = try command.run("check", kinds)
    #expect(told.status == 1 || told.status == 69)
  }

  @Test func collapsingRows() throws {
    try command.write("1700000000\n1700000001\n1700000002\n", to: "v.txt")
    let built = try command.run("knn", "build", "v.txt", "o.gmx")
    #expect(built.errors.contains("100.0% of a column's range is lost") && built.status == 0)
    #expect(try refusal(65, "build", "v.txt", "x.gmx", "--strict").contains("2 rows become equal to others"))
  }

  @Test("Distances that people read are Euclidean, squares only when asked for") func squares() throws {
    try command.write("0 0\n3 4\n6 8\n", to: "v.txt")
    try command.write("0 0\n", to: "q.txt")
    try command.run("knn", "build", "v.txt", "o.gmx")
    #expect(try answers("o.gmx", "q.txt", "--k", "3").map { $0[3] } == [0, 5, 10])
    #expect(try answers("o.gmx", "q.txt", "--k", "3", "--squared").map { $0[3] } == [0, 25, 100])
    #expect(try answers("o.gmx", "q.txt", "--radius", "5").map { $0[2] } == [0, 1])
    #expect(try answers("o.gmx", "q.txt", "--radius", "5", "--squared").map { $0[2] } == [0])
    #expect(try answers("o.gmx", "q.txt", "--radius=-1").isEmpty)
    for (method, flags) in [("hnsw", [String]()), ("nsw", ["--method", "nsw"])] {
      #expect(try command.run(arguments: ["knn", "build", "v.txt", "\(method).gmx"] + flags).status == 0)
      try command.run("knn", "graph", "\(method).gmx", "\(method).gmg", "--k", "1", "--with-distances")
      try command.run("convert", "\(method).gmg", "\(method).wel")
      let lines = try command.read("\(method).wel").split(separator: "\n").filter { !$0.hasPrefix("#") }
      #expect(lines == ["0\t1\t5", "1\t2\t5"])
    }
    #expect(try command.run("knn", "search", "--help").output.contains("--squared"))
  }

  @Test("Binary forms, standard input, and formats that are refused by name") func forms() throws {
    let shape = bytes([3, 2] as [UInt32])
    try write(shape + bytes([0, 0, 3, 4, 6, 8] as [Float]), to: "v.fbin")
    try write(shape + [0, 0, 3, 4, 6, 8], to: "v.u8bin")
    try write(shape + [0, 0, 3, 4, 6, 8], to: "v.i8bin")
    try write(shape + bytes([0, 0, 3, 4, 6, 8] as [Int32]), to: "v.ibin")
    try command.write("0 0\n3 4\n6 8\n", to: "v.txt")
    for name in ["v.fbin", "v.u8bin", "v.i8bin", "v.ibin", "v.txt"] {
      let built = try command.run("knn", "build", name, "o.gmx", "--force", "--json")
      #expect(built.json["count"] as? Int == 3 && built.json["dimension"] as? Int == 2)
      #expect(try answers("o.gmx", name, "--k", "3").prefix(3).map { $0[3] } == [0, 5, 10])
    }
    try command.run("knn", "build", "v.txt", "file.gmx")
    try command.run("knn", "build", "-", "stream.gmx", input: "0 0\n3 4\n6 8\n")
    #expect(try command.bytes("stream.gmx") == command.bytes("file.gmx"))
    try command.run("knn", "search", "file.gmx", "-", "stream.tsv", "--k", "1", input: "6 7\n")
    #expect(try command.read("stream.tsv") == "0\t0\t2\t1.0\n")
    #expect(try command.run("knn", "build", "-", "none.gmx").status == 65)
    try write(bytes([0, 0, 3, 4, 6, 8] as [Float]), to: "v.bin")
    #expect(
      try command.run("knn", "build", "v.bin", "raw.gmx", "--from", "raw:f32:2", "--json").json["count"] as? Int == 3)
    #expect(try refusal(64, "build", "v.bin", "x.gmx", "--from", "raw:f32:0").contains("raw:f32:0"))
    #expect(try refusal(65, "build", "v.bin", "x.gmx", "--from", "fbin").contains("v.bin"))
    try write([0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10, 0, 0, 0, 0], to: "a.hdf5")
    #expect(try refusal(65, "build", "a.hdf5", "x.gmx").contains("the HDF5 library cannot open the file"))
    try command.write("0 0\n", to: "text.hdf5")
    #expect(try refusal(65, "build", "text.hdf5", "x.gmx").contains("not an HDF5 file"))
  }
}
