import Testing

@testable import MillRuntime

@Suite struct DecimalTests {
  static let values: [UInt64] =
    [0, 1, 9, 10, 99, 100, UInt64(Int64.max), .max - 1, .max]
    + (1..<20).flatMap { digits -> [UInt64] in
      let power = (0..<digits).reduce(1 as UInt64) { value, _ in value * 10 }
      return [power - 1, power, power + 1]
    }

  @Test func unsigned() {
    for value in Self.values {
      var text = Array("x".utf8)
      MillRuntime.Decimal.append(value, to: &text)
      #expect(String(decoding: text, as: UTF8.self) == "x\(value)")
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 21) { place in
        place.initialize(repeating: 7)
        let end = MillRuntime.Decimal.write(value, to: place.baseAddress!)
        #expect(String(decoding: place[..<(end - place.baseAddress!)], as: UTF8.self) == "\(value)")
        #expect(place[end - place.baseAddress!] == 7)
      }
    }
  }

  @Test(arguments: [0, -1, -10, Int.min, Int.max])
  func signed(value: Int) {
    var text: [UInt8] = []
    MillRuntime.Decimal.append(value, to: &text)
    #expect(String(decoding: text, as: UTF8.self) == "\(value)")
  }

  @Test(arguments: [(0.0, "0"), (-0.0, "0"), (3, "3"), (-2.5, "-2.5"), (1e300, "1e+300"), (0.1, "0.1")])
  func doubles(value: Double, text: String) {
    #expect(MillRuntime.Decimal.text(value) == text)
  }
}
