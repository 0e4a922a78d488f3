import Glibc

/// Eigenvalues and eigenvectors of small symmetric matrices, in a fixed order of operations.
///
/// Ours because the results decide partitions, and a BLAS may sum differently from one machine to the next.
package enum SymmetricEigen {
  /// What a decomposition found.
  package struct Decomposition {
    /// Ascending, shape `[n]`.
    package var values: [Double]
    /// Row-major, shape `[n][n]`; column k belongs to value k and has unit length.
    package var vectors: [Double]

    package init(values: [Double], vectors: [Double]) {
      self.values = values
      self.vectors = vectors
    }
  }

  /// Decomposes a symmetric matrix, row-major of shape `[n][n]`.
  ///
  /// - Complexity: O(n³).
  /// - Source: Householder reduction and implicit QL; Martin, Reinsch, Wilkinson, Numerische Mathematik 11, 1968.
  package static func decompose(_ matrix: [Double], size n: Int) -> Decomposition {
    guard n > 0 else { return Decomposition(values: [], vectors: []) }
    var vectors = matrix
    var diagonal = [Double](repeating: 0, count: n)
    var off = [Double](repeating: 0, count: n)
    unsafe vectors.withUnsafeMutableBufferPointer { vectors in
      unsafe diagonal.withUnsafeMutableBufferPointer { diagonal in
        unsafe off.withUnsafeMutableBufferPointer { off in
          unsafe tridiagonalize(vectors.baseAddress!, diagonal.baseAddress!, off.baseAddress!, n)
          // Rotations combine columns: on the transposed matrix they are contiguous.
          unsafe transpose(vectors.baseAddress!, n)
          unsafe iterate(diagonal.baseAddress!, off.baseAddress!, vectors.baseAddress!, size: n, length: n)
          unsafe transpose(vectors.baseAddress!, n)
        }
      }
    }
    return sorted(diagonal, vectors, n)
  }

  /// Decomposes a symmetric tridiagonal matrix; `off[i]` stands between rows i and i + 1.
  package static func decomposeTridiagonal(diagonal: [Double], off: [Double]) -> Decomposition {
    let n = diagonal.count
    guard n > 0 else { return Decomposition(values: [], vectors: []) }
    var diagonal = diagonal
    var shifted = [0.0] + off.prefix(n - 1)
    var vectors = [Double](repeating: 0, count: n * n)
    for i in 0..<n { vectors[i * n + i] = 1 }
    unsafe vectors.withUnsafeMutableBufferPointer { vectors in
      unsafe diagonal.withUnsafeMutableBufferPointer { diagonal in
        unsafe shifted.withUnsafeMutableBufferPointer { off in
          unsafe iterate(diagonal.baseAddress!, off.baseAddress!, vectors.baseAddress!, size: n, length: n)
          unsafe transpose(vectors.baseAddress!, n)
        }
      }
    }
    return sorted(diagonal, vectors, n)
  }

  /// An eigenvalue of a tridiagonal matrix, with the ends of its vector, which has length 1.
  package struct Ends {
    package let value: Double
    package let first: Double
    package let last: Double
  }

  /// The eigenvalues of a symmetric tridiagonal matrix, ascending; `off[i]` stands between rows i and i + 1.
  ///
  /// - Complexity: O(n²).
  package static func tridiagonalValues(diagonal: [Double], off: [Double]) -> [Ends] {
    let n = diagonal.count
    guard n > 0 else { return [] }
    var diagonal = diagonal
    var shifted = [0.0] + off.prefix(n - 1)
    // The first and the last row of the vectors.
    var rows = [Double](repeating: 0, count: 2 * n)
    rows[0] = 1
    rows[2 * n - 1] = 1
    unsafe rows.withUnsafeMutableBufferPointer { rows in
      unsafe diagonal.withUnsafeMutableBufferPointer { diagonal in
        unsafe shifted.withUnsafeMutableBufferPointer { off in
          unsafe iterate(diagonal.baseAddress!, off.baseAddress!, rows.baseAddress!, size: n, length: 2)
        }
      }
    }
    return (0..<n).sorted { (diagonal[$0], $0) < (diagonal[$1], $1) }
      .map { Ends(value: diagonal[$0], first: rows[2 * $0], last: rows[2 * $0 + 1]) }
  }

  private static func transpose(_ a: UnsafeMutablePointer<Double>, _ n: Int) {
    for i in 0..<n {
      for j in 0..<i { unsafe (a[i &* n &+ j], a[j &* n &+ i]) = unsafe (a[j &* n &+ i], a[i &* n &+ j]) }
    }
  }

  private static func sorted(_ values: [Double], _ vectors: [Double], _ n: Int) -> Decomposition {
    let order = (0..<n).sorted { (values[$0], $0) < (values[$1], $1) }
    var result = Decomposition(values: order.map { values[$0] }, vectors: vectors)
    for (k, old) in order.enumerated() where k != old {
      for i in 0..<n { result.vectors[i * n + k] = vectors[i * n + old] }
    }
    return result
  }

  /// Householder reflections from the last row up; `a` becomes the orthogonal matrix, row i of it the reflected basis.
  private static func tridiagonalize(
    _ a: UnsafeMutablePointer<Double>, _ d: UnsafeMutablePointer<Double>, _ e: UnsafeMutablePointer<Double>, _ n: Int
  ) {
    for i in stride(from: n - 1, to: 0, by: -1) {
      let row = unsafe a + i &* n
      var scale = 0.0
      for k in 0..<i { unsafe scale += abs(row[k]) }
      var h = 0.0
      if i == 1 || scale == 0 {
        unsafe e[i] = row[i - 1]
      } else {
        for k in 0..<i {
          unsafe row[k] /= scale
          unsafe h += row[k] * row[k]
        }
        let f = unsafe row[i - 1]
        let g = f > 0 ? -h.squareRoot() : h.squareRoot()
        unsafe e[i] = scale * g
        h -= f * g
        unsafe row[i - 1] = f - g
        var sum = 0.0
        for j in 0..<i { unsafe e[j] = 0 }
        // p = A u / h from the lower triangle, row by row.
        for j in 0..<i {
          let other = unsafe a + j &* n
          let u = unsafe row[j]
          var g = unsafe other[j] * u
          for k in 0..<j {
            unsafe g += other[k] * row[k]
            unsafe e[k] += other[k] * u
          }
          unsafe e[j] += g
        }
        for j in 0..<i {
          unsafe e[j] /= h
          unsafe sum += e[j] * row[j]
        }
        let half = sum / (h + h)
        for j in 0..<i { unsafe e[j] -= half * row[j] }
        for j in 0..<i {
          let other = unsafe a + j &* n
          let (u, q) = unsafe (row[j], e[j])
          for k in 0...j { unsafe other[k] -= u * e[k] + q * row[k] }
          // Column i keeps u / h for the second phase.
          unsafe other[i] = u / h
        }
      }
      unsafe d[i] = h
    }
    unsafe d[0] = 0
    unsafe e[0] = 0
    let projected = UnsafeMutablePointer<Double>.allocate(capacity: n)
    defer { unsafe projected.deallocate() }
    for i in 0..<n {
      let row = unsafe a + i &* n
      if unsafe d[i] != 0 {
        for j in 0..<i { unsafe projected[j] = 0 }
        for k in 0..<i {
          let other = unsafe a + k &* n
          let u = unsafe row[k]
          for j in 0..<i { unsafe projected[j] += u * other[j] }
        }
        for k in 0..<i {
          let other = unsafe a + k &* n
          let u = unsafe other[i]
          for j in 0..<i { unsafe other[j] -= projected[j] * u }
        }
      }
      unsafe d[i] = row[i]
      unsafe row[i] = 1
      for j in 0..<i {
        unsafe row[j] = 0
        unsafe a[j &* n &+ i] = 0
      }
    }
  }

  /// Implicit QL; row k of `z` becomes the vector of value k. At most 60 rounds a value, which never runs out in
  /// practice; then the value stands as it is.
  private static func iterate(
    _ d: UnsafeMutablePointer<Double>, _ e: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>,
    size n: Int,
    length: Int
  ) {
    for i in 1..<max(1, n) { unsafe e[i - 1] = unsafe e[i] }
    unsafe e[n - 1] = 0
    for l in 0..<n {
      for _ in 0..<60 {
        var m = l
        while m < n - 1 {
          let size = unsafe abs(d[m]) + abs(d[m + 1])
          if unsafe abs(e[m]) <= 0x1p-52 * size { break }
          m += 1
        }
        if m == l { break }
        var g = unsafe (d[l + 1] - d[l]) / (2 * e[l])
        var r = (g * g + 1).squareRoot()
        g = unsafe d[m] - d[l] + e[l] / (g + (g < 0 ? -r : r))
        var (s, c, p) = (1.0, 1.0, 0.0)
        var i = m - 1
        var broke = false
        while i >= l {
          let f = unsafe s * e[i]
          let b = unsafe c * e[i]
          r = (f * f + g * g).squareRoot()
          unsafe e[i + 1] = r
          if r == 0 {
            unsafe d[i + 1] -= p
            unsafe e[m] = 0
            broke = true
            break
          }
          s = f / r
          c = g / r
          g = unsafe d[i + 1] - p
          r = unsafe (d[i] - g) * s + 2 * c * b
          p = s * r
          unsafe d[i + 1] = g + p
          g = c * r - b
          let low = unsafe z + i &* length
          let high = unsafe low + length
          for k in 0..<length {
            let f = unsafe high[k]
            unsafe high[k] = s * low[k] + c * f
            unsafe low[k] = c * low[k] - s * f
          }
          i -= 1
        }
        if broke { continue }
        unsafe d[l] -= p
        unsafe e[l] = g
        unsafe e[m] = 0
      }
    }
  }
}
