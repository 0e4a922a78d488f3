public import MillRuntime
public import VectorStore

/// Points uniform in the unit cube, each a function of the seed and its number alone.
///
/// - Throws: `MillError` when the dimension is none or memory runs out.
public func uniformPoints(_ count: Int, _ dimension: Int, seed: UInt64) throws(MillError) -> VectorTable {
  let table = try VectorTable(dimension: dimension)
  let stream = RandomStream(seed: seed, stage: "uniform points")
  for i in 0..<count {
    var random = stream.item(UInt64(i))
    try table.append((0..<dimension).map { _ in Float(random.unit()) })
  }
  return table
}
