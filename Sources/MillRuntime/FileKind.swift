import Glibc

/// The binary kinds of file, told by their first bytes: the one table of their magic numbers and endings.
///
/// ```swift
/// if try FileKind(path: "graph.gms") == .summary { print(try readSummary("graph.gms")) }
/// ```
///
/// Everything else is text, or not ours. Codable by the raw value, which is the ending of its files.
public enum FileKind: String, Sendable, Codable, CaseIterable {
  /// A graph container.
  case graph = "gmg"
  /// A summary.
  case summary = "gms"
  /// A proximity index.
  case index = "gmx"
  /// A graph lottery ticket: kept edges and sparse weights.
  case ticket = "gmt"
  /// An array of NumPy.
  case array = "npy"
  /// A file of datasets in groups (HDF5).
  case hdf5

  /// What people call such a file.
  public var title: String {
    switch self {
    case .graph: "graph container"
    case .summary: "graph summary"
    case .index: "proximity index"
    case .ticket: "graph lottery ticket"
    case .array: "NumPy array"
    case .hdf5: "HDF5 file"
    }
  }

  /// The letter of the project's own kinds, the fourth byte of their files; nil for others' kinds.
  package var letter: UInt8? {
    switch self {
    case .graph: UInt8(ascii: "G")
    case .summary: UInt8(ascii: "S")
    case .index: UInt8(ascii: "X")
    case .ticket: UInt8(ascii: "T")
    case .array, .hdf5: nil
    }
  }

  /// The bytes that tell the kind. The project's own kinds go on with line ends that show damage by a transfer as text,
  /// which is for their readers to tell.
  public var magic: [UInt8] {
    if let letter { return [0x89, 0x47, 0x4d, letter] }
    return self == .array
      ? [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] : [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
  }

  /// The kind whose files begin so; nil for none.
  public init?(head: some Sequence<UInt8>) {
    guard let kind = Self.allCases.first(where: { head.starts(with: $0.magic) }) else { return nil }
    self = kind
  }

  /// The kind of a file by its content; nil for any other, for what cannot be peeked into (a pipe, `-`) or not be read,
  /// whose reader says why.
  public init?(path: String) {
    var status = stat()
    guard path != "-", unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var head = [UInt8](repeating: 0, count: 8)
    let count = unsafe read(descriptor, &head, head.count)
    self.init(head: head.prefix(max(0, count)))
  }
}
