public import GraphStore
public import MillRuntime

/// The settings of ``leadingEigenvalues(of:options:context:)``.
public struct LeadingEigenvaluesOptions: Sendable, Equatable, Codable {
  /// Eigenvalues that are wanted, at least 1.
  public var count: Int
  /// How exact they must be, relative to the largest; not negative.
  public var tolerance: Double
  /// Products with the matrix at most, at least 1.
  public var maximumSteps: Int
  /// Decides where the search begins.
  public var seed: UInt64

  /// Ten values to 1e-8 in at most 1000 steps, unless told otherwise.
  public init(count: Int = 10, tolerance: Double = 1e-8, maximumSteps: Int = 1000, seed: UInt64 = 42) {
    self.count = count
    self.tolerance = tolerance
    self.maximumSteps = maximumSteps
    self.seed = seed
  }
}

/// What ``leadingEigenvalues(of:options:context:)`` found.
public struct LeadingEigenvaluesResult: Sendable, Equatable {
  /// Different eigenvalues, descending; fewer than wanted where the matrix has fewer.
  public let values: SharedArray<Double>
  /// Products with the matrix.
  public let steps: Int
  /// Whether all values are as exact as was asked for.
  public let isConverged: Bool
}

/// Finds the largest different eigenvalues of the adjacency matrix.
///
/// Lanczos steps in three vectors, without orthogonalization. That repeats eigenvalues and makes up others: repetitions
/// count once, and a value whose vectors have nothing of the first step in them is made up.
///
/// - Parameters:
///   - graph: Any graph. Directions, loops, parallel edges and weights do not matter: neighbors count 1.
///   - options: How many, how exact, steps, seed.
///   - context: Threads, progress, a way to stop.
/// - Throws: `MillError`: `bad-option`, `over-budget`, `interrupted`.
/// - Complexity: O(steps · (n + m + steps²)) time, 24n bytes. Sums are added up in a fixed order: the same bits for every
///   thread count.
/// - Source: Cullum, Willoughby, "Lanczos Algorithms for Large Symmetric Eigenvalue Computations" 1, 1985, sections 4.3 to
///   4.5.
public func leadingEigenvalues(
  of graph: CSRGraph, options: LeadingEigenvaluesOptions = .init(), context: RunContext = .init()
) throws(MillError) -> LeadingEigenvaluesResult {
  guard options.count >= 1 else { throw MillError(.badOption, "a value must be wanted", field: "\(options.count)") }
  guard options.maximumSteps >= 1 else {
    throw MillError(.badOption, "there must be a step", field: "\(options.maximumSteps)")
  }
  guard options.tolerance >= 0 else {
    throw MillError(.badOption, "the tolerance must not be negative", field: "\(options.tolerance)")
  }
  let simple = try graph.prepared(Preparation(weights: .ignored), context: context).graph
  return try simple.withRows(context: context, LanczosSteps(options: options))
}

private struct LanczosSteps: RowsVisitor {
  let options: LeadingEigenvaluesOptions

  func visit<ID>(_ rows: GraphRows<ID>) throws(MillError) -> LeadingEigenvaluesResult {
    let n = rows.nodeCount
    guard n > 0 else { return LeadingEigenvaluesResult(values: .empty, steps: 0, isConverged: true) }
    let partial = try FlatBuffer<Double>(count: rows.chunkCount)
    var before = try FlatBuffer<Double>(count: n)
    var vector = try start(rows, partial)
    var product = try FlatBuffer<Double>(uninitializedCount: n)
    var matrix = LanczosMatrix(nodeCount: n, options)
    rows.context.progress?.begin("eigenvalues", total: options.maximumSteps, unit: .items)
    defer { rows.context.progress?.end() }
    while !matrix.isDone {
      let (old, now, next, beta) = (before, vector, product, matrix.off.last ?? 0)
      let alpha = try rows.nodeSum(partial) { nodes in
        var alpha = 0.0
        for node in nodes {
          var sum = unsafe -beta * old.base[node]
          for arc in rows.arcs(node) { unsafe sum += now.base[rows.target(arc)] }
          unsafe next.base[node] = sum
          unsafe alpha += now.base[node] * sum
        }
        return alpha
      }
      let square = try rows.nodeSum(partial) { nodes in
        var square = 0.0
        for node in nodes {
          let value = unsafe next.base[node] - alpha * now.base[node]
          unsafe next.base[node] = value
          square += value * value
        }
        return square
      }
      matrix.append(diagonal: alpha, off: square.squareRoot())
      let scale = 1 / square.squareRoot()
      try rows.forEachChunk { nodes, _, _ in for node in nodes { unsafe next.base[node] *= scale } }
      (before, vector, product) = (now, next, old)
      rows.context.progress?.advance(by: 1)
    }
    return LeadingEigenvaluesResult(
      values: try SharedArray(copying: matrix.values), steps: matrix.diagonal.count, isConverged: matrix.isConverged)
  }

  /// A random vector of length 1.
  private func start<ID>(_ rows: GraphRows<ID>, _ partial: FlatBuffer<Double>) throws(MillError) -> FlatBuffer<Double> {
    let vector = try FlatBuffer<Double>(uninitializedCount: rows.nodeCount)
    let stream = RandomStream(seed: options.seed, stage: "eigenvalues")
    let square = try rows.nodeSum(partial) { nodes in
      var square = 0.0
      for node in nodes {
        var random = stream.item(UInt64(node))
        let value = random.unit() + 0.5
        unsafe vector.base[node] = value
        square += value * value
      }
      return square
    }
    let scale = 1 / square.squareRoot()
    for node in 0..<rows.nodeCount { unsafe vector.base[node] *= scale }
    return vector
  }
}

/// The tridiagonal matrix of the steps so far, and what its eigenvalues tell.
private struct LanczosMatrix {
  private let options: LeadingEigenvaluesOptions
  private let nodeCount: Int
  private(set) var diagonal: [Double] = []
  private(set) var off: [Double] = []
  /// The values found so far, descending.
  private(set) var values: [Double] = []
  private(set) var isConverged = false
  private(set) var isDone = false

  init(nodeCount: Int, _ options: LeadingEigenvaluesOptions) {
    self.nodeCount = nodeCount
    self.options = options
  }

  mutating func append(diagonal alpha: Double, off beta: Double) {
    diagonal.append(alpha)
    off.append(beta)
    let steps = diagonal.count
    // The steps have used up all that the first vector reaches.
    let isExhausted = !(beta > 1e-12 * (diagonal.reduce(1e-300) { max($0, abs($1)) } + beta))
    guard isExhausted || steps == options.maximumSteps || steps % 20 == 0 && steps >= 2 * options.count else { return }
    look()
    isDone = isExhausted || isConverged || steps == options.maximumSteps
    if isExhausted { isConverged = true }
  }

  /// Looks for the largest values that are not made up.
  private mutating func look() {
    let found = SymmetricEigen.tridiagonalValues(diagonal: diagonal, off: Array(off.dropLast()))
    let steps = diagonal.count
    let largest = max(abs(found[0].value), abs(found[steps - 1].value))
    (values, isConverged) = ([], true)
    var high = steps - 1
    while high >= 0, values.count < options.count {
      let value = found[high].value
      var low = high
      while low > 0, value - found[low - 1].value <= 1e-9 * largest { low -= 1 }
      let copies = found[low...high]
      if copies.contains(where: { abs($0.first) > 1e-8 }) {
        values.append(value)
        let residual = off[steps - 1] * (copies.map { abs($0.last) }.min() ?? 0)
        if residual > options.tolerance * largest { isConverged = false }
      }
      high = low - 1
    }
    // With few nodes there may not be as many values; after three times as many steps none is missing.
    if values.count < options.count, steps < 3 * nodeCount { isConverged = false }
  }
}
