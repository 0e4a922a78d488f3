import Foundation
import Glibc
import MillRuntime
import Testing

@testable import WorkerProtocol

/// `graphmill worker`: frames in, frames out, and what it refuses.
@Suite struct WorkerTests {
  private let command = try! Graphmill()

  /// Writes rows (node, neighbor, figure) as frames.
  private func writeRows(_ rows: [(Int64, Int64, Int64)], to name: String, as type: ColumnType = .int64) throws {
    try write(name, [ColumnForm(.int64), ColumnForm(.int64), ColumnForm(type)]) { writer in
      for row in rows {
        writer.set(0, row.0)
        writer.set(1, row.1)
        if type == .int64 { writer.set(2, row.2) } else { writer.set(2, Double(row.2)) }
        try writer.endRow()
      }
    }
  }

  private func write(_ name: String, _ forms: [ColumnForm], _ body: (ColumnFrameWriter) throws -> Void) throws {
    let file = try OutputFile(command.path(name), replaces: true)
    let writer = try ColumnFrameWriter(file, forms: forms)
    try body(writer)
    try writer.finish()
    try file.commit()
  }

  /// The rows of a file of frames with two whole columns and one of numbers.
  private func read(_ name: String) throws -> [(Int64, Int64, Double)] {
    let descriptor = open(command.path(name), O_RDONLY)
    defer { close(descriptor) }
    let reader = ColumnFrameReader(
      descriptor, name: name, forms: [ColumnForm(.int64), ColumnForm(.int64), ColumnForm(.float64)])
    var rows: [(Int64, Int64, Double)] = []
    while try reader.next() {
      for row in 0..<reader.rows {
        rows.append(
          (
            reader.values(0, as: Int64.self)[row], reader.values(1, as: Int64.self)[row],
            reader.values(2, as: Double.self)[row]
          ))
      }
    }
    return rows
  }

  @Test("Scores of nodes have the bits of the local ones, over the borders of frames too")
  func teddyNodes() throws {
    try command.run("generate", "ba", "g.tsv", "--nodes", "30000", "--degree", "3", "--seed", "5")
    try command.run("sparsify", "g.tsv", "out.tsv", "--remove", "0", "--scores", "scores.tsv")
    var neighbors: [Int64: [Int64]] = [:]
    for line in dataLines(try command.read("g.tsv")).split(separator: "\n") {
      let ends = line.split(separator: "\t").compactMap { Int64($0) }
      neighbors[ends[0], default: []].append(ends[1])
      neighbors[ends[1], default: []].append(ends[0])
    }
    var rows: [(Int64, Int64, Int64)] = []
    for (node, others) in neighbors.sorted(by: { $0.key < $1.key }) {
      for other in others.sorted() { rows.append((node, other, Int64(neighbors[other]?.count ?? 0))) }
    }
    try #require(rows.count > 2 * ColumnFrameWriter.frameRows)
    try writeRows(rows, to: "in")
    let result = try command.shell("graphmill worker teddy-nodes < in > out")
    #expect(result.status == 0)
    let counts = parseJSON(result.errors)
    #expect(counts["rows"] as? Int == rows.count)
    #expect(counts["nodes"] as? Int == neighbors.count)
    let found = try read("out")
    #expect(found.map(\.0) == neighbors.keys.sorted())
    #expect(found.allSatisfy { neighbors[$0.0]?.count == Int($0.1) })
    let scores = Dictionary(uniqueKeysWithValues: found.map { ($0.0, $0.2) })
    var edges = 0
    for line in dataLines(try command.read("scores.tsv")).split(separator: "\n") {
      let fields = line.split(separator: "\t")
      guard let u = Int64(fields[0]), let v = Int64(fields[1]), let score = Double(fields[2]) else { continue }
      edges += 1
      guard let a = scores[u], let b = scores[v], (a * b).bitPattern == score.bitPattern else {
        Issue.record("the score of \(u), \(v) differs")
        return
      }
    }
    #expect(edges == rows.count / 2)
  }

  @Test func folds() throws {
    try writeRows([(-5, 1, 2), (-5, 2, 3), (7, -1, 4), (7, 9, 1)], to: "in", as: .float64)
    #expect(try command.shell("graphmill worker fold < in > out").status == 0)
    #expect(try read("out").map { [Double($0.0), Double($0.1), $0.2] } == [[-5, 2, 5], [7, 2, 5]])
    try writeRows([], to: "none", as: .float64)
    #expect(try command.shell("graphmill worker fold < none > out").status == 0)
    #expect(try read("out").isEmpty)
  }

  @Test("Equal degrees share a rank in a list, and the last rank has no value")
  func localDegree() throws {
    try writeRows(
      [[1, -9, 4, 4], [1, -5, 2, 4], [1, -5, 3, 4], [1, -1, 5, 4], [2, -4, 1, 1]], columns: 4, to: "in")
    #expect(try command.shell("graphmill worker local-degree < in > out").status == 0)
    let expected: [(Int64, Int64, Double)] = [(1, 4, 1), (1, 2, 0.5), (1, 3, 0.5), (1, 5, 0), (2, 1, 1)]
    for (found, row) in zip(try read("out"), expected) {
      #expect(found.0 == row.0 && found.1 == row.1 && abs(found.2 - row.2) < 1e-15)
    }
    #expect(try read("out").count == 5)
    for rows in [[[1, -5, 4, 2], [1, -9, 2, 2]], [[1, -5, 4, 0]]] as [[[Int64]]] {
      try writeRows(rows, columns: 4, to: "in")
      #expect(try command.shell("graphmill worker local-degree < in > out").status == 65)
    }
  }

  @Test("Rows that do not ascend, and neighbors without a degree, are refused with 65")
  func badRows() throws {
    for rows: [(Int64, Int64, Int64)] in [
      [(2, 1, 1), (1, 2, 1)], [(1, 2, 1), (1, 2, 1)], [(1, 3, 1), (1, 2, 1)], [(1, 2, 0)], [(1, 2, -4)],
    ] {
      try writeRows(rows, to: "in")
      let result = try command.shell("graphmill worker teddy-nodes < in > out")
      #expect(result.status == 65, "\(rows): \(result.errors)")
      #expect(result.errors.contains("standard input"))
    }
  }

  @Test func echo() throws {
    try writeRows((0..<70_000).map { ($0, -$0, $0) }, to: "in")
    #expect(try command.shell("graphmill worker echo < in > out").status == 0)
    #expect(try command.bytes("in") == command.bytes("out"))
    // A reader that is gone ends it quietly.
    #expect(try command.shell("graphmill worker echo < in | head -c 10 > out; exit ${PIPESTATUS[0]}").status == 141)
  }

  @Test("Damaged streams are refused with 65, too little memory with 71")
  func damage() throws {
    try writeRows([(1, 2, 3)], to: "in", as: .float64)
    let whole = try command.bytes("in")
    for count in [0, 31, 200, whole.count - 1] {
      try whole.prefix(count).write(to: command.folder.appending(path: "cut"))
      let result = try command.shell("graphmill worker fold --log-format json < cut > out")
      #expect(result.status == 65)
      #expect((parseJSON(result.errors)["error"] as? [String: Any])?["kind"] as? String == "truncated")
    }
    try writeRows([(1, 2, 3)], to: "in")
    #expect(try command.shell("graphmill worker fold < in > out").status == 65, "its third column is one of integers")
    try writeRows((0..<200_000).map { ($0, 0, 1) }, to: "in")
    #expect(try command.shell("graphmill worker echo --memory 1Mi < in > out").status == 71)
  }

  @Test func usage() throws {
    #expect(try command.run("worker", "ecko").status == 64)
    #expect(try command.run("worker").status == 64)
    #expect(try command.shell("graphmill worker echo --config missing.json < /dev/null > out").status == 66)
    try command.write("{\"fault\": \"none such\"}", to: "c.json")
    try writeRows([(1, 2, 3)], to: "in")
    let status = try command.shell("graphmill worker echo --config c.json < in > out").status
    #expect([64, 69].contains(status), "a release build has no faults at all")
  }

  // MARK: - Summaries

  /// Writes rows of whole numbers.
  private func writeRows(_ rows: [[Int64]], columns: Int, to name: String) throws {
    try write(name, [ColumnForm](repeating: ColumnForm(.int64), count: columns)) { writer in
      for row in rows {
        for (column, number) in row.enumerated() { writer.set(column, number) }
        try writer.endRow()
      }
    }
  }

  private func readRows(_ name: String) throws -> [[Int64]] {
    let descriptor = open(command.path(name), O_RDONLY)
    defer { close(descriptor) }
    let reader = ColumnFrameReader(descriptor, name: name)
    var rows: [[Int64]] = []
    while try reader.next() {
      let columns = (0..<(reader.forms?.count ?? 0)).map { Array(reader.values($0, as: Int64.self)) }
      for row in 0..<reader.rows { rows.append(columns.map { $0[row] }) }
    }
    return rows
  }

  /// A leaf of two links: its row, then those of the links.
  private func leaf(_ id: Int64, _ prefix: [Int64], _ others: [Int64], isMember: Bool) -> [[Int64]] {
    let state: Int64 = 25 << 16 | 4 << 24 | 1 << 32
    let own = prefix + [isMember ? -1 - id : -1, Int64(others.count), state]
    return [own] + others.map { prefix + [$0, 1, $0 < id ? 511 : 255] }
  }

  @Test("A group of two nodes with the same two neighbors merges, from the decision to the last edge")
  func slugger() throws {
    let settings = "\"iterations\": 1, \"cap\": 9, \"seed\": 5, \"round\": 1"
    try command.write("{\(settings)}", to: "round.json")
    try writeRows([[1]], columns: 1, to: "in")
    #expect(try command.shell("graphmill worker slugger-round --config round.json < in > out").status == 0)
    let draws = try readRows("out")
    #expect(draws.map { $0[1] } == (0..<10).map { Int64($0) } && draws.allSatisfy { $0[4] & 1 == 1 })

    let group = leaf(0, [0, 0], [2, 3], isMember: true) + leaf(1, [0, 1], [2, 3], isMember: true)
    try writeRows(group, columns: 5, to: "in")
    #expect(try command.shell("graphmill worker slugger-decide --config round.json < in > out").status == 0)
    let decisions = try readRows("out")
    #expect(decisions.map { $0[..<2] } == [[0, 0]] && Set(decisions[0][2...]) == [0, 1])
    for rows in [Array(group.reversed()), group + [group[0]], [group[1]], [group[0], [0, 0, 0, 1, 255]]] {
      try writeRows(rows, columns: 5, to: "bad")
      #expect(try command.shell("graphmill worker slugger-decide --config round.json < bad > out").status == 65)
    }

    try command.write("{\(settings), \"nodes\": 4, \"supernodes\": 4, \"stride\": 0}", to: "apply.json")
    let operands = leaf(0, [0, 0], [2, 3], isMember: false) + leaf(1, [0, 1], [2, 3], isMember: false)
    try writeRows(operands + decisions.map { [1] + $0 }, columns: 5, to: "in")
    let result = try command.shell("graphmill worker slugger-apply --config apply.json < in > out")
    #expect(result.status == 0 && parseJSON(result.errors)["merges"] as? Int == 1)
    let applied = try readRows("out")
    #expect(applied.filter { $0[0] == 3 }.map { $0[1] } == [4])
    #expect(applied.filter { $0[0] == 4 }.map { Array($0[1...2]) } == [[0, 4], [1, 4]])
    #expect(applied.filter { $0[0] == 2 }.map { Array($0[1...3]) } == [[2, 0, 1], [3, 0, 1]])
    #expect(applied.last == [6, 1, 0, 2, 0])
    let links = applied.filter { $0[0] == 1 }
    #expect(Set(links.map { Array($0[1...2]) }) == [[4, 2], [4, 3], [2, 4], [3, 4]])
    #expect(links.allSatisfy { $0[3] == 1 })
    try writeRows(operands + [[1, 0, 0, 2, 0]], columns: 5, to: "bad")
    #expect(try command.shell("graphmill worker slugger-apply --config apply.json < bad > out").status == 65)

    // Where other workers apply other groups, the number tells the group and the place.
    try command.write("{\(settings), \"nodes\": 4, \"supernodes\": 4, \"stride\": 9}", to: "apply.json")
    for (group, place, status) in [(7, 3, 0), (7, 9, 65), (-1, 0, 65), (1 << 30, 0, 65)] as [(Int64, Int64, Int32)] {
      try writeRows(operands + [[1, group, place] + decisions[0][2...]], columns: 5, to: "in")
      let found = try command.shell("graphmill worker slugger-apply --config apply.json < in > out")
      #expect(found.status == status, "\(found.errors)")
      if status == 0 { #expect(try readRows("out").filter { $0[0] == 3 }.map { $0[1] } == [4 + 7 * 9 + 3]) }
    }

    try writeRows(links.map { Array($0[1...]) }, columns: 4, to: "in")
    #expect(try command.shell("graphmill worker slugger-pending < in > out").status == 0)
    #expect(Set(try readRows("out")) == [[4, 2, 0], [4, 3, 0]])
  }

  @Test("--from-draft goes on where merging has ended")
  func fromDraft() throws {
    let pairs = (0..<10).flatMap { u in (0..<u).map { "\(3 * u) \(3 * $0)\n" } }
    try command.write(pairs.joined(), to: "g.txt")
    func writeDraft(_ rows: [(Int64, Int64, Int32)]) throws {
      try write("draft", [ColumnForm(.int64), ColumnForm(.int64), ColumnForm(.int32)]) { writer in
        for row in rows {
          writer.set(0, row.0)
          writer.set(1, row.1)
          writer.set(2, row.2)
          try writer.endRow()
        }
      }
    }
    let tree = (0..<10).map { (Int64($0), Int64(10), Int32(0)) }
    try writeDraft(tree + [(10, 10, 1)])
    let found = try command.run("summarize", "g.txt", "draft.gms", "--from-draft", "draft", "--verify", "--json")
    #expect(found.status == 0 && found.json["verified"] as? Bool == true && found.json["cost"] as? Int == 11)
    let piped = try command.shell("graphmill summarize g.txt piped.gms --from-draft - < draft")
    #expect(piped.status == 0, "\(piped.errors)")
    #expect(try command.bytes("piped.gms") == command.bytes("draft.gms"))
    try writeDraft(tree)
    #expect(try command.run("summarize", "g.txt", "bad.gms", "--from-draft", "draft").status == 65)
    #expect(try command.run("summarize", "g.txt", "bad.gms", "--from-draft", "missing").status == 66)
    #expect(try command.run("summarize", "g.txt", "bad.gms", "--from-draft", "draft", "--model", "flat").status == 64)
    #expect(!command.exists("bad.gms"))
  }

  // MARK: - Shards

  private func writeVectors(_ rows: Range<Int>, to name: String) throws {
    var random = CounterRandom(seed: 9, stage: "vectors", item: UInt64(rows.lowerBound))
    let forms = [ColumnForm(.int64), ColumnForm(.float32, components: 1)]
    try write(name, forms) { writer in
      for row in rows {
        writer.set(0, Int64(row))
        writer.set(1, Float(random.unit()))
        try writer.endRow()
      }
    }
  }

  @Test("A shard is the index that the local command builds with the same keys")
  func shards() throws {
    try writeVectors(100..<400, to: "in")
    let settings = "\"metric\": \"l2\", \"m\": 8, \"ef\": 50, \"seed\": 3, \"dimension\": 1, \"shard\": 0"
    try command.write("{\(settings), \"target\": \"\(command.path("shard.gmx"))\"}", to: "build.json")
    let built = try command.shell("graphmill worker knn-build --config build.json < in > out")
    #expect(built.status == 0, "\(built.errors)")
    var random = CounterRandom(seed: 9, stage: "vectors", item: 100)
    try command.write((100..<400).map { _ in "\(Float(random.unit()))\n" }.joined(), to: "base.txt")
    try command.write((100..<400).map { "\($0)\n" }.joined(), to: "keys.txt")
    let local = try command.run(
      "knn", "build", "base.txt", "local.gmx", "--m", "8", "--ef-construction", "50", "--seed", "3", "--keys",
      "keys.txt",
      "--no-header", "--no-key-column")
    #expect(local.status == 0, "\(local.errors)")
    #expect(try command.bytes("shard.gmx") == command.bytes("local.gmx"))
    // A second attempt replaces the first.
    #expect(try command.shell("graphmill worker knn-build --config build.json < in > out").status == 0)

    try command.write("{\"index\": \"\(command.path("shard.gmx"))\", \"k\": 3, \"ef\": 20}", to: "search.json")
    try writeVectors(0..<5, to: "queries")
    let found = try command.shell("graphmill worker knn-search --config search.json < queries > found")
    #expect(found.status == 0, "\(found.errors)")
    #expect(parseJSON(found.errors)["rows"] as? Int == 5)
    let descriptor = open(command.path("found"), O_RDONLY)
    defer { close(descriptor) }
    let reader = ColumnFrameReader(descriptor, name: "found")
    try #require(try reader.next())
    #expect(Array(reader.values(0, as: Int64.self)) == (0..<15).map { Int64($0 / 3) })
    #expect(reader.values(1, as: Int64.self).allSatisfy { (100..<400).contains($0) })
    let distances = Array(reader.values(2, as: Float.self))
    #expect((0..<15).allSatisfy { $0 % 3 == 0 || distances[$0] >= distances[$0 - 1] })
  }

  @Test("Shards want ascending ids, full settings and vectors of their dimension")
  func badShards() throws {
    try writeVectors(0..<5, to: "in")
    try command.write("{\"metric\": \"l2\", \"m\": 8}", to: "some.json")
    #expect(try command.shell("graphmill worker knn-build --config some.json < in > out").status == 64)
    let settings = "\"m\": 8, \"ef\": 50, \"seed\": 3, \"shard\": 0, \"target\": \"\(command.path("x.gmx"))\""
    try command.write("{\(settings), \"metric\": \"l9\", \"dimension\": 1}", to: "metric.json")
    #expect(try command.shell("graphmill worker knn-build --config metric.json < in > out").status == 64)
    try command.write("{\(settings), \"metric\": \"l2\", \"dimension\": 2}", to: "wide.json")
    #expect(try command.shell("graphmill worker knn-build --config wide.json < in > out").status == 65)
    try command.write("{\(settings), \"metric\": \"l2\", \"dimension\": 1}", to: "build.json")
    try write("in", [ColumnForm(.int64), ColumnForm(.float32, components: 1)]) { writer in
      for id: Int64 in [4, 4] {
        writer.set(0, id)
        writer.set(1, Float(0))
        try writer.endRow()
      }
    }
    #expect(try command.shell("graphmill worker knn-build --config build.json < in > out").status == 65)
    #expect(!command.exists("x.gmx"))
  }
}
