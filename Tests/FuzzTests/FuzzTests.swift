import Foundation
import MillRuntime
import Testing

@testable import fuzz_readers

/// Every reader and any bytes: a typed error or something whole, never a crash, a hang, or memory for what a file only
/// declares. The program `fuzz-readers` does the same for as long as asked.
@Suite struct FuzzTests {
  @Test("The kept files and fresh ones", arguments: FuzzReader.all.map(\.name))
  func anyBytes(name: String) async {
    // A process of its own: its memory is that of this reader alone.
    await #expect(processExitsWith: .success) { [name] in
      let reader = try #require(FuzzReader.named(name))
      let folder = NSTemporaryDirectory() + "graphmill-fuzz-test-\(name)-\(getpid())"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      var session = FuzzSession(reader, folder: folder)
      let seeds = try session.seeds()
      let kept = Corpus.files(of: reader)
      for (number, bytes) in (seeds + kept).enumerated() { try session.run(bytes, number: UInt64(number)) }
      let mutator = ByteMutator(seeds: seeds + kept, words: reader.words)
      for number in 0..<60 as Range<UInt64> {
        try session.run(mutator.next(of: reader, number), number: number)
      }
      #expect(session.tally.refused > 0 && session.tally.accepted > 0)
      try FileManager.default.removeItem(atPath: folder)
    }
  }
}
