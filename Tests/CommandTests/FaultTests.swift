import Foundation
import Glibc
import Testing

/// What happens around a run when files, disk or patience end: the old file or the new file, never a broken one.
@Suite struct FaultTests {
  private let command = try! Graphmill()

  /// A graph of some megabytes as a container.
  private func makeGraph(edges: String = "100k") throws {
    try command.run("generate", "er", "g.gmg", "--nodes", "20k", "--edges", edges, "--manifest", "none")
  }

  /// Some rows of numbers as text.
  private func makeVectors(_ rows: Int, to name: String) throws {
    let text = (0..<rows).map { row in
      (0..<8).map { "\(Double((row * 7919 + $0 * 104_729) % 10007) / 64)" }.joined(separator: " ") + "\n"
    }
    try command.write(text.joined(), to: name)
  }

  // MARK: Files that become shorter

  @Test("A mapped graph that is cut while it is written to a pipe")
  func shortenedGraph() throws {
    try makeGraph()
    for format in ["el", "metis", "gmg"] {
      let result = try command.shell(
        """
        cp g.gmg cut.gmg
        graphmill convert cut.gmg - --to \(format) | { head -c 1 > first; truncate -s 8192 cut.gmg; cat > rest; }
        echo ${PIPESTATUS[0]}
        """)
      #expect(result.output == "74\n", "\(format): \(result.errors)")
      #expect(result.errors.contains("error: cut.gmg: the file became shorter while it was mapped"))
      #expect(result.errors.contains("--no-mmap"))
    }
  }

  @Test("A mapped index that is cut while queries are awaited: the old answers stay")
  func shortenedIndex() throws {
    try makeVectors(1000, to: "v.txt")
    try command.run("knn", "build", "v.txt", "i.gmx", "--manifest", "none")
    try command.write("old", to: "out.npy")
    let before = command.files + ["q"]
    let result = try command.shell(
      """
      mkfifo q
      '\(Graphmill.executable)' knn search i.gmx q out.npy --no-exact --force --log-format json & pid=$!
      until grep -q /i.gmx /proc/$pid/maps || ! kill -0 $pid; do sleep 0.01; done
      truncate -s 4096 i.gmx
      head -200 v.txt > q
      wait $pid; echo $?
      """)
    #expect(result.output == "74\n", "\(result.errors)")
    let error = parseJSON(result.errors)["error"] as? [String: Any]
    #expect(error?["code"] as? Int == 74 && error?["file"] as? String == "i.gmx")
    #expect(try command.read("out.npy") == "old")
    #expect(command.files == before.sorted())
  }

  @Test("A text that is cut while it is read from a pipe or in parts")
  func shortenedText() throws {
    // A pipe cannot shrink: what came is what there is. A file is noticed (GraphFormatsTests cut it between chunks).
    try command.write("old", to: "out.gmg")
    let result = try command.shell(
      "(printf '1 2\\n2 3'; printf ' x y z\\n') | graphmill convert - out.gmg --force --strict; echo $?")
    #expect(result.output == "65\n")
    #expect(try command.read("out.gmg") == "old")
  }

  @Test("SIGBUS of another cause still ends the process as a signal")
  func otherBusError() throws {
    // Swift's own handler, which takes such signals before ours is there, would return from one that is only sent.
    let running = try command.start(
      "convert", "-", "out.gmg", holdsInput: true, environment: ["SWIFT_BACKTRACE": "enable=no"])
    try running.waitUntilSignalIsCaught(SIGBUS)
    kill(running.process.processIdentifier, SIGBUS)
    #expect(try running.wait().status == 1000 + SIGBUS)
  }

  // MARK: kill -9

  @Test("Killed while it writes: the old file or the new one", arguments: ["out.el", "out.gmg", "out.csv.gz"])
  func killed(name: String) throws {
    try makeGraph()
    try command.run("convert", "g.gmg", name, "--manifest", "none")
    let new = try command.bytes(name)
    let old = Data("old".utf8)
    for _ in 0..<3 {
      try old.write(to: command.folder.appending(path: name))
      let running = try command.start("convert", "g.gmg", name, "--force", "--manifest", "none")
      try running.wait("a temporary file, or the end") {
        !running.process.isRunning || command.files.contains { $0.hasPrefix(name + ".tmp.") }
      }
      kill(running.process.processIdentifier, SIGKILL)
      let status = try running.wait().status
      #expect(status == 0 || status == 1000 + SIGKILL)
      let found = try command.bytes(name)
      #expect(found == new || found == old, "\(found.count) bytes")
      if status == 0 { #expect(found == new) }
    }
    // What a killed run leaves beside the file is in nobody's way.
    #expect(try command.run("convert", "g.gmg", name, "--force", "--manifest", "none").status == 0)
    #expect(try command.bytes(name) == new)
  }

  // MARK: No room

  static let writers = [
    "convert g.gmg out --to el", "convert g.gmg out --to gmg", "convert g.gmg out --to gmg --codec zstd",
    "convert g.gmg out --to graphml", "convert g.gmg out --to npz", "transform g.gmg out --simplify",
    "generate er out --nodes 2k --edges 20k", "sparsify g.gmg out --remove 10%", "stats degree g.gmg --out out",
    "summarize g.gmg out --iterations 1", "restore g.gms out", "communities g.gmg --method louvain --labels out",
    "communities g.gmg --method louvain --tree out", "knn build v.txt out", "knn search i.gmx v.txt out --k 5",
    "knn graph i.gmx out --k 5",
  ]

  @Test("A disk without room: exit 74, and the old file stays", arguments: writers)
  func noRoom(line: String) throws {
    try makeGraph(edges: "20k")
    if line.contains("gms") {
      try command.run("summarize", "g.gmg", "g.gms", "--iterations", "1", "--manifest", "none")
    }
    if line.contains("knn") {
      try makeVectors(300, to: "v.txt")
      try command.run("knn", "build", "v.txt", "i.gmx", "--manifest", "none")
    }
    let name = line.contains("--labels out") ? "out.tsv" : line.contains("--tree out") ? "out.json" : "out"
    try command.write("old", to: name)
    let before = command.files
    let words = line.replacing("--labels out", with: "--labels out.tsv").replacing(
      "--tree out", with: "--tree out.json")
    // A limit of the size of files stands for a full disk: the write behind it fails.
    let result = try command.shell("(ulimit -f 4; graphmill \(words) --force --manifest none > /dev/null); echo $?")
    #expect(result.output == "74\n", "\(result.errors)")
    #expect(result.errors.contains("\(name): cannot write"))
    #expect(try command.read(name) == "old")
    #expect(command.files == before)
  }

  @Test(
    "A full device as standard output",
    arguments: ["convert a.txt -", "info a.txt", "info a.txt --json", "stats degree a.txt", "--version", "info --help"])
  func fullDevice(line: String) throws {
    try command.write("1 2\n", to: "a.txt")
    let result = try command.shell("graphmill \(line) > /dev/full; echo $?")
    #expect(result.output == "74\n")
    #expect(result.errors.contains("cannot write"))
  }

  @Test("A manifest or a report without room is an error too")
  func noRoomForTheRecord() throws {
    try command.write("1 2\n", to: "a.txt")
    for flag in ["--report", "--manifest"] {
      let result = try command.run("convert", "a.txt", "b.gmg", "--force", flag, "/dev/full")
      #expect(result.status == 74, "\(flag): \(result.errors)")
    }
  }

  // MARK: SIGINT

  @Test(
    "SIGINT in every stage that tells of itself: 130, nothing written",
    arguments: [
      ("generate er out.gmg --nodes 1M --edges 50M", "generate"),
      ("generate rmat out.gmg --nodes 1M --edges 50M", "generate"),
      ("communities g.gmg --method paris --labels out.tsv", "merge nodes"),
      ("communities g.gmg --k 40 --labels out.tsv", "eigenvectors"),
      ("knn build v.txt out.gmx --ef-construction 2000", "insert"),
    ])
  func interrupted(line: String, stage: String) throws {
    if line.contains("g.gmg") { try makeGraph(edges: "500k") }
    if line.contains("v.txt") { try makeVectors(5000, to: "v.txt") }
    let before = command.files
    let running = try command.start(arguments: line.split(separator: " ").map(String.init) + ["--progress", "json"])
    try running.waitForError("\"stage\":\"\(stage)\"")
    kill(running.process.processIdentifier, SIGINT)
    let result = try running.wait()
    #expect(result.status == 130, "\(result.errors)")
    #expect(result.errors.contains("stopped by SIGINT"))
    #expect(command.files == before)
  }
}
