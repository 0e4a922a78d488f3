import GraphFormats
import GraphKernels
public import GraphStore
public import MillRuntime

/// A graph with known groups.
public struct KnownGraph {
  /// The folder, and what was chosen of it.
  public let name: String
  /// Its largest component, without weights.
  public let graph: CSRGraph
  /// The group of each node; -1 for none.
  public let truth: [Int32]
  /// The number of groups.
  public let groups: Int

  /// Reads `FOLDER/edges.tsv` and a column of `FOLDER/labels.tsv`, and keeps the largest component.
  ///
  /// - Parameters:
  ///   - column: The label column, 1 for the first.
  ///   - without: Nodes of this label are left out.
  public init(_ folder: String, column: Int = 1, without: String? = nil, context: RunContext) throws {
    var options = GraphReadOptions()
    (options.weights, options.loops) = (.no, .drop)
    var graph = try readGraph(folder + "/edges.tsv", options: options, context: context).graph
    let file = try LabelFile(path: folder + "/labels.tsv", column: "\(column)")
    if let without {
      let left = Set(zip(file.names, file.labels).filter { $0.1 == without }.map(\.0))
      graph = try graph.inducedSubgraph(
        mask: (0..<graph.nodeCount).map { !left.contains(graph.name(of: $0)) }, context: context)
    }
    graph = try graph.largestComponent(context: context).graph
    self.graph = graph
    let base = folder.split(separator: "/").last.map(String.init) ?? folder
    name = base + (column > 1 ? ", column \(column)" : "") + (without.map { ", no \($0)" } ?? "")
    let truth = file.numbers(for: graph)
    self.truth = truth
    groups = Set(truth.filter { $0 >= 0 }).count
  }
}

extension KnownGraph {
  /// Reads a graph that an argument names: a folder, FOLDER:COLUMN, or FOLDER:-LABEL for the graph without nodes of a label.
  ///
  /// - Returns: nil for a column that is no number from 1 on.
  public static func named(_ argument: String, context: RunContext) throws -> KnownGraph? {
    let parts = argument.split(separator: ":", maxSplits: 1).map(String.init)
    if parts.count < 2 { return try KnownGraph(argument, context: context) }
    if parts[1].hasPrefix("-") {
      return try KnownGraph(parts[0], without: String(parts[1].dropFirst()), context: context)
    }
    guard let column = Int(parts[1]), column >= 1 else { return nil }
    return try KnownGraph(parts[0], column: column, context: context)
  }
}

extension ExperimentCommand {
  /// The graphs that arguments name, as ``KnownGraph/named(_:context:)`` reads them; ends for a column that is no number.
  public func knownGraphs(_ arguments: [String]) throws -> [KnownGraph] {
    try arguments.map { argument in
      guard let graph = try KnownGraph.named(argument, context: context) else { fail("no such column: \(argument)") }
      return graph
    }
  }
}
