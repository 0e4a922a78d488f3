import Foundation
import Testing

@testable import TreeGeometry

@Suite struct LineDirectionsTests {
  @Test("The table is cosine and sine to 1e-14; the axes are exact")
  func table() {
    let table = LineDirections.table
    var worst = 0.0
    for i in 0..<Int(LineDirections.count) {
      let angle = Double.pi * Double(i) / Double(LineDirections.count)
      worst = max(worst, abs(table[2 * i] - cos(angle)), abs(table[2 * i + 1] - sin(angle)))
    }
    #expect(worst < 1e-14)
    let quarter = Int(LineDirections.count / 2)
    #expect(table[0] == 1 && table[1] == 0 && table[2 * quarter] == 0 && table[2 * quarter + 1] == 1)
  }

  @Test("Gaps go round, cotangents are those of the library")
  func gaps() {
    #expect(LineDirections.gap(1, LineDirections.count - 1) == 2 && LineDirections.gap(7, 3) == 4)
    for parts in [1, 2, 3, 10, 1000] {
      let wanted = 1 / tan(Double.pi / 4 / Double(parts))
      #expect(abs(LineDirections.cotangent(parts: parts) - wanted) < 1e-14 * wanted)
    }
  }
}
