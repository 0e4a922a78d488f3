import Glibc

/// Eigenvalues and eigenvectors of small symmetric matrices, in a fixed order of operations.
///
/// Ours because the results decide partitions, and a BLAS may sum differently from one machine to the next.
enum SymmetricEigen {
  /// What a decomposition found.
  struct Decomposition {
    /// Ascending, shape `[n]`.
    var values: [Double]
    /// Row-major, shape `[n][n]`; column k belongs to value k and has unit length.
    var vectors: [Double]
  }

  /// Decomposes a symmetric matrix, row-major of shape `[n][n]`.
  ///
  /// - Complexity: O(n³).
  /// - Source: Householder reduction and implicit QL; Martin, Reinsch, Wilkinson, Numerische Mathematik 11, 1968.
  static func decompose(_ matrix: [Double], size n: Int) -> Decomposition {
    guard n > 0 else { return Decomposition(values: [], vectors: []) }
    var vectors = matrix
    var diagonal = [Double](repeating: 0, count: n)
    var off = [Double](repeating: 0, count: n)
    vectors.withUnsafeMutableBufferPointer { vectors in
      diagonal.withUnsafeMutableBufferPointer { diagonal in
        off.withUnsafeMutableBufferPointer { off in
          tridiagonalise(vectors.baseAddress!, diagonal.baseAddress!, off.baseAddress!, n)
          // Rotations combine columns: on the transposed matrix they are contiguous.
          transpose(vectors.baseAddress!, n)
          iterate(diagonal.baseAddress!, off.baseAddress!, vectors.baseAddress!, size: n, length: n)
          transpose(vectors.baseAddress!, n)
        }
      }
    }
    return sorted(diagonal, vectors, n)
  }

  /// Decomposes a symmetric tridiagonal matrix; `off[i]` stands between rows i and i + 1.
  static func decomposeTridiagonal(diagonal: [Double], off: [Double]) -> Decomposition {
    let n = diagonal.count
    guard n > 0 else { return Decomposition(values: [], vectors: []) }
    var diagonal = diagonal
    var shifted = [0.0] + off.prefix(n - 1)
    var vectors = [Double](repeating: 0, count: n * n)
    for i in 0..<n { vectors[i * n + i] = 1 }
    vectors.withUnsafeMutableBufferPointer { vectors in
      diagonal.withUnsafeMutableBufferPointer { diagonal in
        shifted.withUnsafeMutableBufferPointer { off in
          iterate(diagonal.baseAddress!, off.baseAddress!, vectors.baseAddress!, size: n, length: n)
          transpose(vectors.baseAddress!, n)
        }
      }
    }
    return sorted(diagonal, vectors, n)
  }

  private static func transpose(_ a: UnsafeMutablePointer<Double>, _ n: Int) {
    for i in 0..<n {
      for j in 0..<i { (a[i &* n &+ j], a[j &* n &+ i]) = (a[j &* n &+ i], a[i &* n &+ j]) }
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
  private static func tridiagonalise(
    _ a: UnsafeMutablePointer<Double>, _ d: UnsafeMutablePointer<Double>, _ e: UnsafeMutablePointer<Double>, _ n: Int
  ) {
    for i in stride(from: n - 1, to: 0, by: -1) {
      let row = a + i &* n
      var scale = 0.0
      for k in 0..<i { scale += abs(row[k]) }
      var h = 0.0
      if i == 1 || scale == 0 {
        e[i] = row[i - 1]
      } else {
        for k in 0..<i {
          row[k] /= scale
          h += row[k] * row[k]
        }
        let f = row[i - 1]
        let g = f > 0 ? -h.squareRoot() : h.squareRoot()
        e[i] = scale * g
        h -= f * g
        row[i - 1] = f - g
        var sum = 0.0
        for j in 0..<i { e[j] = 0 }
        // p = A u / h from the lower triangle, row by row.
        for j in 0..<i {
          let other = a + j &* n
          let u = row[j]
          var g = other[j] * u
          for k in 0..<j {
            g += other[k] * row[k]
            e[k] += other[k] * u
          }
          e[j] += g
        }
        for j in 0..<i {
          e[j] /= h
          sum += e[j] * row[j]
        }
        let half = sum / (h + h)
        for j in 0..<i { e[j] -= half * row[j] }
        for j in 0..<i {
          let other = a + j &* n
          let (u, q) = (row[j], e[j])
          for k in 0...j { other[k] -= u * e[k] + q * row[k] }
          // Column i keeps u / h for the second phase.
          other[i] = u / h
        }
      }
      d[i] = h
    }
    d[0] = 0
    e[0] = 0
    let projected = UnsafeMutablePointer<Double>.allocate(capacity: n)
    defer { projected.deallocate() }
    for i in 0..<n {
      let row = a + i &* n
      if d[i] != 0 {
        for j in 0..<i { projected[j] = 0 }
        for k in 0..<i {
          let other = a + k &* n
          let u = row[k]
          for j in 0..<i { projected[j] += u * other[j] }
        }
        for k in 0..<i {
          let other = a + k &* n
          let u = other[i]
          for j in 0..<i { other[j] -= projected[j] * u }
        }
      }
      d[i] = row[i]
      row[i] = 1
      for j in 0..<i {
        row[j] = 0
        a[j &* n &+ i] = 0
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
    for i in 1..<max(1, n) { e[i - 1] = e[i] }
    e[n - 1] = 0
    for l in 0..<n {
      for _ in 0..<60 {
        var m = l
        while m < n - 1 {
          let size = abs(d[m]) + abs(d[m + 1])
          if abs(e[m]) <= 0x1p-52 * size { break }
          m += 1
        }
        if m == l { break }
        var g = (d[l + 1] - d[l]) / (2 * e[l])
        var r = (g * g + 1).squareRoot()
        g = d[m] - d[l] + e[l] / (g + (g < 0 ? -r : r))
        var (s, c, p) = (1.0, 1.0, 0.0)
        var i = m - 1
        var broke = false
        while i >= l {
          let f = s * e[i]
          let b = c * e[i]
          r = (f * f + g * g).squareRoot()
          e[i + 1] = r
          if r == 0 {
            d[i + 1] -= p
            e[m] = 0
            broke = true
            break
          }
          s = f / r
          c = g / r
          g = d[i + 1] - p
          r = (d[i] - g) * s + 2 * c * b
          p = s * r
          d[i + 1] = g + p
          g = c * r - b
          let low = z + i &* length
          let high = low + length
          for k in 0..<length {
            let f = high[k]
            high[k] = s * low[k] + c * f
            low[k] = c * low[k] - s * f
          }
          i -= 1
        }
        if broke { continue }
        d[l] -= p
        e[l] = g
        e[m] = 0
      }
    }
  }
}
