import Glibc
import GraphFormats
import GraphStore
import Graphmill
import HierarchicalCommunities
import MillRuntime

/// What a file holds, for `info` and `check`: told by its first bytes, where those do not tell by its ending.
enum KnownFile {
  /// A graph, in any format.
  case graph
  case summary
  case index
  case ticket
  case array
  case hdf5
  case vectors
  case tree
  case labels
  case manifest

  /// What the file of a name is; a graph unless there is reason to think otherwise.
  init(path: String) {
    switch FileKind(path: path) {
    case .graph: self = .graph
    case .summary: self = .summary
    case .index: self = .index
    case .ticket: self = .ticket
    case .array: self = .array
    case .hdf5: self = .hdf5
    case nil:
      let format = VectorFileFormat(path: path)
      if path.hasSuffix(".manifest.json") {
        self = .manifest
      } else if pathEnding(path) == "nwk" {
        self = .tree
      } else if let format, format != .text, format != .npy {
        self = .vectors
      } else if Self.begins(path, with: "node\t") {
        self = .labels
      } else {
        self = .graph
      }
    }
  }

  private static func begins(_ path: String, with text: String) -> Bool {
    guard fileSize(path) ?? 0 >= text.utf8.count else { return false }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var head = [UInt8](repeating: 0, count: text.utf8.count)
    return unsafe read(descriptor, &head, head.count) == head.count && head.elementsEqual(text.utf8)
  }

  /// What people call such a file.
  var title: String {
    switch self {
    case .graph: "graph"
    case .summary: FileKind.summary.title
    case .index: FileKind.index.title
    case .ticket: FileKind.ticket.title
    case .array: FileKind.array.title
    case .hdf5: FileKind.hdf5.title
    case .vectors: "file of vectors"
    case .tree: "tree"
    case .labels: "table of labels"
    case .manifest: "manifest of a run"
    }
  }
}

extension FileFigures {
  /// The figures of vectors.
  static func vectors(_ path: String, _ run: CommandRun) throws -> Outcome {
    let reading = try run.stage("read") { try readVectorFile(path, context: run.context) }
    for warning in reading.report.warnings { run.warn(warning, of: path) }
    let table = reading.vectors
    return Outcome(
      keys: [
        "format": .string(reading.report.format), "bytes": fileSize(path).map { .integer($0) } ?? .null,
        "count": .integer(table.count), "dimension": .integer(table.dimension),
        "element": .string(table.elementType.rawValue),
      ],
      summary: [
        "format \(reading.report.format), \(ByteSize.text(fileSize(path) ?? 0))",
        "\(table.count) vectors of \(table.dimension) x \(table.elementType.rawValue)",
      ])
  }

  /// The figures of a tree in Newick form.
  static func tree(_ path: String, _ run: CommandRun) throws -> Outcome {
    let tree = try run.stage("read") { try CommunityTree.Named(file: path) }.tree
    return Outcome(
      keys: [
        "format": "newick", "bytes": fileSize(path).map { .integer($0) } ?? .null, "leaves": .integer(tree.leafCount),
        "levels": .integer(tree.height),
      ],
      summary: ["a tree of \(tree.leafCount) leaves and \(tree.height) levels"])
  }

  /// The figures of a table of labels.
  static func labels(_ path: String, _ run: CommandRun) throws -> Outcome {
    let table = try run.stage("read") { try LabelTable(path: path) }
    let labels = try LabelFile(path: path)
    let columns = table.header.dropFirst()
    return Outcome(
      keys: [
        "format": "labels", "bytes": fileSize(path).map { .integer($0) } ?? .null,
        "nodes": .integer(labels.names.count), "groups": .integer(labels.groups.count),
        "columns": .array(columns.map { .string($0) }),
      ],
      summary: [
        "labels of \(labels.names.count) nodes, columns \(columns.joined(separator: ", "))",
        "\(labels.groups.count) groups in the first one",
      ])
  }

  /// What a manifest tells of its run.
  static func manifest(_ path: String, _ run: CommandRun) throws -> Outcome {
    let manifest = try run.stage("read") { try readJSON(path, context: run.context) }
    try RunManifest.check(manifest, path)
    func names(_ key: String) -> [JSONValue] {
      if case .array(let names) = manifest["paths"]?[key] { names } else { [] }
    }
    func text(_ value: JSONValue?) -> String { if case .string(let text) = value { text } else { "unknown" } }
    let arguments = names("arguments").map { text($0) }
    return Outcome(
      keys: [
        "format": "manifest", "command": manifest["command"] ?? .null, "arguments": .array(names("arguments")),
        "inputs": .array(names("inputs")), "outputs": .array(names("outputs")),
        "program": manifest["version"] ?? .null, "started": manifest["times"]?["started"] ?? .null,
      ],
      summary: [
        "the record of: graphmill \(arguments.joined(separator: " "))",
        "by version \(text(manifest["version"])) (\(text(manifest["revision"]))), \(text(manifest["times"]?["started"]))",
        "\(names("inputs").count) files read, \(names("outputs").count) written",
      ])
  }

  /// The files that a manifest says were written and that are no longer so, a line each.
  static func changes(since path: String) throws -> [String] {
    let files = RunManifest.writtenFiles(try readJSON(path)).sorted { $0.key < $1.key }
    return try files.filter { !Streams.isStandardOutput($0.key) }.compactMap { name, fingerprint in
      guard fileSize(name) != nil else { return "\(name) is gone" }
      return try fileFingerprint(name) == fingerprint ? nil : "\(name) was changed"
    }
  }
}
