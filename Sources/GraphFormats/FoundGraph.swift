import GraphStore
import MillRuntime

/// A graph as a reader found it, before the caller's options are applied.
struct FoundGraph {
  /// What nodes are called.
  enum Nodes {
    /// Nodes `0..<count`, called by numbers from `first` on.
    case numbered(count: Int, first: UInt64)
    /// Every name is a node, edges or not.
    case named(NameTable)
  }

  /// Whether edges have a direction; nil where the file does not say, so that they have none unless asked for.
  var isDirected: Bool?
  var nodes: Nodes
  var edges = EdgeCollector()
  /// Whether the format itself says that an edge without a weight has the weight 1.
  var countsOneWithoutWeight = false

  /// A graph without edges yet.
  init(_ nodes: Nodes, isDirected: Bool?) {
    self.nodes = nodes
    self.isDirected = isDirected
  }
}

extension GraphInput {
  /// Builds the graph as the options say.
  ///
  /// - Parameters:
  ///   - found: What the reader found; nothing else may hold its edges.
  ///   - report: Lines and warnings so far.
  func finish(_ found: consuming FoundGraph, _ report: consuming GraphReadReport) throws(MillError) -> GraphReading {
    var report = report
    report.format = format ?? .el
    let keepsWeights = options.weights != .no && found.edges.hasWeights
    if options.weights == .yes, !keepsWeights, found.edges.count > 0 {
      throw MillError(.badOption, "weights were asked for, but the file has none")
    }
    if keepsWeights, found.edges.unweighted > 0, !found.countsOneWithoutWeight {
      report.warnings.append(
        "\(found.edges.unweighted) of \(found.edges.count) edges have no weight: 1 was taken for them")
    }
    let joins = found.isDirected == true && options.isDirected == false
    let isDirected = joins || (found.isDirected == false ? false : options.isDirected ?? found.isDirected ?? false)
    let word: GraphReadReport.Direction.Source =
      options.isDirected == isDirected ? .option : found.isDirected == nil ? .convention : .file
    report.direction = .init(isDirected: isDirected && !joins, source: joins ? .option : word)
    warnOfOptionsWithoutEffect(found, &report)
    if found.edges.count == 0 { report.warnings.append("the input has no edges") }

    var freezing = FreezeOptions()
    freezing.isDirected = isDirected
    freezing.duplicates = options.mergesDuplicates
    freezing.loops = options.loops
    freezing.forcesWideTargets = options.forcesWideTargets
    var edges = found.edges
    let names: NodeNames?
    switch found.nodes {
    case .numbered(let count, let first):
      try guardNodeCount(count, edges: edges.count, given: options.nodes)
      freezing.naming = .dense(nodeCount: count)
      report.ids = .dense
      names = options.ids == .dense ? nil : try .numbers(count, from: first)
    case .named(let table):
      names = try settle(table, &edges, &freezing, &report)
    }
    found = FoundGraph(.numbered(count: 0, first: 0), isDirected: nil)
    let (frozen, counts) = try freeze(edges.finish(keepsWeights: keepsWeights), options: freezing, context: context)
    report.edges = counts
    (report.edges.minimumID, report.edges.maximumID) = (nil, nil)
    var graph = frozen
    if let names { graph = try graph.withNames(names) }
    if joins { graph = try undirected(graph, options, &report, context) }
    return GraphReading(graph: graph, report: report)
  }

  /// Numbers the nodes in the order of their names: ascending integers where all are, else bytewise.
  private func settle(
    _ table: NameTable, _ edges: inout EdgeCollector, _ freezing: inout FreezeOptions, _ report: inout GraphReadReport
  ) throws(MillError) -> NodeNames? {
    let integers = options.ids == .string ? nil : table.integers()
    guard let integers else {
      if options.ids == .dense || options.ids == .compact {
        let first = (0..<table.count).first { UInt64(table.text($0)) == nil } ?? 0
        throw MillError(.notAnInteger, "a name that is no unsigned integer", field: table.text(first))
      }
      report.ids = .string
      let sorted = try table.sorted(byFirstSighting: options.labelOrder == .firstSeen)
      edges.renumber { sorted.ranks[Int($0)] }
      freezing.naming = .labels(sorted.table)
      return nil
    }
    if options.ids == .dense {
      let base = options.base ?? 0
      guard integers.allSatisfy({ $0 >= base }) else {
        throw MillError(.idOutOfRange, "an id below the base", field: String(integers.min() ?? 0))
      }
      let needed = Int(clamping: (integers.max().map { $0 - base }?.addingReportingOverflow(1).partialValue) ?? 0)
      let count = options.nodes ?? needed
      guard needed <= count, !integers.contains(.max) else {
        throw MillError(.idOutOfRange, "an id beyond the number of nodes", field: String(integers.max() ?? 0))
      }
      try guardNodeCount(count, edges: edges.count, given: options.nodes)
      edges.renumber { UInt32(truncatingIfNeeded: integers[Int($0)] - base) }
      freezing.naming = .dense(nodeCount: count)
      report.ids = .dense
      return nil
    }
    report.ids = .compact
    let order = integers.indices.sorted { integers[$0] < integers[$1] }
    var ranks = [UInt32](repeating: 0, count: order.count)
    let ids = try FlatBuffer<UInt64>(uninitializedCount: order.count)
    for (rank, number) in order.enumerated() {
      ranks[number] = UInt32(rank)
      unsafe ids.base[rank] = integers[number]
    }
    edges.renumber { ranks[Int($0)] }
    freezing.naming = .dense(nodeCount: order.count)
    return .ids(SharedArray(ids))
  }

  private func warnOfOptionsWithoutEffect(_ found: borrowing FoundGraph, _ report: inout GraphReadReport) {
    let defaults = GraphReadOptions()
    var isNumbered = false
    if case .numbered = found.nodes { isNumbered = true }
    let isDense = options.ids == .dense && !isNumbered
    let meaningless = [
      (options.isDirected == true && found.isDirected == false, "directed"),
      (isNumbered && (options.ids == .compact || options.ids == .string), "ids"),
      (options.base != nil && !isDense, "base"), (options.nodes != nil && !isDense && !isNumbered, "nodes"),
      (options.columns != nil, "columns"), (options.separator != defaults.separator, "separator"),
      (options.header != defaults.header, "header"), (options.skipLines != 0, "skipped lines"),
      (options.isBipartite, "bipartite"), (options.labelOrder != defaults.labelOrder && isNumbered, "order of labels"),
      (options.dropsZeros, "dropping zeros"), (options.allowsByteLabels, "labels of any bytes"),
    ]
    report.warnings += withoutEffect(meaningless, on: "this format (\(report.format.rawValue))")
  }
}
