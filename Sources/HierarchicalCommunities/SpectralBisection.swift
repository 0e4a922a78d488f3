import MillRuntime

/// Two sides of a graph by its leading eigenvectors.
struct SpectralBisection {
  /// How the vectors make sides.
  var split = TopDownOptions.Split.spectral
  /// tau of the spectral split, as a share of the mean degree.
  var regularization = 0.1
  var seed: UInt64
  var threads: Int

  /// Whether each node is on the left side; one side may be empty.
  ///
  /// - Parameter graph: The lowest level of a 0/1 graph without lone nodes, whose masses are degrees.
  func sides(of graph: LevelGraph<Double>) throws(MillError) -> [Bool] {
    let n = graph.nodeCount
    switch split {
    case .sign:
      let vectors = LeadingVectors(graph, .adjacency, threads: threads).run(count: 2, seed: seed)
      return vectors.count < 2 ? [Bool](repeating: true, count: n) : vectors[1].map { $0 <= 0 }
    case .spectral:
      let kind = LeadingVectors.Operator.regularized(share: regularization)
      let vectors = LeadingVectors(graph, kind, threads: threads).run(count: 2, seed: seed)
      guard vectors.count == 2 else { return [Bool](repeating: true, count: n) }
      let rows = try FlatBuffer<Float>(count: n * 8)
      for i in 0..<n {
        unsafe rows.base[i * 8] = Float(vectors[0][i])
        unsafe rows.base[i * 8 + 1] = Float(vectors[1][i])
      }
      return try KMeans.run(
        rows, count: n, stride: 8, dimensions: 2, clusters: 2, starts: 5, seed: seed, threads: threads
      ).map { $0 == 0 }
    }
  }
}
