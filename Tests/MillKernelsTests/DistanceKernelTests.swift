import CMillKernels
import Glibc
import MillKernels
import MillRuntime
import Testing

@Suite struct DistanceKernelTests {
  static let dimensions = Array(1...130) + [768, 1024, 1536]

  /// Random rows as raw bytes that suit a kernel's element type, padded with 8 zero bytes.
  private func row(
    _ kernel: DistanceKernel, _ dimension: Int, _ random: inout CounterRandom, isQuery: Bool = false
  ) -> [UInt8] {
    switch kernel {
    case .askedFloat16L2, .askedFloat16Cosine, .askedFloat16Product:
      return row(isQuery ? .float32L2 : .float16L2, dimension, &random)
    case .askedBfloat16L2, .askedBfloat16Cosine, .askedBfloat16Product:
      return row(isQuery ? .float32L2 : .bfloat16L2, dimension, &random)
    case .askedUInt8L2: return row(isQuery ? .float32L2 : .uint8L2, dimension, &random)
    case .float32L2, .float32Cosine, .float32Product, .float32L1, .float32Chebyshev,
      .float32JensenShannon, .float32Jeffreys:
      let isDistribution = kernel == .float32JensenShannon || kernel == .float32Jeffreys
      let values = (0..<dimension).map { _ in
        Float(random.unit()) * (isDistribution ? 1 / Float(dimension) : 8) - (isDistribution ? 0 : 4)
      }
      return values.withUnsafeBytes { Array($0) }
    case .float16L2, .float16Cosine, .float16Product:
      return (0..<dimension).map { _ in NarrowFloat.half(Float(random.unit()) * 4 - 2) }.withUnsafeBytes { Array($0) }
    case .bfloat16L2, .bfloat16Cosine, .bfloat16Product:
      return (0..<dimension).map { _ in NarrowFloat.bfloat16(Float(random.unit()) * 4 - 2) }
        .withUnsafeBytes { Array($0) }
    case .uint8L2, .uint8Product:
      return (0..<dimension).map { _ in UInt8(random.below(256)) }
    case .hamming, .jaccard:
      var words = (0..<(dimension + 63) / 64).map { _ in random.next() & random.next() }
      if dimension % 64 > 0 { words[words.count - 1] &= (1 << UInt64(dimension % 64)) - 1 }
      return words.withUnsafeBytes { Array($0) }
    }
  }

  @Test("All variants give equal bits", arguments: DistanceKernel.allCases)
  func equalBits(kernel: DistanceKernel) {
    let variants = KernelVariant.available
    for dimension in Self.dimensions {
      var random = CounterRandom(seed: 1, stage: "kernels", item: UInt64(dimension))
      for _ in 0..<(dimension > 130 ? 5 : 20) {
        let a = row(kernel, dimension, &random, isQuery: true)
        let b = row(kernel, dimension, &random)
        let results = variants.map { variant in
          a.withUnsafeBytes { a in
            b.withUnsafeBytes { b in
              kernel.distance(a.baseAddress!, b.baseAddress!, dimension: dimension, variant: variant).bitPattern
            }
          }
        }
        #expect(Set(results).count == 1, "\(kernel) d = \(dimension): \(results)")
      }
    }
  }

  @Test("Queries of floats: what the rows' own kernel gives where the query is one of their type, else the true sums")
  func asked() {
    let kinds: [(DistanceKernel, DistanceKernel, (UInt16) -> Float, (Float) -> UInt16)] = [
      (.askedFloat16L2, .float16L2, NarrowFloat.float(half:), NarrowFloat.half),
      (.askedFloat16Cosine, .float16Cosine, NarrowFloat.float(half:), NarrowFloat.half),
      (.askedFloat16Product, .float16Product, NarrowFloat.float(half:), NarrowFloat.half),
      (.askedBfloat16L2, .bfloat16L2, NarrowFloat.float(bfloat16:), NarrowFloat.bfloat16),
      (.askedBfloat16Cosine, .bfloat16Cosine, NarrowFloat.float(bfloat16:), NarrowFloat.bfloat16),
      (.askedBfloat16Product, .bfloat16Product, NarrowFloat.float(bfloat16:), NarrowFloat.bfloat16),
    ]
    func measure<Query, Row>(_ kernel: DistanceKernel, _ a: [Query], _ b: [Row]) -> Float {
      a.withUnsafeBytes { bytes in
        b.withUnsafeBytes { rows in
          kernel.distance(bytes.baseAddress!, rows.baseAddress!, dimension: a.count)
        }
      }
    }
    for dimension in [1, 3, 16, 63, 64, 65, 130, 784] {
      var random = CounterRandom(seed: 4, stage: "kernels", item: UInt64(dimension))
      for (asked, own, widen, narrow) in kinds {
        let rows = (0..<dimension).map { _ in narrow(Float(random.unit()) - 0.5) }
        let query = (0..<dimension).map { _ in narrow(Float(random.unit()) - 0.5) }
        #expect(measure(asked, query.map(widen), rows) == measure(own, query, rows))
        let free = (0..<dimension).map { _ in Float(random.unit()) - 0.5 }
        let plain: [Float] = rows.map(widen)
        let wide: DistanceKernel =
          switch own {
          case .float16L2, .bfloat16L2: .float32L2
          case .float16Cosine, .bfloat16Cosine: .float32Cosine
          default: .float32Product
          }
        #expect(measure(asked, free, rows) == measure(wide, free, plain))
      }
      let bytes = (0..<dimension).map { _ in UInt8(random.below(256)) }
      let whole = (0..<dimension).map { _ in UInt8(random.below(256)) }
      #expect(measure(.askedUInt8L2, whole.map { Float($0) }, bytes) == measure(.uint8L2, whole, bytes))
      let free = (0..<dimension).map { _ in 300 * Float(random.unit()) - 20 }
      let sum = zip(free, bytes).reduce(0.0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
      #expect(abs(Double(measure(.askedUInt8L2, free, bytes)) - sum) <= 1e-7 * sum)
    }
  }

  @Test("The sums are right", arguments: [1, 2, 15, 16, 17, 63, 64, 65, 100, 784])
  func againstDouble(dimension: Int) {
    var random = CounterRandom(seed: 2, stage: "kernels", item: UInt64(dimension))
    let a = (0..<dimension).map { _ in Float(random.unit()) - 0.5 }
    let b = (0..<dimension).map { _ in Float(random.unit()) - 0.5 }
    func result(_ kernel: DistanceKernel) -> Double {
      a.withUnsafeBytes { a in
        b.withUnsafeBytes { b in Double(kernel.distance(a.baseAddress!, b.baseAddress!, dimension: dimension)) }
      }
    }
    let pairs = zip(a.map(Double.init), b.map(Double.init))
    let tolerance = 1e-6 * Double(dimension)
    #expect(abs(result(.float32L2) - pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }) < tolerance)
    let product = pairs.reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(result(.float32Cosine) - max(0, 1 - product)) < tolerance)
    #expect(abs(result(.float32Product) + product) < tolerance)
    #expect(abs(result(.float32L1) - pairs.reduce(0) { $0 + abs($1.0 - $1.1) }) < tolerance)
    #expect(abs(result(.float32Chebyshev) - pairs.reduce(0) { max($0, abs($1.0 - $1.1)) }) < tolerance)
  }

  @Test("The cosine kernels never go below 0, the products of nothing are 0", arguments: [1, 3, 16, 64, 65, 200])
  func signs(dimension: Int) {
    let kinds: [(DistanceKernel, DistanceKernel, [UInt8], [UInt8])] = [
      (.float32Cosine, .float32Product, bytes(of: Float(2), dimension), bytes(of: Float(0), dimension)),
      (.float16Cosine, .float16Product, bytes(of: NarrowFloat.half(2), dimension), bytes(of: UInt16(0), dimension)),
      (
        .bfloat16Cosine, .bfloat16Product, bytes(of: NarrowFloat.bfloat16(2), dimension),
        bytes(of: UInt16(0), dimension)
      ),
    ]
    for variant in KernelVariant.available {
      for (cosine, product, twos, zeros) in kinds {
        func measured(_ kernel: DistanceKernel, _ a: [UInt8], _ b: [UInt8]) -> UInt32 {
          a.withUnsafeBytes { a in
            b.withUnsafeBytes { b in
              kernel.distance(a.baseAddress!, b.baseAddress!, dimension: dimension, variant: variant).bitPattern
            }
          }
        }
        #expect(measured(cosine, twos, twos) == 0)
        #expect(measured(product, twos, zeros) == 0)
        #expect(measured(product, twos, twos) == Float(-4 * dimension).bitPattern)
      }
    }
  }

  private func bytes<Value: BitwiseCopyable>(of value: Value, _ count: Int) -> [UInt8] {
    [Value](repeating: value, count: count).withUnsafeBytes { Array($0) }
  }

  @Test func divergencesAgainstTheLibraryLogarithm() {
    for dimension in [2, 3, 20, 100] {
      var random = CounterRandom(seed: 3, stage: "kernels", item: UInt64(dimension))
      func distribution() -> [Float] {
        let raw = (0..<dimension).map { _ in random.unit() }
        let sum = raw.reduce(0, +)
        return raw.map { Float($0 / sum) }
      }
      let (p, q) = (distribution(), distribution())
      var js = 0.0
      var jeffreys = 0.0
      for (a, b) in zip(p.map(Double.init), q.map(Double.init)) {
        js += a * log2(2 * a / (a + b)) + b * log2(2 * b / (a + b))
        jeffreys += (a - b) * log(a / b)
      }
      p.withUnsafeBytes { p in
        q.withUnsafeBytes { q in
          let (p, q) = (p.baseAddress!, q.baseAddress!)
          let measuredJS = DistanceKernel.float32JensenShannon.distance(p, q, dimension: dimension)
          #expect(abs(Double(measuredJS) - (js / 2).squareRoot()) < 1e-6)
          let measured = Double(DistanceKernel.float32Jeffreys.distance(p, q, dimension: dimension))
          #expect(abs(measured - jeffreys) < 1e-6 * (1 + jeffreys))
          #expect(DistanceKernel.float32JensenShannon.distance(p, p, dimension: dimension) == 0)
        }
      }
    }
  }

  @Test func longIntegerRowsDoNotOverflow() {
    let dimension = 70_000
    let zeros = [UInt8](repeating: 0, count: dimension)
    let full = [UInt8](repeating: 255, count: dimension)
    for variant in KernelVariant.available {
      zeros.withUnsafeBytes { zeros in
        full.withUnsafeBytes { full in
          let distance = DistanceKernel.uint8L2.distance(
            zeros.baseAddress!, full.baseAddress!, dimension: dimension, variant: variant)
          #expect(distance == Float(65_025 * dimension))
          // As a signed query 255 is -1.
          let product = DistanceKernel.uint8Product.distance(
            full.baseAddress!, full.baseAddress!, dimension: dimension, variant: variant)
          #expect(product == Float(255 * dimension))
        }
      }
    }
  }

  @Test func bits() {
    let a: [UInt64] = [0b1011, 1 << 63]
    let b: [UInt64] = [0b0110, 1 << 63]
    let none: [UInt64] = [0, 0]
    for variant in KernelVariant.available {
      func result(_ kernel: DistanceKernel, _ x: [UInt64], _ y: [UInt64]) -> Float {
        x.withUnsafeBytes { x in
          y.withUnsafeBytes { y in
            kernel.distance(x.baseAddress!, y.baseAddress!, dimension: 128, variant: variant)
          }
        }
      }
      #expect(result(.hamming, a, b) == 3)
      #expect(result(.jaccard, a, b) == 1 - Float(2) / 5)
      #expect(result(.jaccard, none, none) == 0)
    }
  }

  @Test func narrowFloatsRoundToNearestEven() {
    #expect(NarrowFloat.half(1) == 0x3c00)
    #expect(NarrowFloat.half(65_504) == 0x7bff)
    #expect(NarrowFloat.half(65_520) == 0x7c00)
    #expect(NarrowFloat.half(0x1p-24) == 1)
    #expect(NarrowFloat.half(0x1p-25) == 0)
    #expect(NarrowFloat.half(-2) == 0xc000)
    #expect(NarrowFloat.bfloat16(1) == 0x3f80)
    #expect(NarrowFloat.bfloat16(1 + 0x1p-8) == 0x3f80)
    #expect(NarrowFloat.bfloat16(1 + 3 * 0x1p-8) == 0x3f82)
    for bits in UInt16.min...UInt16.max where bits & 0x7c00 != 0x7c00 {
      #expect(NarrowFloat.half(NarrowFloat.float(half: bits)) == bits)
    }
  }

  @Test func closerStopsAtTheFirst() {
    let rows: [Float] = [0, 3, 1, 5]
    var query: Float = 0.9
    rows.withUnsafeBytes { rows in
      var table = mill_rows(rows: rows.baseAddress!, stride: 4, dimension: 1)
      var computed: UInt64 = 0
      let ids: [UInt32] = [3, 1, 2, 0]
      let first = DistanceKernel.float32L2.closer()(&table, &query, ids, 4, 1, 0.5, &computed)
      #expect(first == 2)
      #expect(computed == 3)
      #expect(DistanceKernel.float32L2.closer()(&table, &query, ids, 4, 1, 0.001, &computed) == 4)
      #expect(computed == 7)
    }
  }
}
