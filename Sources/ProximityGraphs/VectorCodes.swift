import Glibc
import MillKernels
public import MillRuntime
import VectorStore

/// A short form of the vectors that searches walk on before the best are ranked again by exact distance.
public enum Quantization: String, Sendable, CaseIterable, Codable {
  /// One byte an element: one affine map, trained on the 0.1 and 99.9 percentiles; bytes stay as they are.
  case uint8 = "u8"
  /// bfloat16.
  case bfloat16 = "bf16"
  /// IEEE half.
  case float16 = "f16"
  /// One bit an element: above the element's mean or not; compared by the number of different bits. Coarse: re-rank
  /// many.
  case bit = "b1"
}

/// Codes of all rows of a table.
struct VectorCodes {
  let form: Quantization
  let table: VectorTable
  let points: PointSet
  /// code = (value - offset) / scale for bytes.
  let offset: Float
  let scale: Float
  /// The mean of every element, for bits.
  let means: [Float]
  /// Whether queries are signed and the distance is minus the product.
  let usesProduct: Bool

  init(form: Quantization, table: VectorTable, metric: Metric, offset: Float, scale: Float, means: [Float]) {
    self.form = form
    self.table = table
    self.offset = offset
    self.scale = scale
    self.means = means
    usesProduct = form == .uint8 && metric == .innerProduct
    let kernel: DistanceKernel =
      switch form {
      case .uint8: usesProduct ? .uint8Product : .uint8L2
      case .bfloat16: metric.kernel(for: .bfloat16) ?? .bfloat16L2
      case .float16: metric.kernel(for: .float16) ?? .float16L2
      case .bit: .hamming
      }
    points = PointSet(table, kernel: kernel, power: form == .bit || metric != .l2 ? 1 : 2)
  }

  /// Trains and encodes.
  static func make(
    _ form: Quantization, of vectors: VectorTable, metric: Metric, _ run: RunContext
  ) throws(MillError) -> VectorCodes {
    guard [.l2, .innerProduct, .cosine].contains(metric), vectors.elementType == .float32 else {
      throw MillError(
        .badOption,
        "codes need 32-bit floats under l2, ip or cos, not \(vectors.elementType.rawValue) under "
          + metric.rawValue)
    }
    let d = vectors.dimension
    var offset: Float = 0
    var scale: Float = 1
    var means: [Float] = []
    if form == .uint8, vectors.count > 0 {
      let rows = stride(from: 0, to: vectors.count, by: max(1, vectors.count * d / (1 << 20)))
      var sample: [Float] = []
      for row in rows { sample += vectors.floats(row) }
      if !sample.allSatisfy({ $0 >= 0 && $0 <= 255 && $0 == $0.rounded() }) {
        sample.sort()
        let cut = sample.count / 1000
        offset = sample[cut]
        scale = max((sample[sample.count - 1 - cut] - offset) / 255, .leastNormalMagnitude)
      }
    }
    if form == .bit {
      var sums = [Double](repeating: 0, count: d)
      for row in 0..<vectors.count {
        let values = unsafe vectors.row(row)
        for i in 0..<d { unsafe sums[i] += Double(values.loadUnaligned(fromByteOffset: 4 * i, as: Float.self)) }
      }
      means = sums.map { Float($0 / Double(max(1, vectors.count))) }
    }
    let type: ElementType =
      switch form {
      case .uint8: .uint8
      case .bfloat16: .bfloat16
      case .float16: .float16
      case .bit: .bit
      }
    let table = try VectorTable(type, dimension: d, count: vectors.count)
    let codes = VectorCodes(form: form, table: table, metric: metric, offset: offset, scale: scale, means: means)
    Parallel.forEachRange(of: vectors.count, size: 1 << 10, threads: run.threads) { range, _ in
      for row in range { if let out = unsafe table.mutableRow(row) { unsafe codes.write(vectors.row(row), out) } }
    }
    return codes
  }

  /// The code of a row of floats.
  private func write(_ row: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    let d = table.dimension
    for i in 0..<d {
      let value = unsafe row.loadUnaligned(fromByteOffset: 4 &* i, as: Float.self)
      switch form {
      case .uint8:
        let code = ((value - offset) / scale).rounded()
        unsafe out.storeBytes(of: UInt8(max(0, min(255, code))), toByteOffset: i, as: UInt8.self)
      case .bfloat16: unsafe out.storeBytes(of: NarrowFloat.bfloat16(value), toByteOffset: 2 &* i, as: UInt16.self)
      case .float16:
        let half = NarrowFloat.half(max(-65_504, min(65_504, value)))
        unsafe out.storeBytes(of: half, toByteOffset: 2 &* i, as: UInt16.self)
      case .bit:
        if value > means[i] {
          let old = unsafe out.load(fromByteOffset: i / 8, as: UInt8.self)
          unsafe out.storeBytes(of: old | 1 << UInt8(i % 8), toByteOffset: i / 8, as: UInt8.self)
        }
      }
    }
  }

  /// Bytes of a query's code, a multiple of 64.
  var queryStride: Int { (max(64, table.stride) + 63) / 64 * 64 }

  /// The code of a query, into `queryStride` zero bytes.
  func encode(_ query: UnsafeRawPointer, to code: UnsafeMutablePointer<UInt8>) {
    guard usesProduct else { return unsafe write(query, UnsafeMutableRawPointer(code)) }
    // Ranking by the product needs no offset: it adds the same to every row.
    var largest: Float = 0
    for i in 0..<table.dimension {
      largest = unsafe max(largest, abs(query.loadUnaligned(fromByteOffset: 4 * i, as: Float.self)))
    }
    for i in 0..<table.dimension where largest > 0 {
      let value = unsafe query.loadUnaligned(fromByteOffset: 4 * i, as: Float.self) / largest * 127
      unsafe code[i] = UInt8(bitPattern: Int8(value.rounded()))
    }
  }
}

extension HNSWIndex {
  /// Adds codes that searches walk on; the best are ranked again by exact distance (``SearchOptions/rerank``). Nil
  /// removes them. Codes are dropped when the index changes.
  ///
  /// - Throws: `MillError`: `bad-option` unless vectors are 32-bit floats under `l2`, `ip` or `cos`; `over-budget`.
  public func quantize(_ form: Quantization?, context: RunContext = .init()) throws(MillError) {
    codes = try form.map { form throws(MillError) in
      try VectorCodes.make(form, of: vectors, metric: metric, context)
    }
  }

  /// The form of the codes; nil without.
  public var quantization: Quantization? { codes?.form }
}
