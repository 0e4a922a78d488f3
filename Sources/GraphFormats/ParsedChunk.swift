import GraphStore
import MillRuntime

/// What one chunk of lines held.
struct ParsedChunk: Sendable {
  /// The edges: ids as written (numeric), or provisional label ids (``LabelInterner``).
  var block: EdgeBlock?
  /// Whether ids are provisional label ids.
  var hasLabels = false
  /// Where the chunk lies in the decompressed file.
  var offset = 0
  /// Lines of all kinds.
  var lines = 0
  var comments = 0
  var blanks = 0
  /// Lines with columns that were not used.
  var extraColumnLines = 0
  /// Weights that are whole numbers beyond what a double holds, and the first of them with its line (from 0).
  var inexactWeights = 0
  var inexactWeight: (line: Int, text: String)?
  /// Lines whose dictionary has no weight though others have one.
  var missingWeights = 0
  /// The first line (from 0) whose dictionary has a weight that is not read.
  var unreadWeight: Int?
  /// The first line (from 0) that begins as a comment and was read as a row, and its first field.
  var hashRow: (line: Int, text: String)?
  /// Edges of weight zero that were skipped.
  var droppedZeros = 0
  /// Nodes and edges that a comment promised, and its line, from 0 in this chunk.
  var hint: (counts: CountHint, line: Int)?
  /// The line (from 0 in this chunk) and text of the first label among what could have been integers.
  var firstLabel: (line: Int, text: String)?
  /// The chunk's text, kept where a leading zero would be lost if the file turns out to hold labels.
  var keptText: [UInt8]?
  /// What stopped the parser, with the line counted from 0 in this chunk.
  var error: MillError?

  var edgeCount: Int { block?.count ?? 0 }
}

/// What a file says of itself in a comment: `# Nodes: N Edges: M` (SNAP) or `% m n n` (KONECT).
struct CountHint: Sendable, Equatable {
  var nodes: Int?
  var edges: Int?

  init?(comment: UnsafeBufferPointer<UInt8>) {
    let text = unsafe String(decoding: comment.prefix(256), as: UTF8.self)
    if text.first == "#" {
      let words = text.dropFirst().split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ":" })
      for (word, value) in zip(words, words.dropFirst()) {
        if word.lowercased() == "nodes" { nodes = Int(value) }
        if word.lowercased() == "edges" { edges = Int(value) }
      }
      if nodes == nil && edges == nil { return nil }
    } else {
      let numbers = text.dropFirst().split(whereSeparator: { $0 == " " || $0 == "\t" }).map { Int($0) }
      guard numbers.count >= 2, numbers.count <= 3, let edges = numbers[0], let nodes = numbers[1],
        numbers.count == 2 || numbers[2] != nil
      else { return nil }
      self.edges = edges
      // Two node sets of a bipartite network count together.
      self.nodes = numbers.count == 3 && numbers[2] != nodes ? nil : nodes
    }
  }
}
