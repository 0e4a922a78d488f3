import Foundation
import MillRuntime
import TestSupport
import Testing

@Suite struct OutputFileTests {
  private func bytes(_ path: String) -> [UInt8]? { FileManager.default.contents(atPath: path).map(Array.init) }

  private func text(_ path: String) -> String? { bytes(path).map { String(decoding: $0, as: UTF8.self) } }

  @Test func appearsOnlyWithCommit() throws {
    let folder = TemporaryFolder()
    let file = try OutputFile(folder.file("a"))
    try file.write("one\n")
    #expect(folder.names == ["a.tmp.\(getpid())"])
    #expect(!file.isDirect)
    try file.write("two\n")
    #expect(file.bytesWritten == 8)
    try file.commit()
    #expect(folder.names == ["a"])
    #expect(text(folder.file("a")) == "one\ntwo\n")
  }

  @Test func leavesNothingWithoutCommit() throws {
    let folder = TemporaryFolder()
    try "old".write(toFile: folder.file("a"), atomically: false, encoding: .utf8)
    do {
      let file = try OutputFile(folder.file("a"), replaces: true)
      try file.write(String(repeating: "new", count: 200_000))
    }
    #expect(folder.names == ["a"])
    #expect(text(folder.file("a")) == "old")
  }

  @Test func refusesAnExistingFile() throws {
    let folder = TemporaryFolder()
    try "old".write(toFile: folder.file("a"), atomically: false, encoding: .utf8)
    let error = #expect(throws: MillError.self) { try OutputFile(folder.file("a")) }
    #expect(error?.kind == .cannotCreate)
    #expect(error?.exitCode == 73)
    #expect(error?.hint?.settings.map(\.name) == ["replaces"])
    #expect(folder.names == ["a"])
  }

  @Test func replacesAndKeepsThePermissions() throws {
    let folder = TemporaryFolder()
    try "old".write(toFile: folder.file("a"), atomically: false, encoding: .utf8)
    chmod(folder.file("a"), 0o640)
    let file = try OutputFile(folder.file("a"), replaces: true)
    try file.write("new")
    try file.commit()
    #expect(text(folder.file("a")) == "new")
    var status = stat()
    #expect(stat(folder.file("a"), &status) == 0 && status.st_mode & 0o777 == 0o640)
  }

  @Test func neverReplacesAFileThatAppearedMeanwhile() throws {
    let folder = TemporaryFolder()
    do {
      let file = try OutputFile(folder.file("a"))
      try file.write("mine")
      try "theirs".write(toFile: folder.file("a"), atomically: false, encoding: .utf8)
      let error = #expect(throws: MillError.self) { try file.commit() }
      #expect(error?.kind == .cannotCreate)
    }
    #expect(folder.names == ["a"])
    #expect(text(folder.file("a")) == "theirs")
  }

  @Test func followsASymbolicLink() throws {
    let folder = TemporaryFolder()
    try "old".write(toFile: folder.file("a"), atomically: false, encoding: .utf8)
    #expect(symlink("a", folder.file("link")) == 0)
    let file = try OutputFile(folder.file("link"), replaces: true)
    try file.write("new")
    try file.commit()
    #expect(text(folder.file("a")) == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("link")) == "a")
    #expect(symlink("nowhere", folder.file("dangling")) == 0)
    #expect(throws: MillError.self) { try OutputFile(folder.file("dangling")) }
  }

  @Test func survivesALeftoverOfTheSameName() throws {
    let folder = TemporaryFolder()
    try "junk".write(toFile: folder.file("a.tmp.\(getpid())"), atomically: false, encoding: .utf8)
    let file = try OutputFile(folder.file("a"))
    try file.write("x")
    try file.commit()
    #expect(text(folder.file("a")) == "x")
    #expect(text(folder.file("a.tmp.\(getpid())")) == "junk")
  }

  @Test("Refusals", arguments: ["", "missing/a", "."])
  func refusals(name: String) throws {
    let folder = TemporaryFolder()
    let error = #expect(throws: MillError.self) { try OutputFile(folder.file(name), replaces: true) }
    #expect(error?.kind == .cannotCreate)
    #expect(folder.names == [])
  }

  @Test("Pieces of any size arrive in order", arguments: [1, 7, 4096, 262_143, 262_144, 262_145, 700_000])
  func pieces(size: Int) throws {
    let folder = TemporaryFolder()
    let count = 1_000_000
    let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
    let file = try OutputFile(folder.file("a"))
    let step = max(size, count / 2000)
    try content.withUnsafeBytes { all in
      var at = 0
      while at < count {
        let end = min(count, at + (at == 0 ? size : step))
        try file.write(UnsafeRawBufferPointer(rebasing: all[at..<end]))
        at = end
      }
    }
    try file.writeZeros(300_000)
    try file.commit()
    #expect(file.bytesWritten == count + 300_000)
    #expect(bytes(folder.file("a")) == content + [UInt8](repeating: 0, count: 300_000))
  }

  @Test func writesDevicesAndPipesDirectly() throws {
    let null = try OutputFile("/dev/null")
    #expect(null.isDirect)
    try null.write("gone")
    try null.commit()

    let folder = TemporaryFolder()
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    let reader = open(folder.file("pipe"), O_RDONLY | O_NONBLOCK)
    let pipe = try OutputFile(folder.file("pipe"))
    #expect(pipe.isDirect)
    try pipe.write("through")
    try pipe.commit()
    var buffer = [UInt8](repeating: 0, count: 16)
    #expect(read(reader, &buffer, 16) == 7)
    #expect(String(decoding: buffer[..<7], as: UTF8.self) == "through")
    close(reader)
    #expect(folder.names == ["pipe"])
  }

  @Test func tellsThatTheReaderIsGone() throws {
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let file = try OutputFile("/dev/fd/\(ends[1])")
    close(ends[0])
    try file.write("x")
    let error = #expect(throws: MillError.self) { try file.commit() }
    #expect(error?.kind == .brokenPipe)
    #expect(error?.exitCode == 141)
    close(ends[1])
  }

  @Test func standardOutput() async {
    await #expect(processExitsWith: .success) {
      var ends: [Int32] = [0, 0]
      precondition(pipe(&ends) == 0 && dup2(ends[1], 1) == 1)
      for name in ["-", "/dev/stdout"] {
        let file = try OutputFile(name)
        precondition(file.isDirect)
        try file.write("seen")
        try file.commit()
        var buffer = [UInt8](repeating: 0, count: 16)
        precondition(read(ends[0], &buffer, 16) == 4 && Array(buffer[..<4]) == Array("seen".utf8))
      }
    }
  }
}
