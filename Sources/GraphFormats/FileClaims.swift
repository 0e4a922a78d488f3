// What a text says of itself in the comments before its first edge.

/// Direction, weights, sizes and sets of nodes as a file's first comments state them.
///
/// Three dialects are known: SNAP's `# Directed graph …`, KONECT's `% asym weighted` with its size line
/// `% edges left right`, and the line that our own writer begins with: `# directed weighted nodes 5`.
struct FileClaims: Equatable {
  /// Whether edges have a direction.
  private(set) var isDirected: Bool?
  /// Whether the third column is a weight.
  private(set) var isWeighted: Bool?
  /// Whether the two columns name two sets of nodes.
  private(set) var isBipartite = false
  /// The numbers of nodes of both columns.
  private(set) var sides: (left: Int, right: Int)?
  /// Whether this is text of our own writer, which has no header row.
  private(set) var isOurs = false
  /// Ids are nodes, `nodeCount` of them, called by numbers from `firstNode` on.
  private(set) var nodeCount: Int?
  private(set) var firstNode: UInt64 = 0
  /// Names are text even where they are digits.
  private(set) var hasLabels = false
  /// Parallel edges are meant.
  private(set) var hasParallelEdges = false
  /// Whether a comment has the word "directed" without saying of what.
  private(set) var mentionsDirected = false
  /// Comments that say the opposite of an earlier one about direction.
  private(set) var contradicts = false

  static func == (one: FileClaims, other: FileClaims) -> Bool {
    one.isDirected == other.isDirected && one.isWeighted == other.isWeighted && one.sides?.left == other.sides?.left
      && one.sides?.right == other.sides?.right && one.isBipartite == other.isBipartite
      && one.nodeCount == other.nodeCount && one.hasLabels == other.hasLabels
      && one.hasParallelEdges == other.hasParallelEdges
  }

  /// Takes in one comment line.
  mutating func add(_ comment: [UInt8]) {
    let text = String(decoding: comment.prefix(256), as: UTF8.self).drop { $0 == " " || $0 == "\t" }
    let words = text.dropFirst().split(whereSeparator: { " \t\r:,".contains($0) }).map { $0.lowercased() }
    if text.first == "%" { addKonect(words) } else if !addOurs(words) { addProse(words) }
  }

  private mutating func direct(_ isDirected: Bool) {
    if let before = self.isDirected, before != isDirected { contradicts = true }
    self.isDirected = self.isDirected ?? isDirected
  }

  /// `asym weighted`, then `edges left right`.
  private mutating func addKonect(_ words: [String]) {
    if words.count == 2, Self.konectWeights.keys.contains(words[1]) {
      switch words[0] {
      case "asym": direct(true)
      case "sym": direct(false)
      case "bip":
        direct(false)
        isBipartite = true
      default: return
      }
      isWeighted = Self.konectWeights[words[1]]
    } else if words.count == 3, sides == nil {
      let numbers = words.compactMap { Int($0) }
      if numbers.count == 3, numbers.allSatisfy({ $0 >= 0 && $0 < 1 << 40 }) { sides = (numbers[1], numbers[2]) }
    }
  }

  private static let konectWeights = [
    "unweighted": false, "positive": false, "posweighted": true, "signed": true, "multisigned": true,
    "weighted": true, "multiweighted": true, "multiposweighted": true, "dynamic": false,
  ]

  /// The line that ``TextWriter`` begins with; false for any other comment.
  private mutating func addOurs(_ words: [String]) -> Bool {
    guard let first = words.first, first == "directed" || first == "undirected" else { return false }
    var rest = words.dropFirst()
    var found = self
    found.isOurs = true
    found.direct(first == "directed")
    while let word = rest.popFirst() {
      switch word {
      case "weighted": found.isWeighted = true
      case "labels": found.hasLabels = true
      case "multigraph": found.hasParallelEdges = true
      case "nodes":
        guard let count = rest.popFirst().flatMap({ Int($0) }), count >= 0, count <= 1 << 40 else { return false }
        found.nodeCount = count
        found.firstNode = 0
      case "from":
        guard found.nodeCount != nil, rest.popFirst() == "1" else { return false }
        found.firstNode = 1
      default: return false
      }
    }
    self = found
    return true
  }

  /// A comment that speaks of a directed or undirected graph.
  private mutating func addProse(_ words: [String]) {
    for (index, word) in words.enumerated() where word == "directed" || word == "undirected" {
      let next = words.dropFirst(index + 1).first
      if next == nil ? index == 0 : Self.graphWords.contains(next!) { return direct(word == "directed") }
      if word == "directed" { mentionsDirected = true }
    }
  }

  private static let graphWords: Set<String> = [
    "graph", "network", "node", "edge", "edges", "arcs", "links", "weighted", "unweighted", "signed", "simple",
    "multigraph", "acyclic",
  ]
}
