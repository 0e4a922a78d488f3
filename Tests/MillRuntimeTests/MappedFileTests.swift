import Foundation
import Glibc
import TestSupport
import Testing

@testable import MillRuntime

/// Mapped files that others shorten. Each such test runs in a process of its own, whose other outputs nobody awaits.
@Suite struct MappedFileTests {
  @Test func bytesMappedAndRead() throws {
    let folder = TemporaryFolder()
    let path = folder.file("a", [UInt8](0..<200))
    for mapped in [true, false] {
      let file = try MappedFile(path: path, mapped: mapped)
      #expect(file.count == 200)
      #expect(withExtendedLifetime(file) { Array(file.bytes) } == Array(0..<200))
      let base = UInt(bitPattern: file.base)
      #expect(MappedRanges.path(at: base + 199) == (mapped ? path : nil))
      if mapped { #expect(MappedRanges.path(at: base + 200) != path) }
      withExtendedLifetime(file) {}
    }
    #expect(try MappedFile(path: folder.file("none", [UInt8]())).count == 0)
    #expect(throws: MillError.self) { try MappedFile(path: folder.path) }
  }

  @Test("A mapping that is gone is forgotten, and its descriptor closed")
  func released() async {
    await #expect(processExitsWith: .success) {
      let folder = TemporaryFolder()
      let path = folder.file("a", [1, 2, 3])
      let free = dup(0)
      close(free)
      var place: UInt = 0
      for _ in 0..<3 {
        let file = try MappedFile(path: path)
        place = UInt(bitPattern: file.base)
        withExtendedLifetime(file) {}
      }
      #expect(MappedRanges.path(at: place) == nil)
      let next = dup(0)
      #expect(next == free)
      close(next)
    }
  }

  @Test("No output gets its name while a mapped file is shorter than it was")
  func zerosOnTheLastPage() async {
    await #expect(processExitsWith: .success) {
      let folder = TemporaryFolder()
      let source = folder.file("source", [UInt8](repeating: 7, count: 5000))
      let target = folder.file("target", "old")
      do {
        let file = try MappedFile(path: source)
        let output = try OutputFile(target, replaces: true)
        #expect(truncate(source, 4990) == 0)
        // The page is still there: the kernel fills it with zeros.
        #expect(file.bytes[4995] == 0)
        try output.write(file.bytes)
        let error = #expect(throws: MillError.self) { try output.commit() }
        #expect(error?.exitCode == 74 && error?.file == source)
        withExtendedLifetime(file) {}
      }
      #expect(folder.text(of: "target") == "old" && folder.names == ["source", "target"])
      try WholeFile.write("new", to: target)
      #expect(folder.text(of: "target") == "new")
    }
  }

  @Test("A write from behind the new end names the file that became shorter")
  func writeFromNowhere() async {
    await #expect(processExitsWith: .success) {
      let folder = TemporaryFolder()
      let source = folder.file("source", [UInt8](repeating: 7, count: 1 << 20))
      let file = try MappedFile(path: source)
      let output = try OutputFile(folder.file("target"))
      #expect(truncate(source, 4096) == 0)
      // At least a buffer's worth goes from the mapping straight to the kernel.
      let error = #expect(throws: MillError.self) { try output.write(file.bytes) }
      #expect(error?.exitCode == 74 && error?.file == source)
      withExtendedLifetime(file) {}
    }
  }

  @Test("A file that is renamed over is still whole")
  func renamedOver() throws {
    let folder = TemporaryFolder()
    let source = folder.file("source", [UInt8](repeating: 7, count: 5000))
    let file = try MappedFile(path: source)
    try WholeFile.write([1], to: source)
    #expect(file.bytes.allSatisfy { $0 == 7 } && file.count == 5000)
    try WholeFile.write("x", to: folder.file("other"))
    withExtendedLifetime(file) {}
  }
}
