import MillKernels
import MillRuntime
import Testing

@Suite("Products of sparse and dense matrices")
struct SparseProductTests {
  static let columns = [8, 16, 24, 32, 40, 64, 128, 136]

  /// A sparse matrix with rows of 0 to 12 entries, and two dense ones, from a seed.
  private struct Sample {
    var offsets: [UInt64] = [0]
    var targets: [UInt32] = []
    var values: [Float] = []
    let factors: [Float]
    let x: [Float]
    let y: [Float]

    init(rows: Int, columns: Int) {
      var random = CounterRandom(seed: 5, stage: "products", item: UInt64(columns))
      func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.unit()) - 0.5 } }
      for _ in 0..<rows {
        let degree = Int(random.below(13))
        targets += (0..<degree).map { _ in UInt32(random.below(UInt64(rows))) }
        offsets.append(UInt64(targets.count))
      }
      values = numbers(targets.count)
      factors = numbers(rows)
      x = numbers(rows * columns)
      y = numbers(rows * columns)
    }

    static func buffer(_ numbers: [Float]) throws -> FlatBuffer<Float> {
      let buffer = try FlatBuffer<Float>(uninitializedCount: numbers.count)
      buffer.base.update(from: numbers, count: numbers.count)
      return buffer
    }

    func product(_ columns: Int, hasValues: Bool, subtracts: Bool, threads: Int) throws -> [Float] {
      let values = try Self.buffer(values)
      let result = try Self.buffer(y)
      offsets.withUnsafeBufferPointer { offsets in
        targets.withUnsafeBufferPointer { targets in
          SparseProduct(
            rowCount: factors.count, offsets: offsets.baseAddress!, targets: targets.baseAddress!,
            values: hasValues ? values : nil, threads: threads
          ).multiply(x, into: result.base, columns: columns, rowFactors: factors, scale: 1.5, subtracts: subtracts)
        }
      }
      return withExtendedLifetime(result) { Array(result.elements) }
    }

    /// The product by its definition, in doubles.
    func reference(_ columns: Int, hasValues: Bool, subtracts: Bool) -> [Double] {
      var result = y.map { subtracts ? -Double($0) : 0 }
      for i in factors.indices {
        for e in Int(offsets[i])..<Int(offsets[i + 1]) {
          let entry = 1.5 * Double(factors[i]) * (hasValues ? Double(values[e]) : 1)
          for k in 0..<columns { result[i * columns + k] += entry * Double(x[Int(targets[e]) * columns + k]) }
        }
      }
      return result
    }
  }

  @Test("Sparse times dense is what the definition says", arguments: columns, [false, true])
  func definition(columns: Int, hasValues: Bool) throws {
    let sample = Sample(rows: 300, columns: columns)
    for subtracts in [false, true] {
      let found = try sample.product(columns, hasValues: hasValues, subtracts: subtracts, threads: 1)
      let right = sample.reference(columns, hasValues: hasValues, subtracts: subtracts)
      #expect(zip(found, right).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    }
  }

  @Test("The same bits for every thread count", arguments: [false, true])
  func threads(hasValues: Bool) throws {
    // More rows than a chunk, and enough floats for rows to be asked for early.
    let sample = Sample(rows: 40_000, columns: 16)
    let one = try sample.product(16, hasValues: hasValues, subtracts: true, threads: 1)
    for threads in [2, 4] {
      #expect(try sample.product(16, hasValues: hasValues, subtracts: true, threads: threads) == one)
    }
  }

  @Test("Gram matrix and rotation of dense rows, by their definitions", arguments: columns.dropLast())
  func denseRows(columns: Int) throws {
    let count = 500
    let sample = Sample(rows: count, columns: columns)
    let rows = DenseRows(count: count, threads: 2)
    let gram = rows.gram(sample.x, sample.y, columns: columns, weight: sample.factors)
    let rotation = Array(Sample(rows: columns, columns: columns).x)
    let rotated = try Sample.buffer(sample.x)
    rows.rotate(rotated.base, by: rotation, columns: columns)
    for a in 0..<columns {
      for b in 0..<columns {
        var product = 0.0
        for i in 0..<count {
          product +=
            Double(sample.factors[i]) * Double(sample.x[i * columns + a]) * Double(sample.y[i * columns + b])
        }
        #expect(abs(gram[a * columns + b] - product) < 1e-4)
      }
    }
    for i in stride(from: 0, to: count, by: 7) {
      for b in 0..<columns {
        var sum = 0.0
        for a in 0..<columns { sum += Double(sample.x[i * columns + a]) * Double(rotation[a * columns + b]) }
        #expect(abs(Double(rotated.base[i * columns + b]) - sum) < 1e-4)
      }
    }
  }

  @Test("Sums over rows are added in the order of their chunks", arguments: [1, 2, 4])
  func sums(threads: Int) {
    let rows = DenseRows(count: 3 * DenseRows.sumRows + 5, threads: threads)
    let sums = rows.sum(2) { rows, sums in
      sums[0] += Double(rows.count)
      sums[1] += 1 / Double(1 + rows.lowerBound)
    }
    let chunk = Double(DenseRows.sumRows)
    #expect(sums == [3 * chunk + 5, ((1 + 1 / (chunk + 1)) + 1 / (2 * chunk + 1)) + 1 / (3 * chunk + 1)])
  }
}
