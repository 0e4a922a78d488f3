import Foundation
import Testing

/// Parquet by way of the Python package; what that does is tested there, so a script stands for it here.
@Suite struct ParquetTests {
  private let command = try! Graphmill()

  init() throws {
    try Data("PAR1".utf8 + [UInt8](repeating: 0, count: 20)).write(to: URL(filePath: command.path("edges.parquet")))
    try python("printf 'weight,source,target\\n2,a b,c\\n3,c,d\\n' > \"$4\"")
  }

  /// A program that is called as the interpreter is, with the file and the table as its last arguments.
  private func python(_ body: String) throws {
    try command.write("#!/bin/sh\n\(body)\n", to: "python")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: command.path("python"))
  }

  private func run(_ line: String) throws -> Graphmill.Result {
    try command.shell("GRAPHMILL_PYTHON=\(command.path("python")) graphmill \(line)")
  }

  @Test func columnsHaveTheRolesOfTheirNames() throws {
    let made = try run("convert edges.parquet - --to csv")
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.outputLines.dropFirst().sorted() == ["a b,c,2", "c,d,3"])
    let chosen = try run("convert edges.parquet - --to csv --columns source=target,target=source --directed")
    #expect(chosen.outputLines.dropFirst().sorted() == ["c,a b,2,directed", "d,c,3,directed"])
    #expect(try run("info edges.parquet --json").json["edges"] as? Int == 2)
  }

  @Test func theTableIsRemoved() throws {
    try FileManager.default.createDirectory(atPath: command.path("tmp"), withIntermediateDirectories: false)
    #expect(try run("stats degree edges.parquet --tmp tmp").status == 0)
    try python("echo damaged >&2; exit 65")
    let refused = try run("convert edges.parquet out.gmg --tmp tmp")
    #expect(refused.status == 65)
    #expect(refused.errors.contains("edges.parquet: damaged"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: command.path("tmp")).isEmpty)
    #expect(!command.exists("out.gmg"))
  }

  @Test func errorsNameTheFile() throws {
    try python("printf 'source,target\\na,b\\nc\\n' > \"$4\"")
    let refused = try run("convert edges.parquet out.gmg")
    #expect(refused.status == 65)
    #expect(refused.errors.contains("edges.parquet:3:"), "\(refused.errors)")
  }

  @Test(arguments: ["exit 1", "exit 127"])
  func withoutThePackage(body: String) throws {
    try python(body)
    let refused = try run("convert edges.parquet out.gmg")
    #expect(refused.status == 65)
    #expect(refused.errors.contains("Python package") && refused.errors.contains("pip install graphmill"))
    try FileManager.default.removeItem(atPath: command.path("python"))
    #expect(try run("convert edges.parquet out.gmg").errors.contains("pip install graphmill"))
  }
}
