internal import FoundationEssentials
internal import GraphStore
public import MillRuntime

/// One file of a dataset.
public struct DatasetFile: Sendable, Equatable, Codable {
  /// The path, relative to the folder of the manifest.
  public var path: String
  /// The length in bytes.
  public var bytes: Int
  /// The SHA-256 of the content, 64 lower-case hexadecimal digits.
  public var sha256: String

  /// A file with its length and checksum.
  public init(path: String, bytes: Int, sha256: String) {
    self.path = path
    self.bytes = bytes
    self.sha256 = sha256
  }
}

/// What a dataset holds, and the files it is kept in.
public struct DatasetSummary: Sendable, Equatable, Codable {
  /// A short name, also that of its folder.
  public var name: String
  /// What it is, in a few words.
  public var title: String
  /// The number of nodes, those without edges included.
  public var nodes: Int
  /// The number of distinct edges (arcs, where directed).
  public var edges: Int
  /// How many of the edges join a node to itself.
  public var loops: Int
  /// Whether (u, v) and (v, u) are two edges.
  public var directed: Bool
  /// Whether the third column of the edge list is a weight.
  public var weighted: Bool
  /// Edges first, then labels and other forms.
  public var files: [DatasetFile]

  /// A summary with all its figures.
  public init(
    name: String, title: String, nodes: Int, edges: Int, loops: Int, directed: Bool, weighted: Bool,
    files: [DatasetFile]
  ) {
    self.name = name
    self.title = title
    self.nodes = nodes
    self.edges = edges
    self.loops = loops
    self.directed = directed
    self.weighted = weighted
    self.files = files
  }

  /// The first file whose name (without folders) is `name`, such as `labels.tsv`; nil when there is none.
  public func file(named name: String) -> DatasetFile? {
    files.first { $0.path.split(separator: "/").last.map(String.init) == name }
  }
}

/// The `manifest.json` of a folder with datasets: what they hold and the checksums of their files.
public struct DatasetManifest: Sendable, Equatable, Codable {
  /// The name of the manifest inside its folder.
  public static let fileName = "manifest.json"

  /// The datasets in ascending order of their names.
  public var datasets: [DatasetSummary]

  /// A manifest of these datasets.
  public init(datasets: [DatasetSummary]) { self.datasets = datasets.sorted { $0.name < $1.name } }

  /// Reads the manifest of a folder.
  ///
  /// - Throws: ``MillError``: `unreadable`, or `malformed` when it is not a manifest.
  public init(folder: String) throws(MillError) {
    let path = folder + "/" + Self.fileName
    let file = try MappedFile(path: path)
    do {
      self = try unsafe JSONDecoder().decode(DatasetManifest.self, from: Data(file.bytes))
    } catch {
      throw MillError(.malformed, "not a dataset manifest", file: path, hint: "remove the folder and build it again")
    }
  }

  /// Writes the manifest into a folder, whole or not at all. The same manifest gives the same bytes.
  ///
  /// - Throws: ``MillError``: `cannot-create` or `input-output`.
  public func write(into folder: String) throws(MillError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let path = folder + "/" + Self.fileName
    let text: [UInt8]
    do { text = Array(try encoder.encode(self)) } catch {
      throw MillError(.inputOutput, "cannot encode the manifest", file: path)
    }
    try WholeFile.write(text + [10], to: path)
  }

  /// Compares every file of the manifest with its length and checksum.
  ///
  /// - Parameter folder: The folder that the manifest was read from.
  /// - Throws: ``MillError``: `unreadable` for a missing file, `malformed` for one that differs.
  /// - Complexity: O(bytes of all files).
  public func verify(in folder: String) throws(MillError) {
    for dataset in datasets {
      for entry in dataset.files {
        let path = folder + "/" + entry.path
        let file = try MappedFile(path: path)
        guard file.count == entry.bytes, unsafe sha256Hex(file.bytes) == entry.sha256 else {
          throw MillError(
            .malformed, "the content differs from the manifest", file: path,
            hint: "remove the folder and build it again")
        }
      }
    }
  }
}
