import Foundation
import MillRuntime

/// Gives every reader changed files for a set time and prints a row a reader.
///
///     GRAPHMILL_FUZZ_SECONDS=180 swift run --sanitize=address fuzz-readers [--corpus FOLDER] [READER…]
///
/// `GRAPHMILL_FUZZ_SEED` is where the random numbers begin (1). With `--corpus`, files that came to something new are
/// written there, a folder a reader. The first crash, hang or excess ends the program and leaves its file behind.
@main
enum FuzzMain {
  static func main() throws {
    var names: [String] = []
    var corpus: String?
    var words = CommandLine.arguments.dropFirst()
    while let word = words.popFirst() {
      if word == "--corpus" { corpus = words.popFirst() } else { names.append(word) }
    }
    let environment = ProcessInfo.processInfo.environment
    let seconds = environment["GRAPHMILL_FUZZ_SECONDS"].flatMap(Double.init) ?? 10
    let first = environment["GRAPHMILL_FUZZ_SEED"].flatMap(UInt64.init) ?? 1
    let readers = names.isEmpty ? FuzzReader.all : names.compactMap(FuzzReader.named)
    guard names.isEmpty || readers.count == names.count else {
      print("readers: " + FuzzReader.all.map(\.name).joined(separator: " "))
      exit(64)
    }
    print("reader\tseconds\tfiles\trefused\tread\toutcomes\tlargest growth KiB\tslowest ms")
    for reader in readers {
      let folder = NSTemporaryDirectory() + "graphmill-fuzz-\(reader.name)-\(getpid())"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      FileHandle.standardError.write(Data("\(reader.name): the file under test is in \(folder)\n".utf8))
      let tally = try fuzz(
        reader, seconds: seconds, first: first, folder: folder, corpus: corpus.map { "\($0)/\(reader.name)" })
      print(
        "\(reader.name)\t\(Int(seconds))\t\(tally.inputs)\t\(tally.refused)\t\(tally.accepted)\t\(tally.outcomes.count)\t"
          + "\(tally.largestGrowth >> 10)\t\(Int(tally.slowestSeconds * 1000))")
      fflush(nil)
      try FileManager.default.removeItem(atPath: folder)
    }
  }

  private static func fuzz(
    _ reader: FuzzReader, seconds: Double, first: UInt64, folder: String, corpus: String?
  ) throws -> FuzzSession.Tally {
    var session = FuzzSession(reader, folder: folder)
    let end = monotonicSeconds() + seconds
    var mutator = ByteMutator(seeds: try session.seeds() + Corpus.files(of: reader), words: reader.words)
    for (number, seed) in mutator.seeds.enumerated() { try session.run(seed, number: UInt64(number)) }
    if let corpus { try FileManager.default.createDirectory(atPath: corpus, withIntermediateDirectories: true) }
    var number = first
    while monotonicSeconds() < end {
      number += 1
      let bytes = mutator.next(of: reader, number)
      guard try session.run(bytes, number: number) else { continue }
      mutator.add(bytes)
      if let corpus, bytes.count <= 4096 { try WholeFile.write(bytes, to: "\(corpus)/\(number)") }
    }
    return session.tally
  }
}
