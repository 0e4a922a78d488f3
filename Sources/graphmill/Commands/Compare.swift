import ArgumentParser
import GraphFormats
import GraphStore
import HierarchicalCommunities
import MillRuntime
import Reporting

struct Compare: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how alike two graphs, two label files or two trees are.",
    discussion: """
      labels: 'node TAB label' lines, FILE:COLUMN for another column; AMI, ARI, NMI and the share of matched nodes. \
      trees: Newick, or SciPy's linkage table; the correlation of distances between leaves of the same name. \
      graphs: edge_overlap is the number of edges that both have over the number that any has (Jaccard), where nodes are the \
      same when their names are.

      EXAMPLES:
        graphmill compare teddy.gmg random.gmg --what graphs --json
        graphmill compare found.tsv truth.tsv:track --what labels --json
        graphmill compare a.nwk b.nwk --what trees --expect 0.99
        graphmill compare before.gmg after.gmg --what graphs --expect 0.9 || echo "changed too much"
      """)

  /// What the two files are.
  enum Subject: String, ExpressibleByArgument, CaseIterable {
    case graphs
    case labels
    case trees
  }

  @Argument(help: "The first file; for graphs '-' is standard input.")
  var first: String

  @Argument(help: "The second file; for graphs '-' is standard input.")
  var second: String

  @Option(help: "What the two files are.")
  var what = Subject.graphs

  @Option(help: ArgumentHelp("Exit with 1 when overlap, AMI or correlation is below this share.", valueName: "share"))
  var expect: Share?

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { [first, second] }

  func execute(_ run: CommandRun) throws -> Outcome {
    switch what {
    case .graphs: try graphs(run)
    case .labels: try labels(run)
    case .trees: try trees(run)
    }
  }

  private func labels(_ run: CommandRun) throws -> Outcome {
    let (a, b) = (try LabelFile(first), try LabelFile(second))
    var places: [String: Int] = [:]
    for (place, name) in a.names.enumerated() { places[name] = place }
    let (mine, theirs) = (a.numbers, b.numbers)
    var pairs: [(Int32, Int32)] = []
    for (name, label) in zip(b.names, theirs) {
      if let place = places[name] { pairs.append((mine[place], label)) }
    }
    let scores = try run.stage("compare") { try partitionScores(pairs.map(\.0), pairs.map(\.1)) }
    if scores.nodeCount < max(a.names.count, b.names.count) {
      run.warn("\(scores.nodeCount) nodes have a label in both files, of \(a.names.count) and \(b.names.count)")
    }
    let figures: KeyValuePairs = ["AMI": scores.ami, "ARI": scores.ari, "NMI": scores.nmi, "accuracy": scores.accuracy]
    let text = figures.map { name, value in "\(name) \(value.map { NumberText.fixed($0, decimals: 6) } ?? "none")" }
    var keys: [String: JSONValue] = ["nodes": .integer(scores.nodeCount)]
    for (name, value) in figures { keys[name.lowercased()] = value.map(JSONValue.number) ?? .null }
    // Where nothing was compared, nothing can be expected of it.
    return Outcome(
      keys: keys, summary: [text.joined(separator: ", ") + " over \(scores.nodeCount) nodes"],
      isYes: expect.map { expected in scores.ami.map { $0 >= expected.value } ?? false } ?? true)
  }

  private func trees(_ run: CommandRun) throws -> Outcome {
    let (a, b) = (try readTree(first), try readTree(second))
    var places: [String: Int32] = [:]
    for (leaf, name) in b.names.enumerated() { places[name] = Int32(leaf) }
    guard places.count == b.names.count, Set(a.names).count == a.names.count else {
      throw MillError(.malformed, "two leaves of a tree have the same name")
    }
    let common = a.names.count { places[$0] != nil }
    if common < max(a.names.count, b.names.count) {
      run.warn("\(common) leaves are in both trees, of \(a.names.count) and \(b.names.count)")
    }
    let correlation = try run.stage("compare") {
      try treeCorrelation(
        CommunityHierarchy(tree: a.tree, leaves: a.names.indices.map { Int32($0) }),
        CommunityHierarchy(tree: b.tree, leaves: a.names.map { places[$0] ?? -1 }))
    }
    // Without a leaf in common nothing was compared, and trees that lack leaves of each other are not the same.
    let isSame = common == a.names.count && common == b.names.count && correlation ?? 0 >= 0.9999
    guard common > 0 else {
      return Outcome(
        keys: ["tree_correlation": .null, "leaves": 0, "same": false], summary: ["no leaf is in both trees"],
        isYes: expect == nil)
    }
    return Outcome(
      keys: [
        "tree_correlation": correlation.map(JSONValue.number) ?? .null, "leaves": .integer(common),
        "same": .bool(isSame),
      ],
      summary: [
        "tree correlation \(correlation.map { NumberText.fixed($0, decimals: 6) } ?? "none") over \(common) leaves"
      ],
      isYes: expect.map { correlation ?? -1 >= $0.value } ?? true)
  }

  private func readTree(_ path: String) throws -> CommunityTree.Named {
    let file = try MappedFile(path: path)
    do throws(MillError) {
      return try unsafe CommunityTree.Named(text: String(decoding: file.bytes, as: UTF8.self))
    } catch {
      throw error.inFile(path)
    }
  }

  private func graphs(_ run: CommandRun) throws -> Outcome {
    let a = try run.readGraph(first, reading).graph
    let b = try run.readGraph(second, reading).graph
    guard a.isDirected == b.isDirected else {
      throw MillError(
        .badOption, "one graph is directed and the other is not", hint: "make both undirected: transform --symmetrize")
    }
    let found = try run.stage("overlap") { try differences(between: a, and: b, limit: 0) }
    let common = a.edgeCount - found.edgesOnlyInFirst
    let all = common + found.edgesOnlyInFirst + found.edgesOnlyInSecond
    let overlap = all == 0 ? 1 : Double(common) / Double(all)
    return Outcome(
      keys: [
        "edge_overlap": .number(overlap),
        "common_edges": .integer(common),
        "edges_only_in_first": .integer(found.edgesOnlyInFirst),
        "edges_only_in_second": .integer(found.edgesOnlyInSecond),
      ],
      summary: [
        "edge overlap \(NumberText.fixed(overlap, decimals: 6)): \(common) edges in common, "
          + "\(found.edgesOnlyInFirst) only in the first, \(found.edgesOnlyInSecond) only in the second"
      ],
      isYes: expect.map { overlap >= $0.value } ?? true)
  }
}
