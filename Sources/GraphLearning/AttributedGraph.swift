public import GraphStore
public import MillRuntime

/// A graph whose nodes have features and, some of them, a class: what a network is trained on.
public struct AttributedGraph: Sendable {
  /// Which nodes are learnt from, which choose the epoch, which measure the result. Ascending, disjoint.
  public struct Split: Sendable, Equatable {
    /// Nodes whose classes the loss sees.
    public let train: SharedArray<UInt32>
    /// Nodes whose accuracy chooses the epoch.
    public let validation: SharedArray<UInt32>
    /// Nodes that are only measured.
    public let test: SharedArray<UInt32>

    /// A split; the order in which nodes are given does not matter.
    ///
    /// - Throws: `MillError` of kind `over-budget`.
    public init(train: [UInt32], validation: [UInt32], test: [UInt32]) throws(MillError) {
      self.train = try SharedArray(copying: train.sorted())
      self.validation = try SharedArray(copying: validation.sorted())
      self.test = try SharedArray(copying: test.sorted())
    }
  }

  /// The graph, undirected, without loops, parallel edges and weights.
  public let graph: CSRGraph
  /// Features of shape `[n, f]`.
  public let features: FeatureMatrix
  /// The class of each node, -1 for none, shape `[n]`.
  public let labels: SharedArray<Int32>
  /// The name of each class.
  public let classNames: [String]
  /// Which nodes serve what.
  public let split: Split

  /// The number of nodes, n.
  public var nodeCount: Int { graph.nodeCount }
  /// The number of classes.
  public var classCount: Int { classNames.count }

  /// Joins and checks the parts.
  ///
  /// - Parameters:
  ///   - graph: Any graph; it is made undirected and loses loops, parallel edges and weights.
  ///   - features: A row a node.
  ///   - labels: The class of each node, -1 for none.
  ///   - classNames: At least two.
  ///   - split: Training and validation nodes are needed.
  ///   - context: Threads, a way to stop.
  /// - Throws: `MillError`: `bad-features` where rows and nodes differ; `bad-labels` for a label out of range, a split
  ///   that overlaps, leaves the graph, names a node without a class or leaves a class without a training node.
  /// - Complexity: O(n + m).
  public init(
    graph: CSRGraph, features: FeatureMatrix, labels: SharedArray<Int32>, classNames: [String], split: Split,
    context: RunContext = .init()
  ) throws(MillError) {
    let n = graph.nodeCount
    guard n < Int(UInt32.max) else { throw MillError(.unsupported, "a graph of more than 2^32 - 2 nodes") }
    guard features.rowCount == n else {
      throw MillError(.badFeatures, "\(features.rowCount) rows of features for \(n) nodes")
    }
    guard classNames.count >= 2 else {
      throw MillError(.badLabels, "there must be two classes at least, there are \(classNames.count)")
    }
    guard labels.count == n else { throw MillError(.badLabels, "\(labels.count) labels for \(n) nodes") }
    if let node = labels.firstIndex(where: { $0 < -1 || Int($0) >= classNames.count }) {
      throw MillError(
        .badLabels, "the label of node \(node) is none of the \(classNames.count) classes", field: "\(labels[node])")
    }
    try Self.check(split, labels, classNames)
    self.graph = try graph.prepared(Preparation(weights: .ignored), context: context).graph
    self.features = features
    self.labels = labels
    self.classNames = classNames
    self.split = split
  }

  private init(_ other: AttributedGraph, graph: CSRGraph) {
    self.graph = graph
    features = other.features
    labels = other.labels
    classNames = other.classNames
    split = other.split
  }

  /// The same nodes on other edges.
  ///
  /// - Precondition: the graph is undirected, without loops, and has as many nodes.
  func replacing(graph: CSRGraph) -> AttributedGraph {
    precondition(graph.nodeCount == nodeCount && !graph.isDirected && !graph.hasLoops)
    return AttributedGraph(self, graph: graph)
  }

  private static func check(
    _ split: Split, _ labels: SharedArray<Int32>, _ classNames: [String]
  ) throws(MillError) {
    guard !split.train.isEmpty else { throw MillError(.badLabels, "the split has no training node") }
    guard !split.validation.isEmpty else { throw MillError(.badLabels, "the split has no validation node") }
    let seen = try FlatBuffer<UInt8>(count: labels.count)
    for (nodes, name) in [(split.train, "training"), (split.validation, "validation"), (split.test, "test")] {
      for node in nodes {
        let node = Int(node)
        guard node < labels.count else {
          throw MillError(.badLabels, "a \(name) node is none of the \(labels.count) nodes", field: "\(node)")
        }
        guard unsafe seen.base[node] == 0 else {
          throw MillError(.badLabels, "the node is in two parts of the split, or twice in one", field: "\(node)")
        }
        guard labels[node] >= 0 else {
          throw MillError(.badLabels, "a \(name) node has no class", field: "\(node)")
        }
        unsafe seen.base[node] = 1
      }
    }
    let learnt = Set(split.train.map { labels[Int($0)] })
    if let missing = classNames.indices.first(where: { !learnt.contains(Int32($0)) }) {
      throw MillError(
        .badLabels, "the class has no training node", field: classNames[missing],
        hint: "drop its labels, or move one of its nodes to the training nodes")
    }
  }
}
