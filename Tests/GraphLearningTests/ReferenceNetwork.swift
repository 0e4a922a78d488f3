import Foundation
import GraphStore
import MillRuntime

@testable import GraphLearning

/// A matrix of doubles, the slow and obvious way.
struct Table {
  var rows: Int
  var columns: Int
  var numbers: [Double]

  init(_ rows: Int, _ columns: Int, _ value: (Int, Int) -> Double = { _, _ in 0 }) {
    self.rows = rows
    self.columns = columns
    numbers = (0..<rows * columns).map { value($0 / columns, $0 % columns) }
  }

  subscript(_ row: Int, _ column: Int) -> Double {
    get { numbers[row * columns + column] }
    set { numbers[row * columns + column] = newValue }
  }

  static func * (a: Table, b: Table) -> Table {
    Table(a.rows, b.columns) { i, j in (0..<a.columns).reduce(0) { $0 + a[i, $1] * b[$1, j] } }
  }

  static func + (a: Table, b: Table) -> Table { Table(a.rows, a.columns) { a[$0, $1] + b[$0, $1] } }
  static func * (a: Double, b: Table) -> Table { Table(b.rows, b.columns) { a * b[$0, $1] } }

  /// Entry by entry.
  func times(_ other: Table) -> Table { Table(rows, columns) { self[$0, $1] * other[$0, $1] } }
  func map(_ body: (Double) -> Double) -> Table { Table(rows, columns) { body(self[$0, $1]) } }
}

/// Networks in doubles by the definition of their outputs, and the loss; independent of the library but for dropout's
/// bits.
struct ReferenceNetwork {
  let data: AttributedGraph
  let features: Table
  let arcs: Table

  init(_ data: AttributedGraph) {
    self.data = data
    let n = data.nodeCount
    var x = Table(n, data.features.columnCount)
    switch data.features.storage {
    case .dense(let numbers): x.numbers = numbers.map(Double.init)
    case .sparse(let offsets, let columns, let values):
      for row in 0..<n {
        for entry in Int(offsets[row])..<Int(offsets[row + 1]) {
          x[row, Int(columns[entry])] = Double(values?[entry] ?? 1)
        }
      }
    }
    for row in 0..<n {
      let sum = (0..<x.columns).reduce(0) { $0 + x[row, $1] }
      if sum > 0 { for column in 0..<x.columns { x[row, column] /= sum } }
    }
    features = x
    var arcs = Table(n, n)
    for (u, v) in data.graph.edges { (arcs[u, v], arcs[v, u]) = (1, 1) }
    self.arcs = arcs
  }

  var withOwnArcs: Table { Table(arcs.rows, arcs.rows) { arcs[$0, $1] + ($0 == $1 ? 1 : 0) } }

  /// D^(-1/2) (A + I) D^(-1/2).
  var normalized: Table {
    let own = withOwnArcs
    let degrees = (0..<own.rows).map { row in (0..<own.rows).reduce(0) { $0 + own[row, $1] } }
    return Table(own.rows, own.rows) { own[$0, $1] / (degrees[$0] * degrees[$1]).squareRoot() }
  }

  func gcn(_ w: [Table], mask: Table) -> Table {
    let s = normalized
    return s * ((s * (features * w[0])).map { max($0, 0) }.times(mask) * w[1])
  }

  func gin(_ w: [Table]) -> Table {
    let (e1, e2) = (w[3][0, 0], w[3][0, 1])
    let z1 = features * w[0]
    let r1 = (arcs * z1 + (1 + e1) * z1).map { max($0, 0) }
    let z2 = r1 * w[1]
    let r2 = (arcs * z2 + (1 + e2) * z2).map { max($0, 0) }
    return 0.5 * (r1 * w[2] + r2)
  }

  func sage(_ w: [Table], mask: Table) -> Table {
    let means = Table(arcs.rows, arcs.rows) { row, column in
      arcs[row, column] / max(1, (0..<arcs.rows).reduce(0) { $0 + arcs[row, $1] })
    }
    let h = (means * (features * w[0]) + features * w[1]).map { max($0, 0) }.times(mask)
    return means * (h * w[2]) + h * w[3]
  }

  /// What dropout multiplies the parts of GAT by.
  struct GATMasks {
    let features: Table
    let hidden: Table
    /// By head, arc i <- j at (i, j).
    let attention: [Table]
  }

  func gat(_ w: [Table], heads: Int, masks: GATMasks) -> Table {
    func attention(_ z: Table, _ to: Table, _ from: Table, _ masks: [Table]) -> Table {
      let own = withOwnArcs
      let width = z.columns / masks.count
      var out = Table(z.rows, z.columns)
      for (head, mask) in masks.enumerated() {
        func score(_ i: Int, _ vector: Table) -> Double {
          (0..<width).reduce(0) { $0 + z[i, head * width + $1] * vector[0, head * width + $1] }
        }
        for i in 0..<z.rows {
          let others = (0..<z.rows).filter { own[i, $0] == 1 }
          let shares = others.map { j in
            let u = score(i, to) + score(j, from)
            return exp(u > 0 ? u : 0.2 * u)
          }
          let sum = shares.reduce(0, +)
          for (j, share) in zip(others, shares) {
            for k in head * width..<(head + 1) * width { out[i, k] += share / sum * mask[i, j] * z[j, k] }
          }
        }
      }
      return out
    }
    let inner = attention(features.times(masks.features) * w[0], w[1], w[2], masks.attention)
    let h = inner.map { $0 > 0 ? $0 : exp($0) - 1 }.times(masks.hidden)
    return attention(h * w[3], w[4], w[5], [Table(arcs.rows, arcs.rows) { _, _ in 1 }])
  }

  func softmax(_ o: Table) -> Table {
    var p = o.map { exp($0) }
    for row in 0..<o.rows {
      let sum = (0..<o.columns).reduce(0) { $0 + p[row, $1] }
      for column in 0..<o.columns { p[row, column] /= sum }
    }
    return p
  }

  func loss(_ outputs: Table, teacher: SharedArray<Float>?, lambda: Double) -> Double {
    let p = softmax(outputs)
    let train = data.split.train
    var value = 0.0
    for node in train { value -= log(p[Int(node), Int(data.labels[Int(node)])]) / Double(train.count) }
    if let teacher {
      let t = softmax(Table(p.rows, p.columns) { Double(teacher[$0 * p.columns + $1]) })
      for row in 0..<p.rows {
        for k in 0..<p.columns { value += lambda / Double(p.rows) * t[row, k] * log(t[row, k] / p[row, k]) }
      }
    }
    return value
  }
}

extension ParameterLayout {
  /// The matrices of stored parameters.
  func tables(_ stored: FlatBuffer<Float>) -> [Table] {
    blocks.map { block in
      Table(block.rows.count, block.columns.count) { Double(stored.base[block.place($0, $1)]) }
    }
  }
}

extension Dropout {
  /// What bit `place` multiplies a number by.
  func factor(_ place: Int) -> Double {
    bits.base[place >> 6] >> UInt64(place & 63) & 1 == 1 ? Double(scale) : 0
  }

  /// What the bits multiply a matrix in panels by.
  func mask(rows: Int, _ panels: ColumnPanels) -> Table {
    Table(rows, panels.columns) { row, column in
      factor((column / panels.width * rows + row) * panels.width + column % panels.width)
    }
  }
}

/// The largest difference between the network's gradients and central differences of a loss in doubles, over the
/// largest gradient: of every parameter of a network of up to 200, else of every ninth.
func gradientError(_ network: any GraphNetwork, loss: ([Table]) -> Double) -> Double {
  gradientError(of: network.parameters, loss: loss)
}

/// The same for some parameters.
func gradientError(of parameters: Parameters, loss: ([Table]) -> Double) -> Double {
  let layout = parameters.layout
  let found = layout.tables(parameters.gradients)
  var tables = layout.tables(parameters.values)
  var difference = 0.0
  var largest = 0.0
  for matrix in tables.indices {
    for place in stride(from: 0, to: tables[matrix].numbers.count, by: layout.count > 200 ? 9 : 1) {
      let value = tables[matrix].numbers[place]
      let step = 1e-6
      tables[matrix].numbers[place] = value + step
      let above = loss(tables)
      tables[matrix].numbers[place] = value - step
      let below = loss(tables)
      tables[matrix].numbers[place] = value
      let right = (above - below) / (2 * step)
      difference = max(difference, abs(right - found[matrix].numbers[place]))
      largest = max(largest, abs(right))
    }
  }
  return difference / largest
}
