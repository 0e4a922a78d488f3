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
    let reader = reader([ColumnForm](repeating: ColumnForm(.int64), count: 4))
    var last: (Int64, Int64, Int64)?
    var (count, rank, scale) = (0, 0, 0.0)
    try writeFrames([ColumnForm(.int64), ColumnForm(.int64), ColumnForm(.float64)]) { writer in
      while try reader.next() {
        let (nodes, orders) = unsafe (reader.values(0, as: Int64.self), reader.values(1, as: Int64.self))
        let (others, degrees) = unsafe (reader.values(2, as: Int64.self), reader.values(3, as: Int64.self))
        for row in 0..<reader.rows {
          let key = unsafe (nodes[row], orders[row], others[row])
          guard last.map({ $0 < key }) ?? true, unsafe degrees[row] > 0 else {
            throw refuseUnsorted(reader, row: row, key.0, key.1, key.2)
          }
          if last?.0 != key.0 { (count, scale) = unsafe (0, log(Double(degrees[row]))) }
          count += 1
          // Equal degrees share the rank of the first.
          if count == 1 || last?.1 != key.1 { rank = count }
          last = key
          writer.set(0, key.0)
          writer.set(1, key.2)
          writer.set(2, LocalDegreeTerms.score(rank: rank, logarithm: log(Double(rank)), scale: scale))
          try writer.endRow()
        }
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
