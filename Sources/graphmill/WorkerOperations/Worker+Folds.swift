import EdgeSparsification
import Glibc
import MillRuntime
import WorkerProtocol

// Sums over the neighbors of nodes: rows (node, neighbor, figure of the neighbor) ascend by node and neighbor, and are
// added from left to right, as the local loops do it.
extension Worker {
  /// The degree and the TEDDY score of every node, from the degrees of its neighbors.
  func teddyNodes() throws -> [String: JSONValue] {
    try foldNeighbors(as: Int64.self) { degree throws(MillError) in
      guard degree > 0 else {
        throw MillError(
          MillError.Kind("bad-degree", .badData), "a neighbor has no degree", file: "standard input", field: "\(degree)"
        )
      }
      return TeddyTerms.root(ofDegree: Int(degree))
    } result: {
      TeddyTerms.score(rootSum: $0, degree: $1)
    }
  }

  /// The number and the sum of the figures of every node's neighbors.
  func fold() throws -> [String: JSONValue] {
    try foldNeighbors(as: Double.self) { figure throws(MillError) in
      figure
    } result: { sum, _ in
      sum
    }
  }

  /// The local degree value of every neighbor in the list of its node: rows (node, neighbor, value) for rows (node, negative
  /// degree of the neighbor, neighbor, degree of the node) that ascend by the first three.
  func localDegree() throws -> [String: JSONValue] {
    let reader = reader(Self.integers(4))
    var last: (Int64, Int64, Int64)?
    var (count, rank, scale) = (0, 0, 0.0)
    try writeFrames([ColumnForm(.int64), ColumnForm(.int64), ColumnForm(.float64)]) { writer in
      try forEachRow(reader, columns: 4) { row, numbers in
        let (node, order, other, degree) = (numbers[0], numbers[1], numbers[2], numbers[3])
        guard degree > 0 else { throw refuseUnsorted(reader, row: row, node, order, other) }
        let before = last
        try checkOrder(reader, row, &last, numbers)
        if before?.0 != node { (count, scale) = (0, log(Double(degree))) }
        count += 1
        // Equal degrees share the rank of the first.
        if count == 1 || before?.1 != order { rank = count }
        writer.set(0, node)
        writer.set(1, other)
        writer.set(2, LocalDegreeTerms.score(rank: rank, logarithm: log(Double(rank)), scale: scale))
        try writer.endRow()
      }
    }
    return ["rows": JSONValue(reader.totalRows)]
  }

  /// Adds up a term a neighbor and writes node, neighbors, and what becomes of the sum.
  private func foldNeighbors<Figure: ColumnElement>(
    as type: Figure.Type, term: (Figure) throws(MillError) -> Double, result: (_ sum: Double, _ count: Int) -> Double
  ) throws -> [String: JSONValue] {
    let reader = reader([ColumnForm(.int64), ColumnForm(.int64), ColumnForm(Figure.columnType)])
    var (node, neighbor) = (Int64.min, Int64.min)
    var (sum, count, nodes) = (0.0, 0, 0)
    try writeFrames([ColumnForm(.int64), ColumnForm(.int64), ColumnForm(.float64)]) { writer in
      func end() throws {
        guard count > 0 else { return }
        writer.set(0, node)
        writer.set(1, Int64(count))
        writer.set(2, result(sum, count))
        try writer.endRow()
        (sum, count, nodes) = (0, 0, nodes + 1)
      }
      while try reader.next() {
        let own = unsafe reader.values(0, as: Int64.self)
        let others = unsafe reader.values(1, as: Int64.self)
        let figures = unsafe reader.values(2, as: Figure.self)
        for row in 0..<reader.rows {
          let (next, other) = unsafe (own[row], others[row])
          guard count == 0 || (node, neighbor) < (next, other) else {
            throw refuseUnsorted(reader, row: row, next, other)
          }
          if next != node { try end() }
          (node, neighbor) = (next, other)
          sum += try term(unsafe figures[row])
          count += 1
        }
      }
      try end()
    }
    return ["rows": JSONValue(reader.totalRows), "nodes": .integer(nodes)]
  }
}
