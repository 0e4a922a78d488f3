import GraphStore
import HierarchicalCommunities
import MillRuntime
import Reporting

// What the command writes and reports.
extension Communities {
  /// What leaves are called: one that is a single node has its name, a group its number.
  func leafNames(_ hierarchy: CommunityHierarchy, _ graph: CSRGraph) -> [String] {
    let tree = hierarchy.tree
    var names = (0..<tree.leafCount).map(String.init)
    if tree.leafCount == hierarchy.leaves.count(where: { $0 >= 0 }) {
      for (node, leaf) in hierarchy.leaves.enumerated() where leaf >= 0 { names[Int(leaf)] = graph.name(of: node) }
    }
    return names
  }

  func writeTree(_ tree: CommunityTree, names: [String], to path: String, _ run: CommandRun) throws {
    let (text, format): (String, String) =
      switch pathEnding(path) {
      case "nwk": (tree.newick(names: names), "newick")
      case "tsv": (tree.linkageTable(), "tsv")
      default: (tree.json(names: names).text() + "\n", "json")
      }
    try run.writeText(to: path, format: format) { try $0.write(text) }
  }

  func outcome(_ found: CommunityResult, _ cut: TreeCut, _ truth: [Int32]?, _ run: CommandRun) throws -> Outcome {
    let tree = found.hierarchy.tree
    let inverted = inversions(of: tree)
    let fit = try run.stage("fit") { found.fit() }
    let groups = found.labels(cut)
    let count = cut.count - cut.asideCount
    let quality = found.modularity(cut)
    var keys: [String: JSONValue] = [
      "method": .string(method.rawValue), "k": .integer(tree.leafCount), "groups": .integer(count),
      "small_components": .integer(cut.asideCount),
      "levels": .integer(tree.height), "inversions": .integer(inverted.count),
      "worst_inversion": .number(inverted.map(\.relativeSize).max() ?? 0), "dasgupta": .number(fit.dasguptaCost),
      "dasgupta_score": .number(fit.dasguptaScore), "sampling_divergence": .number(fit.samplingDivergence),
      "modularity": .number(quality), "isolated": .integer(groups.count { $0 < 0 }),
      "notes": .array(found.notes.map(JSONValue.string)),
    ]
    var lines = [
      "\(tree.leafCount) communities in a tree of \(tree.height) levels, \(inverted.count) inversions; "
        + "\(count) groups" + (cut.asideCount > 0 ? " and \(cut.asideCount) small components" : "")
        + ", modularity \(NumberText.fixed(quality, decimals: 4))"
    ]
    if method == .bottomUp {
      let spectrum = found.spectrum
      keys["negative_eigenvalues"] = spectrum.map { .integer($0.plainCount) } ?? .null
      keys["significant_eigenvalues"] = spectrum.map { .integer($0.count) } ?? .null
      keys["disassortative"] = spectrum.map { .integer($0.disassortativeCount) } ?? .null
      keys["rho"] = spectrum.map { .number($0.rho) } ?? .null
      keys["threshold"] = spectrum.map { .number($0.threshold) } ?? .null
      keys["next_eigenvalue"] = spectrum?.next.map(JSONValue.number) ?? .null
      keys["resolution"] = spectrum.map { .number($0.resolution) } ?? .null
      keys["products"] = spectrum.map { .integer($0.products) } ?? .null
    }
    if let spectrum = found.spectrum {
      lines.append(
        "\(spectrum.plainCount) negative eigenvalues, \(min(spectrum.count, spectrum.plainCount)) of them clear; rho "
          + NumberText.significant(spectrum.rho, digits: 6))
    }
    if let lengths = found.lengths {
      keys["description_length"] = [
        "one_group": .number(lengths.oneGroup), "best_flat": lengths.bestFlat.map(JSONValue.number) ?? .null,
        "tree": .number(lengths.tree), "levels": .array(lengths.levels.map(JSONValue.number)),
      ]
      lines.append(
        "described by the tree in \(NumberText.fixed(lengths.tree, decimals: 0)) nats, by one group in "
          + NumberText.fixed(lengths.oneGroup, decimals: 0))
    }
    if let advice = found.recoveryThresholds() {
      keys["divergences"] = .array(advice.divergences.map(JSONValue.number))
      keys["detectable"] = .integer(advice.detectableCount)
      let depths = advice.recoverableDepths
      lines.append(
        "by the densities found, levels that can be recovered exactly: "
          + (depths.isEmpty ? "none" : depths.map(String.init).joined(separator: ", "))
          + " of \(advice.divergences.count)")
    }
    if let gaps = found.mergeGaps() {
      keys["merge_gaps"] = .array(tree.innerNodes.map { gaps[$0].isFinite ? .number(gaps[$0]) : .null })
    }
    if let confidences = tree.confidences {
      keys["confidence"] = .array(tree.innerNodes.map { .number(confidences[$0]) })
    }
    if let truth {
      let scores = try partitionScores(groups, truth)
      let atTruth = try found.score(against: truth)
      for (name, value) in [
        ("ami", scores.ami), ("ari", scores.ari), ("nmi", scores.nmi), ("accuracy", scores.accuracy),
        ("truth_cut_ami", atTruth.ami), ("truth_cut_ari", atTruth.ari), ("truth_cut_accuracy", atTruth.accuracy),
        ("purity", try dendrogramPurity(of: found.hierarchy, classes: truth)),
      ] { keys[name] = value.map(JSONValue.number) ?? .null }
      keys["truth_groups"] = .integer(atTruth.groups)
      func text(_ value: Double?) -> String { value.map { NumberText.fixed($0, decimals: 4) } ?? "none" }
      lines.append(
        "against \(atTruth.groups) true groups: AMI \(text(scores.ami)), ARI \(text(scores.ari)), accuracy "
          + "\(text(scores.accuracy)); cut to their number: AMI \(text(atTruth.ami))")
    }
    return Outcome(keys: keys, summary: lines)
  }

  /// The drawing of a hierarchy; leaves are colored by the class that most of their nodes have.
  static func dendrogram(
    _ hierarchy: CommunityHierarchy, truth: [Int32]?, names: [String]? = nil
  ) throws(MillError) -> String {
    let tree = hierarchy.tree
    guard tree.leafCount <= 2000 else {
      throw MillError(
        .badOption, "a dendrogram of so many leaves cannot be read", field: "\(tree.leafCount)",
        hint: "bottom-up gives trees of few leaves")
    }
    let classes = truth.map { hierarchy.majorityClasses(of: $0) }
    return Dendrogram(
      title: "\(tree.leafCount) communities", tree: tree.rooted,
      leafNames: names ?? (0..<tree.leafCount).map { "\($0) (\(tree.sizes[$0]))" }, leafClasses: classes
    ).svg
  }
}
