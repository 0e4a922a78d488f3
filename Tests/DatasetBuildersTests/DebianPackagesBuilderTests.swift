import DatasetBuilders
import Foundation
import MillRuntime
import TestSupport
import Testing

@Suite struct DebianPackagesBuilderTests {
  static let main = """
    Package: app
    Version: 1
    Section: utils
    Depends: libc6 (>= 2.34), perl:any | python3, mail-transport-agent,
     base-files [amd64] <!nocheck>
    Description: depends on things
     Depends: not-a-field

    Package: libc6
    Section: libs
    pre-depends: base-files (= 1), libc6

    Package: python3
    Section: contrib/python
    Depends: libc6, app

    Package: base-files

    Package: perl
    Section: perl

    """
  static let security = "Package: app\nSection: net\nDepends: perl, lonely\n\n\nPackage: lonely-too\nSection: misc\n"

  static func build(_ files: [String: String]) throws -> (summary: DatasetSummary, folder: TemporaryFolder) {
    let source = TemporaryFolder()
    for (name, text) in files { source.file(name, text) }
    let result = TemporaryFolder()
    return (try DebianPackagesBuilder.build(from: source.path, into: result.path), result)
  }

  @Test func smallLists() throws {
    let (summary, folder) = try Self.build([
      "a_main_Packages": Self.main, "b_security_Packages": Self.security, "a_main_InRelease": "nothing",
    ])
    #expect(summary.nodes == 6)
    #expect(summary.edges == 6)
    #expect(
      dataLines(folder.text(of: "edges.tsv")) == [
        "app\tbase-files", "app\tlibc6", "app\tperl", "app\tpython3", "base-files\tlibc6", "libc6\tpython3",
      ])
    #expect(
      dataLines(folder.text(of: "labels.tsv")) == [
        "app\tutils", "base-files\tunknown", "libc6\tlibs", "lonely-too\tmisc", "perl\tperl", "python3\tcontrib/python",
      ])
    #expect(dataLines(folder.text(of: "graph.mtx")).first == "6 6 6")
    try DatasetManifest(folder: folder.path).verify(in: folder.path)
  }

  @Test("The order of entries and a carriage return change nothing") func sameBytes() throws {
    let (first, _) = try Self.build(["a_Packages": Self.main])
    let entries = Self.main.components(separatedBy: "\n\n").map { $0.trimmingCharacters(in: .newlines) }
    let (second, _) = try Self.build(["a_Packages": entries.reversed().joined(separator: "\r\n\r\n\r\n")])
    #expect(first == second)
  }

  static let hasApt = FileManager.default.isExecutableFile(atPath: "/usr/lib/apt/apt-helper")

  @Test(.enabled(if: hasApt, "apt is not on this machine")) func compressedListsGiveTheSame() throws {
    let source = TemporaryFolder()
    source.file("a_main_Packages", Self.main)
    let plain = TemporaryFolder()
    let expected = try DebianPackagesBuilder.build(from: source.path, into: plain.path)
    let gzip = Process()
    gzip.executableURL = URL(fileURLWithPath: "/bin/gzip")
    gzip.arguments = [source.path + "/a_main_Packages"]
    try gzip.run()
    gzip.waitUntilExit()
    #expect(source.names == ["a_main_Packages.gz"])
    let result = TemporaryFolder()
    #expect(try DebianPackagesBuilder.build(from: source.path, into: result.path) == expected)
    for file in plain.names { #expect(plain.text(of: file) == result.text(of: file)) }

    source.file("a_main_Packages.gz", "this is no gzip stream")
    let error = try #require(failure { _ = try DebianPackagesBuilder.build(from: source.path, into: result.path) })
    #expect(error.kind == .malformed)
    #expect(error.file == source.path + "/a_main_Packages.gz")
  }

  @Test(arguments: [true, false]) func noLists(folderExists: Bool) throws {
    let folder = TemporaryFolder()
    let source = folderExists ? folder.path : folder.path + "/absent"
    let error = try #require(failure { _ = try DebianPackagesBuilder.build(from: source, into: folder.path + "/out") })
    #expect(error.kind.name == "no-package-lists")
    #expect(error.exitCode == 66)
    #expect(error.hint?.description.contains("apt-get update") == true)
  }

  @Test(
    "Damage is reported with file and line",
    arguments: [
      ("Package: a\n\nSection: libs\n", 3, "an entry without the field Package"),
      ("Package: a\nno field here\n", 2, "neither a field nor the continuation of one"),
      ("Package: a b\n", 1, "not a package name"),
      ("Package:\n", 1, "not a package name"),
      ("Package: a\nSection: x\ty\n", 2, "not a section"),
      (" starts with a continuation\n", 1, "a continuation without a field before it"),
      (": value without a name\n", 1, "neither a field nor the continuation of one"),
    ])
  func damage(text: String, line: Int, message: String) throws {
    let source = TemporaryFolder()
    source.file("x_Packages", text)
    let result = TemporaryFolder()
    let error = try #require(failure { _ = try DebianPackagesBuilder.build(from: source.path, into: result.path) })
    #expect(error.message == message)
    #expect(error.line == line)
    #expect(error.file == source.path + "/x_Packages")
    #expect(result.names.isEmpty)
  }

  @Test func randomBytesNeverCrash() throws {
    var generator = CounterRandom(seed: 7, stage: "package-list-bytes")
    let alphabet = Array("Package: Depends:ab,| \n\n\t\r\0\u{e9}(".utf8) + [0xff]
    for _ in 0..<200 {
      let source = TemporaryFolder()
      let length = Int(generator.below(200))
      source.file("x_Packages", (0..<length).map { _ in alphabet[Int(generator.below(UInt64(alphabet.count)))] })
      let result = TemporaryFolder()
      let error = failure { _ = try DebianPackagesBuilder.build(from: source.path, into: result.path) }
      #expect(error == nil || error?.kind == .malformed)
    }
  }
}
