import GraphStore
import MillRuntime

@testable import GraphLearning

/// Small attributed graphs from a seed.
enum Sample {
  /// A random graph whose classes are linked more often and have words of their own; the last node has no edge.
  static func data(
    nodes: Int, classes: Int = 3, features: Int = 12, degree: Double = 4, isDense: Bool = false, seed: UInt64 = 1
  ) throws -> AttributedGraph {
    var random = CounterRandom(seed: seed, stage: "sample")
    let labels = (0..<nodes).map { $0 % classes }
    var edges: [(Int, Int)] = []
    let tries = Int(degree * Double(nodes))
    while edges.count < tries {
      let (u, v) = (Int(random.below(UInt64(nodes - 1))), Int(random.below(UInt64(nodes - 1))))
      if u != v, labels[u] == labels[v] || random.unit() < 0.3 { edges.append((u, v)) }
    }
    let rows = labels.map { label in
      (0..<features).filter { random.unit() < ($0 % classes == label ? 0.7 : 0.3) }.map {
        ($0, Float(1 + random.below(3)))
      }
    }
    let matrix =
      isDense
      ? try FeatureMatrix(
        rowCount: nodes, columnCount: features,
        storage: .dense(
          SharedArray(
            copying: rows.flatMap { row in
              var numbers = [Float](repeating: 0, count: features)
              for (column, value) in row { numbers[column] = value }
              return numbers
            })))
      : try FeatureMatrix(rowCount: nodes, columnCount: features, rows: rows)
    let train = (0..<nodes).filter { $0 % 4 == 0 || $0 < classes }
    let others = (0..<nodes).filter { !train.contains($0) }
    return try AttributedGraph(
      graph: CSRGraph(nodeCount: nodes, edges: edges), features: matrix,
      labels: SharedArray(copying: labels.map(Int32.init)), classNames: (0..<classes).map { "class \($0)" },
      split: .init(
        train: train.map(UInt32.init), validation: others.filter { $0 % 2 == 0 }.map(UInt32.init),
        test: others.filter { $0 % 2 == 1 }.map(UInt32.init)))
  }

  /// Outputs of a teacher: normal-ish numbers of shape `[n, classes]`.
  static func teacher(_ data: AttributedGraph, seed: UInt64 = 7) throws -> SharedArray<Float> {
    var random = CounterRandom(seed: seed, stage: "teacher")
    return try SharedArray(
      copying: (0..<data.nodeCount * data.classCount).map { _ in Float(4 * random.unit() - 2) })
  }

  /// What networks are made of.
  static func input(_ data: AttributedGraph, _ options: TrainingOptions, threads: Int = 1) throws -> NetworkInput {
    try NetworkInput(
      graph: data.graph, classCount: data.classCount, features: InputFeatures(data.features, options.scaling),
      options: options,
      math: MatrixMath(threads: threads), context: RunContext(threads: threads))
  }
}
