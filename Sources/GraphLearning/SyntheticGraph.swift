public import GraphGenerators
import GraphStore
public import MillRuntime

/// The settings of ``syntheticAttributedGraph(_:context:)``.
public struct SyntheticGraphOptions: Sendable, Equatable, Codable {
  /// How features are drawn.
  public enum Features: Sendable, Equatable, Codable {
    /// A bag of so many different words of a vocabulary; a word is one of the class's own by this chance.
    case words(vocabulary: Int, each: Int, ownChance: Double)
    /// So many numbers: the class's center, plus noise of this size.
    case numbers(count: Int, noise: Double)
  }

  /// The graph; its groups are the classes.
  public var graph: CommunityTreeOptions
  /// The features.
  public var features: Features
  /// Training nodes of each class, at least 1.
  public var trainPerClass: Int
  /// Validation nodes.
  public var validation: Int
  /// Test nodes.
  public var test: Int

  /// A graph of the size of a small citation network: 4,096 nodes in 8 classes, 1,000 words.
  public init(
    graph: CommunityTreeOptions = .init(),
    features: Features = .words(vocabulary: 1000, each: 12, ownChance: 0.25), trainPerClass: Int = 20,
    validation: Int = 500, test: Int = 1000
  ) {
    self.graph = graph
    self.features = features
    self.trainPerClass = trainPerClass
    self.validation = validation
    self.test = test
  }
}

/// Draws an attributed graph: a hierarchical block model with skewed degrees whose groups are the classes, features that
/// depend on the class, and a split.
///
/// - Throws: `MillError`: `bad-option` for counts that do not fit each other, `over-budget`, `interrupted`.
/// - Complexity: O(edges log n + stored features). The same graph for every number of threads.
public func syntheticAttributedGraph(
  _ options: SyntheticGraphOptions = .init(), context: RunContext = .init()
) throws(MillError) -> AttributedGraph {
  let graph = try generateCommunityTree(options.graph, context: context).graph(context: context)
  let (n, classes) = (graph.nodeCount, options.graph.groupCount)
  let labels = try FlatBuffer<Int32>(uninitializedCount: n)
  for node in 0..<n { unsafe labels.base[node] = Int32(options.graph.group(of: node)) }
  guard options.trainPerClass >= 1, options.validation >= 1, options.test >= 0,
    options.trainPerClass <= n / classes, classes * options.trainPerClass + options.validation + options.test <= n
  else { throw MillError(.badOption, "the split is larger than the \(n) nodes of \(classes) classes") }
  var order = (0..<UInt32(n)).map { $0 }
  var random = CounterRandom(seed: options.graph.seed, stage: "synthetic.split")
  random.shuffle(&order)
  var taken = [Int](repeating: 0, count: classes)
  var train: [UInt32] = []
  var rest: [UInt32] = []
  for node in order {
    let own = options.graph.group(of: Int(node))
    if taken[own] < options.trainPerClass {
      taken[own] += 1
      train.append(node)
    } else {
      rest.append(node)
    }
  }
  return try AttributedGraph(
    graph: graph, features: try features(options, nodeCount: n, context), labels: SharedArray(labels),
    classNames: (0..<classes).map(String.init),
    split: .init(
      train: train, validation: Array(rest.prefix(options.validation)),
      test: Array(rest.dropFirst(options.validation).prefix(options.test))), context: context)
}

private func features(
  _ options: SyntheticGraphOptions, nodeCount n: Int, _ context: RunContext
) throws(MillError) -> FeatureMatrix {
  let classes = options.graph.groupCount
  let stream = RandomStream(seed: options.graph.seed, stage: "synthetic.features")
  switch options.features {
  case .words(let vocabulary, let each, let chance):
    guard vocabulary >= classes, each >= 1, each <= vocabulary / 2, chance >= 0, chance <= 1 else {
      throw MillError(.badOption, "\(each) of \(vocabulary) words with a chance of \(chance) cannot be drawn")
    }
    let columns = try FlatBuffer<UInt32>(uninitializedCount: n * each)
    let offsets = try FlatBuffer<UInt64>(uninitializedCount: n + 1)
    for node in 0...n { unsafe offsets.base[node] = UInt64(node * each) }
    Parallel.forEachRange(of: n, size: 4096, threads: context.threads) { nodes, _ in
      for node in nodes {
        var random = stream.item(UInt64(node))
        let own = options.graph.group(of: node)
        var words: [UInt32] = []
        while words.count < each {
          // The words w of class c are those with w % classes = c.
          var word = random.below(UInt64(vocabulary))
          if random.unit() < chance {
            let moved = Int(word) / classes * classes + own
            word = UInt64(moved < vocabulary ? moved : own)
          }
          if !words.contains(UInt32(word)) { words.append(UInt32(word)) }
        }
        words.sort()
        for (place, word) in words.enumerated() { unsafe columns.base[node * each + place] = word }
      }
    }
    return try FeatureMatrix(
      rowCount: n, columnCount: vocabulary,
      storage: .sparse(offsets: SharedArray(offsets), columns: SharedArray(columns), values: nil))
  case .numbers(let count, let noise):
    guard count >= 1, count <= 1 << 16, noise >= 0, noise.isFinite else {
      throw MillError(.badOption, "\(count) numbers with noise \(noise) cannot be drawn")
    }
    let centers = RandomStream(seed: options.graph.seed, stage: "synthetic.centers")
    let center = (0..<classes).flatMap { own in
      var random = centers.item(UInt64(own))
      return (0..<count).map { _ in Float(2 * random.unit() - 1) }
    }
    let numbers = try FlatBuffer<Float>(uninitializedCount: n * count)
    Parallel.forEachRange(of: n, size: 4096, threads: context.threads) { nodes, _ in
      for node in nodes {
        var random = stream.item(UInt64(node))
        let own = options.graph.group(of: node)
        for k in 0..<count {
          // The sum of three uniform draws is near enough to a normal one.
          let draw = random.unit() + random.unit() + random.unit() - 1.5
          unsafe numbers.base[node * count + k] = center[own * count + k] + Float(2 * noise * draw)
        }
      }
    }
    return try FeatureMatrix(rowCount: n, columnCount: count, storage: .dense(SharedArray(numbers)))
  }
}
