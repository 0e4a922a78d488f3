import ArgumentParser
import GraphFormats
import GraphKernels
import GraphStore
import HierarchicalCommunities
import MillRuntime
import Reporting

struct Compare: MillCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how alike two graphs, two label files, two trees or two runs are.",
    discussion: """
      labels: 'node TAB label' lines, FILE:COLUMN for another column; AMI, ARI, NMI and the share of matched nodes. \
      trees: Newick, or SciPy's linkage table; the correlation of distances between leaves of the same name. \
      graphs: edge_overlap is the number of edges that both have over the number that any has (Jaccard), where nodes are the \
      same when their names are; then components, clustering, the distance of degrees (Kolmogorov–Smirnov), the \
      correlation of PageRank and of its order, the share of common nodes among the first --top by PageRank, and the \
      distance of the first --values eigenvalues of the adjacency matrices. manifests: whether two runs did the same from the same with the same result, whatever \
      their files are called and however long they took; exit code 1 says no.

      EXAMPLES:
        graphmill compare teddy.gmg random.gmg --what graphs --json
        graphmill compare found.tsv truth.tsv:track --what labels --json
        graphmill compare a.nwk b.nwk --what trees --expect 0.99
        graphmill compare before.gmg after.gmg --expect 90% || echo "changed too much"
        graphmill compare a.gmg.manifest.json b.gmg.manifest.json --what manifests
      """)

  /// What the two files are.
  enum Subject: String, ExpressibleByArgument, CaseIterable {
    case graphs
    case labels
    case trees
    case manifests
  }

  @Argument(help: "The first file; for graphs '-' is standard input.", completion: .file())
  var first: String

  @Argument(help: "The second file; for graphs '-' is standard input.", completion: .file())
  var second: String

  @Option(help: "What the two files are.")
  var what = Subject.graphs

  @Option(help: ArgumentHelp("Exit with 1 when overlap, AMI or correlation is below this share.", valueName: "share"))
  var expect: Share?

  @Option(help: ArgumentHelp("graphs: nodes of highest PageRank that are compared (default: 100).", valueName: "n"))
  var top: Count?

  @Option(help: ArgumentHelp("graphs: eigenvalues that are compared (default: 10).", valueName: "n"))
  var values: Count?

  @Flag(help: "graphs: compare edges only, which is fast.")
  var edgesOnly = false

  @OptionGroup(title: "Input options")
  var reading: ReadFlags

  @OptionGroup(title: "Global options")
  var global: GlobalOptions

  var inputs: [String] { what == .labels ? [first, second].map(LabelFile.path) : [first, second] }

  var usesSeed: Bool { what == .graphs && !edgesOnly }

  func validate() throws {
    if top != nil || values != nil || edgesOnly, what != .graphs {
      throw ValidationError("'--top', '--values' and '--edges-only' go with '--what graphs'.")
    }
    if top != nil || values != nil, edgesOnly {
      throw ValidationError("'--top' and '--values' do not go with '--edges-only'.")
    }
  }

  func execute(_ run: CommandRun) throws -> Outcome {
    switch what {
    case .graphs: try graphs(run)
    case .labels: try labels(run)
    case .trees: try trees(run)
    case .manifests: try manifests(run)
    }
  }

  private func manifests(_ run: CommandRun) throws -> Outcome {
    let (a, b) = (try readJSON(first, context: run.context), try readJSON(second, context: run.context))
    for (manifest, path) in [(a, first), (b, second)] { try RunManifest.check(manifest, path) }
    let found = try RunManifest.differences(between: a, and: b)
    for note in found.notes { run.inform("the programs differ: \(note)") }
    let verdict =
      found.isSame
      ? "the same run: work, inputs and outputs are equal"
      : "not the same: "
        + [
          found.hasSameWork ? nil : "work", found.hasSameInputs ? nil : "inputs",
          found.hasSameOutputs ? nil : "outputs",
        ].compactMap { $0 }.joined(separator: ", ")
    return Outcome(
      keys: [
        "same": .bool(found.isSame), "same_work": .bool(found.hasSameWork), "same_inputs": .bool(found.hasSameInputs),
        "same_outputs": .bool(found.hasSameOutputs), "differences": .array(found.lines.map { .string($0) }),
        "programs": .array(found.notes.map { .string($0) }),
      ],
      summary: [verdict] + found.lines.map { "  " + $0 }, isYes: found.isSame)
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
    let (a, b) = (try CommunityTree.Named(file: first), try CommunityTree.Named(file: second))
    for (tree, path) in [(a, first), (b, second)] where Set(tree.names).count < tree.names.count {
      throw MillError(.malformed, "two leaves have the same name", file: path)
    }
    var places: [String: Int32] = [:]
    for (leaf, name) in b.names.enumerated() { places[name] = Int32(leaf) }
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
    var outcome = Outcome(
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
    if !edgesOnly { try addSimilarity(of: a, b, to: &outcome, run) }
    return outcome
  }

  private func addSimilarity(of a: CSRGraph, _ b: CSRGraph, to outcome: inout Outcome, _ run: CommandRun) throws {
    var options = GraphSimilarityOptions(seed: run.settings.seed)
    if let top { options.topCount = top.value }
    if let values { options.eigenvalueCount = values.value }
    let found = try run.stage("similarity") {
      try graphSimilarity(between: a, and: b, options: options, context: run.context)
    }
    let sides = [found.first, found.second]
    func pair(_ value: (GraphSimilarityResult.Side) -> JSONValue) -> JSONValue { .array(sides.map(value)) }
    outcome.keys["nodes"] = pair { .integer($0.nodeCount) }
    outcome.keys["edges"] = pair { .integer($0.edgeCount) }
    outcome.keys["common_nodes"] = .integer(found.commonNodeCount)
    outcome.keys["components"] = pair { .integer($0.componentCount) }
    outcome.keys["largest_component"] = pair { .integer($0.largestComponent) }
    outcome.keys["mean_clustering"] = pair { .number($0.meanClustering) }
    outcome.keys["transitivity"] = pair { .number($0.transitivity) }
    outcome.keys["eigenvalues"] = pair { .array($0.eigenvalues.map(JSONValue.number)) }
    let figures: KeyValuePairs = [
      "degree_distance": found.degreeDistance, "pagerank_correlation": found.pageRankCorrelation,
      "pagerank_order_correlation": found.pageRankOrderCorrelation, "top_overlap": found.topOverlap,
      "spectral_distance": found.spectralDistance,
    ]
    for (name, value) in figures { outcome.keys[name] = value.map(JSONValue.number) ?? .null }
    func text(_ value: Double?) -> String { value.map { NumberText.fixed($0, decimals: 6) } ?? "none" }
    func both(_ value: (GraphSimilarityResult.Side) -> String) -> String { sides.map(value).joined(separator: " and ") }
    outcome.summary += [
      "components \(both { String($0.componentCount) }), the largest \(both { String($0.largestComponent) }) nodes",
      "mean clustering \(both { text($0.meanClustering) }), transitivity \(both { text($0.transitivity) })",
      figures.map { name, value in "\(name.replacing("_", with: " ")) \(text(value))" }.joined(separator: ", "),
    ]
  }
}
