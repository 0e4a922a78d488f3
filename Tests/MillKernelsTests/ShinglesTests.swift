import CMillKernels
import MillRuntime
import Testing

@Suite struct ShinglesTests {
  /// The hash once more, in Swift.
  private static func hash(_ node: UInt32, _ salt: UInt32, _ factor: UInt32) -> UInt32 {
    var z = (node &+ salt) &* factor
    z = (z ^ (z >> 16)) &* 0x7feb_352d
    z = (z ^ (z >> 15)) &* 0x846c_a68b
    return z ^ (z >> 16)
  }

  @Test("A shingle is the smallest hash of a row, whatever its length", arguments: [0, 1] as [Int32])
  func smallestHash(closed: Int32) {
    var random = RandomStream(seed: 5, stage: "shingles-test").item(0)
    var offsets: [UInt64] = [0]
    var targets: [UInt32] = []
    for length in 0..<70 {
      targets += (0..<length).map { _ in UInt32(truncatingIfNeeded: random.next()) }
      offsets.append(UInt64(targets.count))
    }
    let (salt, factor) = (UInt32(0x1234_5678), UInt32(0x9e37_79b9))
    var shingles = [UInt32](repeating: 0, count: 60)
    mill_shingles(offsets, targets, 5, 65, salt, factor, closed, &shingles)
    for node in 5..<65 {
      var row = targets[Int(offsets[node])..<Int(offsets[node + 1])].map { Self.hash($0, salt, factor) }
      if closed != 0 { row.append(Self.hash(UInt32(node), salt, factor)) }
      #expect(shingles[node - 5] == row.min() ?? .max)
    }
  }
}
