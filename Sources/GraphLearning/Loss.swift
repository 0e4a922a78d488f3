import MillRuntime

/// Cross entropy on the training nodes, and lambda times the mean distance KL(teacher || student) over all nodes.
@safe struct Loss: @unchecked Sendable {
  private let math: MatrixMath
  private let classes: Int
  private let trainRows: [Int]
  private let lambda: Double
  /// The class of each training node, -1 for the others.
  private let labels: FlatBuffer<Int32>
  private let shares: DenseMatrix
  private let largest: FlatBuffer<Float>
  private let sums: FlatBuffer<Float>
  private var teacher: Teacher?
  /// The derivative by the outputs, from the last ``measure(_:)``.
  let gradient: DenseMatrix

  /// Soft labels: shares of the classes, and the sum of share · output minus its row's logarithm, a number a row.
  private struct Teacher {
    let shares: DenseMatrix
    let outputs: DenseMatrix
    let logs: [Double]
  }

  /// The loss on all nodes.
  ///
  /// - Parameter teacher: Outputs of shape `[n, classes]`; nil for none.
  init(
    _ data: AttributedGraph, teacher: SharedArray<Float>?, lambda: Double, _ math: MatrixMath
  ) throws(MillError) {
    var labels = [Int32](repeating: -1, count: data.nodeCount)
    for node in data.split.train { labels[Int(node)] = data.labels[Int(node)] }
    try self.init(labels: labels, classCount: data.classCount, teacher: teacher, lambda: lambda, math)
  }

  /// The loss on some rows.
  ///
  /// - Parameters:
  ///   - labels: The class of each row that is learnt from, -1 for the others.
  ///   - teacher: Outputs of shape `[rows, classes]`; nil for none.
  init(
    labels: [Int32], classCount: Int, teacher: SharedArray<Float>?, lambda: Double, _ math: MatrixMath
  ) throws(MillError) {
    let n = labels.count
    let panels = ColumnPanels(whole: classCount)
    self.math = math
    self.lambda = lambda
    classes = classCount
    trainRows = labels.indices.filter { labels[$0] >= 0 }
    self.labels = try FlatBuffer<Int32>(uninitializedCount: n)
    for (row, label) in labels.enumerated() { unsafe self.labels.base[row] = label }
    shares = try DenseMatrix(rows: n, panels)
    largest = try FlatBuffer<Float>(uninitializedCount: n)
    sums = try FlatBuffer<Float>(uninitializedCount: n)
    gradient = try DenseMatrix(rows: n, panels)
    guard let teacher, lambda > 0 else { return }
    let outputs = try DenseMatrix(rows: n, panels)
    for row in 0..<n {
      for k in 0..<classes { unsafe outputs.row(row)[k] = teacher[row * classes + k] }
    }
    let soft = try DenseMatrix(rows: n, panels)
    softmax(outputs, into: soft)
    self.teacher = Teacher(shares: soft, outputs: outputs, logs: (0..<n).map { logarithm(of: $0) })
  }

  private func softmax(_ outputs: DenseMatrix, into shares: DenseMatrix) {
    math.forEachChunk(outputs.rows) { rows in
      let at = rows.lowerBound
      unsafe math.kernels.softmax(
        outputs.row(at), Int64(rows.count), Int64(classes), Int64(outputs.width), shares.row(at), largest.base + at,
        sums.base + at)
    }
  }

  /// ln of the sum of exp(output) over a row of the last softmax.
  private func logarithm(of row: Int) -> Double {
    unsafe Double(largest.base[row]) + Logarithm.natural(Double(sums.base[row]))
  }

  /// The loss of some outputs; leaves its derivative in ``gradient``.
  func measure(_ outputs: DenseMatrix) -> Double {
    softmax(outputs, into: shares)
    let hard = 1 / Double(max(1, trainRows.count))
    let soft = lambda / Double(max(1, outputs.rows))
    math.forEachChunk(outputs.rows) { rows in
      let at = rows.lowerBound
      unsafe math.kernels.loss_gradient(
        shares.row(at), teacher.map { unsafe UnsafePointer($0.shares.row(at)) }, labels.base + at, Int64(rows.count),
        Int64(outputs.width), Float(soft), Float(hard), gradient.row(at))
    }
    var entropy = 0.0
    for node in trainRows {
      unsafe entropy += logarithm(of: node) - Double(outputs.row(node)[Int(labels.base[node])])
    }
    guard let teacher else { return entropy * hard }
    var distance = 0.0
    for row in 0..<outputs.rows {
      let (own, other) = (logarithm(of: row), teacher.logs[row])
      let (p, t, share) = unsafe (outputs.row(row), teacher.outputs.row(row), teacher.shares.row(row))
      for k in 0..<classes {
        unsafe distance += Double(share[k]) * ((Double(t[k]) - other) - (Double(p[k]) - own))
      }
    }
    return entropy * hard + distance * soft
  }
}

/// The share of some nodes whose largest output is that of their class; NaN for no nodes. Of equal outputs the first
/// counts.
func accuracy(_ outputs: DenseMatrix, _ data: AttributedGraph, on nodes: SharedArray<UInt32>) -> Double {
  var right = 0
  for node in nodes {
    if unsafe largestClass(outputs.row(Int(node)), data.classCount) == Int(data.labels[Int(node)]) { right += 1 }
  }
  return Double(right) / Double(nodes.count)
}

/// The place of the largest of `count` numbers, the first of equals.
func largestClass(_ row: UnsafePointer<Float>, _ count: Int) -> Int {
  var best = 0
  for k in 1..<count where unsafe row[k] > row[best] { best = k }
  return best
}
