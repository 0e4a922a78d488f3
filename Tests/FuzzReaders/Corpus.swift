import Foundation

/// The files that are kept in the repository, a folder a reader: small ones that once came to something new.
enum Corpus {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus").path

  /// The files of a reader, by name.
  static func files(of reader: FuzzReader) -> [[UInt8]] {
    let place = "\(folder)/\(reader.name)"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
    return names.sorted().compactMap { FileManager.default.contents(atPath: "\(place)/\($0)").map(Array.init) }
  }
}
