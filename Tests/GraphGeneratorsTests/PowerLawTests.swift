import Glibc
import GraphGenerators
import MillRuntime
import TestSupport
import Testing

@Suite struct PowerLawTests {
  @Test("Numbers come with the chances of the law", arguments: [0.5, 2, 3.5])
  func chances(exponent: Double) throws {
    let law = try PowerLaw(exponent: exponent, range: 3...12)
    let trials = 40_000
    var counts = [Int](repeating: 0, count: 13)
    for degree in law.degrees(count: trials, seed: 5).dropFirst() { counts[degree] += 1 }
    let total = (3...12).reduce(0.0) { $0 + pow(Double($1), -exponent) }
    for k in 3...12 {
      let mean = Double(trials) * pow(Double(k), -exponent) / total
      #expect(abs(Double(counts[k]) - mean) < 5 * mean.squareRoot() + 1, "\(k)")
    }
    let mean = (3...12).reduce(0.0) { $0 + pow(Double($1), 1 - exponent) } / total
    #expect(abs(law.mean - mean) < 1e-12)
  }

  @Test(
    "The smallest number follows from the mean",
    arguments: [(2.0, 20.0, 50), (2.5, 8, 1000), (3, 4, 100), (0, 5.5, 10)])
  func means(exponent: Double, mean: Double, maximum: Int) throws {
    let law = try PowerLaw(exponent: exponent, mean: mean, maximum: maximum)
    #expect(abs(law.mean - mean) < 1e-9 * mean && law.range.upperBound == maximum)
    #expect(law.range.lowerBound <= Int(mean))
    let degrees = law.degrees(count: 50_000, seed: 1)
    let observed = Double(degrees.reduce(0, +)) / 50_000
    #expect(abs(observed - mean) < 0.05 * mean)
    #expect(degrees.reduce(0, +) % 2 == 0 && degrees.allSatisfy { law.range.contains($0) })
  }

  @Test func limits() throws {
    #expect(try PowerLaw(exponent: 2, mean: 7, maximum: 7).degrees(count: 10).allSatisfy { $0 == 7 })
    #expect(try PowerLaw(exponent: 100, range: 5...9).degrees(count: 10).allSatisfy { $0 == 5 })
    #expect(try PowerLaw(exponent: 1, range: 2...2).degrees(count: 3, seed: 0) == [2, 2, 2])
    #expect(try PowerLaw(exponent: 1, range: 1...1).degrees(count: 3, seed: 0) == [0, 1, 1])
    #expect(try PowerLaw(exponent: 1, range: 1...4).degrees(count: 0).isEmpty)
    for bad in [
      { try PowerLaw(exponent: -1, range: 1...2) }, { try PowerLaw(exponent: .nan, range: 1...2) },
      { try PowerLaw(exponent: 2, range: 0...2) }, { try PowerLaw(exponent: 2, range: 1...(1 << 28 + 1)) },
      { try PowerLaw(exponent: 2, mean: 51, maximum: 50) }, { try PowerLaw(exponent: 2, mean: 1, maximum: 50) },
      { try PowerLaw(exponent: 2, mean: .nan, maximum: 50) }, { try PowerLaw(exponent: 2, mean: 3, maximum: 0) },
    ] {
      #expect((#expect(throws: MillError.self) { try bad() })?.kind == .badOption)
    }
  }

  @Test("Powers have the digits of the C library's") func powers() {
    var random = CounterRandom(seed: 1, stage: "test-power")
    for _ in 0..<2000 {
      let (base, exponent) = (1 + random.unit() * 1e6, random.unit() * 20 - 15)
      #expect(abs(Logarithm.power(base, exponent) / pow(base, exponent) - 1) < 1e-13)
      let x = random.unit() * 1400 - 700
      #expect(abs(Logarithm.exponential(x) / exp(x) - 1) < 1e-14)
    }
    #expect(
      Logarithm.exponential(0) == 1 && Logarithm.exponential(-800) == 0 && Logarithm.exponential(800) == .infinity)
  }
}
