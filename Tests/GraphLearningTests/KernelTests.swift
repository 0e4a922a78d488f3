import CMillKernels
import Foundation
import MillKernels
import MillRuntime
import Testing

@testable import GraphLearning

@Suite("The kernels of training, against their definitions and each other")
struct KernelTests {
  private func numbers(_ count: Int, _ seed: UInt64, span: Double = 2) -> [Float] {
    var random = CounterRandom(seed: seed, stage: "numbers")
    return (0..<count).map { _ in Float(span * (random.unit() - 0.5)) }
  }

  @Test("Softmax and its sums", arguments: [2, 7, 8, 9, 40])
  func softmax(classes: Int) {
    let columns = (classes + 7) / 8 * 8
    let o = numbers(50 * columns, 1, span: 60)
    for variant in KernelVariant.available {
      var p = [Float](repeating: 9, count: o.count)
      var largest = [Float](repeating: 0, count: 50)
      var sums = largest
      variant.learning.softmax(o, 50, Int64(classes), Int64(columns), &p, &largest, &sums)
      for row in 0..<50 {
        let own = (0..<classes).map { Double(o[row * columns + $0]) }
        let sum = own.reduce(0) { $0 + exp($1 - own.max()!) }
        #expect(largest[row] == Float(own.max()!))
        #expect(abs(Double(sums[row]) / sum - 1) < 1e-5)
        for k in 0..<columns {
          let right = k < classes ? exp(own[k] - own.max()!) / sum : 0
          #expect(abs(Double(p[row * columns + k]) - right) <= 5e-6 * right + 1e-37)
        }
      }
    }
  }

  @Test("ELU and its derivative")
  func elu() {
    let x = numbers(800, 5, span: 20)
    for variant in KernelVariant.available {
      var y = x
      variant.learning.elu(&y, 800)
      for (found, from) in zip(y, x) {
        let right = from > 0 ? Double(from) : exp(Double(from)) - 1
        #expect(abs(Double(found) - right) < 1e-6)
      }
      var g = [Float](repeating: 1, count: 800)
      variant.learning.elu_gradient(&g, y, 800)
      for (found, from) in zip(g, x) { #expect(abs(Double(found) - (from > 0 ? 1 : exp(Double(from)))) < 1e-6) }
    }
  }

  @Test(
    "Dense products and those of the transposed matrix", arguments: [(1, 5, 8), (13, 9, 24), (70, 33, 16), (9, 1, 40)])
  func products(rows: Int, inner: Int, columns: Int) {
    let (x, w, y) = (numbers(rows * inner, 1), numbers(inner * columns, 2), numbers(rows * columns, 3))
    for variant in KernelVariant.available {
      var found = y
      variant.learning.dense_product(x, Int64(rows), Int64(inner), w, Int64(columns), &found, 1)
      var gradient = w
      variant.learning.transposed_product(x, Int64(rows), Int64(inner), y, Int64(columns), &gradient)
      for c in 0..<columns {
        for i in 0..<rows {
          let right = (0..<inner).reduce(Double(y[i * columns + c])) {
            $0 + Double(x[i * inner + $1]) * Double(w[$1 * columns + c])
          }
          #expect(abs(Double(found[i * columns + c]) - right) < 1e-5)
        }
        for a in 0..<inner {
          let right = (0..<rows).reduce(Double(w[a * columns + c])) {
            $0 + Double(x[$1 * inner + a]) * Double(y[$1 * columns + c])
          }
          #expect(abs(Double(gradient[a * columns + c]) - right) < 1e-5)
        }
      }
    }
  }

  @Test("A sparse product, rows without entries included", arguments: [8, 24, 64, 136], [true, false])
  func sparse(width: Int, isValued: Bool) throws {
    let degrees = [3, 0, 5, 1, 0, 7, 2]
    let offsets = degrees.reduce(into: [UInt64(0)]) { $0.append($0.last! + UInt64($1)) }
    let targets = numbers(18, 8).map { UInt32(($0 + 1) * 3.4) }
    let (values, x) = (numbers(18, 9), numbers(7 * width, 10))
    for variant in KernelVariant.available {
      var y = [Float](repeating: 7, count: 7 * width)
      offsets.withUnsafeBufferPointer { offsets in
        targets.withUnsafeBufferPointer { targets in
          values.withUnsafeBufferPointer { values in
            x.withUnsafeBufferPointer { factors in
              var matrix = mill_sparse(
                offsets: offsets.baseAddress!, columns: targets.baseAddress!,
                values: isValued ? values.baseAddress! : nil, factors: isValued ? nil : factors.baseAddress!, ahead: 2)
              variant.learning.sparse_product(&matrix, 0, 7, Int64(width), 0.5, x, &y)
            }
          }
        }
      }
      for i in 0..<7 {
        for c in 0..<width {
          let right = (Int(offsets[i])..<Int(offsets[i + 1])).reduce(0.5 * Double(x[i * width + c])) {
            $0 + Double(isValued ? values[$1] : 1) * Double(x[Int(targets[$1]) * width + c])
          }
          #expect(abs(Double(y[i * width + c]) - right * (isValued ? 1 : Double(x[i]))) < 1e-5)
        }
      }
    }
  }

  @Test("Transposed sparse matrices keep their entries")
  func transposed() throws {
    let data = try Sample.data(nodes: 40)
    guard case .sparse(let x, let xt, let places) = try InputFeatures(data.features, .none) else {
      Issue.record("the features are not sparse")
      return
    }
    #expect(xt.rows == 12 && xt.columns == 40 && xt.entryCount == x.entryCount)
    for row in 0..<40 {
      for entry in Int(x.offsets.base[row])..<Int(x.offsets.base[row + 1]) {
        let place = Int(places.base[entry])
        let column = Int(x.indices.base[entry])
        #expect(Int(xt.indices.base[place]) == row && xt.values!.base[place] == x.values!.base[entry])
        #expect((Int(xt.offsets.base[column])..<Int(xt.offsets.base[column + 1])).contains(place))
      }
    }
  }

  @Test("Bits are 1 as often as they should be", arguments: [0.5, 0.4, 0.25, 0.9, 0.123])
  func bits(chance: Double) throws {
    let bits = BernoulliBits(chance: chance, stream: RandomStream(seed: 3, stage: "bits"))
    #expect(abs(bits.chance - chance) < 1e-5)
    let words = try FlatBuffer<UInt64>(count: 5000)
    bits.fill(words, draw: 1, threads: 2)
    let share = Double(words.elements.reduce(0) { $0 + $1.nonzeroBitCount }) / (64 * 5000)
    #expect(abs(share - chance) < 0.005)
    let once = Array(words.elements)
    bits.fill(words, draw: 1, threads: 1)
    #expect(Array(words.elements) == once)
    bits.fill(words, draw: 2, threads: 1)
    #expect(Array(words.elements) != once)
  }

  @Test("The normalized adjacency maps the roots of the degrees to themselves")
  func spectralRadius() throws {
    let data = try Sample.data(nodes: 40)
    let s = try Adjacency.matrix(of: data.graph, ownArcs: true, .symmetric, context: .init())
    let roots = (0..<40).map { Double(data.graph.degree(of: $0) + 1).squareRoot() }
    for row in 0..<40 {
      let sum = (Int(s.offsets.base[row])..<Int(s.offsets.base[row + 1])).reduce(0) {
        $0 + Double(s.values!.base[$1]) * roots[Int(s.indices.base[$1])]
      }
      #expect(abs(sum - roots[row]) < 1e-6)
    }
    #expect(data.graph.degree(of: 39) == 0 && s.values!.base[s.entryCount - 1] == 1)
  }
}
