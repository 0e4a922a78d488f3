import CMillKernels
import GraphStore
import MillRuntime

/// A sparse matrix of floats by rows.
@safe struct SparseMatrix: @unchecked Sendable {
  let rows: Int
  let columns: Int
  let offsets: FlatBuffer<UInt64>
  let indices: FlatBuffer<UInt32>
  /// The entries; nil where all are 1.
  var values: FlatBuffer<Float>?
  /// What each row is multiplied by; nil where all are 1.
  var factors: FlatBuffer<Float>?

  var entryCount: Int { indices.count }

  /// What the kernels take; valid while the matrix lives.
  ///
  /// - Parameter ahead: Entries whose row of the other factor is asked for early.
  func raw(ahead: Int = 0) -> mill_sparse {
    unsafe mill_sparse(
      offsets: offsets.base, columns: indices.base, values: values.map { unsafe UnsafePointer($0.base) },
      factors: factors.map { unsafe UnsafePointer($0.base) }, ahead: Int64(ahead))
  }

  /// The transposed matrix without the factors, its rows in ascending order of indices, and the place there of each entry.
  ///
  /// - Complexity: O(rows + columns + entries), one thread.
  func transposed() throws(MillError) -> (matrix: SparseMatrix, places: FlatBuffer<UInt32>) {
    let offsets = try FlatBuffer<UInt64>(count: columns + 1)
    let indices = try FlatBuffer<UInt32>(uninitializedCount: entryCount)
    let places = try FlatBuffer<UInt32>(uninitializedCount: entryCount)
    let values: FlatBuffer<Float>? =
      if self.values == nil { nil } else { try FlatBuffer<Float>(uninitializedCount: entryCount) }
    let next = try FlatBuffer<UInt64>(uninitializedCount: columns + 1)
    for entry in 0..<entryCount { unsafe offsets.base[Int(self.indices.base[entry]) + 1] += 1 }
    for column in 0..<columns { unsafe offsets.base[column + 1] += offsets.base[column] }
    unsafe next.base.update(from: offsets.base, count: columns + 1)
    for row in 0..<rows {
      for entry in unsafe Int(self.offsets.base[row])..<Int(self.offsets.base[row + 1]) {
        let column = unsafe Int(self.indices.base[entry])
        let place = unsafe Int(next.base[column])
        unsafe next.base[column] += 1
        unsafe indices.base[place] = UInt32(row)
        unsafe places.base[entry] = UInt32(place)
        if let values, let own = self.values { unsafe values.base[place] = own.base[entry] }
      }
    }
    return (
      SparseMatrix(rows: columns, columns: rows, offsets: offsets, indices: indices, values: values), places
    )
  }
}

/// The arcs of a graph as a matrix.
struct Adjacency: Sendable {
  /// The entries of the matrix.
  enum Entries {
    /// 1 for each arc, and 1 for each node where own arcs are there.
    case ones
    /// 1 / sqrt(d(u) d(v)), where d counts the arcs of a row, the own one included.
    case symmetric
    /// 1 / d(u).
    case mean
  }

  /// The matrix of an undirected graph without loops.
  ///
  /// - Parameter ownArcs: Whether each node has an arc to itself.
  static func matrix(
    of graph: CSRGraph, ownArcs: Bool, _ entries: Entries, context: RunContext
  ) throws(MillError) -> SparseMatrix {
    try graph.withRows(context: context, Builder(ownArcs: ownArcs, entries: entries))
  }

  /// 1 / sqrt(d) of each row of a matrix without values, where d counts its entries: S = roots .* ones .* roots.
  static func inverseRoots(of ones: SparseMatrix) throws(MillError) -> FlatBuffer<Float> {
    let roots = try FlatBuffer<Float>(uninitializedCount: ones.rows)
    for row in 0..<ones.rows {
      let degree = unsafe Double(ones.offsets.base[row + 1] - ones.offsets.base[row])
      unsafe roots.base[row] = degree > 0 ? Float(1 / degree.squareRoot()) : 0
    }
    return roots
  }

  private struct Builder: RowsVisitor {
    let ownArcs: Bool
    let entries: Entries

    func visit<ID>(_ graph: GraphRows<ID>) throws(MillError) -> SparseMatrix {
      let n = graph.nodeCount
      let count = graph.arcCount + (ownArcs ? n : 0)
      let offsets = try FlatBuffer<UInt64>(count: n + 1)
      let indices = try FlatBuffer<UInt32>(uninitializedCount: count)
      var place = 0
      for node in 0..<n {
        var needsOwn = ownArcs
        for arc in graph.arcs(node) {
          let other = graph.target(arc)
          if needsOwn, other > node {
            unsafe indices.base[place] = UInt32(node)
            place += 1
            needsOwn = false
          }
          unsafe indices.base[place] = UInt32(truncatingIfNeeded: other)
          place += 1
        }
        if needsOwn {
          unsafe indices.base[place] = UInt32(node)
          place += 1
        }
        unsafe offsets.base[node + 1] = UInt64(place)
      }
      var matrix = SparseMatrix(rows: n, columns: n, offsets: offsets, indices: indices)
      if entries != .ones { matrix.values = try values(matrix) }
      return matrix
    }

    private func values(_ matrix: SparseMatrix) throws(MillError) -> FlatBuffer<Float> {
      let values = try FlatBuffer<Float>(uninitializedCount: matrix.entryCount)
      func degree(_ node: Int) -> Double {
        unsafe Double(matrix.offsets.base[node + 1] - matrix.offsets.base[node])
      }
      for node in 0..<matrix.rows {
        for entry in unsafe Int(matrix.offsets.base[node])..<Int(matrix.offsets.base[node + 1]) {
          let other = unsafe Int(matrix.indices.base[entry])
          unsafe values.base[entry] = Float(
            entries == .mean ? 1 / degree(node) : 1 / (degree(node) * degree(other)).squareRoot())
        }
      }
      return values
    }
  }
}
