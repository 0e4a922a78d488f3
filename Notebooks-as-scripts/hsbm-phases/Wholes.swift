import ExperimentSupport
import GraphStore
import HierarchicalCommunities
import MillRuntime

/// Graphs of equal groups without parts; of one group where `groups` is 1.
struct Whole {
  let groups: Int
  let degree: Double
  /// Density between groups over that inside.
  let ratio: Double

  var name: String {
    groups == 1
      ? "uniform, c = \(decimal(degree, 0))"
      : "\(groups) groups, c = \(decimal(degree, 0)), beta = \(decimal(ratio, 2))"
  }

  /// Uniform graphs and groups that are easy to find: what is split further is split for nothing.
  static let all = [
    Whole(groups: 1, degree: 3, ratio: 1), Whole(groups: 1, degree: 10, ratio: 1),
    Whole(groups: 1, degree: 30, ratio: 1), Whole(groups: 2, degree: 10, ratio: 0.1),
    Whole(groups: 4, degree: 6, ratio: 0.05), Whole(groups: 4, degree: 16, ratio: 0.1),
    Whole(groups: 8, degree: 24, ratio: 0.1),
  ]
}

/// How often groups without parts are split: by the count of the whole graph, and by counting again inside each group.
func wholesTable(
  _ settings: ExperimentSettings, nodes: Int = 1600, context: RunContext
) throws -> (markdown: String, csv: String) {
  var text = "## Groups without parts, \(nodes) nodes, \(settings.wholes) graphs each\n\nGraphs with another number of "
  text += "groups than the true one.\n\n"
  var table = MarkdownTable(["graph", "counted once", "counted again in groups"])
  var csv = "graph,counted_once,counted_again\n"
  for whole in Whole.all {
    let model = try HierarchicalBlockModel(
      branching: max(2, whole.groups), depth: whole.groups == 1 ? 0 : 1, leafSize: nodes / whole.groups,
      meanDegree: whole.degree, ratio: whole.ratio)
    var wrong = [0, 0]
    for i in 0..<settings.wholes {
      let seed = settings.seed &+ UInt64(i)
      let drawn = try Drawn(model, seed: seed, context: context)
      for (index, isRecursive) in [false, true].enumerated() {
        var options = BottomUpOptions(start: .spectral)
        (options.seed, options.isRecursive) = (seed, isRecursive)
        let found = try bottomUpCommunities(of: drawn.graph, options: options, context: context)
        if found.hierarchy.tree.leafCount != whole.groups { wrong[index] += 1 }
      }
    }
    table.add([whole.name, "\(wrong[0])", "\(wrong[1])"])
    csv += "\"\(whole.name)\",\(wrong[0]),\(wrong[1])\n"
  }
  return (text + table.text, csv)
}
