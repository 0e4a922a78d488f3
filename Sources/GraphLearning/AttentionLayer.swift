import CMillKernels
import MillRuntime

/// The arcs that attention runs over: each node's neighbors and the node itself.
@safe struct AttentionArcs: @unchecked Sendable {
  let matrix: SparseMatrix
  /// The place of the arc the other way.
  let reverse: FlatBuffer<UInt32>

  init(_ matrix: SparseMatrix) throws(MillError) {
    self.matrix = matrix
    reverse = try matrix.transposed().places
  }
}

/// One layer of attention from projected features Z: u(i<-j) = <Z_i, to> + <Z_j, from>, alpha = softmax over j of
/// leakyrelu(u), out_i = sum of alpha Z_j, each head by itself.
///
/// - Source: Veličković et al., ICLR 2018, equations 1 to 6; the derivatives by hand.
@safe final class AttentionLayer: @unchecked Sendable {
  let z: DenseMatrix
  /// Shares before dropout, a row an arc.
  let alpha: FlatBuffer<Float>
  let dropout: Dropout?
  private let math: MatrixMath
  private let arcs: AttentionArcs
  private let raw: mill_attention
  private let slopes: FlatBuffer<Float>
  /// Shares after dropout, and in the backward pass their derivatives.
  private let beta: FlatBuffer<Float>
  private let work: FlatBuffer<Float>
  private let to: FlatBuffer<Float>
  private let from: FlatBuffer<Float>
  private let back: DenseMatrix
  private var isDropped = false

  /// - Parameters:
  ///   - heads: Heads, each of `width` stored columns.
  ///   - dropout: The chance that an arc of a head is left out of the sum in training.
  init(
    _ arcs: AttentionArcs, heads: Int, width: Int, dropout rate: Double, seed: UInt64, _ math: MatrixMath
  ) throws(MillError) {
    let n = arcs.matrix.rows
    let lanes = (heads + 7) / 8 * 8
    let count = arcs.matrix.entryCount
    self.arcs = arcs
    self.math = math
    unsafe raw = unsafe mill_attention(
      offsets: arcs.matrix.offsets.base, columns: arcs.matrix.indices.base, reverse: arcs.reverse.base,
      heads: Int64(heads), lanes: Int64(lanes), width: Int64(width), slope: 0.2)
    z = try DenseMatrix(rows: n, ColumnPanels(whole: heads * width))
    back = try DenseMatrix(rows: n, ColumnPanels(whole: heads * width))
    alpha = try FlatBuffer<Float>(count: count * lanes)
    beta = try FlatBuffer<Float>(count: count * lanes)
    slopes = try FlatBuffer<Float>(count: count * lanes)
    work = try FlatBuffer<Float>(count: count * lanes)
    to = try FlatBuffer<Float>(count: n * lanes)
    from = try FlatBuffer<Float>(count: n * lanes)
    dropout = try Dropout(rate: rate, count: count * lanes, seed: seed, layer: "gat.attention")
  }

  private func run(
    _ body: (_ raw: UnsafePointer<mill_attention>, _ low: Int64, _ high: Int64) -> Void
  ) {
    math.forEachChunk(arcs.matrix.rows) { rows in
      unsafe withUnsafePointer(to: raw) { raw in
        unsafe body(raw, Int64(rows.lowerBound), Int64(rows.upperBound))
      }
    }
  }

  /// outputs = the layer's sums of what stands in ``z``; `step` nil for no dropout.
  func forward(
    to toVector: UnsafePointer<Float>, from fromVector: UnsafePointer<Float>, step: Int?, into outputs: DenseMatrix
  ) {
    let kernels = math.kernels
    unsafe run { raw, low, high in
      unsafe kernels.head_scores(raw, low, high, z.base, toVector, to.base)
      unsafe kernels.head_scores(raw, low, high, z.base, fromVector, from.base)
    }
    unsafe run { raw, low, high in
      unsafe kernels.attend(raw, low, high, to.base, from.base, alpha.base, slopes.base)
    }
    isDropped = false
    if let step, let dropout {
      isDropped = true
      dropout.draw(step: step, math)
      math.copy(alpha, to: beta)
      math.drop(beta, dropout)
    }
    let shares = isDropped ? beta : alpha
    unsafe run { raw, low, high in
      unsafe kernels.attended_sum(raw, low, high, shares.base, z.base, outputs.base, 0, 0)
    }
  }

  /// The derivative by ``z`` from that by the outputs, and those by the two vectors.
  func backward(
    _ gradient: DenseMatrix, to toVector: UnsafePointer<Float>, from fromVector: UnsafePointer<Float>,
    toGradient: UnsafeMutablePointer<Float>, fromGradient: UnsafeMutablePointer<Float>
  ) throws(MillError) -> DenseMatrix {
    let kernels = math.kernels
    let kept = unsafe isDropped ? dropout.map { unsafe UnsafeRawPointer($0.bits.base) } : nil
    let bits = unsafe kept.map { unsafe $0.assumingMemoryBound(to: UInt8.self) }
    let scale = isDropped ? dropout?.scale ?? 1 : 1
    let shares = isDropped ? beta : alpha
    unsafe run { raw, low, high in
      unsafe kernels.attend_gradient(
        raw, low, high, gradient.base, z.base, alpha.base, slopes.base, bits, scale, work.base, to.base)
    }
    unsafe run { raw, low, high in
      unsafe kernels.gather_reversed(raw, low, high, work.base, from.base)
      unsafe kernels.attended_sum(raw, low, high, shares.base, gradient.base, back.base, 1, 0)
      unsafe kernels.add_heads(raw, low, high, to.base, toVector, back.base)
      unsafe kernels.add_heads(raw, low, high, from.base, fromVector, back.base)
    }
    try unsafe headGradient(to, into: toGradient)
    try unsafe headGradient(from, into: fromGradient)
    return back
  }

  /// The derivative by a vector of the heads, where `scores` holds that by its products with ``z``.
  private func headGradient(
    _ scores: FlatBuffer<Float>, into gradient: UnsafeMutablePointer<Float>
  ) throws(MillError) {
    try unsafe math.sumChunks(z.rows, count: z.width, into: gradient) { rows, sums in
      unsafe withUnsafePointer(to: raw) { raw in
        unsafe math.kernels.head_gradient(
          raw, Int64(rows.lowerBound), Int64(rows.upperBound), scores.base, z.base, sums)
      }
    }
  }
}

extension MatrixMath {
  private static var chunkNumbers: Int { 1 << 15 }

  /// Copies all numbers.
  func copy(_ x: FlatBuffer<Float>, to y: FlatBuffer<Float>) {
    Parallel.forEachRange(of: x.count, size: Self.chunkNumbers, threads: threads) { range, _ in
      unsafe (y.base + range.lowerBound).update(from: x.base + range.lowerBound, count: range.count)
    }
  }

  /// Leaves out what dropout does not keep, and scales the rest.
  func drop(_ x: FlatBuffer<Float>, _ dropout: Dropout) {
    let bits = unsafe UnsafeRawPointer(dropout.bits.base).assumingMemoryBound(to: UInt8.self)
    Parallel.forEachRange(of: x.count, size: Self.chunkNumbers, threads: threads) { range, _ in
      unsafe kernels.drop(
        x.base + range.lowerBound, bits + range.lowerBound / 8, dropout.scale, Int64(range.count))
    }
  }
}
