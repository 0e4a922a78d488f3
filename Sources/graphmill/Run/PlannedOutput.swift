import GraphFormats
import MillRuntime

/// A file that a command is going to write.
struct PlannedOutput {
  /// The name that the user gave; `-` is standard output.
  let path: String
  let content: Content

  /// What goes into it.
  enum Content {
    /// A graph, in the format that was asked for, else in that of the name.
    case graph(GraphFormat?)
    /// Rows of columns.
    case table
    /// Labels of nodes: a table that is read again, behind tabs.
    case labels
    /// A row of keys a query: a table, or a matrix of whole numbers.
    case answers
    /// An array of NumPy.
    case array
    /// A tree of communities.
    case tree
    /// A drawing.
    case drawing
    /// A drawing, or its pixels.
    case picture
    /// Text without a choice of format.
    case text
    /// Bytes of our own kinds.
    case binary
  }

  init(_ path: String, _ content: Content) {
    self.path = path
    self.content = content
  }

  /// The same for a file that may not have been asked for.
  init?(_ path: String?, _ content: Content) {
    guard let path else { return nil }
    self.init(path, content)
  }

  /// The endings of names that stand for a format of this content; nil where every name will do.
  private var endings: [String]? {
    switch content {
    case .graph, .text, .binary: nil
    case .table: TableFormat.endings
    case .labels: ["tsv", "txt", "tab", "labels"]
    case .answers: ["ivecs", "npy"] + TableFormat.endings
    case .array: ["npy"]
    case .tree: ["json", "nwk", "tsv"]
    case .drawing: ["svg"]
    case .picture: ["svg", "png"]
    }
  }

  /// Whether the bytes are none for a terminal.
  private var isBinary: Bool {
    switch content {
    case .graph(let format): [.gmg, .npy, .npz, .sg, .wsg].contains(format ?? .el)
    case .binary, .array: true
    case .picture: pathEnding(path) == "png"
    case .table, .labels, .answers, .tree, .drawing, .text: false
    }
  }

  /// Refuses a name whose ending stands for something else, and bytes on a terminal.
  func check() throws(MillError) {
    if isBinary, Streams.isTerminal(path) {
      throw MillError(
        .badOption, "the output is binary, and standard output is a terminal",
        hint: "name a file, or send it on: | head -c 100 | xxd")
    }
    guard let endings, !Streams.isStandardOutput(path), !path.hasPrefix("/dev/") else { return }
    guard let ending = pathEnding(path), !endings.contains(ending) else { return }
    throw MillError(
      .badOption, "\(title) is not written as .\(ending)", file: path,
      hint: Hint("the ending of the name decides: " + endings.map { "." + $0 }.joined(separator: ", ")))
  }

  private var title: String {
    switch content {
    case .table, .labels, .answers: "a table"
    case .array: "an array"
    case .tree: "a tree"
    case .drawing, .picture: "a drawing"
    case .graph, .text, .binary: "this"
    }
  }
}

/// The ending of a file name in lower case, without the dot; nil where it has none.
func pathEnding(_ path: String) -> String? {
  let name = path.split(separator: "/").last ?? ""
  guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
  let ending = name[name.index(after: dot)...]
  return ending.isEmpty ? nil : ending.lowercased()
}
